//! The bot of one client: customers book, their owner looks after the business.
//!
//! A customer's way through a booking is written into the buttons, so it needs no memory; each
//! press is checked anew, and so a forged or an old button does no harm. Only the owner's typed
//! answers are steps of a conversation.

mod book;
mod bookings;
mod button;
mod hours;
mod language;
mod menu;
mod owner;
mod paused;
mod services;
mod turn;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use teloxide::Bot;
use teloxide::dispatching::UpdateFilterExt;
use teloxide::dispatching::UpdateHandler;
use teloxide::dptree;
use teloxide::types::{CallbackQuery, Message, Update};

use self::button::{Button, OwnerButton};
use self::menu::Command;
use self::turn::Turn;
use super::BotError;
use super::talk::{Cause, Talk, Toast};
use crate::actions::client_deps::ClientDeps;
use crate::domain::profile::ServiceLevel;
use crate::texts::client as texts;
use crate::texts::client::owner as owner_texts;

/// What the owner was last asked to type. It is kept between two messages, so it holds plain
/// values; each step makes its domain values anew, and so checks them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Nothing.
    #[default]
    Idle,
    /// The name of a service.
    ServiceName,
    /// How long it takes.
    ServiceLength {
        /// What it is called.
        name: String,
    },
    /// What it costs.
    ServicePrice {
        /// What it is called.
        name: String,
        /// How long it takes.
        minutes: u16,
    },
}

/// What a customer's press asks for, as far as the calendar goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A visit that begins then.
    Visit(Timestamp),
    /// That the visit which begins then does not take place.
    NoVisit(Timestamp),
}

/// Returns what the button with this data asks for; the demo's clock goes by it.
pub fn wish(data: &str) -> Option<Wish> {
    match data.parse().ok()? {
        Button::Confirm { start, .. } => Some(Wish::Visit(start)),
        Button::CancelSure(id) => Some(Wish::NoVisit(id.start)),
        _ => None,
    }
}

/// Returns the tree of the bot's flows.
///
/// Its dependencies are [`ClientDeps`] and a [`Bot`] to answer with.
pub fn tree() -> UpdateHandler<BotError> {
    let messages = Update::filter_message().endpoint(said);
    let presses = Update::filter_callback_query().endpoint(pressed);
    dptree::entry().branch(messages).branch(presses)
}

/// Answers a message of a private chat. Groups are not spoken to.
async fn said(
    bot: Bot,
    deps: ClientDeps,
    message: Message,
    talk: Talk<Step>,
    toast: Toast,
    cause: Cause,
) -> Result<(), BotError> {
    let Some(turn) = Turn::of_message(bot, deps, &message, talk, toast, cause)? else {
        return Ok(());
    };
    if let ServiceLevel::Paused(why) = turn.profile.service {
        return paused::said(&turn, why).await;
    }
    match Command::of(message.text().unwrap_or_default(), turn.words) {
        Some(command) => {
            turn.talk.exit();
            obey(&turn, command).await
        }
        None if turn.talk.get() != Step::Idle && turn.is_owner() => {
            services::answer(&turn, message.text()).await
        }
        None => turn.say_with_menu(texts::not_understood(turn.words)).await,
    }
}

/// Does what a command or a button of the menu asks for. The owner's are no commands for others.
async fn obey(turn: &Turn, command: Command) -> Result<(), BotError> {
    match command {
        Command::Start if turn.is_owner() => owner::start(turn).await,
        Command::Start => turn.say_with_menu(texts::greeting(turn.words, &turn.profile)).await,
        Command::Stop => turn.say_with_menu(texts::stopped(turn.words)).await,
        Command::Book => book::begin(turn).await,
        Command::Mine => bookings::list(turn).await,
        Command::About => bookings::about(turn).await,
        Command::Today | Command::Next | Command::Services | Command::Hours | Command::Language
            if !turn.is_owner() =>
        {
            turn.say_with_menu(texts::not_understood(turn.words)).await
        }
        Command::Language => language::ask(turn).await,
        Command::Today => owner::today(turn).await,
        Command::Next => owner::next(turn).await,
        Command::Services => services::list(turn).await,
        Command::Hours => hours::show(turn).await,
    }
}

/// Answers a pressed button.
async fn pressed(
    bot: Bot,
    deps: ClientDeps,
    query: CallbackQuery,
    talk: Talk<Step>,
    toast: Toast,
    cause: Cause,
) -> Result<(), BotError> {
    let Some(turn) = Turn::of_press(bot, deps, &query, talk, toast, cause)? else {
        return Ok(());
    };
    if let ServiceLevel::Paused(why) = turn.profile.service {
        return paused::pressed(&turn, why).await;
    }
    if let Some(Ok(button)) = query.data.as_deref().map(str::parse) {
        return follow(&turn, button).await;
    }
    turn.answer(texts::stale_button(turn.words));
    Ok(())
}

/// Goes where a button leads; each has its place here, or this does not compile.
async fn follow(turn: &Turn, button: Button) -> Result<(), BotError> {
    match button {
        Button::Nothing => {
            turn.answer(texts::not_a_choice(turn.words));
            Ok(())
        }
        Button::Services => book::begin(turn).await,
        Button::Week { service, page } => book::choose_day(turn, service, page).await,
        Button::Day { service, date } => book::choose_time(turn, service, date).await,
        Button::Time { service, start } => book::confirm(turn, service, start).await,
        Button::Confirm { service, start } => book::book(turn, service, start).await,
        Button::Stop => book::stop(turn).await,
        Button::Mine => bookings::list(turn).await,
        Button::Cancel(id) => bookings::ask(turn, id).await,
        Button::CancelSure(id) => bookings::cancel(turn, id).await,
        Button::Owner(button) if turn.is_owner() => follow_owner(turn, button).await,
        Button::Owner(_) => {
            turn.answer(owner_texts::not_yours(turn.words));
            Ok(())
        }
    }
}

async fn follow_owner(turn: &Turn, button: OwnerButton) -> Result<(), BotError> {
    match button {
        OwnerButton::Day(day, kind) => hours::set_day(turn, day, kind).await,
        OwnerButton::Hours(hours) => hours::set(turn, hours).await,
        OwnerButton::HoursDone => hours::done(turn).await,
        OwnerButton::KeepUsual => owner::finish(turn).await,
        OwnerButton::Services => services::list(turn).await,
        OwnerButton::Add => services::ask_name(turn).await,
        OwnerButton::UsualName => services::take_usual_name(turn).await,
        OwnerButton::Length(length) => services::take_length(turn, length).await,
        OwnerButton::NoPrice => services::take_no_price(turn).await,
        OwnerButton::Remove(id) => services::ask_remove(turn, id).await,
        OwnerButton::RemoveSure(id) => services::remove(turn, id).await,
        OwnerButton::Language(locale) => language::set(turn, locale).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_survives_the_trip() {
        let step = Step::ServicePrice { name: "Стрижка".to_owned(), minutes: 45 };
        let bytes = postcard::to_stdvec(&step).unwrap();
        assert_eq!(postcard::from_bytes::<Step>(&bytes).unwrap(), step);
    }
}
