//! What the shop accepts in a body, by the API's published limits.

mod receipt;

use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::{Map, Value};

use super::answer::Refusal;
use crate::domain::money::Money;

/// 700 000 roubles: the most that any method takes at once.
const LARGEST_KOPECKS: i64 = 70_000_000;

/// A payment that may be created.
#[derive(Debug, Default)]
pub(super) struct PaymentWish {
    pub(super) amount: Money,
    pub(super) capture: bool,
    pub(super) return_url: String,
    pub(super) description: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) merchant_customer_id: Option<String>,
    pub(super) receipt_to: Option<String>,
}

/// A refund that may be created.
#[derive(Debug)]
pub(super) struct RefundWish {
    pub(super) payment_id: String,
    pub(super) amount: Money,
    pub(super) description: Option<String>,
}

pub(super) fn payment(body: &[u8], receipt_required: bool) -> Result<PaymentWish, Refusal> {
    let body = object(body)?;
    let amount = amount(&body)?.ok_or_else(|| missing("amount"))?;
    if given(&body, "save_payment_method") == Some(&Value::Bool(true))
        || given(&body, "payment_method_id").is_some()
    {
        return Err(Refusal::forbidden("This store can't make recurring payments."));
    }
    let receipt_to = match given(&body, "receipt") {
        Some(receipt) => Some(receipt::check(receipt, amount)?),
        None if receipt_required => return Err(receipt::illegal()),
        None => None,
    };
    Ok(PaymentWish {
        amount,
        capture: capture(&body)?,
        return_url: return_url(&body)?,
        description: text(&body, "description", 128)?,
        metadata: metadata(&body)?,
        merchant_customer_id: text(&body, "merchant_customer_id", 200)?,
        receipt_to,
    })
}

pub(super) fn refund(body: &[u8]) -> Result<RefundWish, Refusal> {
    let body = object(body)?;
    let amount = amount(&body)?.ok_or_else(|| missing("amount"))?;
    if let Some(receipt) = given(&body, "receipt") {
        receipt::check(receipt, amount)?;
    }
    Ok(RefundWish {
        payment_id: text(&body, "payment_id", 64)?.ok_or_else(|| missing("payment_id"))?,
        amount,
        description: text(&body, "description", 250)?,
    })
}

/// Returns how much of a held payment to take; `None` is all of it.
pub(super) fn captured(body: &[u8]) -> Result<Option<Money>, Refusal> {
    if body.is_empty() { Ok(None) } else { amount(&object(body)?) }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::malformed("The body is not a JSON object"))
}

/// Clients write an absent field as `null` too.
fn given<'a>(body: &'a Map<String, Value>, parameter: &str) -> Option<&'a Value> {
    body.get(parameter).filter(|value| !value.is_null())
}

fn missing(parameter: &'static str) -> Refusal {
    Refusal::invalid("A required parameter is missing", parameter)
}

fn amount(body: &Map<String, Value>) -> Result<Option<Money>, Refusal> {
    let Some(sum) = given(body, "amount") else { return Ok(None) };
    if sum.get("currency").and_then(Value::as_str) != Some(Money::CURRENCY) {
        return Err(Refusal::invalid("Incorrect currency of payment", "amount.currency"));
    }
    let value = sum.get("value").and_then(Value::as_str).and_then(|value| value.parse().ok());
    let fits = |money: &Money| (1..=LARGEST_KOPECKS).contains(&money.kopecks());
    let incorrect = || Refusal::invalid("Incorrect amount of payment", "amount.value");
    value.filter(fits).ok_or_else(incorrect).map(Some)
}

fn capture(body: &Map<String, Value>) -> Result<bool, Refusal> {
    match given(body, "capture") {
        None => Ok(false),
        Some(Value::Bool(capture)) => Ok(*capture),
        Some(_) => Err(Refusal::invalid("Must be true or false", "capture")),
    }
}

fn return_url(body: &Map<String, Value>) -> Result<String, Refusal> {
    let confirmation = given(body, "confirmation").ok_or_else(|| missing("confirmation"))?;
    if confirmation.get("type").and_then(Value::as_str) != Some("redirect") {
        let description = "This shop confirms by redirect only";
        return Err(Refusal::invalid(description, "confirmation.type"));
    }
    let url = confirmation.get("return_url").and_then(Value::as_str).unwrap_or_default();
    let web = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !web || url.chars().count() > 2_048 {
        return Err(Refusal::invalid("Not an address to return to", "confirmation.return_url"));
    }
    Ok(url.to_owned())
}

fn text(
    body: &Map<String, Value>,
    parameter: &'static str,
    most: usize,
) -> Result<Option<String>, Refusal> {
    match given(body, parameter) {
        None => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::invalid(&format!("Must be a text of at most {most}"), parameter)),
    }
}

fn metadata(body: &Map<String, Value>) -> Result<BTreeMap<String, String>, Refusal> {
    let refused = |why: &str| Refusal::invalid(why, "metadata");
    let fields = match given(body, "metadata") {
        None => return Ok(BTreeMap::new()),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(refused("Must be an object")),
    };
    if fields.len() > 16 {
        return Err(refused("At most 16 keys"));
    }
    let field = |(key, value): (&String, &Value)| {
        let value = value.as_str().ok_or_else(|| refused("Values are texts"))?;
        if key.chars().count() > 32 || value.chars().count() > 512 {
            return Err(refused("A key of at most 32 and a value of at most 512"));
        }
        Ok((key.clone(), value.to_owned()))
    };
    fields.iter().map(field).collect()
}
