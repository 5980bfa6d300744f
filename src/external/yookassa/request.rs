//! The bodies that YooKassa is sent. Equal arguments give equal bytes.

use std::fmt;

use serde::Serialize;

use crate::domain::ids::{ClientId, OrderId, PaymentId};
use crate::domain::money::Money;

const PAYMENT_DESCRIPTION_CHARS: usize = 128;
const REFUND_DESCRIPTION_CHARS: usize = 250;
const ITEM_DESCRIPTION_CHARS: usize = 128;

/// A payment to ask for: taken at once, on YooKassa's own page, by a method of the payer's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// The order that is paid.
    pub order: OrderId,
    /// The client that the order is for.
    pub client: ClientId,
    /// What it costs.
    pub amount: Money,
    /// What the payer and the cabinet read; cut after 128 characters.
    pub description: String,
    /// Where the payer's browser goes afterwards.
    pub return_url: String,
    /// The receipt, where the shop must give one.
    pub receipt: Option<Receipt>,
}

/// Money to give back, wholly or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// The payment.
    pub payment: PaymentId,
    /// How much of it.
    pub amount: Money,
    /// Why; cut after 250 characters.
    pub description: String,
    /// The receipt of the refund, where the shop must give one.
    pub receipt: Option<Receipt>,
}

/// A receipt with one line, the whole amount (54-FZ). The codes are the operator's choice.
///
/// `Debug` hides whom it goes to.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Where the receipt is sent.
    pub customer_email: String,
    /// What was bought; cut after 128 characters.
    pub item: String,
    /// The VAT rate's code, 1 to 12.
    pub vat_code: u8,
    /// The tax system's code, 1 to 6, for cash registers that ask for it.
    pub tax_system_code: Option<u8>,
    /// Such as `service`.
    pub payment_subject: String,
    /// Such as `full_payment`.
    pub payment_mode: String,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("item", &self.item)
            .field("vat_code", &self.vat_code)
            .finish_non_exhaustive()
    }
}

/// Returns the exact body that creates `payment`; it is stored before it is sent.
pub fn payment_request(payment: &NewPayment) -> Vec<u8> {
    let client_id = payment.client.to_string();
    bytes(&PaymentBody {
        amount: Sum::of(payment.amount),
        capture: true,
        confirmation: Confirmation { r#type: "redirect", return_url: &payment.return_url },
        description: cut(&payment.description, PAYMENT_DESCRIPTION_CHARS),
        metadata: Metadata { order_id: payment.order.to_string(), client_id: client_id.clone() },
        merchant_customer_id: client_id,
        receipt: payment.receipt.as_ref().map(|receipt| receipt_body(receipt, payment.amount)),
    })
}

/// Reads from the body of a payment where its receipt goes.
pub fn receipt_email(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Body {
        receipt: Option<ReceiptPart>,
    }
    #[derive(serde::Deserialize)]
    struct ReceiptPart {
        customer: CustomerPart,
    }
    #[derive(serde::Deserialize)]
    struct CustomerPart {
        email: String,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    body.receipt.map(|receipt| receipt.customer.email)
}

/// Returns the exact body that creates `refund`; it is stored before it is sent.
pub fn refund_request(refund: &NewRefund) -> Vec<u8> {
    bytes(&RefundBody {
        payment_id: refund.payment.as_str(),
        amount: Sum::of(refund.amount),
        description: cut(&refund.description, REFUND_DESCRIPTION_CHARS),
        receipt: refund.receipt.as_ref().map(|receipt| receipt_body(receipt, refund.amount)),
    })
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    amount: Sum,
    capture: bool,
    confirmation: Confirmation<'a>,
    description: String,
    metadata: Metadata,
    merchant_customer_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody<'a>>,
}

#[derive(Serialize)]
struct RefundBody<'a> {
    payment_id: &'a str,
    amount: Sum,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody<'a>>,
}

#[derive(Serialize)]
struct Sum {
    value: String,
    currency: &'static str,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    r#type: &'static str,
    return_url: &'a str,
}

#[derive(Serialize)]
struct Metadata {
    order_id: String,
    client_id: String,
}

#[derive(Serialize)]
struct ReceiptBody<'a> {
    customer: Customer<'a>,
    items: [Item<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_system_code: Option<u8>,
}

#[derive(Serialize)]
struct Customer<'a> {
    email: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    description: String,
    quantity: &'static str,
    amount: Sum,
    vat_code: u8,
    payment_subject: &'a str,
    payment_mode: &'a str,
    measure: &'static str,
}

impl Sum {
    fn of(money: Money) -> Self {
        Self { value: money.to_string(), currency: Money::CURRENCY }
    }
}

fn receipt_body(receipt: &Receipt, amount: Money) -> ReceiptBody<'_> {
    let item = Item {
        description: cut(&receipt.item, ITEM_DESCRIPTION_CHARS),
        quantity: "1.00",
        amount: Sum::of(amount),
        vat_code: receipt.vat_code,
        payment_subject: &receipt.payment_subject,
        payment_mode: &receipt.payment_mode,
        measure: "piece",
    };
    ReceiptBody {
        customer: Customer { email: &receipt.customer_email },
        items: [item],
        tax_system_code: receipt.tax_system_code,
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

/// Plain structs of texts and numbers always have a JSON form.
fn bytes(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> NewPayment {
        NewPayment {
            order: OrderId::from_bits(1),
            client: ClientId::from_bits(2),
            amount: "299.00".parse().unwrap(),
            description: "Тариф «1 месяц»\n".to_owned() + &"ы".repeat(200),
            return_url: "https://t.me/sales_bot?start=paid".to_owned(),
            receipt: None,
        }
    }

    #[test]
    fn a_payment_is_asked_for_in_these_bytes() {
        let bytes = payment_request(&payment());
        assert_eq!(bytes, payment_request(&payment()));
        let description = "Тариф «1 месяц» ".to_owned() + &"ы".repeat(112);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            format!(
                "{{\"amount\":{{\"value\":\"299.00\",\"currency\":\"RUB\"}},\"capture\":true,\
                 \"confirmation\":{{\"type\":\"redirect\",\
                 \"return_url\":\"https://t.me/sales_bot?start=paid\"}},\
                 \"description\":\"{description}\",\
                 \"metadata\":{{\"order_id\":\"o_00000000000000000000000001\",\
                 \"client_id\":\"c_00000000000000000000000002\"}},\
                 \"merchant_customer_id\":\"c_00000000000000000000000002\"}}"
            )
        );
    }

    #[test]
    fn a_receipt_has_one_line_of_the_whole_amount() {
        let receipt = Receipt {
            customer_email: "anna@example.ru".to_owned(),
            item: "Подписка".to_owned(),
            vat_code: 11,
            tax_system_code: None,
            payment_subject: "service".to_owned(),
            payment_mode: "full_payment".to_owned(),
        };
        let bytes = payment_request(&NewPayment { receipt: Some(receipt), ..payment() });
        assert_eq!(receipt_email(&bytes).as_deref(), Some("anna@example.ru"));
        assert_eq!(receipt_email(&payment_request(&payment())), None);
        let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            body["receipt"],
            serde_json::json!({
                "customer": { "email": "anna@example.ru" },
                "items": [{
                    "description": "Подписка",
                    "quantity": "1.00",
                    "amount": { "value": "299.00", "currency": "RUB" },
                    "vat_code": 11,
                    "payment_subject": "service",
                    "payment_mode": "full_payment",
                    "measure": "piece",
                }],
            })
        );
    }
}
