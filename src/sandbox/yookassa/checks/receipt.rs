//! What the shop accepts as a receipt.

use serde_json::Value;

use crate::domain::money::Money;
use crate::sandbox::yookassa::answer::Refusal;

/// Returns whom the receipt goes to.
pub(super) fn check(receipt: &Value, amount: Money) -> Result<String, Refusal> {
    let contact = |kind| receipt.pointer(kind).and_then(Value::as_str).filter(|to| !to.is_empty());
    let to = contact("/customer/email").or_else(|| contact("/customer/phone"));
    let to = to.ok_or_else(|| refused("Neither an email nor a phone", "receipt.customer"))?;
    let items = receipt.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if !(1..=80).contains(&items.len()) {
        return Err(refused("1 to 80 items", "receipt.items"));
    }
    let mut total = 0_u128;
    for item in items {
        total += price_in_thousandths(item)?;
    }
    if total != u128::from(amount.kopecks().unsigned_abs()) * 1_000 {
        return Err(refused("The items do not add up to the amount", "receipt.items"));
    }
    if receipt.get("tax_system_code").is_some_and(|code| !within(code, 1..=6)) {
        return Err(refused("1 to 6", "receipt.tax_system_code"));
    }
    Ok(to.to_owned())
}

/// The refusal that the documentation shows, when there is no receipt at all.
pub(super) fn illegal() -> Refusal {
    refused("Receipt is missing or illegal", "receipt")
}

fn price_in_thousandths(item: &Value) -> Result<u128, Refusal> {
    let description = item.get("description").and_then(Value::as_str).unwrap_or_default();
    if !(1..=128).contains(&description.chars().count()) {
        return Err(refused("1 to 128 characters", "receipt.items.description"));
    }
    if !item.get("vat_code").is_some_and(|code| within(code, 1..=12)) {
        return Err(refused("1 to 12", "receipt.items.vat_code"));
    }
    let price = item.pointer("/amount/value").and_then(Value::as_str);
    let price: Option<Money> = price.and_then(|value| value.parse().ok());
    let price = price.ok_or_else(|| refused("Not an amount", "receipt.items.amount"))?;
    let quantity = item.get("quantity").and_then(thousandths);
    let quantity = quantity.ok_or_else(|| refused("Not a quantity", "receipt.items.quantity"))?;
    Ok(u128::from(price.kopecks().unsigned_abs()) * u128::from(quantity))
}

/// Reads a quantity, a text or a number with up to three decimals, above zero.
fn thousandths(quantity: &Value) -> Option<u64> {
    let text = match quantity {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
    let digits =
        |part: &str| (1..=7).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 3 {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<3}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 1_000 + decimals).filter(|quantity| *quantity > 0)
}

/// Codes are numbers in the specification and texts in some clients.
fn within(code: &Value, range: std::ops::RangeInclusive<u64>) -> bool {
    let number = code.as_u64().or_else(|| code.as_str()?.parse().ok());
    number.is_some_and(|number| range.contains(&number))
}

fn refused(why: &str, parameter: &'static str) -> Refusal {
    Refusal::invalid(why, parameter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receipt(quantity: &Value, price: &str) -> Value {
        json!({
            "customer": { "email": "anna@example.ru" },
            "items": [{
                "description": "Подписка", "quantity": quantity, "vat_code": 1,
                "amount": { "value": price, "currency": "RUB" },
            }],
        })
    }

    #[test]
    fn the_items_must_add_up() {
        let amount: Money = "299.00".parse().unwrap();
        assert!(check(&receipt(&json!("1.00"), "299.00"), amount).is_ok());
        assert!(check(&receipt(&json!(2), "149.50"), amount).is_ok());
        assert!(check(&receipt(&json!("0.5"), "598.00"), amount).is_ok());
        assert!(check(&receipt(&json!("1.00"), "298.99"), amount).is_err());
        assert!(check(&receipt(&json!("0"), "299.00"), amount).is_err());
        assert!(check(&json!({}), amount).is_err());
    }
}
