//! An owner's bots: how they stand, and their renewal.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{CallbackQuery, InlineKeyboardMarkup, Message, Update};

use super::Step;
use super::button::Button;
use super::purchase::{self, is_email};
use crate::actions::create_order::Wanted;
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column};
use crate::bots::talk::{Cause, Talk};
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::plan::PlanId;
use crate::domain::subscription::Subscription;
use crate::store::{StoreError, clients};
use crate::texts::sales as texts;

/// How many bots one message lists.
const SHOWN: usize = 20;

/// Returns the branch of the bot's tree for an owner's bots.
pub(super) fn flow() -> UpdateHandler<BotError> {
    let pressed = Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Renew(client)].endpoint(renew))
        .branch(case![Button::Extend(client, plan)].endpoint(extend));
    let written = Update::filter_message()
        .branch(case![Step::RenewEmail { plan, client }].endpoint(take_email));
    dptree::entry().branch(pressed).branch(written)
}

/// Lists the person's bots.
pub(super) async fn show(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    let mut bots = deps.store.read(|snap| clients::by_owner(snap, reply.person()))?;
    bots.retain(|client| !matches!(client.subscription, Subscription::Archived { .. }));
    bots.truncate(SHOWN);
    if bots.is_empty() {
        let trial = deps.config.billing.trial_days.map(|_| button(texts::TRY, Button::Try));
        let buttons = trial.into_iter().chain([button(texts::BUY, Button::Plans)]);
        return reply.say_with(texts::NO_BOTS, column(buttons)).await;
    }
    let words = texts::my_bots(&bots, deps.clock.now(), &deps.config.server.timezone);
    let renew = bots.iter().map(|it| button(texts::renew_button(it), Button::Renew(it.id)));
    reply.say_with(words, column(renew)).await
}

/// Shows what the renewal of a bot costs.
async fn renew(reply: Reply, deps: Deps, client: ClientId) -> Result<(), BotError> {
    let Some(client) = owned(&reply, &deps, client)? else {
        return reply.say(texts::NOT_YOURS).await;
    };
    let words = texts::renew(&client, deps.clock.now(), &deps.config.server.timezone);
    reply.show(words, plans_for(&deps, client.id)).await
}

/// Makes the order for a renewal, or asks where its receipt goes.
async fn extend(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    cause: Cause,
    (client, plan): (ClientId, PlanId),
) -> Result<(), BotError> {
    let Some(client) = owned(&reply, &deps, client)? else {
        return reply.say(texts::NOT_YOURS).await;
    };
    if deps.config.plans.get(&plan).is_none() {
        return reply.show(texts::PLAN_GONE, plans_for(&deps, client.id)).await;
    }
    if deps.config.yookassa.receipt.is_some() {
        talk.set(Step::RenewEmail { plan: plan.as_str().to_owned(), client: client.id.bits() });
        return reply.say(texts::ASK_EMAIL).await;
    }
    purchase::order(&reply, &deps, &talk, cause, Wanted::Extension(client.id), plan, None).await
}

async fn take_email(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    cause: Cause,
    (plan, client): (String, u128),
) -> Result<(), BotError> {
    let Some(email) = message.text().map(str::trim).filter(|text| is_email(text)) else {
        return reply.say(texts::BAD_EMAIL).await;
    };
    let client = owned(&reply, &deps, ClientId::from_bits(client))?;
    let (Some(client), Ok(plan)) = (client, plan.parse::<PlanId>()) else {
        talk.exit();
        return reply.say(texts::NOT_YOURS).await;
    };
    let wanted = Wanted::Extension(client.id);
    purchase::order(&reply, &deps, &talk, cause, wanted, plan, Some(email.to_owned())).await
}

/// Returns the client, if it is this person's.
fn owned(reply: &Reply, deps: &Deps, client: ClientId) -> Result<Option<Client>, StoreError> {
    let client = deps.store.read(|snap| clients::get(snap, client))?;
    Ok(client.filter(|client| client.owner == reply.person()))
}

fn plans_for(deps: &Deps, client: ClientId) -> InlineKeyboardMarkup {
    let plans = deps.config.plans.plans().iter();
    column(
        plans.map(|plan| button(texts::plan_button(plan), Button::Extend(client, plan.id.clone()))),
    )
}
