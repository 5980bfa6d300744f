//! A payment that an operator took by hand: who, for how long, how much.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{CallbackQuery, InlineKeyboardMarkup, Message, Update};

use super::add_client::{lengths, read_days, yes_or_no};
use super::{Button, Operator, Step};
use crate::actions::cause::Cause;
use crate::actions::extend::{ExtendError, Extension, extend};
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column, no_buttons};
use crate::bots::talk::{self, Talk, Toast};
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::domain::subscription::Subscription;
use crate::store::{StoreError, clients};
use crate::texts::master as texts;

/// How many clients a search shows.
const SHOWN: usize = 10;

/// Returns the branch of the bot's tree for manual payments.
pub(super) fn flow() -> UpdateHandler<BotError> {
    let pressed = Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Pay(client)].endpoint(take_client))
        .branch(
            case![Button::Days(days)].branch(case![Step::PayDays { client }].endpoint(take_days)),
        )
        .branch(
            case![Button::Amount(amount)]
                .branch(case![Step::PayAmount { client, days }].endpoint(take_amount)),
        )
        .branch(
            case![Button::Confirm(asked)]
                .branch(case![Step::PayConfirm { client, days, kopecks, asked }].endpoint(confirm)),
        );
    let written = Update::filter_message()
        .branch(case![Step::PaySearch].endpoint(search))
        .branch(case![Step::PayDays { client }].endpoint(take_written_days))
        .branch(case![Step::PayAmount { client, days }].endpoint(take_written_amount))
        .branch(case![Step::PayConfirm { client, days, kopecks, asked }].endpoint(press_a_button));
    dptree::entry().branch(pressed).branch(written)
}

/// Asks who has paid.
pub(super) async fn begin(reply: Reply, talk: Talk<Step>) -> Result<(), BotError> {
    talk.set(Step::PaySearch);
    reply.say(texts::ASK_CLIENT).await
}

async fn search(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
) -> Result<(), BotError> {
    let Some(text) = message.text() else { return reply.say(texts::TEXT_ONLY).await };
    let found = find(&deps, text).await?;
    match found.as_slice() {
        [] => reply.say(texts::NO_SUCH_CLIENT).await,
        [client] => take_client(reply, deps, talk, client.id).await,
        several => {
            let zone = &deps.config.server.timezone;
            let shown = several.iter().take(SHOWN);
            let words = texts::several(several.len(), shown.len());
            let pick = shown.map(|it| button(texts::client_button(it, zone), Button::Pay(it.id)));
            reply.say_with(words, column(pick)).await
        }
    }
}

/// Returns the clients that a person may mean: by id, by bot, or by a part of the name.
async fn find(deps: &Deps, text: &str) -> Result<Vec<Client>, StoreError> {
    let wanted = text.trim().trim_start_matches('@').to_lowercase();
    let means = move |client: &Client| {
        client.id.to_string() == wanted
            || client.bot.username.as_str().to_lowercase() == wanted
            || client.company.as_str().to_lowercase().contains(&wanted)
    };
    let mut found = deps.store.scan(|snap| clients::list(snap, None, usize::MAX)).await?;
    found.retain(|client| means(client) && !is_archived(client));
    Ok(found)
}

const fn is_archived(client: &Client) -> bool {
    matches!(client.subscription, Subscription::Archived { .. })
}

/// Asks for how long the client has paid.
async fn take_client(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    client: ClientId,
) -> Result<(), BotError> {
    let Some(client) = deps.store.read(|snap| clients::get(snap, client))? else {
        return reply.say(texts::CLIENT_GONE).await;
    };
    talk.set(Step::PayDays { client: client.id.bits() });
    let words = texts::ask_paid_days(&client, deps.clock.now(), &deps.config.server.timezone);
    reply.say_with(words, lengths(&deps)).await
}

async fn take_written_days(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    client: u128,
) -> Result<(), BotError> {
    match message.text().and_then(read_days) {
        Some(days) => take_days(reply, deps, talk, client, days).await,
        None => reply.say(texts::BAD_DAYS).await,
    }
}

/// Asks how much was paid, and offers what the price list says.
async fn take_days(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    client: u128,
    days: Days,
) -> Result<(), BotError> {
    talk.set(Step::PayAmount { client, days: days.get() });
    reply.show(texts::ask_amount(days), amounts(&deps, days)).await
}

fn amounts(deps: &Deps, days: Days) -> InlineKeyboardMarkup {
    let plans = deps.config.plans.plans().iter().filter(|plan| plan.days == days);
    let prices =
        plans.map(|plan| button(crate::texts::money(plan.price), Button::Amount(plan.price)));
    column(prices.chain([button(texts::CANCEL, Button::Cancel)]))
}

async fn take_written_amount(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    cause: talk::Cause,
    draft: (u128, u16),
) -> Result<(), BotError> {
    match message.text().and_then(read_amount) {
        Some(amount) => take_amount(reply, deps, talk, cause, draft, amount).await,
        None => reply.say(texts::BAD_AMOUNT).await,
    }
}

/// Reads roubles as people write them: `299`, `1 500 ₽`, `299,50 руб.`.
fn read_amount(text: &str) -> Option<Money> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.to_lowercase();
    let plain = ["₽", "рублей", "рубля", "рубль", "руб.", "руб", "р.", "р"]
        .iter()
        .find_map(|unit| plain.strip_suffix(unit))
        .unwrap_or(&plain);
    plain.replace(',', ".").parse().ok().filter(|amount| *amount > Money::ZERO)
}

/// Shows what is about to be recorded.
async fn take_amount(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    cause: talk::Cause,
    (client, days): (u128, u16),
    amount: Money,
) -> Result<(), BotError> {
    let known = deps.store.read(|snap| clients::get(snap, ClientId::from_bits(client)))?;
    let (Some(known), Ok(length)) = (known, Days::new(days.into())) else {
        talk.exit();
        return reply.say(texts::CLIENT_GONE).await;
    };
    let until = known.subscription.extend(length.length(), deps.clock.now()).granted_until();
    let zone = &deps.config.server.timezone;
    let words = texts::confirm_payment(&known, length, amount, until, zone);
    let (kopecks, asked) = (amount.kopecks(), cause.update);
    talk.set(Step::PayConfirm { client, days, kopecks, asked });
    reply.show(words, yes_or_no(asked)).await
}

async fn press_a_button(reply: Reply) -> Result<(), BotError> {
    reply.say(texts::PRESS_A_BUTTON).await
}

/// Records the payment.
#[expect(clippy::too_many_arguments, reason = "each is a thing of its own in the tree")]
async fn confirm(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    toast: Toast,
    operator: Operator,
    cause: talk::Cause,
    (client, days, kopecks, asked): (u128, u16, i64, i64),
    pressed: i64,
) -> Result<(), BotError> {
    if pressed != asked {
        toast.say(texts::STALE);
        return Ok(());
    }
    let (Ok(days), Ok(amount)) = (Days::new(days.into()), Money::from_kopecks(kopecks)) else {
        return begin(reply, talk).await;
    };
    let client = ClientId::from_bits(client);
    let extension = Extension { client, days, amount, payment: None, by: operator.actor() };
    talk.exit();
    let words = match extend(&deps, Cause::new(cause.to_string()), extension).await {
        Ok(extended) => {
            texts::payment_recorded(&extended.client, amount, &deps.config.server.timezone)
        }
        Err(ExtendError::UnknownClient) => texts::CLIENT_GONE.to_owned(),
        Err(ExtendError::Store(err)) => return Err(err.into()),
        Err(
            err @ (ExtendError::PaymentOfAnother
            | ExtendError::KeyReused(_)
            | ExtendError::Random(_)),
        ) => return Err(BotError::action(err)),
    };
    reply.show(words, no_buttons()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let read = |text| read_amount(text).map(Money::kopecks);
        assert_eq!(read("299"), Some(29_900));
        assert_eq!(read("1 500 ₽"), Some(150_000));
        assert_eq!(read("299,50 руб."), Some(29_950));
        assert_eq!(read("2499р"), Some(249_900));
        for nonsense in ["0", "-5", "много", "", "₽", "1.234", "1e5"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
