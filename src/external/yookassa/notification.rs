//! What YooKassa posts to our webhook: which object to look at, and nothing more.

use super::answer::Tree;
use super::refund::RefundId;
use crate::domain::ids::PaymentId;

/// Which object may have changed. Anyone can write one of these, so what became of the object is
/// asked of YooKassa.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notification {
    /// A payment may have changed.
    Payment(PaymentId),
    /// A refund may have changed.
    Refund {
        /// The refund's name.
        refund: RefundId,
        /// The payment given back, if it is named.
        payment: Option<PaymentId>,
    },
    /// Something that is no business of ours: a payout, a deal, a saved payment method.
    Other,
}

/// Why bytes are not a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a notification of YooKassa: {0}")]
pub struct NotANotification(&'static str);

/// Reads which object a notification is about.
///
/// # Errors
///
/// Returns [`NotANotification`] unless there are the type, an event and an object with an id.
pub fn parse_notification(bytes: &[u8]) -> Result<Notification, NotANotification> {
    let body = Tree::parse(bytes).map_err(|_| NotANotification("not JSON"))?;
    if body.text("/type").as_deref() != Some("notification") {
        return Err(NotANotification("another type"));
    }
    let event = body.text("/event").ok_or(NotANotification("no event"))?;
    let id = body.text("/object/id").ok_or(NotANotification("no object with an id"))?;
    let malformed = NotANotification("a malformed id");
    match event.split_once('.') {
        Some(("payment", _)) => id.parse().map(Notification::Payment).map_err(|_| malformed),
        Some(("refund", _)) => {
            let refund = id.parse().map_err(|_| malformed)?;
            let payment = body.text("/object/payment_id").and_then(|id| id.parse().ok());
            Ok(Notification::Refund { refund, payment })
        }
        _ => id.parse::<PaymentId>().map(|_| Notification::Other).map_err(|_| malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nonsense_is_refused_and_never_panics(bytes: Vec<u8>) {
            prop_assert!(parse_notification(&bytes).is_err());
        }

        #[test]
        fn an_id_that_could_lead_elsewhere_is_refused(id in "[a-z0-9]{0,4}[/?#.%\\\\ ][a-z/.]{0,9}") {
            let body = serde_json::json!({
                "type": "notification", "event": "payment.succeeded", "object": { "id": id },
            });
            prop_assert!(parse_notification(body.to_string().as_bytes()).is_err());
        }
    }
}
