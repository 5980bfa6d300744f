//! A customer looks at the own visits, and cancels one.

use super::button::Button;
use super::turn::{Rows, Turn, button};
use crate::actions::cancel_booking::{self as action, CancelError};
use crate::bots::BotError;
use crate::domain::booking::BookingId;
use crate::store::bookings;
use crate::texts::client as texts;

/// Lists the visits that lie ahead.
pub(super) async fn list(turn: &Turn) -> Result<(), BotError> {
    let now = turn.deps.clock.now();
    let visits = turn.deps.store.read(|snap| bookings::ahead(snap, turn.customer.id, now))?;
    if visits.is_empty() {
        return turn.show(texts::NO_VISITS, Rows::new()).await;
    }
    let row = |(number, booking): (usize, &_)| {
        let label = texts::cancel_button(number + 1, booking, &turn.profile);
        vec![button(label, Button::Cancel(booking.id()))]
    };
    let rows = visits.iter().enumerate().map(row).collect();
    turn.show(texts::my_visits(&visits, &turn.profile, now), rows).await
}

/// Asks whether to cancel a visit.
pub(super) async fn ask(turn: &Turn, id: BookingId) -> Result<(), BotError> {
    match action::check(&turn.deps, id, turn.customer.id) {
        Ok(booking) => {
            let rows = vec![
                vec![button(texts::CANCEL_SURE, Button::CancelSure(id))],
                vec![button(texts::KEEP, Button::Mine)],
            ];
            turn.show(texts::cancel_question(&booking, &turn.profile), rows).await
        }
        Err(err) => refuse(turn, err).await,
    }
}

/// Cancels a visit.
pub(super) async fn cancel(turn: &Turn, id: BookingId) -> Result<(), BotError> {
    match action::cancel(&turn.deps, id, turn.customer.id).await {
        Ok(booking) => turn.show(texts::cancelled(&booking, &turn.profile), Rows::new()).await,
        Err(err) => refuse(turn, err).await,
    }
}

/// Tells of the services and the rules.
pub(super) async fn about(turn: &Turn) -> Result<(), BotError> {
    let (rules, services) = (turn.deps.settings()?.rules, turn.deps.services()?);
    turn.say_with_menu(texts::about(&turn.profile, &services, rules)).await
}

async fn refuse(turn: &Turn, err: CancelError) -> Result<(), BotError> {
    let why = match err {
        CancelError::NotFound => texts::NO_SUCH_VISIT.to_owned(),
        CancelError::AlreadyCancelled => texts::ALREADY_CANCELLED.to_owned(),
        CancelError::Begun => texts::VISIT_BEGUN.to_owned(),
        CancelError::TooLate { booking, cancel_before } => {
            texts::too_late(&booking, &turn.profile, cancel_before)
        }
        CancelError::Store(err) => return Err(err.into()),
    };
    turn.show(why, vec![vec![button(texts::MENU_MINE, Button::Mine)]]).await
}
