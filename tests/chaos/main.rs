//! Chaos: the whole business through the real binary, which is killed at random moments while
//! everything around it fails. At the end every promise must have been kept. See `docs/chaos.md`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails says where")]

mod books;
mod customer;
mod dice;
mod host;
mod owner;
mod person;
mod promises;
mod secrets;
mod world;

use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use owner::{Owner, Story};
use world::World;

/// How long the people may take, in real time, beside what each of them adds.
const PATIENCE: Duration = Duration::from_mins(3);
/// What each story adds to that.
const PATIENCE_EACH: Duration = Duration::from_secs(12);
/// The fewest kills that make a run worth its name.
const FEWEST_KILLS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_promise_survives_kills_and_faults() {
    let plan = world::Plan::of_environment();
    let mut world = World::begin(plan).await.unwrap();
    let played = play(&mut world).await;
    let log = world.host.log().to_owned();
    if let Err(err) = played {
        world.keep();
        panic!("seed {}, log {}:\n{err:?}", plan.seed, log.display());
    }
}

async fn play(world: &mut World) -> anyhow::Result<()> {
    world.begin_failing();
    let stories = world.host.under_kills(world.plan, live(world)).await?;
    world.end_failing();
    world.settle().await.context("the queue does not come to rest")?;
    for story in &stories {
        story.customer.is_answered().await.context("a bot does not answer at the end")?;
    }
    world.host.stop().await.context("the last stop")?;
    let books = books::check(world, &stories).context("the books")?;
    let count = promises::check(world, &books).context("the promises")?;
    world.check_secrets()?;
    println!("seed {}: {} kills, {books}, {count}", world.plan.seed, world.host.kills());
    Ok(())
}

/// What people do while `serve` is killed again and again.
async fn live(world: &World) -> anyhow::Result<Vec<Story>> {
    let stories = tell_stories(world).await.context("the stories")?;
    reminders_come(world, &stories).await.context("the reminders")?;
    while world.host.kills() < FEWEST_KILLS {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(stories)
}

/// Plays all stories at once.
async fn tell_stories(world: &World) -> anyhow::Result<Vec<Story>> {
    let mut playing = JoinSet::new();
    for number in 0..world.plan.stories {
        playing.spawn(Owner::new(world, number).live());
    }
    let within = PATIENCE + PATIENCE_EACH * u32::try_from(world.plan.stories)?;
    let all = tokio::time::timeout(within, async {
        let mut stories = Vec::new();
        while let Some(story) = playing.join_next().await {
            stories.push(story??);
        }
        anyhow::Ok(stories)
    });
    let stories = all.await.context("the stories are not over in time")??;
    ensure!(stories.len() == world.plan.stories);
    Ok(stories)
}

/// Moves the clock to both reminders, and waits until all customers have got them.
async fn reminders_come(world: &World, stories: &[Story]) -> anyhow::Result<()> {
    for (number, hours) in [(1, 24), (2, 2)] {
        world.skip_to(world.visit - SignedDuration::from_hours(hours))?;
        for story in stories {
            story.customer.hears_reminders(number).await?;
        }
    }
    Ok(())
}
