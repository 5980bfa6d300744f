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
        return turn.show(texts::no_visits(turn.words), Rows::new()).await;
    }
    let row = |(number, booking): (usize, &_)| {
        let label = texts::cancel_button(turn.words, number + 1, booking, &turn.profile);
        vec![button(label, Button::Cancel(booking.id()))]
    };
    let rows = visits.iter().enumerate().map(row).collect();
    turn.show(texts::my_visits(turn.words, &visits, &turn.profile, now), rows).await
}

/// Asks whether to cancel a visit.
pub(super) async fn ask(turn: &Turn, id: BookingId) -> Result<(), BotError> {
    match action::check(&turn.deps, id, turn.customer.id) {
        Ok(booking) => {
            let rows = vec![
                vec![button(texts::cancel_sure(turn.words), Button::CancelSure(id))],
                vec![button(texts::keep(turn.words), Button::Mine)],
            ];
            turn.show(texts::cancel_question(turn.words, &booking, &turn.profile), rows).await
        }
        Err(err) => refuse(turn, err).await,
    }
}

/// Cancels a visit.
pub(super) async fn cancel(turn: &Turn, id: BookingId) -> Result<(), BotError> {
    match action::cancel(&turn.deps, id, turn.customer.id).await {
        Ok(booking) => {
            turn.show(texts::cancelled(turn.words, &booking, &turn.profile), Rows::new()).await
        }
        Err(err) => refuse(turn, err).await,
    }
}

/// Tells of the services and the rules.
pub(super) async fn about(turn: &Turn) -> Result<(), BotError> {
    let (rules, services) = (turn.deps.settings()?.rules, turn.deps.services()?);
    turn.say_with_menu(texts::about(turn.words, &turn.profile, &services, rules)).await
}

async fn refuse(turn: &Turn, err: CancelError) -> Result<(), BotError> {
    let why = match err {
        CancelError::NotFound => texts::no_such_visit(turn.words),
        CancelError::AlreadyCancelled => texts::already_cancelled(turn.words),
        CancelError::Begun => texts::visit_begun(turn.words),
        CancelError::TooLate { booking, cancel_before } => {
            texts::too_late(turn.words, &booking, &turn.profile, cancel_before)
        }
        CancelError::Store(err) => return Err(err.into()),
    };
    turn.show(why, vec![vec![button(texts::menu_mine(turn.words), Button::Mine)]]).await
}
