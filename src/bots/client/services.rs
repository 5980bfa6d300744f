//! The owner looks after the services: lists, adds, removes.

use super::Step;
use super::button::{Button, OwnerButton};
use super::turn::{Rows, Turn, button};
use crate::actions::set_up::{self, AddError, RemoveError};
use crate::bots::BotError;
use crate::domain::money::Money;
use crate::domain::service::{Service, ServiceId, ServiceName, Visit, VisitLength};
use crate::domain::settings::SetUp;
use crate::store::services;
use crate::texts::Words;
use crate::texts::client::owner as texts;

/// The lengths to choose from, in minutes; others can be typed.
const LENGTHS: [u16; 6] = [30, 45, 60, 90, 120, 180];

/// Lists the services.
pub(super) async fn list(turn: &Turn) -> Result<(), BotError> {
    let listed = turn.deps.services()?;
    let remove = |service: &Service| {
        vec![button(
            texts::remove_button(turn.words, service),
            owner(OwnerButton::Remove(service.id)),
        )]
    };
    let mut rows: Rows = listed.iter().map(remove).collect();
    rows.push(vec![button(texts::add_service(turn.words), owner(OwnerButton::Add))]);
    turn.show(texts::services(turn.words, &listed), rows).await
}

/// The buttons of the set-up's second step.
pub(super) fn first_service_rows(words: Words) -> Rows {
    vec![
        vec![button(texts::add_service(words), owner(OwnerButton::Add))],
        vec![button(texts::keep_usual(words), owner(OwnerButton::KeepUsual))],
    ]
}

/// Begins a new service.
pub(super) async fn ask_name(turn: &Turn) -> Result<(), BotError> {
    turn.talk.set(Step::ServiceName);
    turn.show(texts::ask_name(turn.words), name_rows(turn.words)).await
}

/// Takes what the owner typed, which may be no text at all.
pub(super) async fn answer(turn: &Turn, text: Option<&str>) -> Result<(), BotError> {
    let text = text.unwrap_or_default();
    match turn.talk.get() {
        Step::Idle => Ok(()),
        Step::ServiceName => match text.parse() {
            Ok(name) => ask_length(turn, &name).await,
            Err(_) => turn.show(texts::bad_name(turn.words), name_rows(turn.words)).await,
        },
        Step::ServiceLength { .. } => match text.parse() {
            Ok(length) => take_length(turn, length).await,
            Err(_) => turn.show(texts::bad_length(turn.words), length_rows(turn.words)).await,
        },
        Step::ServicePrice { .. } => match text.trim().replace(',', ".").parse() {
            Ok(price) => add(turn, price).await,
            Err(_) => turn.show(texts::bad_price(turn.words), price_rows(turn.words)).await,
        },
    }
}

/// Gives the new service the usual name.
pub(super) async fn take_usual_name(turn: &Turn) -> Result<(), BotError> {
    if turn.talk.get() == Step::ServiceName {
        return ask_length(turn, &ServiceName::usual(turn.words.locale())).await;
    }
    stale(turn);
    Ok(())
}

/// Gives the new service its length.
pub(super) async fn take_length(turn: &Turn, length: VisitLength) -> Result<(), BotError> {
    let Step::ServiceLength { name } = turn.talk.get() else {
        stale(turn);
        return Ok(());
    };
    turn.talk.set(Step::ServicePrice { name, minutes: length.minutes() });
    turn.show(texts::ask_price(turn.words), price_rows(turn.words)).await
}

/// Completes the new service without a price.
pub(super) async fn take_no_price(turn: &Turn) -> Result<(), BotError> {
    add(turn, Money::ZERO).await
}

/// Asks whether to remove a service.
pub(super) async fn ask_remove(turn: &Turn, id: ServiceId) -> Result<(), BotError> {
    let Some(service) = turn.deps.store.read(|snap| services::get(snap, id))? else {
        return turn.show(texts::no_such_service(turn.words), back(turn.words)).await;
    };
    let mut rows =
        vec![vec![button(texts::remove_sure(turn.words), owner(OwnerButton::RemoveSure(id)))]];
    rows.extend(back(turn.words));
    turn.show(texts::remove_question(turn.words, &service), rows).await
}

/// Removes a service.
pub(super) async fn remove(turn: &Turn, id: ServiceId) -> Result<(), BotError> {
    let said = match set_up::remove_service(&turn.deps, id).await {
        Ok(service) => texts::service_removed(turn.words, &service),
        Err(RemoveError::NotOffered) => texts::no_such_service(turn.words),
        Err(RemoveError::Last) => texts::last_service(turn.words),
        Err(RemoveError::Store(err)) => return Err(err.into()),
    };
    turn.show(said, back(turn.words)).await
}

async fn ask_length(turn: &Turn, name: &ServiceName) -> Result<(), BotError> {
    turn.talk.set(Step::ServiceLength { name: name.as_str().to_owned() });
    turn.show(texts::ask_length(turn.words), length_rows(turn.words)).await
}

/// Puts the new service on the list, which also ends the set-up.
async fn add(turn: &Turn, price: Money) -> Result<(), BotError> {
    let Step::ServicePrice { name, minutes } = turn.talk.get() else {
        stale(turn);
        return Ok(());
    };
    let (Ok(name), Ok(length)) = (name.parse(), VisitLength::from_minutes(minutes)) else {
        stale(turn); // An older version kept what this one does not take.
        return Ok(());
    };
    let first = turn.deps.settings()?.set_up == SetUp::Open;
    let visit = Visit { name, length, price };
    turn.talk.exit();
    match set_up::add_service(&turn.deps, visit.clone()).await {
        Ok(_) if first => super::owner::finish(turn).await,
        Ok(id) => {
            turn.show(texts::service_added(turn.words, &Service { id, visit }), back(turn.words))
                .await
        }
        Err(AddError::TooMany) => {
            turn.show(texts::too_many_services(turn.words), back(turn.words)).await
        }
        Err(AddError::Store(err)) => Err(err.into()),
    }
}

/// Answers a button of a question that is not open any more.
fn stale(turn: &Turn) {
    turn.answer(crate::texts::client::stale_button(turn.words));
}

fn owner(button: OwnerButton) -> Button {
    Button::Owner(button)
}

fn back(words: Words) -> Rows {
    vec![vec![button(texts::back(words), owner(OwnerButton::Services))]]
}

fn name_rows(words: Words) -> Rows {
    vec![vec![button(texts::usual_name(words), owner(OwnerButton::UsualName))]]
}

fn length_rows(words: Words) -> Rows {
    let lengths = LENGTHS.iter().filter_map(|it| VisitLength::from_minutes(*it).ok());
    let buttons: Vec<_> = lengths
        .map(|length| {
            button(texts::length_button(words, length), owner(OwnerButton::Length(length)))
        })
        .collect();
    buttons.chunks(3).map(<[_]>::to_vec).collect()
}

fn price_rows(words: Words) -> Rows {
    vec![vec![button(texts::no_price(words), owner(OwnerButton::NoPrice))]]
}
