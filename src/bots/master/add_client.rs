//! Adding a client: the bot's token, the owner, the business, the days.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{CallbackQuery, InlineKeyboardMarkup, Message, Update};

use super::menu::look_at_queue;
use super::{Button, NewBot, Operator, Step};
use crate::actions::add_client::{AddClientError, Added, NewClient, add_client};
use crate::actions::cause::Cause;
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column, no_buttons};
use crate::bots::talk::{self, Talk, Toast};
use crate::deps::Deps;
use crate::domain::client::{Bot, CompanyName};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::domain::token::BotToken;
use crate::external::telegram::CheckError;
use crate::random;
use crate::store::clients;
use crate::store::secrets::Sealed;
use crate::texts::master as texts;

/// Returns the branch of the bot's tree for adding a client.
pub(super) fn flow() -> UpdateHandler<BotError> {
    let pressed = Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(
            case![Button::Days(days)]
                .branch(case![Step::AddDays { bot, owner, company }].endpoint(take_days)),
        )
        .branch(case![Button::Confirm(asked)].branch(
            case![Step::AddConfirm { bot, owner, company, days, asked }].endpoint(confirm),
        ));
    let written = Update::filter_message()
        .branch(case![Step::AddToken].endpoint(take_token))
        .branch(case![Step::AddOwner { bot }].endpoint(take_owner))
        .branch(case![Step::AddCompany { bot, owner }].endpoint(take_company))
        .branch(case![Step::AddDays { bot, owner, company }].endpoint(take_written_days))
        .branch(
            case![Step::AddConfirm { bot, owner, company, days, asked }].endpoint(press_a_button),
        );
    dptree::entry().branch(pressed).branch(written)
}

/// Asks for the token.
pub(super) async fn begin(reply: Reply, talk: Talk<Step>) -> Result<(), BotError> {
    talk.set(Step::AddToken);
    reply.say(texts::ASK_TOKEN).await
}

/// Reads, hides and checks the token; keeps it sealed.
async fn take_token(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
) -> Result<(), BotError> {
    let Some(Ok(token)) = message.text().map(str::parse::<BotToken>) else {
        return reply.say(texts::BAD_TOKEN).await;
    };
    let hidden = reply.forget_message().await;
    reply.say(if hidden { texts::TOKEN_DELETED } else { texts::DELETE_TOKEN }).await?;
    let refusal = match deps.telegram.check_token(&token).await {
        Ok(bot) if deps.store.read(|snap| clients::by_bot(snap, bot.id))?.is_some() => {
            texts::BOT_TAKEN
        }
        Ok(bot) => {
            let words = texts::ask_owner(&bot.username);
            talk.set(Step::AddOwner { bot: seal(&deps, &token, &bot)? });
            return reply.say(words).await;
        }
        Err(CheckError::Unauthorized | CheckError::Mismatch) => texts::TOKEN_REFUSED,
        Err(CheckError::Unreachable(_)) => texts::TOKEN_UNCHECKED,
    };
    reply.say(refusal).await
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

async fn take_owner(
    reply: Reply,
    talk: Talk<Step>,
    message: Message,
    bot: NewBot,
) -> Result<(), BotError> {
    let number = message.text().and_then(|text| text.trim().parse().ok());
    let Some(owner) = number.and_then(|number| UserId::new(number).ok()) else {
        return reply.say(texts::BAD_OWNER).await;
    };
    talk.set(Step::AddCompany { bot, owner: owner.get() });
    reply.say(texts::ASK_COMPANY).await
}

async fn take_company(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    (bot, owner): (NewBot, i64),
) -> Result<(), BotError> {
    let Some(Ok(company)) = message.text().map(str::parse::<CompanyName>) else {
        return reply.say(texts::BAD_COMPANY).await;
    };
    talk.set(Step::AddDays { bot, owner, company: company.as_str().to_owned() });
    reply.say_with(texts::ASK_DAYS, lengths(&deps)).await
}

/// The lengths that are for sale, and the way out.
pub(super) fn lengths(deps: &Deps) -> InlineKeyboardMarkup {
    let mut lengths: Vec<_> = deps.config.plans.plans().iter().map(|plan| plan.days).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let days =
        lengths.into_iter().map(|it| button(crate::texts::days(it.get().into()), Button::Days(it)));
    column(days.chain([button(texts::CANCEL, Button::Cancel)]))
}

async fn take_written_days(
    reply: Reply,
    talk: Talk<Step>,
    message: Message,
    cause: talk::Cause,
    draft: (NewBot, i64, String),
) -> Result<(), BotError> {
    match message.text().and_then(read_days) {
        Some(days) => take_days(reply, talk, cause, draft, days).await,
        None => reply.say(texts::BAD_DAYS).await,
    }
}

/// Reads a number of days as people write it.
pub(super) fn read_days(text: &str) -> Option<Days> {
    let number = text.split_whitespace().next()?.parse().ok()?;
    Days::new(number).ok()
}

/// Shows what was gathered and asks whether to go on.
async fn take_days(
    reply: Reply,
    talk: Talk<Step>,
    cause: talk::Cause,
    (bot, owner, company): (NewBot, i64, String),
    days: Days,
) -> Result<(), BotError> {
    let (Ok(name), Ok(username), Ok(person)) =
        (company.parse::<CompanyName>(), bot.username.parse(), UserId::new(owner))
    else {
        talk.set(Step::AddToken);
        return reply.say(texts::ASK_TOKEN).await;
    };
    let words = texts::confirm_client(&name, &username, person, days);
    let asked = cause.update;
    talk.set(Step::AddConfirm { bot, owner, company, days: days.get(), asked });
    reply.show(words, yes_or_no(asked)).await
}

/// The two answers to a question; the yes belongs to this question only.
pub(super) fn yes_or_no(asked: i64) -> InlineKeyboardMarkup {
    let yes = button(texts::CONFIRM, Button::Confirm(asked));
    column([yes, button(texts::CANCEL, Button::Cancel)])
}

async fn press_a_button(reply: Reply) -> Result<(), BotError> {
    reply.say(texts::PRESS_A_BUTTON).await
}

/// Adds the client.
#[expect(clippy::too_many_arguments, reason = "each is a thing of its own in the tree")]
async fn confirm(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    toast: Toast,
    operator: Operator,
    cause: talk::Cause,
    (bot, owner, company, days, asked): (NewBot, i64, String, u16, i64),
    pressed: i64,
) -> Result<(), BotError> {
    if pressed != asked {
        toast.say(texts::STALE);
        return Ok(());
    }
    let (Ok(owner), Ok(company), Ok(days)) =
        (UserId::new(owner), company.parse(), Days::new(days.into()))
    else {
        return begin(reply, talk).await;
    };
    let new = NewClient {
        token: unseal(&deps, &bot)?,
        owner,
        company,
        days,
        amount: Money::ZERO,
        payment: None,
        by: operator.actor(),
    };
    add(&reply, &deps, &talk, cause, new).await
}

async fn add(
    reply: &Reply,
    deps: &Deps,
    talk: &Talk<Step>,
    cause: talk::Cause,
    new: NewClient,
) -> Result<(), BotError> {
    let refusal = match add_client(deps, Cause::new(cause.to_string()), new).await {
        Ok(Added { client, job }) => {
            talk.exit();
            let position = look_at_queue(deps).await?.queued.max(1);
            let words = texts::client_added(&client.company, job, position);
            return reply.show(words, no_buttons()).await;
        }
        Err(AddClientError::BadToken) => texts::TOKEN_REFUSED,
        Err(AddClientError::BotTaken) => texts::BOT_TAKEN,
        Err(AddClientError::Unchecked(_)) => return reply.say(texts::CHECK_LATER).await,
        Err(AddClientError::Store(err)) => return Err(err.into()),
        Err(
            err @ (AddClientError::PaymentOfAnother
            | AddClientError::KeyReused(_)
            | AddClientError::Random(_)
            | AddClientError::Seal(_)),
        ) => return Err(BotError::action(err)),
    };
    talk.set(Step::AddToken);
    reply.say(refusal).await
}
