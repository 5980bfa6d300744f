//! Notifications: posted until they are answered with 200, as long as the schedule lasts.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::CONTENT_TYPE;
use serde::Serialize;

use super::event::ShopEvent;
use super::faults::NoticeFault;
use super::ledger::{SimPayment, SimRefund, SimStatus};
use super::shop::Shop;
use super::view::{PaymentView, RefundView};

/// The pauses between deliveries that are not answered with 200, in seconds of the shop's clock.
const GAPS_S: [i64; 7] = [10, 42, 84, 168, 672, 5_376, 86_016];
/// How long the receiver may take, in real time.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// An object as it stood when something happened to it.
#[derive(Clone)]
pub(super) enum Notice {
    Payment(Box<SimPayment>),
    Refund(Box<SimRefund>),
}

impl Notice {
    pub(super) fn payment(payment: &SimPayment) -> Self {
        Self::Payment(Box::new(payment.clone()))
    }

    pub(super) fn refund(refund: &SimRefund) -> Self {
        Self::Refund(Box::new(refund.clone()))
    }

    fn event(&self) -> &'static str {
        match self {
            Self::Refund(_) => "refund.succeeded",
            Self::Payment(payment) => match payment.status {
                SimStatus::Pending => "payment.pending",
                SimStatus::WaitingForCapture => "payment.waiting_for_capture",
                SimStatus::Succeeded => "payment.succeeded",
                SimStatus::Canceled => "payment.canceled",
            },
        }
    }

    fn object(&self) -> &str {
        match self {
            Self::Payment(payment) => &payment.id,
            Self::Refund(refund) => &refund.id,
        }
    }

    fn body(&self, base: &str) -> Vec<u8> {
        match self {
            Self::Payment(payment) => envelope(self.event(), &PaymentView::new(payment, base)),
            Self::Refund(refund) => envelope(self.event(), &RefundView::new(refund)),
        }
    }

    /// Returns the notice of the same payment before its money was taken.
    fn stale(&self) -> Option<Self> {
        match self {
            Self::Payment(payment) if payment.status == SimStatus::Succeeded => {
                let status = SimStatus::WaitingForCapture;
                let before = SimPayment { status, captured_at: None, ..(**payment).clone() };
                Some(Self::Payment(Box::new(before)))
            }
            Self::Payment(_) | Self::Refund(_) => None,
        }
    }
}

fn envelope(event: &str, object: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        r#type: &'static str,
        event: &'a str,
        object: &'a T,
    }
    serde_json::to_vec(&Envelope { r#type: "notification", event, object }).unwrap_or_default()
}

/// Sends each notice on its way, or does with it what the faults say.
pub(super) fn dispatch(shop: &Arc<Shop>, notices: Vec<Notice>) {
    if shop.notify_url().is_none() {
        return;
    }
    for notice in notices {
        match shop.faults().of_notice() {
            None => post(shop, vec![notice]),
            Some(NoticeFault::Duplicate) => post(shop, vec![notice.clone(), notice]),
            Some(NoticeFault::Stale) => {
                let stale = notice.stale();
                post(shop, std::iter::once(notice).chain(stale).collect());
            }
            Some(NoticeFault::Late(by)) => later(shop, notice, by),
            Some(NoticeFault::AfterNext) => shop.hold(notice),
            Some(NoticeFault::Lose) => {
                let object = notice.object().to_owned();
                shop.tell(ShopEvent::NoticeLost { event: notice.event(), object });
            }
        }
    }
}

/// Posts notices and then those that were held back, each first delivery after the one before.
fn post(shop: &Arc<Shop>, mut notices: Vec<Notice>) {
    notices.extend(shop.take_held());
    let shop = Arc::clone(shop);
    shop.clone().spawn(async move {
        for notice in notices {
            if !deliver(&shop, &notice).await {
                let again = Arc::clone(&shop);
                shop.spawn(async move { repeat(&again, &notice).await });
            }
        }
    });
}

fn later(shop: &Arc<Shop>, notice: Notice, by: SignedDuration) {
    let shop = Arc::clone(shop);
    shop.clone().spawn(async move {
        shop.clock().sleep(by).await;
        if !deliver(&shop, &notice).await {
            repeat(&shop, &notice).await;
        }
    });
}

async fn repeat(shop: &Shop, notice: &Notice) {
    for gap in GAPS_S {
        shop.clock().sleep(SignedDuration::from_secs(gap)).await;
        if deliver(shop, notice).await {
            return;
        }
    }
}

/// Returns whether the receiver has taken the notice.
async fn deliver(shop: &Shop, notice: &Notice) -> bool {
    let Some(url) = shop.notify_url() else { return true };
    let request = shop
        .http()
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .body(notice.body(shop.base()));
    let answer = request.send().await.ok().map(|response| response.status().as_u16());
    let object = notice.object().to_owned();
    shop.tell(ShopEvent::Notified { event: notice.event(), object, answer });
    answer == Some(200)
}
