//! A client's life in an operator's hands: pause, resume, restart, remove.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::case;
use teloxide::types::{CallbackQuery, InlineKeyboardButton, Update};

use super::clients::show;
use super::{Button, Operator};
use crate::actions::remove::{Force, ask_removal, loss};
use crate::actions::restart::ask_restart;
use crate::actions::resume::resume;
use crate::actions::suspend::{LifeError, suspend};
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column, no_buttons};
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Subscription;
use crate::store::clients;
use crate::texts::master as texts;

/// Returns the branch of the bot's tree for clients' lives.
pub(super) fn flow() -> UpdateHandler<BotError> {
    Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Suspend(client)].endpoint(pause))
        .branch(case![Button::Resume(client)].endpoint(go_on))
        .branch(case![Button::Restart(client)].endpoint(start_anew))
        .branch(case![Button::Remove(client)].endpoint(ask))
        .branch(case![Button::RemoveNow(client)].endpoint(take_away))
}

/// The buttons that fit the client's state.
pub(super) fn life_buttons(client: &Client) -> Vec<InlineKeyboardButton> {
    let id = client.id;
    let suspend = button(texts::SUSPEND, Button::Suspend(id));
    let resume = button(texts::RESUME, Button::Resume(id));
    let restart = button(texts::RESTART, Button::Restart(id));
    let remove = button(texts::REMOVE, Button::Remove(id));
    match client.subscription {
        Subscription::Trial { .. } | Subscription::Active { .. } | Subscription::Grace { .. } => {
            vec![suspend, restart, remove]
        }
        Subscription::Suspended { .. } => vec![resume, restart, remove],
        Subscription::Cancelled { .. } => vec![remove],
        Subscription::Archived { .. } => Vec::new(),
    }
}

async fn pause(
    reply: Reply,
    deps: Deps,
    operator: Operator,
    client: ClientId,
) -> Result<(), BotError> {
    match suspend(&deps, client, operator.actor()).await {
        Ok(client) => show(&reply, &deps, &client, Some(texts::SUSPENDED)).await,
        Err(err) => refuse(&reply, err).await,
    }
}

async fn go_on(
    reply: Reply,
    deps: Deps,
    operator: Operator,
    client: ClientId,
) -> Result<(), BotError> {
    match resume(&deps, client, operator.actor()).await {
        Ok(client) => show(&reply, &deps, &client, Some(texts::RESUMED)).await,
        Err(err) => refuse(&reply, err).await,
    }
}

/// Queues a restart. Comes from a client's card, and from the notice of a bot that failed.
async fn start_anew(
    reply: Reply,
    deps: Deps,
    operator: Operator,
    client: ClientId,
) -> Result<(), BotError> {
    match ask_restart(&deps, client, operator.actor()).await {
        Ok(_) => match deps.store.read(|snap| clients::get(snap, client))? {
            Some(client) => show(&reply, &deps, &client, Some(texts::RESTARTING)).await,
            None => reply.say(texts::CLIENT_GONE).await,
        },
        Err(err) => refuse(&reply, err).await,
    }
}

/// Shows what a removal takes away, and asks.
async fn ask(reply: Reply, deps: Deps, client: ClientId) -> Result<(), BotError> {
    match loss(&deps, client) {
        Ok(loss) => {
            let words = texts::confirm_remove(
                &loss.client,
                loss.unused_until,
                &deps.config.server.timezone,
            );
            let yes = button(texts::REMOVE_NOW, Button::RemoveNow(client));
            let back = button(texts::BACK_TO_CLIENT, Button::Client(client));
            reply.show(words, column([yes, back])).await
        }
        Err(err) => refuse(&reply, err).await,
    }
}

async fn take_away(
    reply: Reply,
    deps: Deps,
    operator: Operator,
    client: ClientId,
) -> Result<(), BotError> {
    match ask_removal(&deps, client, Force::Yes, operator.actor()).await {
        Ok(_) => reply.show(texts::REMOVING, no_buttons()).await,
        Err(err) => refuse(&reply, err).await,
    }
}

async fn refuse(reply: &Reply, err: LifeError) -> Result<(), BotError> {
    reply
        .say(match err {
            LifeError::UnknownClient => texts::CLIENT_GONE,
            LifeError::NothingPaid => texts::PAYMENT_NEEDED,
            LifeError::NothingToRun => texts::NOTHING_TO_RUN,
            LifeError::StillServes => texts::STILL_SERVES,
            LifeError::Store(err) => return Err(err.into()),
        })
        .await
}
