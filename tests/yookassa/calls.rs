//! Every way in which a call of the client can end.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures::future::join_all;
use jiff::SignedDuration;
use slotbox::domain::ids::{OrderId, PaymentId};
use slotbox::domain::money::Money;
use slotbox::external::yookassa::{
    Limits, NewPayment, NewRefund, PaymentStatus, ProviderRefund, Receipt, RefundStatus, Settings,
    Unclear, YooKassa, YooKassaError, payment_request, refund_request,
};
use slotbox::sandbox::yookassa::{CallKind, Card, Fault, Rates};

use crate::{Stage, body, key, money, new_payment, noon, settings};

#[tokio::test]
async fn a_payment_is_created_paid_and_read() {
    let stage = Stage::set().await;
    let made = stage.order(7).await;
    assert_eq!(made.status, PaymentStatus::Pending);
    assert!(made.confirmation_url.is_some_and(|url| url.contains("/checkout/")));
    stage.hand.advance(SignedDuration::from_mins(5));
    stage.shop.pay(made.id.as_str(), Card::Ok).unwrap();
    let read = stage.client.payment(&made.id).await.unwrap();
    assert_eq!(read.status, PaymentStatus::Succeeded);
    assert_eq!(read.amount.and_then(|amount| amount.roubles()), Some(money("299.00")));
    assert_eq!(read.refunded_amount.and_then(|amount| amount.roubles()), Some(Money::ZERO));
    assert_eq!((read.paid, read.test), (Some(true), Some(true)));
    assert_eq!(read.account_id.as_deref(), Some(stage.shop.shop_id()));
    assert_eq!(read.order_id, Some(OrderId::from_bits(7).to_string()));
    assert_eq!(read.captured_at, Some(noon() + SignedDuration::from_mins(5)));
    assert_eq!((read.confirmation_url, read.method.as_deref()), (None, Some("bank_card")));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let stage = Stage::set().await;
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::FailAfter] {
        stage.shop.faults().once(CallKind::CreatePayment, fault);
    }
    for unclear in [Unclear::Cut, Unclear::Cut, Unclear::ServerError(500)] {
        let err = stage.client.create_payment(&key(1), &body(1)).await.unwrap_err();
        assert_eq!(err, YooKassaError::OutcomeUnknown(unclear));
    }
    let made = stage.order(1).await;
    let payments = stage.shop.payments();
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!(payments[0].id, made.id.as_str());
    let requests = stage.shop.requests();
    let told: Vec<_> = requests.iter().map(|request| request.status).collect();
    assert_eq!(told, [None, None, Some(500), Some(200)]);
    assert!(requests.iter().all(|request| request.body.as_bytes() == body(1)));
}

#[tokio::test]
async fn whatever_goes_wrong_one_order_makes_one_payment() {
    let stage = Stage::set().await;
    let rates = Rates {
        cut_before: 150,
        cut_after: 150,
        fail_before: 100,
        fail_after: 100,
        processing: 100,
        too_many: 100,
        ..Rates::default()
    };
    stage.shop.faults().random(42, rates);
    for number in 0..50 {
        let made = loop {
            match stage.client.create_payment(&key(number), &body(number)).await {
                Ok(made) => break made,
                Err(YooKassaError::Later { after }) => tokio::time::sleep(after).await,
                Err(YooKassaError::OutcomeUnknown(_)) => {}
                Err(err) => panic!("{err}"),
            }
        };
        let last = stage.shop.payments().pop().map(|last| last.id);
        assert_eq!(last.as_deref(), Some(made.id.as_str()));
    }
    assert_eq!(stage.shop.payments().len(), 50);
    let failed = stage.shop.requests().iter().filter(|told| told.status != Some(200)).count();
    assert!(failed > 50, "only {failed} calls failed");
}

#[tokio::test]
async fn a_slow_answer_is_given_up_and_found_again() {
    let soon = Duration::from_millis(500);
    let stage = Stage::within(Limits { post: soon, get: soon, ..Limits::default() }).await;
    stage.shop.faults().once(CallKind::CreatePayment, Fault::Slow(Duration::from_mins(1)));
    let begun = Instant::now();
    let err = stage.client.create_payment(&key(1), &body(1)).await.unwrap_err();
    assert_eq!(err, YooKassaError::OutcomeUnknown(Unclear::TimedOut));
    assert!(begun.elapsed() >= soon, "{:?}", begun.elapsed());
    let made = stage.order(1).await;
    assert_eq!(stage.shop.payments().len(), 1);
    stage.shop.faults().once(CallKind::ReadPayment, Fault::Slow(Duration::from_mins(1)));
    let err = stage.client.payment(&made.id).await.unwrap_err();
    assert_eq!(err, YooKassaError::OutcomeUnknown(Unclear::TimedOut));
}

#[tokio::test]
async fn later_means_the_same_call_again() {
    let stage = Stage::set().await;
    let later = |ms| YooKassaError::Later { after: Duration::from_millis(ms) };
    for (fault, expected) in [
        (Fault::Processing { retry_after_ms: Some(250) }, later(250)),
        (Fault::Processing { retry_after_ms: None }, later(1_800)),
        (Fault::TooMany { retry_after_ms: Some(40) }, later(40)),
        (Fault::TooMany { retry_after_ms: None }, later(30_000)),
    ] {
        stage.shop.faults().once(CallKind::CreatePayment, fault);
        let err = stage.client.create_payment(&key(1), &body(1)).await.unwrap_err();
        assert_eq!(err, expected, "{fault:?}");
    }
    stage.order(1).await;
    assert_eq!(stage.shop.payments().len(), 1);
}

#[tokio::test]
async fn a_get_is_repeated_twice_and_a_post_never() {
    let stage = Stage::set().await;
    let made = stage.order(1).await;
    for fault in [Fault::CutBefore, Fault::FailBefore] {
        stage.shop.faults().once(CallKind::ReadPayment, fault);
    }
    assert_eq!(stage.client.payment(&made.id).await.unwrap().id, made.id);
    stage.shop.faults().outage(Some(Fault::FailBefore));
    let before = stage.shop.requests().len();
    let err = stage.client.payment(&made.id).await.unwrap_err();
    assert_eq!(err, YooKassaError::OutcomeUnknown(Unclear::ServerError(500)));
    assert_eq!(stage.shop.requests().len() - before, 3);
    stage.client.create_payment(&key(2), &body(2)).await.unwrap_err();
    assert_eq!(stage.shop.requests().len() - before, 4);
    stage.shop.faults().outage(Some(Fault::TooMany { retry_after_ms: Some(1) }));
    stage.client.payment(&made.id).await.unwrap_err();
    assert_eq!(stage.shop.requests().len() - before, 5, "a clear answer is not repeated");
}

#[tokio::test]
async fn a_refusal_names_its_field() {
    let stage = Stage::set().await;
    stage.shop.require_receipt(true);
    let err = stage.client.create_payment(&key(1), &body(1)).await.unwrap_err();
    let YooKassaError::Rejected { status, code, parameter, description } = err else {
        panic!("{err}")
    };
    assert_eq!((status, code.as_str()), (400, "invalid_request"));
    assert_eq!(parameter.as_deref(), Some("receipt"));
    assert_eq!(description, "Receipt is missing or illegal");
    assert_eq!(stage.client.me().await.unwrap().receipts_required, Some(true));

    let receipt = Receipt {
        customer_email: "anna@example.ru".to_owned(),
        item: "Подписка".to_owned(),
        vat_code: 1,
        tax_system_code: Some(2),
        payment_subject: "service".to_owned(),
        payment_mode: "full_payment".to_owned(),
    };
    let with_receipt = NewPayment { receipt: Some(receipt), ..new_payment(1) };
    stage.client.create_payment(&key(2), &payment_request(&with_receipt)).await.unwrap();
    assert_eq!(stage.shop.payments()[0].receipt_to.as_deref(), Some("anna@example.ru"));
}

#[tokio::test]
async fn a_key_belongs_to_one_body() {
    let stage = Stage::set().await;
    stage.order(1).await;
    let err = stage.client.create_payment(&key(1), &body(2)).await.unwrap_err();
    assert!(matches!(err, YooKassaError::Rejected { status: 400, .. }), "{err}");
    assert_eq!(stage.shop.payments().len(), 1);
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_payment_are_told_apart() {
    let stage = Stage::set().await;
    let nobody: PaymentId = "2d000000-000f-5000-8000-ffffffffffff".parse().unwrap();
    assert_eq!(stage.client.payment(&nobody).await.unwrap_err(), YooKassaError::NotFound);
    let secret_key = "live_of-another-shop".to_owned().into();
    let stranger = YooKassa::new(Settings { secret_key, ..settings(&stage.shop) }).unwrap();
    assert_eq!(stranger.me().await.unwrap_err(), YooKassaError::Unauthorized);
    assert_eq!(stranger.payment(&nobody).await.unwrap_err(), YooKassaError::Unauthorized);
    let me = stage.client.me().await.unwrap();
    assert_eq!(me.account_id.as_deref(), Some(stage.shop.shop_id()));
    assert_eq!((me.enabled, me.test), (Some(true), Some(true)));
}

#[tokio::test]
async fn a_closed_shop_is_unreachable() {
    let stage = Stage::set().await;
    stage.shop.shutdown().await;
    let err = stage.client.create_payment(&key(1), &body(1)).await.unwrap_err();
    assert_eq!(err, YooKassaError::OutcomeUnknown(Unclear::Unreachable));
}

#[tokio::test]
async fn calls_beyond_the_limit_wait_their_turn() {
    let connect = Duration::from_millis(500);
    let post = Duration::from_millis(1_500);
    let stage = Stage::within(Limits { connect, post, concurrency: 4, ..Limits::default() }).await;
    stage.shop.faults().outage(Some(Fault::Slow(Duration::from_millis(50))));
    let made = join_all((0..8).map(|number| stage.order(number))).await;
    assert_eq!(made.len(), 8);
    stage.shop.faults().outage(Some(Fault::Slow(Duration::from_mins(1))));
    let (keys, bodies): (Vec<_>, Vec<_>) = (20..25).map(|n| (key(n), body(n))).unzip();
    let calls = keys.iter().zip(&bodies).map(|(key, body)| stage.client.create_payment(key, body));
    let ends: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap_err).collect();
    let unsent = |err: &&YooKassaError| matches!(err, YooKassaError::Later { .. });
    assert_eq!(ends.iter().filter(unsent).count(), 1, "{ends:?}");
}

#[tokio::test]
async fn many_payments_are_listed_page_by_page() {
    let stage = Stage::set().await;
    let metadata = (0..250).map(|_| std::collections::BTreeMap::new());
    let old = stage.shop.insert_succeeded_payments(money("299.00"), metadata);
    stage.hand.advance(SignedDuration::from_mins(1));
    stage.order(1).await;
    let (from, to) = (noon(), noon() + SignedDuration::from_mins(1));
    let (mut seen, mut sizes, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = stage.client.payments(from, to, cursor.as_deref()).await.unwrap();
        sizes.push(page.items.len());
        seen.extend(page.items.into_iter().map(|payment| payment.id.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(seen.iter().collect::<HashSet<_>>(), old.iter().collect::<HashSet<_>>());
    let minute = SignedDuration::from_mins(1);
    let newest = stage.client.payments(to, to + minute, None).await.unwrap();
    assert_eq!((newest.items.len(), newest.next), (1, None));
}

#[tokio::test]
async fn money_is_given_back_in_parts() {
    let stage = Stage::set().await;
    let paid = stage.order(1).await.id;
    let refund = |amount: &str| {
        let (payment, amount) = (paid.clone(), money(amount));
        refund_request(&NewRefund { payment, amount, description: String::new(), receipt: None })
    };
    let early = stage.client.create_refund(&key(2), &refund("1.00")).await.unwrap_err();
    assert!(matches!(early, YooKassaError::Rejected { .. }), "{early}");
    stage.shop.pay(paid.as_str(), Card::Ok).unwrap();
    stage.shop.faults().once(CallKind::CreateRefund, Fault::CutAfter);
    stage.client.create_refund(&key(3), &refund("100.00")).await.unwrap_err();
    let first = stage.client.create_refund(&key(3), &refund("100.00")).await.unwrap();
    assert_eq!((&first.status, first.payment.as_ref()), (&RefundStatus::Succeeded, Some(&paid)));
    let much = stage.client.create_refund(&key(4), &refund("199.01")).await.unwrap_err();
    assert!(matches!(much, YooKassaError::Rejected { .. }), "{much}");
    stage.shop.refund_in_cabinet(paid.as_str(), None).unwrap();
    let read = stage.client.payment(&paid).await.unwrap();
    assert_eq!(read.refunded_amount, read.amount);
    let listed = stage.client.refunds(&paid, None).await.unwrap();
    assert_eq!((listed.items.len(), &listed.items[1]), (2, &first));
}

#[tokio::test]
async fn a_pending_refund_is_asked_for_again() {
    let stage = Stage::set().await;
    let paid = stage.order(1).await.id;
    stage.shop.pay(paid.as_str(), Card::Ok).unwrap();
    stage.shop.refunds_take_time(true);
    let mut made: Vec<ProviderRefund> = Vec::new();
    for (number, amount) in [(2, "100.00"), (3, "199.00")] {
        let (payment, amount) = (paid.clone(), money(amount));
        let wish = NewRefund { payment, amount, description: String::new(), receipt: None };
        let refund = stage.client.create_refund(&key(number), &refund_request(&wish)).await;
        made.push(refund.unwrap());
    }
    assert!(made.iter().all(|refund| refund.status == RefundStatus::Pending));
    let refunded = stage.client.payment(&paid).await.unwrap().refunded_amount;
    assert_eq!(refunded.and_then(|amount| amount.roubles()), Some(Money::ZERO));
    stage.shop.finish_refund(made[0].id.as_str()).unwrap();
    stage.shop.refuse_refund(made[1].id.as_str()).unwrap();
    let finished = stage.client.refund(&made[0].id).await.unwrap();
    assert_eq!(finished.status, RefundStatus::Succeeded);
    let refused = stage.client.refund(&made[1].id).await.unwrap();
    assert_eq!(refused.status, RefundStatus::Canceled);
    assert_eq!(refused.cancellation.unwrap().reason.as_deref(), Some("rejected_by_payee"));
    let refunded = stage.client.payment(&paid).await.unwrap().refunded_amount;
    assert_eq!(refunded.and_then(|amount| amount.roubles()), Some(money("100.00")));
}
