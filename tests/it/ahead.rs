//! Orders of people who press buttons: paid before the bot is there, shown again instead of made
//! twice, and made anew when they were not paid.

use futures::future::join_all;
use jiff::SignedDuration;
use slotbox::actions::connect_bot::{BroughtBot, ConnectError, connect_bot};
use slotbox::actions::create_order::{
    AgainError, CreateOrderError, NewOrder, Wanted, order_again, order_once,
};
use slotbox::actions::notify::notify;
use slotbox::actions::refund::{carry_out, refund};
use slotbox::actions::settle::{Recorded, settle};
use slotbox::domain::actor::Actor;
use slotbox::domain::client::{Bot, Client};
use slotbox::domain::ids::{PaymentId, UserId};
use slotbox::domain::job::Notice;
use slotbox::domain::money::Money;
use slotbox::domain::order::{BOTS_PER_OWNER, OPEN_ORDERS_PER_BUYER, Order, OrderState};
use slotbox::domain::payment::PaymentState;
use slotbox::domain::token::BotToken;
use slotbox::sandbox::yookassa::Card;
use slotbox::store::{StoreError, orders, secrets};

use super::world::{OPERATOR, OWNER, World, new_order};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn payment_of(order: &Order) -> &PaymentId {
    order.payment.as_ref().expect("the order has a payment")
}

fn owner() -> UserId {
    UserId::new(OWNER).unwrap()
}

fn bot_later() -> Wanted {
    Wanted::BotLater("Salon".parse().unwrap())
}

/// Orders a bot that is brought later, and pays.
async fn pay_ahead(world: &World) -> Order {
    let order = world.order(bot_later()).await.unwrap();
    world.shop.pay(payment_of(&order).as_str(), Card::Ok).unwrap();
    let recorded = settle(&world.deps, world.till(), payment_of(&order)).await.unwrap();
    assert_eq!(recorded, Recorded::AwaitsBot(payment_of(&order).clone(), order.id));
    world.orders(order.id)
}

fn brought(world: &World, order: &Order, username: &str) -> BroughtBot {
    let token: BotToken = world.telegram.add_bot("Salon", username).parse().unwrap();
    let bot = Bot { id: token.bot(), username: username.parse().unwrap() };
    BroughtBot { order: order.id, owner: owner(), token, bot }
}

async fn connect(world: &World, brought: BroughtBot) -> Result<Client, ConnectError> {
    connect_bot(&world.deps, world.cause(), brought).await
}

/// The orders that wait for their bots.
fn waiting(world: &World) -> Vec<Order> {
    let all: Result<_, StoreError> = world.deps.store.read(|snap| orders::without_bot(snap));
    all.unwrap()
}

fn has_token(world: &World, order: &Order) -> bool {
    let kept: Result<_, StoreError> =
        world.deps.store.read(|snap| secrets::get(snap, order.client));
    kept.unwrap().is_some()
}

async fn give_back(world: &World, payment: &PaymentId, amount: Option<Money>) {
    let by = Actor::Operator(UserId::new(OPERATOR).unwrap());
    let asked = refund(&world.deps, world.cause(), payment.clone(), amount, by).await.unwrap();
    carry_out(&world.deps, world.till(), asked.id).await.unwrap();
}

/// D-006: what a paid order still lacks is a promise on record, and delivering it loses no day.
#[tokio::test]
async fn days_that_were_paid_ahead_begin_when_the_bot_does() {
    let world = World::begin().await;
    let order = pay_ahead(&world).await;
    assert_eq!(order.state, OrderState::Paid);
    assert!(world.client(order.client).is_none());
    assert_eq!(world.payment(payment_of(&order)).unwrap().client, None);
    world.hand.advance(DAY * 12);

    let client = connect(&world, brought(&world, &order, "salon_bot")).await.unwrap();
    assert_eq!(client.id, order.client, "the id that the order named from the beginning");
    assert_eq!(world.until(client.id), world.deps.clock.now() + DAY * 30);
    let payment = world.payment(payment_of(&order)).unwrap();
    assert_eq!((payment.client, payment.state), (Some(client.id), PaymentState::Settled));
    assert!(has_token(&world, &order) && waiting(&world).is_empty());

    let second = connect(&world, brought(&world, &order, "other_bot")).await;
    assert!(matches!(second, Err(ConnectError::Connected(id)) if id == client.id));
    settle(&world.deps, world.till(), payment_of(&order)).await.unwrap();
    assert_eq!(world.until(client.id), world.deps.clock.now() + DAY * 30, "granted once");
}

#[tokio::test]
async fn a_bot_is_connected_once_however_often_and_by_whom_it_is_asked_for() {
    let world = World::begin().await;
    let order = pay_ahead(&world).await;
    let bot = brought(&world, &order, "salon_bot");
    let stranger = BroughtBot { owner: UserId::new(666).unwrap(), ..bot.clone() };
    assert!(matches!(connect(&world, stranger).await, Err(ConnectError::UnknownOrder)));
    let cause = world.cause();
    let all = (0..8).map(|_| connect_bot(&world.deps, cause.clone(), bot.clone()));
    let clients: Vec<_> = join_all(all).await.into_iter().map(Result::unwrap).collect();
    assert!(clients.iter().all(|client| *client == clients[0]));

    let next = pay_ahead(&world).await;
    let taken = BroughtBot { order: next.id, ..bot };
    assert!(matches!(connect(&world, taken).await, Err(ConnectError::BotTaken)));
    assert_eq!(waiting(&world).len(), 1, "the days still wait");
}

#[tokio::test]
async fn an_order_that_is_not_paid_gets_no_bot() {
    let world = World::begin().await;
    let order = world.order(bot_later()).await.unwrap();
    let early = connect(&world, brought(&world, &order, "salon_bot")).await;
    assert!(matches!(early, Err(ConnectError::NothingWaits)));
    let with_bot = world.order_new("barber_bot").await.unwrap();
    let other = connect(&world, brought(&world, &with_bot, "other_bot")).await;
    assert!(matches!(other, Err(ConnectError::NothingWaits)));
}

/// D-011: money that was given back buys no time, before the bot is there as after it.
#[tokio::test]
async fn a_refund_before_the_bot_is_there_takes_its_days() {
    let world = World::begin().await;
    let order = pay_ahead(&world).await;
    give_back(&world, payment_of(&order), Some("149.50".parse().unwrap())).await;
    let client = connect(&world, brought(&world, &order, "salon_bot")).await.unwrap();
    assert_eq!(world.until(client.id), world.deps.clock.now() + DAY * 15);
    give_back(&world, payment_of(&order), None).await;
    assert_eq!(world.until(client.id), world.deps.clock.now(), "the rest, and no more");

    let order = pay_ahead(&world).await;
    give_back(&world, payment_of(&order), None).await;
    assert!(waiting(&world).is_empty());
    let late = connect(&world, brought(&world, &order, "other_bot")).await;
    assert!(matches!(late, Err(ConnectError::NothingWaits)));
}

#[tokio::test]
async fn money_given_back_before_we_hear_of_it_has_nothing_wait() {
    let world = World::begin().await;
    let order = world.order(bot_later()).await.unwrap();
    world.shop.pay(payment_of(&order).as_str(), Card::Ok).unwrap();
    world.shop.refund_in_cabinet(payment_of(&order).as_str(), None).unwrap();
    settle(&world.deps, world.till(), payment_of(&order)).await.unwrap();
    assert_eq!(world.orders(order.id).state, OrderState::Paid);
    assert!(waiting(&world).is_empty());
}

/// D-033: what is paid for and not delivered is seen by the owner and by the operator.
#[tokio::test]
async fn an_owner_who_has_paid_is_reminded_of_the_bot_until_it_is_there() {
    let world = World::begin().await;
    for bot in ["sales_bot", "master_bot"] {
        for person in [OWNER, OPERATOR] {
            world.telegram.chat(bot, &world.telegram.person_with_id(person, "p")).send("/start");
        }
    }
    let (order, forgotten) = (pay_ahead(&world).await, pay_ahead(&world).await);
    world.work().await;
    let ahead = world.said("sales_bot", OWNER);
    assert_eq!(ahead.len(), 2, "{ahead:?}");
    assert!(ahead[0].contains("30 дней ждут вашего бота"), "{ahead:?}");
    world.hand.advance(DAY);
    world.work().await;
    assert_eq!(world.said("sales_bot", OWNER).len(), 4, "one for each order");
    connect(&world, brought(&world, &order, "salon_bot")).await.unwrap();
    for _ in 0..20 {
        world.hand.advance(DAY);
        world.work().await;
    }
    let reminders = world.said("sales_bot", OWNER);
    let reminders = reminders.iter().filter(|text| text.contains("не успели")).count();
    assert_eq!(reminders, 2 + 4, "no more about the one that came");
    let told = world.said("master_bot", OPERATOR);
    let told: Vec<_> = told.iter().filter(|text| text.contains("неделю назад")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains(&forgotten.id.to_string()), "{told:?}");
}

/// A notice about what has changed since says nothing.
#[tokio::test]
async fn a_reminder_that_comes_late_is_not_given() {
    let world = World::begin().await;
    world.telegram.chat("sales_bot", &world.telegram.person_with_id(OWNER, "p")).send("/start");
    let order = pay_ahead(&world).await;
    connect(&world, brought(&world, &order, "salon_bot")).await.unwrap();
    notify(&world.deps, owner(), &Notice::BringBot(order.id)).await.unwrap();
    assert!(world.said("sales_bot", OWNER).is_empty());
}

#[tokio::test]
async fn a_double_tap_shows_the_same_order() {
    let world = World::begin().await;
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let once = |wanted| order_once(&world.deps, world.cause(), new_order(wanted));
    let wanted = || World::wanted(&token, "salon_bot");
    let orders = join_all([once(wanted()), once(wanted()), once(wanted())]).await;
    let ids: Vec<_> = orders.into_iter().map(|order| order.unwrap().id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(world.shop.payments().len(), 1);

    let ahead = once(bot_later()).await.unwrap();
    assert_eq!(once(bot_later()).await.unwrap().id, ahead.id);
    let other = once(Wanted::BotLater("Barber".parse().unwrap())).await.unwrap();
    assert_ne!(other.id, ahead.id, "another business is another order");
    world.hand.advance(SignedDuration::from_mins(58));
    assert_ne!(once(bot_later()).await.unwrap().id, ahead.id, "too little time to pay is left");
}

#[tokio::test]
async fn what_was_not_paid_is_ordered_again_with_one_button() {
    let world = World::begin().await;
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let order = world.order(World::wanted(&token, "salon_bot")).await.unwrap();
    let again = || order_again(&world.deps, world.cause(), order.id, owner());
    assert_eq!(again().await.unwrap().id, order.id, "it can still be paid");
    let stranger = UserId::new(666).unwrap();
    let refused = order_again(&world.deps, world.cause(), order.id, stranger).await;
    assert!(matches!(refused, Err(AgainError::UnknownOrder)));

    world.shop.expire(payment_of(&order).as_str()).unwrap();
    settle(&world.deps, world.till(), payment_of(&order)).await.unwrap();
    let next = again().await.unwrap();
    assert_ne!(next.id, order.id);
    assert_eq!((&next.subject, next.client), (&order.subject, order.client));
    assert_eq!(again().await.unwrap().id, next.id, "a double tap");
    world.shop.pay(payment_of(&next).as_str(), Card::Ok).unwrap();
    settle(&world.deps, world.till(), payment_of(&next)).await.unwrap();
    assert_eq!(world.until(next.client), world.deps.clock.now() + DAY * 30);
    let after = again().await;
    assert!(matches!(after, Err(AgainError::Create(CreateOrderError::BotTaken))), "{after:?}");
}

#[tokio::test]
async fn the_token_of_an_order_that_was_not_paid_is_kept_for_three_days() {
    let world = World::begin().await;
    let order = world.order_new("salon_bot").await.unwrap();
    world.shop.expire(payment_of(&order).as_str()).unwrap();
    settle(&world.deps, world.till(), payment_of(&order)).await.unwrap();
    world.hand.advance(SignedDuration::from_hours(71));
    world.work().await;
    assert!(has_token(&world, &order));
    let next = order_again(&world.deps, world.cause(), order.id, owner()).await.unwrap();
    world.hand.advance(SignedDuration::from_mins(61));
    world.work().await;
    assert!(has_token(&world, &order), "the open order needs it");
    settle(&world.deps, world.till(), payment_of(&next)).await.unwrap();
    assert_eq!(world.orders(next.id).state, OrderState::Expired);
    world.hand.advance(DAY * 4);
    world.work().await;
    assert!(!has_token(&world, &order));
    let refused = order_again(&world.deps, world.cause(), next.id, owner()).await;
    let Err(AgainError::TokenGone(before)) = refused else { panic!("{refused:?}") };
    assert_eq!(before.company().unwrap().as_str(), "Salon");
}

/// B-23: an owner has so many bots, and leaves so many orders unpaid.
#[tokio::test]
async fn there_are_bounds_to_what_one_person_orders() {
    let world = World::begin().await;
    let paid = pay_ahead(&world).await;
    let client = connect(&world, brought(&world, &paid, "salon_bot")).await.unwrap().id;
    let once = |new| order_once(&world.deps, world.cause(), new);
    let named =
        |number: usize| new_order(Wanted::BotLater(format!("Salon {number}").parse().unwrap()));
    for number in 1..BOTS_PER_OWNER {
        once(named(number)).await.unwrap();
    }
    let refused = once(named(99)).await;
    assert!(matches!(refused, Err(CreateOrderError::TooManyBots)), "{refused:?}");
    assert!(world.order(named(99).wanted).await.is_ok(), "a program has no such bounds");

    let renewal = |plan: &str| {
        let wanted = Wanted::Extension(client);
        once(NewOrder { plan: plan.parse().unwrap(), ..new_order(wanted) })
    };
    assert_eq!(OPEN_ORDERS_PER_BUYER, BOTS_PER_OWNER, "so that the next one is one too many");
    let refused = renewal("1m").await;
    assert!(matches!(refused, Err(CreateOrderError::TooManyOrders)), "{refused:?}");
    world.hand.advance(SignedDuration::from_hours(2));
    for payment in world.shop.payments() {
        settle(&world.deps, world.till(), &payment.id.parse().unwrap()).await.unwrap();
    }
    assert!(renewal("1m").await.is_ok(), "the others are over");
}
