//! A client's life in an operator's hands: pause, resume, restart, give up, remove, and back.

use jiff::Timestamp;
use teloxide::types::InlineKeyboardButton;

use super::clients::show;
use super::{Button, Desk};
use crate::actions::cancel::cancel;
use crate::actions::follow::follow;
use crate::actions::remove::{Force, ask_removal, loss};
use crate::actions::restart::ask_restart;
use crate::actions::resume::resume;
use crate::actions::suspend::{LifeError, suspend};
use crate::actions::undo::{UndoError, undo};
use crate::bots::BotError;
use crate::bots::reply::{button, column, no_buttons};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Subscription;
use crate::store::followed::Followed;
use crate::texts::Words;
use crate::texts::master as texts;
use crate::texts::words::say;

/// The buttons that fit the client's state.
pub(super) fn life_rows(words: Words, client: &Client) -> Vec<Vec<InlineKeyboardButton>> {
    let id = client.id;
    let suspend = button(say!(words, "master-button-suspend"), Button::Suspend(id));
    let resume = button(say!(words, "master-button-resume"), Button::Resume(id));
    let restart = button(say!(words, "master-button-restart"), Button::Restart(id));
    let cancel = button(say!(words, "master-button-cancel-client"), Button::CancelClient(id));
    let remove = button(say!(words, "master-button-remove"), Button::Remove(id));
    match client.subscription {
        Subscription::Trial { .. } | Subscription::Active { .. } | Subscription::Grace { .. } => {
            vec![vec![suspend, restart], vec![cancel, remove]]
        }
        Subscription::Suspended { .. } => vec![vec![resume, restart], vec![cancel, remove]],
        Subscription::Cancelled { .. } | Subscription::Archived { .. } => vec![vec![remove]],
    }
}

pub(super) async fn pause(desk: Desk, client: ClientId) -> Result<(), BotError> {
    match suspend(&desk.deps, desk.cause(), client, desk.actor()).await {
        Ok(client) => show(&desk, &client, Some(say!(desk.words(), "master-suspended"))).await,
        Err(err) => refuse(&desk, err).await,
    }
}

pub(super) async fn go_on(desk: Desk, client: ClientId) -> Result<(), BotError> {
    match resume(&desk.deps, desk.cause(), client, desk.actor()).await {
        Ok(client) => show(&desk, &client, Some(say!(desk.words(), "master-resumed"))).await,
        Err(err) => refuse(&desk, err).await,
    }
}

/// Queues a restart; the message then follows how it goes. Comes from a client's card, and from the
/// notice of a bot that failed.
pub(super) async fn start_anew(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let job = match ask_restart(&desk.deps, desk.cause(), client, desk.actor()).await {
        Ok(job) => job,
        Err(err) => return refuse(&desk, err).await,
    };
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    show(&desk, &client, Some(say!(desk.words(), "master-restarting"))).await?;
    let is_down = client.runtime != crate::domain::client::RuntimeState::Running;
    if let Some(message) = desk.reply.pressed().filter(|_| is_down) {
        let person = desk.reply.person();
        follow(&desk.deps, client.id, Followed { person, message, job }).await?;
    }
    Ok(())
}

/// Asks whether to give the client up.
pub(super) async fn ask_cancel(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    let words = desk.words();
    let yes = button(say!(words, "master-button-cancel-now"), Button::CancelClientNow(client.id));
    let back = button(say!(words, "master-button-back-to-client"), Button::Client(client.id));
    desk.reply.show(texts::confirm_cancel(words, &client), column([yes, back])).await
}

pub(super) async fn give_up(desk: Desk, client: ClientId) -> Result<(), BotError> {
    match cancel(&desk.deps, desk.cause(), client, desk.actor()).await {
        Ok(client) => {
            show(&desk, &client, Some(say!(desk.words(), "master-client-cancelled"))).await
        }
        Err(err) => refuse(&desk, err).await,
    }
}

/// Asks a first time, and offers what can be taken back instead.
pub(super) async fn ask_remove(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    let (words, id) = (desk.words(), client.id);
    let on = button(say!(words, "master-button-remove-on"), Button::RemoveOn(id));
    let suspend = button(say!(words, "master-button-suspend-instead"), Button::Suspend(id));
    let back = button(say!(words, "master-button-back-to-client"), Button::Client(id));
    let serves = matches!(
        client.subscription,
        Subscription::Trial { .. } | Subscription::Active { .. } | Subscription::Grace { .. }
    );
    let buttons = serves.then_some(suspend).into_iter().chain([back, on]);
    desk.reply.show(texts::confirm_remove(words, &client), column(buttons)).await
}

/// Names what is lost for ever, and asks again; the button is another one, in another place.
pub(super) async fn ask_remove_again(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let words = desk.words();
    match loss(&desk.deps, client) {
        Ok(loss) => {
            let text = texts::confirm_remove_for_good(
                words,
                &loss.client,
                loss.bookings,
                loss.unused_until,
                desk.at(),
            );
            let yes = button(say!(words, "master-button-remove-now"), Button::RemoveNow(client));
            let keep = button(say!(words, "master-button-keep"), Button::Client(client));
            desk.reply.show(text, column([yes, keep])).await
        }
        Err(err) => refuse(&desk, err).await,
    }
}

pub(super) async fn take_away(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let known = desk.client(client).await?;
    let Some(known) = known else { return Ok(()) };
    match ask_removal(&desk.deps, desk.cause(), client, Force::Yes, desk.actor()).await {
        Ok(_) => {
            let company = known.company.as_str();
            let text = say!(desk.words(), "master-removing", company = company);
            desk.reply.show(text, no_buttons()).await
        }
        Err(err) => refuse(&desk, err).await,
    }
}

/// Takes the last act on the client back.
pub(super) async fn take_back(desk: Desk, client: ClientId, at: Timestamp) -> Result<(), BotError> {
    let words = desk.words();
    match undo(&desk.deps, desk.cause(), client, at, desk.actor()).await {
        Ok(client) => show(&desk, &client, Some(say!(words, "master-undone"))).await,
        Err(UndoError::UnknownClient) => desk.say(say!(words, "master-client-gone")).await,
        Err(UndoError::Changed) => desk.say(say!(words, "master-undo-changed")).await,
        Err(UndoError::NothingToUndo) => desk.say(say!(words, "master-undo-too-late")).await,
        Err(err @ UndoError::KeyReused(_)) => Err(BotError::action(err)),
        Err(UndoError::Store(err)) => Err(err.into()),
    }
}

/// Says why a client's life does not take the turn that was asked for.
pub(super) async fn refuse(desk: &Desk, err: LifeError) -> Result<(), BotError> {
    let words = desk.words();
    desk.say(match err {
        LifeError::UnknownClient => say!(words, "master-client-gone"),
        LifeError::NothingPaid => say!(words, "master-payment-needed"),
        LifeError::NothingToRun => say!(words, "master-nothing-to-run"),
        LifeError::StillServes => say!(words, "master-still-serves"),
        LifeError::KeyReused(_) => return Err(BotError::action(err)),
        LifeError::Store(err) => return Err(err.into()),
    })
    .await
}
