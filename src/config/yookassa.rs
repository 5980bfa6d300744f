//! `[yookassa]`: the shop that takes the money.

use std::path::PathBuf;

use secrecy::SecretString;

use super::raw::Raw;
use super::reader::Reader;
use super::secret::{is_placeholder, visible};
use super::setting::{Setting, one_of};
use super::url;
use crate::domain::network::Network;

/// The shop that takes the money.
#[derive(Clone, Debug)]
pub struct YooKassa {
    /// The API's base URL without a slash at its end.
    pub api_url: String,
    /// The URL of the proxy to YooKassa, possibly with a name and a password in it.
    pub proxy: Option<SecretString>,
    /// A root certificate to trust the API by besides the usual ones, in PEM.
    pub api_ca_file: Option<PathBuf>,
    /// The shop; without one, time is granted by manual receipts alone.
    pub shop: Option<Shop>,
    /// Where notifications come from.
    pub trusted_networks: Vec<Network>,
    /// What goes into each payment's fiscal receipt, if YooKassa makes receipts for the shop.
    pub receipt: Option<Receipt>,
    /// Whether an owner may let the next periods be paid by themselves.
    pub autopay: bool,
}

/// A shop at YooKassa.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The shop's number.
    pub id: String,
    /// Its secret key.
    pub secret_key: SecretString,
    /// Whether its money is real.
    pub kind: ShopKind,
}

/// Whether a shop's money is real; told by the prefix of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopKind {
    /// `live_`: real money.
    Live,
    /// `test_`: play money.
    Test,
}

/// What goes into a fiscal receipt, in YooKassa's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The rate of VAT, 1 to 12.
    pub vat_code: u8,
    /// The shop's tax system, 1 to 6.
    pub tax_system_code: u8,
    /// What is paid for.
    pub payment_subject: String,
    /// How it is paid for.
    pub payment_mode: String,
}

/// Where YooKassa says that its notifications come from.
const NETWORKS: [&str; 7] = [
    "185.71.76.0/27",
    "185.71.77.0/27",
    "77.75.153.0/25",
    "77.75.156.11/32",
    "77.75.156.35/32",
    "77.75.154.128/25",
    "2a02:5180::/32",
];

/// How a thing may be paid for, in YooKassa's words.
const PAYMENT_MODES: [&str; 7] = [
    "full_prepayment",
    "partial_prepayment",
    "advance",
    "full_payment",
    "partial_payment",
    "credit",
    "credit_payment",
];

impl YooKassa {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let api_url = "https://api.yookassa.ru/v3".to_owned();
        let networks = NETWORKS.iter().filter_map(|network| network.parse().ok()).collect();
        Self {
            api_url: reader.value_with("yookassa.api_url", api_url, url::service),
            proxy: reader.secret("yookassa.proxy", url::proxy),
            api_ca_file: reader.optional("yookassa.api_ca_file"),
            shop: Shop::read(reader),
            trusted_networks: reader.value("yookassa.trusted_networks", networks),
            autopay: reader.value("yookassa.autopay", false),
            receipt: Receipt::read(reader),
        }
    }
}

impl Shop {
    fn read(reader: &mut Reader) -> Option<Self> {
        let id = reader.optional_with("yookassa.shop_id", shop_id);
        let key = reader.secret("yookassa.secret_key", secret_key);
        match (id, key) {
            (Some(id), Some((kind, secret_key))) => Some(Self { id, secret_key, kind }),
            (Some(_), None) => {
                let needed = "yookassa.shop_id is set and needs it";
                reader.complain_of_no_secret("yookassa.secret_key", needed);
                None
            }
            (None, Some(_)) => {
                let wrong = "missing: yookassa.secret_key is set and needs it";
                reader.complain("yookassa.shop_id", wrong);
                None
            }
            (None, None) => None,
        }
    }
}

/// Reads a shop's number, which TOML may hold as a number too.
fn shop_id(raw: &Raw) -> Result<String, String> {
    let number = raw.integer().map(|number| number.to_string());
    let text = number.or_else(|| raw.text().map(|text| text.trim().to_owned()));
    text.filter(|id| (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| "expected the shop's number, digits only".to_owned())
}

/// Reads a shop's key; its prefix tells whether the money is real.
fn secret_key(text: &str) -> Result<(ShopKind, SecretString), String> {
    if is_placeholder(text) {
        return Err("this is a placeholder; the shop's cabinet gives the key".to_owned());
    }
    let kind = match text.split_once('_') {
        Some(("live", rest)) if !rest.is_empty() => ShopKind::Live,
        Some(("test", rest)) if !rest.is_empty() => ShopKind::Test,
        _ => return Err("expected a key that begins with live_ or test_".to_owned()),
    };
    Ok((kind, visible(text)?))
}

impl Receipt {
    /// Reads what a receipt holds; it is checked even if receipts are off.
    fn read(reader: &mut Reader) -> Option<Self> {
        let enabled = reader.value("yookassa.receipt.enabled", false);
        let (subject, mode) = ("service".to_owned(), "full_payment".to_owned());
        let receipt = Self {
            vat_code: reader.number("yookassa.receipt.vat_code", 1, 1..=12),
            tax_system_code: reader.number("yookassa.receipt.tax_system_code", 1, 1..=6),
            payment_subject: reader.value_with(
                "yookassa.receipt.payment_subject",
                subject,
                payment_subject,
            ),
            payment_mode: reader.value_with("yookassa.receipt.payment_mode", mode, payment_mode),
        };
        enabled.then_some(receipt)
    }
}

fn payment_subject(raw: &Raw) -> Result<String, String> {
    let word = String::read(raw)?;
    if word.len() <= 64 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        Ok(word)
    } else {
        Err(r#"expected a payment_subject of YooKassa, such as "service""#.to_owned())
    }
}

fn payment_mode(raw: &Raw) -> Result<String, String> {
    let word = String::read(raw)?;
    if PAYMENT_MODES.contains(&word.as_str()) { Ok(word) } else { Err(one_of(&PAYMENT_MODES)) }
}
