//! News from an operator to all owners.

use slotbox::actions::send_news::{SendNewsError, audience, send_news};
use slotbox::domain::client::{Bot, Client, RuntimeState};
use slotbox::domain::ids::{BotId, ClientId, UserId};
use slotbox::domain::subscription::Subscription;
use slotbox::store::clients;
use slotbox::store::news::{Unwanted, set_unwanted};

use super::world::{OPERATOR, World};

/// Adds a client of this owner, who has begun a chat with the Sales Bot.
async fn have_client(world: &World, number: u8, owner: i64) {
    world.telegram.chat("sales_bot", &world.telegram.person_with_id(owner, "p")).send("/start");
    let now = world.deps.clock.now();
    let client = Client {
        id: ClientId::new(now, [number; 10]),
        company: "Salon".parse().unwrap(),
        owner: UserId::new(owner).unwrap(),
        bot: Bot {
            id: BotId(number.into()),
            username: format!("salon{number}_bot").parse().unwrap(),
        },
        plan: None,
        subscription: Subscription::Trial { until: now },
        runtime: RuntimeState::Running,
        problem: None,
        created_at: now,
    };
    let put = world.deps.store.write(move |txn| clients::put(txn, &client));
    put.await.unwrap();
}

async fn wants(world: &World, owner: i64, unwanted: Unwanted) {
    let owner = UserId::new(owner).unwrap();
    let write = world.deps.store.write(move |txn| set_unwanted(txn, owner, unwanted));
    write.await.unwrap();
}

/// O-28: an owner of several bots hears once, who wants no news hears nothing, and a press that is
/// handled again sends nothing again.
#[tokio::test]
async fn each_owner_who_wants_news_hears_them_once() {
    let world = World::begin().await;
    let operator = UserId::new(OPERATOR).unwrap();
    let text = "Ночью переезжаем".parse().unwrap();
    let nobody = send_news(&world.deps, world.cause(), text, operator).await;
    assert!(matches!(nobody, Err(SendNewsError::Nobody)), "{nobody:?}");
    for (number, owner) in [(1, 301), (2, 301), (3, 302), (4, 303)] {
        have_client(&world, number, owner).await;
    }
    wants(&world, 302, Unwanted::Yes).await;
    assert_eq!(audience(&world.deps).await.unwrap(), 2);

    let cause = world.cause();
    for _ in 0..2 {
        let text = "Ночью переезжаем".parse().unwrap();
        let sent = send_news(&world.deps, cause.clone(), text, operator).await.unwrap();
        assert_eq!(sent, 2);
    }
    wants(&world, 303, Unwanted::Yes).await; // Between the sending and the turn of the message.
    world.work().await;
    let heard = world.said("sales_bot", 301);
    assert_eq!(heard, ["📣 Новости сервиса\n\nНочью переезжаем"]);
    assert!(world.said("sales_bot", 302).is_empty() && world.said("sales_bot", 303).is_empty());

    wants(&world, 302, Unwanted::No).await;
    assert_eq!(audience(&world.deps).await.unwrap(), 2);
}
