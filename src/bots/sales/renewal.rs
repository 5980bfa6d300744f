//! More time for a bot of one's own, in whatever state it is.

use super::button::Button;
use super::counter::Counter;
use super::purchase::email;
use super::{Step, order};
use crate::actions::create_order::Wanted;
use crate::bots::BotError;
use crate::domain::ids::ClientId;
use crate::domain::plan::{Plan, PlanId};
use crate::texts::sales as texts;
use crate::texts::words::say;

/// Shows what the renewal of a bot costs.
pub(super) async fn ask_plan(counter: Counter, client: ClientId) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else { return Ok(()) };
    let text = texts::renew(counter.words(), &client, counter.at());
    counter.reply.show(text, counter.plans(extend(client.id))).await
}

/// Makes the order for a renewal, or asks where its receipt goes.
pub(super) async fn begin(
    counter: Counter,
    client: ClientId,
    plan: &PlanId,
) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else { return Ok(()) };
    let Some(plan) = counter.plan(plan, extend(client.id)).await? else { return Ok(()) };
    if counter.gives_receipts() {
        let plan = plan.id.as_str().to_owned();
        counter.talk.set(Step::RenewEmail { plan, client: client.id.bits() });
        return counter.say(say!(counter.words(), "sales-ask-email-again")).await;
    }
    order::make(&counter, Wanted::Extension(client.id), plan.id, None).await
}

/// Takes the address and makes the order.
pub(super) async fn take_email(
    counter: Counter,
    (plan, client): (String, ClientId),
    text: &str,
) -> Result<(), BotError> {
    let Some(email) = email(text) else {
        return counter.say(say!(counter.words(), "sales-bad-email")).await;
    };
    let Some(client) = counter.client(client).await? else {
        counter.talk.exit();
        return Ok(());
    };
    let Ok(plan) = plan.parse::<PlanId>() else {
        counter.talk.exit();
        return counter.say(say!(counter.words(), "sales-not-yours")).await;
    };
    order::make(&counter, Wanted::Extension(client.id), plan, Some(email)).await
}

/// Returns what a plan's button does where this client is renewed.
fn extend(client: ClientId) -> impl Fn(&Plan) -> Button {
    move |plan| Button::Extend(client, plan.id.clone())
}
