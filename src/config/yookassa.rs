//! `[yookassa]`: the shop that takes the money.

use secrecy::SecretString;

use crate::domain::network::Network;

/// The shop that takes the money.
#[derive(Clone, Debug)]
pub struct YooKassa {
    /// The API's base URL without a slash at its end.
    pub api_url: String,
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
