//! The owner's first visit, and a look at who comes.

use super::turn::{Rows, Turn};
use super::{hours, services};
use crate::actions::set_up;
use crate::bots::BotError;
use crate::domain::settings::SetUp;
use crate::domain::slots::day_bounds;
use crate::store::bookings;
use crate::texts::client::owner as texts;

/// The most visits in one list; a message has room for them.
const MOST_LISTED: usize = 30;

/// Greets the owner: the first time with the guided set-up, later with the menu.
pub(super) async fn start(turn: &Turn) -> Result<(), BotError> {
    let settings = turn.deps.settings()?;
    match settings.set_up {
        SetUp::Open => hours::begin_set_up(turn, &settings).await,
        SetUp::Done => turn.say_with_menu(texts::menu(turn.words, &turn.profile)).await,
    }
}

/// Ends the set-up as it is.
pub(super) async fn finish(turn: &Turn) -> Result<(), BotError> {
    let settings = set_up::finish(&turn.deps).await?;
    let services = turn.deps.services()?;
    let done = texts::set_up_done(turn.words, &turn.profile, &services, &settings.schedule);
    turn.say_with_menu(done).await
}

/// The second step of the set-up.
pub(super) async fn ask_first_service(turn: &Turn) -> Result<(), BotError> {
    let listed = turn.deps.services()?;
    turn.show(texts::set_up_service(turn.words, &listed), services::first_service_rows(turn.words))
        .await
}

/// Lists the rest of today's visits.
pub(super) async fn today(turn: &Turn) -> Result<(), BotError> {
    let now = turn.deps.clock.now();
    let today = now.to_zoned(turn.profile.zone.clone()).date();
    let Some((_, midnight)) = day_bounds(today, &turn.profile.zone) else {
        return turn.show(texts::nobody_today(turn.words), Rows::new()).await;
    };
    let visits = turn.deps.store.read(|snap| bookings::between(snap, now, midnight))?;
    let visits = &visits[..visits.len().min(MOST_LISTED)];
    if visits.is_empty() {
        return turn.show(texts::nobody_today(turn.words), Rows::new()).await;
    }
    turn.show(
        texts::visits(turn.words, &texts::menu_today(turn.words), visits, &turn.profile),
        Rows::new(),
    )
    .await
}

/// Lists the next visits.
pub(super) async fn next(turn: &Turn) -> Result<(), BotError> {
    let now = turn.deps.clock.now();
    let visits = turn.deps.store.read(|snap| bookings::next(snap, now, MOST_LISTED))?;
    if visits.is_empty() {
        return turn.show(texts::nobody(turn.words), Rows::new()).await;
    }
    turn.show(
        texts::visits(turn.words, &texts::menu_next(turn.words), &visits, &turn.profile),
        Rows::new(),
    )
    .await
}
