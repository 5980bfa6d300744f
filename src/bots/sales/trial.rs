//! A trial: the business's name, then the bot's token; once for each owner and each bot.

use super::counter::Counter;
use super::{Step, token};
use crate::actions::start_trial::{Trial, TrialError, start_trial};
use crate::bots::BotError;
use crate::domain::client::CompanyName;
use crate::domain::order::BOTS_PER_OWNER;
use crate::store::trials;
use crate::texts::sales as texts;
use crate::texts::words::say;

/// How many questions a trial has.
const STEPS: u8 = 2;

/// Asks for the business's name, if the person can have a trial.
pub(super) async fn begin(counter: Counter) -> Result<(), BotError> {
    counter.talk.exit();
    let words = counter.words();
    let Some(days) = counter.deps.config.billing.trial_days else {
        return counter.say(say!(words, "sales-no-trial")).await;
    };
    if counter.deps.store.read(|snap| trials::had_owner(snap, counter.person()))? {
        return counter.say(say!(words, "sales-trial-used")).await;
    }
    if !counter.has_room().await? {
        return Ok(());
    }
    counter.talk.set(Step::TryCompany);
    let heading = texts::trial_heading(words, days);
    counter.say(texts::ask_company(words, &heading, STEPS)).await
}

/// Takes the name and asks for the token.
pub(super) async fn take_company(counter: Counter, text: &str) -> Result<(), BotError> {
    let words = counter.words();
    let Ok(company) = text.parse::<CompanyName>() else {
        return counter.say(say!(words, "sales-bad-company")).await;
    };
    counter.talk.set(Step::TryToken { company: company.as_str().to_owned() });
    counter.say(texts::ask_token(words, &company, STEPS)).await
}

/// Takes the bot's token and starts the trial.
pub(super) async fn take_token(
    counter: Counter,
    company: &str,
    text: &str,
) -> Result<(), BotError> {
    let words = counter.words();
    let Ok(company) = company.parse::<CompanyName>() else {
        counter.talk.set(Step::TryCompany);
        return counter.say(say!(words, "sales-bad-company")).await;
    };
    let Some(taken) = token::take(&counter, text).await? else { return Ok(()) };
    let trial = Trial { owner: counter.person(), company, token: taken.token, bot: taken.bot };
    match start_trial(&counter.deps, counter.cause(), trial).await {
        Ok(client) => {
            counter.talk.exit();
            let until = client.subscription.granted().until;
            let text = texts::trial_begun(words, &client.bot.username, until, counter.zone());
            counter.say(text).await
        }
        Err(TrialError::BotTaken) => counter.say(say!(words, "sales-bot-taken")).await,
        Err(TrialError::HadOne) => had_one(&counter).await,
        Err(TrialError::NotGiven) => {
            counter.talk.exit();
            counter.say(say!(words, "sales-no-trial")).await
        }
        Err(TrialError::TooManyBots) => {
            counter.talk.exit();
            counter.say(say!(words, "sales-too-many-bots", count = BOTS_PER_OWNER)).await
        }
        Err(TrialError::Store(err)) => Err(err.into()),
        Err(err @ (TrialError::KeyReused(_) | TrialError::Random(_) | TrialError::Seal(_))) => {
            Err(BotError::action(err))
        }
    }
}

/// Says whether it is the person or the bot that had a trial: another bot may still have one.
async fn had_one(counter: &Counter) -> Result<(), BotError> {
    let words = counter.words();
    if counter.deps.store.read(|snap| trials::had_owner(snap, counter.person()))? {
        counter.talk.exit();
        return counter.say(say!(words, "sales-trial-used")).await;
    }
    counter.say(say!(words, "sales-trial-used-by-bot")).await
}
