//! Money: one grant for one payment, whoever sees it first, and nothing lost on the way.

use futures::future::join_all;
use jiff::SignedDuration;
use slotbox::actions::create_order::{CreateOrderError, Wanted, create_order};
use slotbox::actions::extend::{ExtendError, Extension, extend};
use slotbox::actions::receive::{ReceiveError, receive};
use slotbox::actions::reconcile::{reconcile, sweep_refunds};
use slotbox::actions::refund::{RefundError, carry_out, refund};
use slotbox::actions::settle::{Recorded, settle};
use slotbox::deps::Deps;
use slotbox::domain::actor::Actor;
use slotbox::domain::ids::{ClientId, OrderId, PaymentId, UserId};
use slotbox::domain::order::{Attention, Order, OrderState};
use slotbox::domain::payment::PaymentState;
use slotbox::domain::plan::Days;
use slotbox::jobs::perform::perform;
use slotbox::jobs::{WorkerOptions, run_worker};
use slotbox::sandbox::yookassa::{CallKind, Card, Fault};
use slotbox::store::queue::JobState;
use slotbox::store::{StoreError, queue};
use tokio_util::sync::CancellationToken;

use super::world::{OPERATOR, World, new_order};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn paid(order: &Order) -> &PaymentId {
    order.payment.as_ref().expect("the order has a payment")
}

/// How many jobs of this kind are queued.
fn queued(world: &World, kind: &str) -> usize {
    let now = world.deps.clock.now();
    let jobs: Result<_, StoreError> =
        world.deps.store.read(|snap| queue::list(snap, None, 10_000, now));
    jobs.unwrap().iter().filter(|job| job.kind == kind).count()
}

async fn a_client(world: &World, username: &str) -> ClientId {
    let order = world.order_new(username).await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    order.client
}

#[tokio::test]
async fn a_paid_order_makes_the_client_its_deploy_and_its_notices_at_once() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    assert!(order.confirmation_url.is_some());
    assert!(world.client(order.client).is_none());
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    let recorded = settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    assert!(matches!(recorded, Recorded::Settled { .. }), "{recorded:?}");
    assert_eq!(world.orders(order.id).state, OrderState::Paid);
    assert_eq!(world.until(order.client), world.deps.clock.now() + DAY * 30);
    assert_eq!(queued(&world, "deploy_client"), 1);
    assert_eq!(queued(&world, "notify"), 2, "the operator and the owner");
}

/// D-007, D-013: one fulfilment for each payment, and it is remembered on disk.
#[tokio::test]
async fn a_payment_is_granted_once_whoever_sees_it_first() {
    let world = World::begin().await;
    let client = a_client(&world, "salon_bot").await;
    let before = world.until(client);
    let order = world.order(Wanted::Extension(client)).await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    let seen = join_all((0..20).map(|_| settle(&world.deps, world.till(), paid(&order)))).await;
    reconcile(&world.deps, world.till()).await.unwrap();
    let grants = seen.iter().filter(|it| matches!(it, Ok(Recorded::Settled { .. }))).count();
    assert_eq!(grants, 1);
    assert_eq!(world.until(client), before + DAY * 30);
}

#[tokio::test]
async fn the_same_request_makes_one_order_and_one_payment() {
    let world = World::begin().await;
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let wanted = || new_order(World::wanted(&token, "salon_bot"));
    let cause = world.cause();
    let made = join_all((0..8).map(|_| create_order(&world.deps, cause.clone(), wanted()))).await;
    let ids: Vec<OrderId> = made.into_iter().map(|order| order.unwrap().id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(world.shop.payments().len(), 1);
}

/// D-031: each try had another idempotence key.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_makes_no_second_payment() {
    let world = World::begin().await;
    world.shop.faults().once(CallKind::CreatePayment, Fault::CutAfter);
    let order = world.order_new("salon_bot").await.unwrap();
    assert_eq!(order.payment, None);
    assert_eq!(world.shop.payments().len(), 1);
    world.hand.advance(SignedDuration::from_mins(2));
    reconcile(&world.deps, world.till()).await.unwrap();
    let order = world.orders(order.id);
    assert!(order.confirmation_url.is_some());
    assert_eq!(world.shop.payments().len(), 1);
    assert_eq!(queued(&world, "notify"), 1, "the buyer gets the late link");
}

/// D-014: a restart forgot the open payments.
#[tokio::test]
async fn a_payment_made_before_a_long_outage_is_found_in_the_list() {
    let world = World::begin().await;
    world.shop.faults().once(CallKind::CreatePayment, Fault::CutAfter);
    let order = world.order_new("salon_bot").await.unwrap();
    let payment = world.shop.payments()[0].id.clone();
    world.shop.pay(&payment, Card::Ok).unwrap();
    world.hand.advance(DAY * 2);
    reconcile(&world.deps, world.till()).await.unwrap();
    assert_eq!(world.orders(order.id).state, OrderState::Paid);
    assert_eq!(world.shop.payments().len(), 1);
    assert!(world.client(order.client).is_some());
}

#[tokio::test]
async fn nothing_depends_on_notifications() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    world.hand.advance(SignedDuration::from_mins(1));
    reconcile(&world.deps, world.till()).await.unwrap();
    assert_eq!(world.orders(order.id).state, OrderState::Paid);
}

#[tokio::test]
async fn an_order_that_nobody_pays_expires_and_one_that_is_declined_is_canceled() {
    let world = World::begin().await;
    let late = world.order_new("late_bot").await.unwrap();
    let poor = world.order_new("poor_bot").await.unwrap();
    world.shop.pay(paid(&poor).as_str(), Card::Declined("insufficient_funds")).unwrap();
    world.shop.expire(paid(&late).as_str()).unwrap();
    world.hand.advance(SignedDuration::from_mins(61));
    reconcile(&world.deps, world.till()).await.unwrap();
    assert_eq!(world.orders(late.id).state, OrderState::Expired);
    assert_eq!(world.orders(poor.id).state, OrderState::Canceled);
    assert!(world.client(late.client).is_none());
    assert_eq!(queued(&world, "notify"), 2, "both buyers are told");
}

/// D-010: a year was had for a kopeck.
#[tokio::test]
async fn wrong_money_is_held_for_a_person() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    let ten = "10.00".parse().unwrap();
    world.shop.alter(paid(&order).as_str(), |payment| payment.amount = ten).unwrap();
    let recorded = settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    let why = Attention::AmountDiffers;
    assert_eq!(recorded, Recorded::Held(paid(&order).clone(), order.id, order.client, why));
    assert_eq!(world.orders(order.id).state, OrderState::Attention(why));
    let payment = world.payment(paid(&order)).unwrap();
    assert_eq!(payment.state, PaymentState::Attention(why));
    assert!(world.client(order.client).is_none());
    // Seen again, it stays one record.
    let again = settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    assert_eq!(again, Recorded::Unchanged);
}

#[tokio::test]
async fn a_bot_that_another_client_got_first_is_not_sold_twice() {
    let world = World::begin().await;
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let first = world.order(World::wanted(&token, "salon_bot")).await.unwrap();
    let second = world.order(World::wanted(&token, "salon_bot")).await.unwrap();
    for order in [&first, &second] {
        world.shop.pay(paid(order).as_str(), Card::Ok).unwrap();
        settle(&world.deps, world.till(), paid(order)).await.unwrap();
    }
    assert_eq!(world.orders(first.id).state, OrderState::Paid);
    let held = OrderState::Attention(Attention::BotTaken);
    assert_eq!(world.orders(second.id).state, held);
    let third = world.order(World::wanted(&token, "salon_bot")).await;
    assert!(matches!(third, Err(CreateOrderError::BotTaken)));
}

#[tokio::test]
async fn a_refund_in_the_cabinet_takes_its_time_back_once() {
    let world = World::begin().await;
    let client = a_client(&world, "salon_bot").await;
    let order = world.order(Wanted::Extension(client)).await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    let before = world.until(client);
    world.hand.advance(SignedDuration::from_mins(5));
    let half = Some("149.50".parse().unwrap());
    world.shop.refund_in_cabinet(paid(&order).as_str(), half).unwrap();
    world.hand.advance(SignedDuration::from_mins(5));
    for _ in 0..3 {
        sweep_refunds(&world.deps, world.till()).await.unwrap();
    }
    assert_eq!(world.until(client), before - DAY * 15);
    assert_eq!(world.payment(paid(&order)).unwrap().refunded.to_string(), "149.50");
}

#[tokio::test]
async fn a_refund_is_found_however_long_nobody_looked() {
    let world = World::begin().await;
    let client = a_client(&world, "salon_bot").await;
    let payment = world.shop.payments()[0].id.clone();
    sweep_refunds(&world.deps, world.till()).await.unwrap();
    world.shop.refund_in_cabinet(&payment, None).unwrap();
    world.hand.advance(DAY * 10);
    sweep_refunds(&world.deps, world.till()).await.unwrap();
    assert_eq!(world.payment(&payment.parse().unwrap()).unwrap().state, PaymentState::Refunded);
    assert!(world.until(client) <= world.deps.clock.now());
}

#[tokio::test]
async fn a_receipt_by_hand_counts_once() {
    let world = World::begin().await;
    let client = a_client(&world, "salon_bot").await;
    let before = world.until(client);
    let extension = Extension {
        client,
        days: Days::new(30).unwrap(),
        amount: "300.00".parse().unwrap(),
        payment: Some("cash-17".parse().unwrap()),
        by: Actor::Api,
    };
    for applied in [true, false] {
        let extended = extend(&world.deps, world.cause(), extension.clone()).await.unwrap();
        assert_eq!(extended.applied, applied);
    }
    assert_eq!(world.until(client), before + DAY * 30);
    let other = a_client(&world, "other_bot").await;
    let stolen = Extension { client: other, ..extension };
    let refused = extend(&world.deps, world.cause(), stolen).await;
    assert!(matches!(refused, Err(ExtendError::PaymentOfAnother)));
}

/// D-009: any body was believed.
#[tokio::test]
async fn nonsense_is_no_notification_and_foreign_payments_change_nothing() {
    let world = World::begin().await;
    for nonsense in ["", "{}", "null", r#"{"type":"notification"}"#, "\u{0}\u{1}"] {
        let refused = receive(&world.deps, nonsense.into()).await;
        assert!(matches!(refused, Err(ReceiveError::NotANotification(_))), "{nonsense:?}");
    }
    assert_eq!(queued(&world, "settle_payment"), 0);
    let foreign: PaymentId = "2d9c1e77-000f-5000-8000-1d2f0a0b7c11".parse().unwrap();
    let recorded = settle(&world.deps, world.till(), &foreign).await.unwrap();
    assert_eq!(recorded, Recorded::NotOurs(foreign));
}

#[tokio::test]
async fn money_given_back_before_we_hear_of_it_grants_nothing_and_its_buyer_is_told() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    world.shop.refund_in_cabinet(paid(&order).as_str(), None).unwrap();
    settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    assert_eq!(world.payment(paid(&order)).unwrap().state, PaymentState::Refunded);
    assert_eq!(world.until(order.client), world.deps.clock.now());
    assert_eq!(queued(&world, "notify"), 3, "the sale, the payment and the refund");
    settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    assert_eq!(queued(&world, "notify"), 3);
}

#[tokio::test]
async fn a_refund_by_button_gives_money_back_once_though_answers_are_lost() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    world.shop.pay(paid(&order).as_str(), Card::Ok).unwrap();
    settle(&world.deps, world.till(), paid(&order)).await.unwrap();
    let by = Actor::Operator(UserId::new(OPERATOR).unwrap());
    let cause = world.cause();
    let mut asked = Vec::new();
    for _ in 0..2 {
        asked.push(
            refund(&world.deps, cause.clone(), paid(&order).clone(), None, by).await.unwrap(),
        );
    }
    assert_eq!(asked[0], asked[1]);
    world.shop.faults().once(CallKind::CreateRefund, Fault::CutAfter);
    assert!(carry_out(&world.deps, world.till(), asked[0].id).await.is_err());
    for _ in 0..2 {
        carry_out(&world.deps, world.till(), asked[0].id).await.unwrap();
    }
    assert_eq!(world.shop.refunds().len(), 1);
    assert_eq!(world.payment(paid(&order)).unwrap().state, PaymentState::Refunded);
    assert_eq!(world.until(order.client), world.deps.clock.now());
    let more = refund(&world.deps, world.cause(), paid(&order).clone(), None, by).await;
    assert!(matches!(more, Err(RefundError::TooMuch(_))));
}

/// D-167: without a shop, bots were given away.
#[tokio::test]
async fn a_notification_waits_while_no_shop_is_set() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    let deps = Deps { till: None, ..world.deps.clone() };
    let body = format!(
        r#"{{"type":"notification","event":"payment.succeeded","object":{{"id":"{}"}}}}"#,
        paid(&order)
    );
    receive(&deps, body.into_bytes()).await.unwrap();
    let stop = CancellationToken::new();
    let (store, clock) = (deps.store.clone(), deps.clock.clone());
    let options = WorkerOptions::default();
    let worker = run_worker(store, clock, options, stop.clone(), move |payload, attempt, id| {
        perform(deps.clone(), payload, attempt, id)
    });
    let worker = tokio::spawn(worker);
    let job = loop {
        let now = world.deps.clock.now();
        let jobs: Result<_, StoreError> =
            world.deps.store.read(|snap| queue::list(snap, None, 100, now));
        let mut jobs = jobs.unwrap().into_iter();
        let settling = jobs.find(|job| job.kind == "settle_payment").unwrap();
        if settling.error.is_some() {
            break settling;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert!(matches!(job.state, JobState::Waiting | JobState::Queued), "{job:?}");
    assert!(job.error.unwrap().contains("yookassa.shop_id"));
    stop.cancel();
    worker.await.unwrap();
}
