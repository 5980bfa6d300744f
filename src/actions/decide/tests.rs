//! A payment that waits is decided about once, and the books agree afterwards.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::domain::ids::{OrderId, UserId};
use crate::domain::order::{Attention, PaymentRequest};
use crate::domain::payment::Source;
use crate::domain::plan::{Days, Plan};
use crate::domain::refund::Refund;
use crate::testing::Host;

const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const OPERATOR: i64 = 111_111;

/// A host with one client, and an order of it whose payment waits.
async fn bench(refunded: &str) -> (Host, ClientId, PaymentId) {
    let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
    let client = host.add_client(1, 5001, TOKEN).await;
    let (now, id) = (host.deps.clock.now(), "2f1c-held".parse::<PaymentId>().unwrap());
    let why = Attention::PaidAfterClosing;
    let order = Order {
        id: OrderId::from_bits(7),
        subject: Subject::Extension,
        client,
        buyer: UserId::new(5001).unwrap(),
        plan: Plan {
            id: "1m".parse().unwrap(),
            name: "Starter".to_owned(),
            days: Days::new(30).unwrap(),
            price: "300.00".parse().unwrap(),
        },
        state: OrderState::Attention(why),
        request: PaymentRequest { idempotence_key: "k".to_owned(), body: vec![] },
        payment: Some(id.clone()),
        confirmation_url: None,
        created_at: now,
        expires_at: now,
    };
    let payment = Payment {
        id: id.clone(),
        source: Source::YooKassa,
        order: Some(order.id),
        client: None,
        amount: "300.00".parse().unwrap(),
        refunded: refunded.parse().unwrap(),
        days: Days::new(30).unwrap(),
        state: PaymentState::Attention(why),
        settled_at: now,
    };
    let put = host.deps.store.write::<_, StoreError>(move |txn| {
        orders::put(txn, &order)?;
        payments::put(txn, &payment)
    });
    put.await.unwrap();
    (host, client, id)
}

fn by() -> Actor {
    Actor::Operator(UserId::new(OPERATOR).unwrap())
}

fn cause(key: &str) -> Cause {
    Cause::new(key.to_owned())
}

fn order_state(deps: &Deps) -> OrderState {
    deps.store.read(|snap| orders::get(snap, OrderId::from_bits(7))).unwrap().unwrap().state
}

fn until(host: &Host, client: ClientId) -> Timestamp {
    host.client(client).subscription.granted_until().unwrap()
}

/// D-033, D-020: time, payment and order change together, once, whoever presses how often.
#[tokio::test]
async fn a_payment_that_waits_is_granted_once() {
    let (host, client, id) = bench("0.00").await;
    let deps = &host.deps;
    let before = until(&host, client);
    for _ in 0..2 {
        let granted = grant_held(deps, cause("a"), id.clone(), None, by()).await.unwrap();
        assert_eq!(granted.payment.state, PaymentState::Settled);
    }
    assert_eq!(until(&host, client).duration_since(before).as_hours(), 30 * 24);
    assert_eq!(order_state(deps), OrderState::Paid);
    let again = grant_held(deps, cause("b"), id.clone(), Some(client), by()).await;
    assert!(matches!(again, Err(DecideError::Decided)), "{again:?}");
    assert!(matches!(dismiss(deps, cause("d"), id, "", by()).await, Err(DecideError::Decided)));
    assert!(deps.store.read(|snap| payments::held(snap)).unwrap().is_empty());
}

#[tokio::test]
async fn what_was_given_back_is_not_granted() {
    let (host, client, id) = bench("100.00").await;
    let before = until(&host, client);
    grant_held(&host.deps, cause("a"), id, None, by()).await.unwrap();
    assert_eq!(until(&host, client).duration_since(before).as_hours(), 20 * 24);
}

#[tokio::test]
async fn money_on_its_way_back_grants_nothing() {
    let (host, client, id) = bench("0.00").await;
    let deps = &host.deps;
    let before = until(&host, client);
    let refund = Refund {
        id: crate::domain::ids::RefundId::from_bits(3),
        payment: id.clone(),
        amount: "300.00".parse().unwrap(),
        request: PaymentRequest { idempotence_key: "k".to_owned(), body: vec![] },
        state: RefundState::Asked,
        created_at: deps.clock.now(),
    };
    deps.store.write(move |txn| refunds::put(txn, &refund)).await.unwrap();
    let refused = grant_held(deps, cause("a"), id.clone(), None, by()).await;
    assert!(matches!(refused, Err(DecideError::BeingRefunded)), "{refused:?}");
    assert!(matches!(
        dismiss(deps, cause("d"), id, "", by()).await,
        Err(DecideError::BeingRefunded)
    ));
    assert_eq!(until(&host, client), before);
}

/// A dismissal is audited with its note, leaves the time as it is, and can be taken back; each is
/// done once, however often its update is handled.
#[tokio::test]
async fn a_dismissal_can_be_taken_back() {
    let (host, client, id) = bench("0.00").await;
    let deps = &host.deps;
    let before = until(&host, client);
    for _ in 0..2 {
        let dismissed = dismiss(deps, cause("d"), id.clone(), "tip\nfor us", by()).await.unwrap();
        assert_eq!(dismissed.state.name(), "dismissed");
    }
    assert_eq!(order_state(deps), OrderState::Canceled);
    for _ in 0..2 {
        let reopened = reopen(deps, cause("r"), id.clone(), by()).await.unwrap();
        assert_eq!(reopened.state.name(), "attention");
    }
    assert!(matches!(order_state(deps), OrderState::Attention(_)));
    assert_eq!(until(&host, client), before);
    assert_eq!(deps.store.read(|snap| payments::held(snap)).unwrap().len(), 1);
    // What was decided before does not come back with a late repetition.
    dismiss(deps, cause("d"), id.clone(), "", by()).await.unwrap();
    assert_eq!(deps.store.read(|snap| payments::held(snap)).unwrap().len(), 1);
    let log = deps.store.read(|snap| audit::list(snap, None, 9)).unwrap();
    let details: Vec<_> = log.iter().map(|(_, line)| line.detail.as_str()).collect();
    assert_eq!(details, ["2f1c-held", "2f1c-held tipfor us"]);
    let other = reopen(deps, cause("s"), id, by()).await;
    assert!(matches!(other, Err(DecideError::Decided)), "{other:?}");
}

/// Days that were paid for late wait for their bot, once; the payment that came second finds nothing
/// to wait for.
#[tokio::test]
async fn days_wait_for_a_bot_that_is_still_to_be_brought() {
    let (host, _, id) = bench("0.00").await;
    let deps = &host.deps;
    let change = deps.store.write::<_, StoreError>(move |txn| {
        let mut order = orders::get(txn, OrderId::from_bits(7))?.unwrap();
        order.subject = Subject::BotLater { company: "Salon".parse().unwrap() };
        order.client = ClientId::from_bits(99);
        orders::put(txn, &order)
    });
    change.await.unwrap();
    for _ in 0..2 {
        let granted = grant_held(deps, cause("a"), id.clone(), None, by()).await.unwrap();
        assert_eq!((granted.payment.state, granted.client), (PaymentState::Settled, None));
    }
    assert_eq!(order_state(deps), OrderState::Paid);
    let waiting = deps.store.read(|snap| orders::without_bot(snap)).unwrap();
    assert_eq!(waiting.len(), 1);

    let second: PaymentId = "2f1c-second".parse().unwrap();
    let put = deps.store.write::<_, StoreError>({
        let (first, second) = (id.clone(), second.clone());
        move |txn| {
            let mut payment = payments::get(txn, &first)?.unwrap();
            payment.id = second.clone();
            payment.state = PaymentState::Attention(Attention::PaidTwice);
            payments::put(txn, &payment)?;
            let mut order = orders::get(txn, OrderId::from_bits(7))?.unwrap();
            order.state = OrderState::Attention(Attention::PaidTwice);
            orders::put(txn, &order)
        }
    });
    put.await.unwrap();
    let refused = grant_held(deps, cause("b"), second.clone(), None, by()).await;
    assert!(matches!(refused, Err(DecideError::NeedsClient)), "{refused:?}");
    dismiss(deps, cause("d"), second, "", by()).await.unwrap();
    assert_eq!(order_state(deps), OrderState::Paid, "the first payment's days still wait");
}
