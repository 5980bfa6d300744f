//! A payment that an operator took by hand: who, for how long, how much.

use teloxide::types::{InlineKeyboardMarkup, Message};

use super::add_client::{lengths, read_days, yes_or_no};
use super::clients::{find, offer};
use super::{Button, Desk, Step};
use crate::actions::extend::{ExtendError, Extension, extend};
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::domain::ids::ClientId;
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::store::clients;
use crate::texts::master as texts;
use crate::texts::words::say;

/// Asks who has paid.
pub(super) async fn begin(desk: Desk) -> Result<(), BotError> {
    desk.talk.set(Step::PaySearch);
    desk.say(say!(desk.words(), "master-ask-payer")).await
}

pub(super) async fn search(desk: Desk, message: &Message) -> Result<(), BotError> {
    let Some(text) = message.text() else {
        return desk.say(say!(desk.words(), "master-text-only")).await;
    };
    let found = find(&desk, text).await?;
    match found.as_slice() {
        [client] => take_client(desk, client.id).await,
        several => offer(&desk, several, Button::Pay).await,
    }
}

/// Asks for how long the client has paid.
pub(super) async fn take_client(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    desk.talk.set(Step::PayDays { client: client.id.bits() });
    let text = texts::ask_paid_days(desk.words(), &client, desk.at());
    desk.reply.say_with(text, lengths(&desk)).await
}

pub(super) async fn take_written_days(
    desk: Desk,
    message: &Message,
    client: u128,
) -> Result<(), BotError> {
    match message.text().and_then(read_days) {
        Some(days) => take_days(desk, client, days).await,
        None => desk.say(say!(desk.words(), "master-bad-days")).await,
    }
}

/// Asks how much was paid, and offers what the price list says.
pub(super) async fn take_days(desk: Desk, client: u128, days: Days) -> Result<(), BotError> {
    desk.talk.set(Step::PayAmount { client, days: days.get() });
    desk.reply.show(texts::ask_amount(desk.words(), days), amounts(&desk, days)).await
}

fn amounts(desk: &Desk, days: Days) -> InlineKeyboardMarkup {
    let (words, amount) = (desk.words(), desk.deps.config.plans.recommended(days));
    let price = button(words.money(amount), Button::Amount(amount));
    column([price, button(say!(words, "master-button-cancel"), Button::Cancel)])
}

pub(super) async fn take_written_amount(
    desk: Desk,
    message: &Message,
    draft: (u128, u16),
) -> Result<(), BotError> {
    match message.text().and_then(read_amount) {
        Some(amount) => take_amount(desk, draft, amount).await,
        None => desk.say(say!(desk.words(), "master-bad-amount")).await,
    }
}

/// Reads roubles as people write them: `299`, `1 500 ₽`, `299,50 руб.`.
fn read_amount(text: &str) -> Option<Money> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.to_lowercase();
    let plain = ["₽", "рублей", "рубля", "рубль", "руб.", "руб", "р.", "р", "rub", "roubles"]
        .iter()
        .find_map(|unit| plain.strip_suffix(unit))
        .unwrap_or(&plain);
    plain.replace(',', ".").parse().ok().filter(|amount| *amount > Money::ZERO)
}

/// Shows what is about to be recorded.
pub(super) async fn take_amount(
    desk: Desk,
    (client, days): (u128, u16),
    amount: Money,
) -> Result<(), BotError> {
    let words = desk.words();
    let known = desk.deps.store.read(|snap| clients::get(snap, ClientId::from_bits(client)))?;
    let (Some(known), Ok(length)) = (known, Days::new(days.into())) else {
        desk.talk.exit();
        return desk.say(say!(words, "master-client-gone")).await;
    };
    let until = known.subscription.extend(length.length(), desk.now()).granted_until();
    let text = texts::confirm_payment(words, &known, length, amount, (until, desk.zone()));
    let (kopecks, asked) = (amount.kopecks(), desk.update.update);
    desk.talk.set(Step::PayConfirm { client, days, kopecks, asked });
    desk.reply.show(text, yes_or_no(&desk, asked)).await
}

/// Records the payment.
pub(super) async fn confirm(
    desk: Desk,
    (client, days, kopecks): (u128, u16, i64),
) -> Result<(), BotError> {
    let (Ok(days), Ok(amount)) = (Days::new(days.into()), Money::from_kopecks(kopecks)) else {
        return begin(desk).await;
    };
    let (words, client) = (desk.words(), ClientId::from_bits(client));
    let extension = Extension { client, days, amount, payment: None, by: desk.actor() };
    desk.talk.exit();
    let text = match extend(&desk.deps, desk.cause(), extension).await {
        Ok(extended) => texts::payment_recorded(words, &extended.client, amount, desk.zone()),
        Err(ExtendError::UnknownClient) => say!(words, "master-client-gone"),
        Err(ExtendError::Store(err)) => return Err(err.into()),
        Err(
            err @ (ExtendError::PaymentOfAnother
            | ExtendError::KeyReused(_)
            | ExtendError::Random(_)),
        ) => return Err(BotError::action(err)),
    };
    let card = button(say!(words, "master-button-card"), Button::Client(client));
    desk.reply.show(text, column([card])).await
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
