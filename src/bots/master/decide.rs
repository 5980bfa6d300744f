//! An operator's word on a payment that waits: grant it, or close it.

use teloxide::types::Message;

use super::clients::{find, offer};
use super::{Button, Desk, Step, orders};
use crate::actions::decide::{
    DecideError, Granted, Target, dismiss, grant_held, natural_target, reopen,
};
use crate::bots::BotError;
use crate::bots::reply::{button, column, no_buttons};
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::payment::{Payment, PaymentState};
use crate::store::{clients, payments};
use crate::texts::master as texts;
use crate::texts::words::say;

/// Asks whether to grant the payment to the chosen client, or to whom its order says.
pub(super) async fn ask_grant(
    desk: Desk,
    id: &PaymentId,
    to: Option<ClientId>,
) -> Result<(), BotError> {
    let Some(payment) = held(&desk, id).await? else { return Ok(()) };
    let now = desk.now();
    let target = desk.deps.store.read(|snap| match to {
        Some(to) => Ok(clients::get(snap, to)?.map(|client| Target::Client(Box::new(client)))),
        None => natural_target(snap, &payment, now),
    })?;
    let words = desk.words();
    let text = match (target, to) {
        (Some(Target::Client(client)), _) => {
            let until = client.subscription.extend(payment.days.length(), now).granted_until();
            texts::confirm_grant(words, &payment, &client, (until, desk.zone()))
        }
        (Some(Target::Ahead), _) => texts::confirm_grant_ahead(words, &payment),
        (None, Some(_)) => return desk.say(say!(words, "master-client-gone")).await,
        (None, None) => return ask_grantee(desk, id).await,
    };
    let asked = desk.update.update;
    let (payment_id, to) = (id.to_string(), to.map(ClientId::bits));
    desk.talk.set(Step::GrantConfirm { payment: payment_id, client: to, asked });
    let yes = button(say!(words, "master-button-confirm"), Button::Confirm(asked));
    let no = button(say!(words, "master-button-cancel"), Button::HeldOne(id.clone()));
    desk.reply.show(text, column([yes, no])).await
}

/// Asks who gets the payment's time.
pub(super) async fn ask_grantee(desk: Desk, id: &PaymentId) -> Result<(), BotError> {
    let Some(payment) = held(&desk, id).await? else { return Ok(()) };
    desk.talk.set(Step::GrantSearch { payment: id.to_string() });
    desk.say(texts::ask_grantee(desk.words(), payment.days)).await
}

pub(super) async fn take_grantee(
    desk: Desk,
    message: &Message,
    payment: String,
) -> Result<(), BotError> {
    let Some(text) = message.text() else {
        return desk.say(say!(desk.words(), "master-text-only")).await;
    };
    let found = find(&desk, text).await?;
    if let ([client], Ok(payment)) = (found.as_slice(), payment.parse()) {
        return ask_grant(desk, &payment, Some(client.id)).await;
    }
    offer(&desk, &found, Button::GrantTo).await
}

/// Takes the client that was chosen of those that were found.
pub(super) async fn pick_grantee(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Step::GrantSearch { payment } = desk.talk.get() else {
        desk.stale();
        return Ok(());
    };
    match payment.parse() {
        Ok(payment) => ask_grant(desk, &payment, Some(client)).await,
        Err(_) => desk.say(say!(desk.words(), "master-no-payment")).await,
    }
}

/// Grants the payment.
pub(super) async fn confirm(
    desk: Desk,
    payment: String,
    to: Option<ClientId>,
) -> Result<(), BotError> {
    desk.talk.exit();
    let words = desk.words();
    let Ok(payment) = payment.parse() else {
        return desk.say(say!(words, "master-no-payment")).await;
    };
    match grant_held(&desk.deps, desk.cause(), payment, to, desk.actor()).await {
        Ok(Granted { payment, client: None }) => {
            desk.reply.show(texts::granted_ahead(words, &payment), no_buttons()).await
        }
        Ok(Granted { payment, client: Some(client) }) => {
            let text = texts::granted(words, &payment, &client, desk.zone());
            let card = button(say!(words, "master-button-card"), Button::Client(client.id));
            desk.reply.show(text, column([card])).await
        }
        Err(err) => refuse(&desk, err).await,
    }
}

/// Asks why the payment shall grant nothing.
pub(super) async fn ask_note(desk: Desk, id: &PaymentId) -> Result<(), BotError> {
    let Some(payment) = held(&desk, id).await? else { return Ok(()) };
    let words = desk.words();
    desk.talk.set(Step::DismissNote { payment: id.to_string() });
    let plain = button(say!(words, "master-button-dismiss-plain"), Button::DismissNow(id.clone()));
    let no = button(say!(words, "master-button-cancel"), Button::Cancel);
    desk.reply.say_with(texts::ask_note(words, &payment), column([plain, no])).await
}

pub(super) async fn take_note(
    desk: Desk,
    message: &Message,
    payment: String,
) -> Result<(), BotError> {
    let words = desk.words();
    let Some(note) = message.text() else {
        return desk.say(say!(words, "master-text-only")).await;
    };
    match payment.parse() {
        Ok(payment) => close(desk, payment, note).await,
        Err(_) => desk.say(say!(words, "master-no-payment")).await,
    }
}

/// Closes the payment without a note.
pub(super) async fn dismiss_plain(desk: Desk, payment: PaymentId) -> Result<(), BotError> {
    close(desk, payment, "").await
}

async fn close(desk: Desk, payment: PaymentId, note: &str) -> Result<(), BotError> {
    desk.talk.exit();
    let words = desk.words();
    match dismiss(&desk.deps, desk.cause(), payment, note, desk.actor()).await {
        Ok(payment) => {
            let text = texts::dismissed(words, &payment);
            let undo = button(say!(words, "master-button-reopen"), Button::Reopen(payment.id));
            desk.reply.show(text, column([undo])).await
        }
        Err(err) => refuse(&desk, err).await,
    }
}

/// Has the payment wait for a decision again.
pub(super) async fn take_back(desk: Desk, payment: PaymentId) -> Result<(), BotError> {
    match reopen(&desk.deps, desk.cause(), payment, desk.actor()).await {
        Ok(payment) => orders::held_one(desk, &payment.id).await,
        Err(err) => refuse(&desk, err).await,
    }
}

/// Finds a payment that waits, or says that it does not.
async fn held(desk: &Desk, id: &PaymentId) -> Result<Option<Payment>, BotError> {
    let words = desk.words();
    let payment = desk.deps.store.read(|snap| payments::get(snap, id))?;
    match payment {
        Some(payment) if matches!(payment.state, PaymentState::Attention(_)) => Ok(Some(payment)),
        Some(_) => desk.say(say!(words, "master-decided")).await.map(|()| None),
        None => desk.say(say!(words, "master-no-payment")).await.map(|()| None),
    }
}

async fn refuse(desk: &Desk, err: DecideError) -> Result<(), BotError> {
    let words = desk.words();
    let text = match err {
        DecideError::UnknownPayment => say!(words, "master-no-payment"),
        DecideError::Decided => say!(words, "master-decided"),
        DecideError::BeingRefunded => say!(words, "master-being-refunded"),
        DecideError::NeedsClient | DecideError::UnknownClient => {
            say!(words, "master-client-gone")
        }
        DecideError::Store(err) => return Err(err.into()),
        DecideError::KeyReused(_) => return Err(BotError::action(err)),
    };
    desk.reply.show(text, no_buttons()).await
}
