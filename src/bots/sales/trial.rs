//! A trial: the business's name, then the bot's token; once for each owner and each bot.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{CallbackQuery, Message, Update};

use super::button::Button;
use super::{Step, token};
use crate::actions::cause::Cause;
use crate::actions::start_trial::{Trial, TrialError, start_trial};
use crate::bots::BotError;
use crate::bots::reply::Reply;
use crate::bots::talk::{self, Talk};
use crate::deps::Deps;
use crate::domain::client::CompanyName;
use crate::store::trials;
use crate::texts::sales as texts;

/// Returns the branch of the bot's tree for trials.
pub(super) fn flow() -> UpdateHandler<BotError> {
    let pressed = Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Try].endpoint(begin));
    let written = Update::filter_message()
        .branch(case![Step::TryCompany].endpoint(take_company))
        .branch(case![Step::TryToken { company }].endpoint(take_token));
    dptree::entry().branch(pressed).branch(written)
}

/// Asks for the business's name, if the person can have a trial.
pub(super) async fn begin(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    let Some(days) = deps.config.billing.trial_days else {
        return reply.say(texts::NO_TRIAL).await;
    };
    if deps.store.read(|snap| trials::had_owner(snap, reply.person()))? {
        return reply.say(texts::TRIAL_USED).await;
    }
    talk.set(Step::TryCompany);
    reply.say(texts::ask_company(&texts::trial_heading(days))).await
}

async fn take_company(reply: Reply, talk: Talk<Step>, message: Message) -> Result<(), BotError> {
    let Some(text) = message.text() else { return reply.say(texts::TEXT_ONLY).await };
    let Ok(company) = text.parse::<CompanyName>() else {
        return reply.say(texts::NAME_TOO_LONG).await;
    };
    talk.set(Step::TryToken { company: company.as_str().to_owned() });
    reply.say(texts::ask_token(&company)).await
}

/// Takes the bot's token and starts the trial.
async fn take_token(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    cause: talk::Cause,
    company: String,
) -> Result<(), BotError> {
    let Some(text) = message.text() else { return reply.say(texts::TEXT_ONLY).await };
    let Ok(company) = company.parse::<CompanyName>() else {
        talk.set(Step::TryCompany);
        return reply.say(texts::NAME_TOO_LONG).await;
    };
    let Some(checked) = token::take(&reply, &deps, text).await? else { return Ok(()) };
    let trial = Trial { owner: reply.person(), company, token: checked.token, bot: checked.bot };
    let zone = &deps.config.server.timezone;
    match start_trial(&deps, Cause::new(cause.to_string()), trial).await {
        Ok(client) => {
            talk.exit();
            let until = client.subscription.granted_until().unwrap_or(client.created_at);
            reply.say(texts::trial_begun(&client.bot.username, until, zone)).await
        }
        Err(TrialError::BotTaken) => reply.say(texts::BOT_TAKEN).await,
        Err(TrialError::HadOne) => had_one(&reply, &deps, &talk).await,
        Err(TrialError::NotGiven) => {
            talk.exit();
            reply.say(texts::NO_TRIAL).await
        }
        Err(TrialError::Store(err)) => Err(err.into()),
        Err(
            err @ (TrialError::TooManyBots
            | TrialError::KeyReused(_)
            | TrialError::Random(_)
            | TrialError::Seal(_)),
        ) => Err(BotError::action(err)),
    }
}

/// Says whether it is the person or the bot that had a trial: another bot may still have one.
async fn had_one(reply: &Reply, deps: &Deps, talk: &Talk<Step>) -> Result<(), BotError> {
    if deps.store.read(|snap| trials::had_owner(snap, reply.person()))? {
        talk.exit();
        return reply.say(texts::TRIAL_USED).await;
    }
    reply.say(texts::TRIAL_USED_BY_BOT).await
}
