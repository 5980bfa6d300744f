//! Adding a client: the bot's token, the owner, the business, the days; then the same message
//! follows how the bot comes up.

use teloxide::types::{InlineKeyboardMarkup, Message};

use super::step::NewDraft;
use super::{Button, Desk, NewBot, Step, jobs, person};
use crate::actions::add_client::{AddClientError, Added, NewClient, add_client};
use crate::actions::follow::follow;
use crate::bots::BotError;
use crate::bots::reply::{button, column, no_buttons};
use crate::deps::Deps;
use crate::domain::client::{Bot, CompanyName};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::domain::token::BotToken;
use crate::external::telegram::CheckError;
use crate::random;
use crate::store::clients;
use crate::store::followed::Followed;
use crate::store::secrets::Sealed;
use crate::texts::master as texts;
use crate::texts::words::say;

/// Asks for the token.
pub(super) async fn begin(desk: Desk) -> Result<(), BotError> {
    desk.talk.set(Step::AddToken);
    desk.say(say!(desk.words(), "master-ask-token")).await
}

/// Reads, hides and checks the token; keeps it sealed.
pub(super) async fn take_token(desk: Desk, message: &Message) -> Result<(), BotError> {
    let words = desk.words();
    let Some(Ok(token)) = message.text().map(str::parse::<BotToken>) else {
        return desk.say(say!(words, "master-bad-token")).await;
    };
    desk.hide_token().await?;
    let deps = &desk.deps;
    let refusal = match deps.telegram.check_token(&token).await {
        Ok(bot) if deps.store.read(|snap| clients::by_bot(snap, bot.id))?.is_some() => {
            say!(words, "master-bot-taken")
        }
        Ok(bot) => {
            let text = texts::ask_owner(words, &bot.username);
            desk.talk.set(Step::AddOwner { bot: seal(deps, &token, &bot)? });
            return desk.say(text).await;
        }
        Err(CheckError::Unauthorized | CheckError::Mismatch) => {
            say!(words, "master-token-refused")
        }
        Err(CheckError::Unreachable(_)) => say!(words, "master-token-unchecked"),
    };
    desk.say(refusal).await
}

fn seal(deps: &Deps, token: &BotToken, bot: &Bot) -> Result<NewBot, BotError> {
    let random = random::bytes().map_err(BotError::action)?;
    let sealed_for = ClientId::new(deps.clock.now(), random);
    let sealed = deps.sealer.seal(sealed_for, token).map_err(BotError::action)?;
    Ok(NewBot {
        username: bot.username.as_str().to_owned(),
        sealed_for: sealed_for.bits(),
        sealed: sealed.as_bytes().to_vec(),
    })
}

fn unseal(deps: &Deps, bot: &NewBot) -> Result<BotToken, BotError> {
    let sealed = Sealed::from_bytes(bot.sealed.clone());
    deps.sealer.open(ClientId::from_bits(bot.sealed_for), &sealed).map_err(BotError::action)
}

pub(super) async fn take_owner(desk: Desk, message: &Message, bot: NewBot) -> Result<(), BotError> {
    let words = desk.words();
    match person::read(message) {
        Ok(owner) => {
            desk.talk.set(Step::AddCompany { bot, owner: owner.get() });
            desk.say(say!(words, "master-ask-company")).await
        }
        Err(nobody) => desk.say(person::explain(words, nobody)).await,
    }
}

pub(super) async fn take_company(
    desk: Desk,
    message: &Message,
    (bot, owner): (NewBot, i64),
) -> Result<(), BotError> {
    let words = desk.words();
    let Some(Ok(company)) = message.text().map(str::parse::<CompanyName>) else {
        return desk.say(say!(words, "master-bad-company")).await;
    };
    desk.talk.set(Step::AddDays { bot, owner, company: company.as_str().to_owned() });
    desk.reply.say_with(say!(words, "master-ask-days"), lengths(&desk)).await
}

/// The lengths that are for sale, and the way out.
pub(super) fn lengths(desk: &Desk) -> InlineKeyboardMarkup {
    let words = desk.words();
    let mut lengths: Vec<_> = desk.deps.config.plans.plans().iter().map(|plan| plan.days).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let days = lengths.into_iter().map(|it| button(words.days(it.get().into()), Button::Days(it)));
    column(days.chain([button(say!(words, "master-button-cancel"), Button::Cancel)]))
}

pub(super) async fn take_written_days(
    desk: Desk,
    message: &Message,
    draft: (NewBot, i64, String),
) -> Result<(), BotError> {
    match message.text().and_then(read_days) {
        Some(days) => take_days(desk, draft, days).await,
        None => desk.say(say!(desk.words(), "master-bad-days")).await,
    }
}

/// Reads a number of days as people write it.
pub(super) fn read_days(text: &str) -> Option<Days> {
    let number = text.split_whitespace().next()?.parse().ok()?;
    Days::new(number).ok()
}

/// Shows what was gathered and asks whether to go on.
pub(super) async fn take_days(
    desk: Desk,
    (bot, owner, company): (NewBot, i64, String),
    days: Days,
) -> Result<(), BotError> {
    let (Ok(name), Ok(username), Ok(person)) =
        (company.parse::<CompanyName>(), bot.username.parse(), UserId::new(owner))
    else {
        return begin(desk).await;
    };
    let text = texts::confirm_client(desk.words(), &name, &username, person, days);
    let asked = desk.update.update;
    desk.talk.set(Step::AddConfirm(NewDraft { bot, owner, company, days: days.get(), asked }));
    desk.reply.show(text, yes_or_no(&desk, asked)).await
}

/// The two answers to a question; the yes belongs to this question only.
pub(super) fn yes_or_no(desk: &Desk, asked: i64) -> InlineKeyboardMarkup {
    let words = desk.words();
    let yes = button(say!(words, "master-button-confirm"), Button::Confirm(asked));
    column([yes, button(say!(words, "master-button-cancel"), Button::Cancel)])
}

/// Adds the client.
pub(super) async fn confirm(desk: Desk, draft: NewDraft) -> Result<(), BotError> {
    let NewDraft { bot, owner, company, days, .. } = draft;
    let (Ok(owner), Ok(company), Ok(days)) =
        (UserId::new(owner), company.parse(), Days::new(days.into()))
    else {
        return begin(desk).await;
    };
    let new = NewClient {
        token: unseal(&desk.deps, &bot)?,
        owner,
        company,
        days,
        amount: Money::ZERO,
        payment: None,
        by: desk.actor(),
    };
    add(desk, new).await
}

async fn add(desk: Desk, new: NewClient) -> Result<(), BotError> {
    let words = desk.words();
    let refusal = match add_client(&desk.deps, desk.cause(), new).await {
        Ok(added) => return show_added(desk, added).await,
        Err(AddClientError::BadToken) => say!(words, "master-token-refused"),
        Err(AddClientError::BotTaken) => say!(words, "master-bot-taken"),
        Err(AddClientError::Unchecked(_)) => {
            return desk.say(say!(words, "master-check-later")).await;
        }
        Err(AddClientError::Store(err)) => return Err(err.into()),
        Err(
            err @ (AddClientError::PaymentOfAnother
            | AddClientError::KeyReused(_)
            | AddClientError::Random(_)
            | AddClientError::Seal(_)),
        ) => return Err(BotError::action(err)),
    };
    desk.talk.set(Step::AddToken);
    desk.say(refusal).await
}

/// Says that the client is added; from then on the message follows its deploy.
async fn show_added(desk: Desk, added: Added) -> Result<(), BotError> {
    let Added { client, job } = added;
    desk.talk.exit();
    let position = jobs::look(&desk.deps).await?.queued.max(1);
    let text = texts::client_added(desk.words(), &client.company, job, position);
    desk.reply.show(text, no_buttons()).await?;
    if let Some(message) = desk.reply.pressed() {
        let person = desk.reply.person();
        follow(&desk.deps, client.id, Followed { person, message, job }).await?;
    }
    Ok(())
}
