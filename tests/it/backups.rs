//! Backups that cannot be made: who hears of it, how often, and that it goes on by itself.

use std::fs;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use slotbox::domain::backup::Record;
use slotbox::domain::client::{Bot, Client, RuntimeState};
use slotbox::domain::ids::{BotId, ClientId, UserId};
use slotbox::domain::subscription::Subscription;
use slotbox::jobs::timetable::{self, Terms};
use slotbox::store::queue::{self, JobState};
use slotbox::store::{StoreError, clients, host_backups};
use tokio_util::sync::CancellationToken;

use super::world::{BEGIN, OPERATOR, OWNER, World};

/// How far the clock goes at once.
const STEP: SignedDuration = SignedDuration::from_mins(5);

fn hours(hours: i64) -> Timestamp {
    BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

/// Puts a client on record whose bot was never started: something to lose.
async fn add_client(world: &World) {
    let client = Client {
        id: ClientId::from_bits(1),
        company: "Salon".parse().unwrap(),
        owner: UserId::new(OWNER).unwrap(),
        bot: Bot { id: BotId(700_001), username: "salon_bot".parse().unwrap() },
        plan: None,
        subscription: Subscription::Active { paid_until: hours(24 * 90) },
        runtime: RuntimeState::None,
        problem: None,
        created_at: hours(0),
    };
    let put = world.deps.store.write::<_, StoreError>(move |txn| clients::put(txn, &client));
    put.await.unwrap();
}

/// Lets time pass until then, a step at a time, and does what is due at each.
async fn pass(world: &World, until: Timestamp) {
    while world.deps.clock.now() < until {
        world.hand.set(world.deps.clock.now() + STEP);
        tokio::time::sleep(Duration::from_millis(10)).await; // The timetable looks at the clock.
        world.work().await;
    }
}

fn record(world: &World) -> Record {
    let read: Result<_, StoreError> = world.deps.store.read(|snap| host_backups::get(snap));
    read.unwrap()
}

/// Counts the backups that were given up.
fn given_up(world: &World) -> usize {
    let now = world.deps.clock.now();
    let jobs = world.deps.store.read(|snap| queue::list(snap, None, 10_000, now)).unwrap();
    let dead = |job: &&queue::JobRecord| job.kind == "back_up_host" && job.state == JobState::Dead;
    jobs.iter().filter(dead).count()
}

/// What the operator has been told of backups.
fn told(world: &World) -> Vec<String> {
    let said = world.said("master_bot", OPERATOR);
    said.into_iter().filter(|it| it.contains("резервную копию сервера")).collect()
}

#[tokio::test]
async fn a_backup_that_is_given_up_is_told_once_a_day_and_the_timetable_goes_on() {
    let world = World::begin().await;
    let operator = world.telegram.person_with_id(OPERATOR, "Olga");
    world.telegram.chat("master_bot", &operator).send("/start");
    add_client(&world).await;
    let place = world.deps.config.server.data_dir.join("backups/vault");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, "something is in the way").unwrap();
    let stop = CancellationToken::new();
    let (store, clock) = (world.deps.store.clone(), world.deps.clock.clone());
    let timetable = timetable::run(store, clock, Terms::of(&world.deps.config), stop.clone());
    let timetable = tokio::spawn(timetable);

    // It is tried again and again within the hour, and nobody is bothered yet.
    pass(&world, hours(1) + SignedDuration::from_mins(30)).await;
    assert_eq!((given_up(&world), told(&world)), (0, vec![]));
    let failure = record(&world).failed.unwrap();
    pass(&world, hours(3)).await;
    assert_eq!(given_up(&world), 1);
    let heard = told(&world);
    assert!(heard.len() == 1 && heard[0].contains(&failure.why), "{heard:?}: {failure:?}");
    assert!(heard[0].contains(&failure.cure), "{heard:?}: {failure:?}");

    // The timetable goes on, and the same day nobody hears it twice; the next day they do.
    pass(&world, hours(10)).await;
    assert_eq!((given_up(&world), told(&world).len()), (2, 1));
    pass(&world, hours(18)).await;
    assert_eq!((given_up(&world), told(&world).len()), (3, 2));
    assert_eq!(record(&world).made, None);

    fs::remove_file(&place).unwrap();
    pass(&world, hours(25)).await;
    let record = record(&world);
    assert!(record.failed.is_none() && record.made.is_some(), "{record:?}");
    assert_eq!((given_up(&world), told(&world).len()), (3, 2));
    stop.cancel();
    timetable.await.unwrap();
}
