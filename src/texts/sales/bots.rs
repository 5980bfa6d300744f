//! What the Sales Bot says of an owner's bots.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{OrderedFor, long};
use crate::domain::client::{BotProblem, Client, CompanyName, RuntimeState};
use crate::domain::money::Money;
use crate::domain::order::Order;
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::subscription::{Subscription, SuspendedBy};
use crate::texts::days_left;
use crate::texts::words::{Words, say};

/// How many letters of a business's name stand on a button.
const ON_A_BUTTON: usize = 28;

/// A bot in the list of an owner's bots.
pub fn bots_line(words: Words, client: &Client, zone: &TimeZone) -> String {
    let until = words.date(client.subscription.granted().until, zone);
    let state = client.subscription.name();
    say!(
        words,
        "sales-bots-line",
        mark = mark(client),
        company = client.company.as_str(),
        bot = client.bot.username.as_str(),
        standing = say!(words, "sales-short", state = state, until = until),
    )
}

/// A paid order whose bot is still to be brought, in the list of an owner's bots.
pub fn waits_line(words: Words, order: &Order) -> String {
    let company = order.company().map_or("—", CompanyName::as_str);
    say!(words, "sales-bots-waits", company = company, length = long(words, order.plan.days))
}

/// An order that waits for payment, in the list of an owner's bots.
pub fn order_line(words: Words, order: &Order, of: &OrderedFor, zone: &TimeZone) -> String {
    say!(
        words,
        "sales-bots-order",
        company = of.company.as_str(),
        amount = words.money(order.plan.price),
        until = words.date_time(order.expires_at, zone),
    )
}

/// The button that opens a bot's card.
pub fn bot_button(words: Words, client: &Client) -> String {
    say!(words, "sales-button-bot", company = short(client.company.as_str()))
}

/// The button that connects the bot of a paid order.
pub fn connect_button(words: Words, order: &Order) -> String {
    let company = short(order.company().map_or("—", CompanyName::as_str));
    say!(words, "sales-button-connect-of", company = company)
}

/// The button that opens an order to be paid.
pub fn order_button(words: Words, order: &Order, of: &OrderedFor) -> String {
    let (amount, company) = (words.money(order.plan.price), short(&of.company));
    say!(words, "sales-button-order", amount = amount, company = company)
}

fn short(company: &str) -> String {
    company.chars().take(ON_A_BUTTON).collect()
}

fn mark(client: &Client) -> &'static str {
    if client.problem.is_some() || client.runtime == RuntimeState::Failed {
        return "⚠️";
    }
    match client.subscription {
        Subscription::Trial { .. } => "🎁",
        Subscription::Active { .. } => "✅",
        Subscription::Grace { .. } => "⏳",
        Subscription::Suspended { .. } => "⏸",
        Subscription::Cancelled { .. } => "⛔",
        Subscription::Archived { .. } => "📦",
    }
}

/// What stands in a bot's card: who, how it stands, and what is to be done about it.
pub fn card(words: Words, client: &Client, at: (Timestamp, &TimeZone)) -> String {
    let text = say!(
        words,
        "sales-card",
        company = client.company.as_str(),
        bot = client.bot.username.as_str(),
        standing = standing(words, client.subscription, at),
    );
    match trouble(client) {
        Some(problem) => {
            format!("{text}\n\n{}", say!(words, "sales-card-problem", problem = problem))
        }
        None => text,
    }
}

/// What a bot's card says of money: the plan bought last, if it is still sold, and the payments.
pub fn card_money(words: Words, plan: Option<&str>, (count, sum): (usize, Money)) -> String {
    let plan = plan.map(|plan| say!(words, "sales-card-plan", plan = plan));
    let sum = words.money(sum);
    let paid = (count > 0).then(|| say!(words, "sales-card-payments", count = count, sum = sum));
    plan.into_iter().chain(paid).collect::<Vec<_>>().join("\n")
}

/// What stands over the plans when a bot is renewed.
pub fn renew(words: Words, client: &Client, at: (Timestamp, &TimeZone)) -> String {
    say!(words, "sales-renew", card = card(words, client, at))
}

fn standing(
    words: Words,
    subscription: Subscription,
    (now, zone): (Timestamp, &TimeZone),
) -> String {
    let until = subscription.granted().until;
    let (state, since) = match subscription {
        Subscription::Trial { .. } => ("trial", now),
        Subscription::Active { .. } => ("active", now),
        Subscription::Grace { .. } => ("grace", now),
        Subscription::Suspended { since, by: SuspendedBy::Expiry, .. } => ("suspended", since),
        Subscription::Suspended { since, by: SuspendedBy::Operator, .. } => ("paused", since),
        Subscription::Cancelled { since, .. } => ("cancelled", since),
        Subscription::Archived { since, .. } => ("archived", since),
    };
    say!(
        words,
        "sales-standing",
        state = state,
        until = words.date_time(until, zone),
        left = words.days(days_left(until, now)),
        since = words.date(since, zone),
    )
}

/// Names what is wrong with a bot, or going on.
fn trouble(client: &Client) -> Option<&'static str> {
    match (client.problem, client.runtime) {
        (Some(BotProblem::TokenRevoked), _) => Some("token-revoked"),
        (Some(BotProblem::Conflict), _) => Some("conflict"),
        (Some(BotProblem::OwnerUnreachable), _) => Some("owner-unreachable"),
        (None, RuntimeState::Starting) => Some("starting"),
        (None, RuntimeState::Failed) => Some("failed"),
        (None, RuntimeState::None | RuntimeState::Running | RuntimeState::Stopped) => None,
    }
}

/// A page of a bot's payments.
pub fn payments(words: Words, client: &Client, shown: &[Payment], zone: &TimeZone) -> String {
    let company = client.company.as_str();
    if shown.is_empty() {
        return say!(words, "sales-payments-none", company = company);
    }
    let lines: Vec<_> = shown.iter().map(|it| payment_line(words, it, zone)).collect();
    say!(words, "sales-payments", company = company, lines = lines.join("\n"))
}

fn payment_line(words: Words, payment: &Payment, zone: &TimeZone) -> String {
    let state = match payment.state {
        PaymentState::Settled if payment.refunded == Money::ZERO => "settled",
        PaymentState::Settled => "part",
        PaymentState::Refunded => "refunded",
        PaymentState::Attention(_) => "held",
        PaymentState::Dismissed(_) => "dismissed",
    };
    say!(
        words,
        "sales-payment",
        at = words.date(payment.settled_at, zone),
        amount = words.money(payment.amount),
        length = long(words, payment.days),
        state = state,
        refunded = words.money(payment.refunded),
    )
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::expect;

    use super::*;
    use crate::domain::client::Bot;
    use crate::domain::ids::{BotId, ClientId, UserId};
    use crate::domain::locale::Locale;
    use crate::domain::subscription::{ArchivedBy, Before, Fate, GrantKind, Granted};

    fn states(at: Timestamp) -> Vec<Subscription> {
        let (since, granted) = (at, Granted { until: at, kind: GrantKind::Paid });
        let (before, data) = (Before::Free, Fate::Kept);
        vec![
            Subscription::Trial { until: at },
            Subscription::Active { paid_until: at },
            Subscription::Grace { paid_until: at },
            Subscription::Suspended { granted, since, by: SuspendedBy::Expiry },
            Subscription::Suspended { granted, since, by: SuspendedBy::Operator },
            Subscription::Cancelled { granted, since, before, data },
            Subscription::Archived { granted, since, by: ArchivedBy::Time },
        ]
    }

    fn client(subscription: Subscription, at: Timestamp) -> Client {
        Client {
            id: ClientId::from_bits(1),
            company: "Salon".parse().unwrap(),
            owner: UserId::new(1).unwrap(),
            bot: Bot { id: BotId(1), username: "salon_bot".parse().unwrap() },
            plan: None,
            subscription,
            runtime: RuntimeState::Running,
            problem: None,
            created_at: at,
        }
    }

    /// Says what a card says of an active bot with this trouble.
    fn trouble_of(words: Words, problem: Option<BotProblem>, runtime: RuntimeState) -> String {
        let at = Timestamp::UNIX_EPOCH;
        let active = Subscription::Active { paid_until: at };
        let ill = Client { runtime, problem, ..client(active, at) };
        say!(words, "sales-card-problem", problem = trouble(&ill).unwrap())
    }

    /// B-21, B-22: what is paid for, and what became of a bot, could be seen nowhere.
    #[test]
    fn a_card_tells_how_a_bot_stands() {
        let at: Timestamp = "2026-11-25T09:00:00Z".parse().unwrap();
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let mut all = String::new();
        for words in Locale::ALL.map(Words::new) {
            for state in states(at) {
                let client = client(state, at);
                writeln!(all, "{}", bots_line(words, &client, &TimeZone::UTC)).unwrap();
                writeln!(all, "{}", standing(words, state, (now, &TimeZone::UTC))).unwrap();
            }
        }
        expect![[r"
            🎁 Salon
                @salon_bot · пробный период до 25.11.2026
            🎁 Пробный период до 25.11.2026 09:00 (осталось 2 дня)
            ✅ Salon
                @salon_bot · оплачен до 25.11.2026
            ✅ Оплачен до 25.11.2026 09:00 (осталось 2 дня)
            ⏳ Salon
                @salon_bot · оплата закончилась 25.11.2026
            ⚠️ Оплата закончилась 25.11.2026 09:00. Бот ещё работает: продлите его, и клиенты ничего не заметят
            ⏸ Salon
                @salon_bot · приостановлен
            ⏸ Приостановлен с 25.11.2026: время закончилось. Данные сохранены, оплата сразу вернёт бота
            ⏸ Salon
                @salon_bot · приостановлен
            ⏸ Приостановлен оператором с 25.11.2026. Данные сохранены; о причине можно узнать в поддержке
            ⛔ Salon
                @salon_bot · отключён
            ⛔ Отключён 25.11.2026. Данные пока хранятся, оплата вернёт бота
            📦 Salon
                @salon_bot · в архиве
            📦 В архиве с 25.11.2026. Оплата вернёт бота вместе со всеми записями
            🎁 Salon
                @salon_bot · trial until 25 Nov 2026
            🎁 Trial until 25 Nov 2026, 09:00 (2 days left)
            ✅ Salon
                @salon_bot · paid until 25 Nov 2026
            ✅ Paid until 25 Nov 2026, 09:00 (2 days left)
            ⏳ Salon
                @salon_bot · paid time ended 25 Nov 2026
            ⚠️ The paid time ended on 25 Nov 2026, 09:00. The bot still works: renew it, and customers will notice nothing
            ⏸ Salon
                @salon_bot · paused
            ⏸ Paused since 25 Nov 2026: the time is over. The data is kept, and a payment brings the bot back at once
            ⏸ Salon
                @salon_bot · paused
            ⏸ Paused by the operator on 25 Nov 2026. The data is kept; support can tell you why
            ⛔ Salon
                @salon_bot · switched off
            ⛔ Switched off on 25 Nov 2026. The data is kept for now, and a payment brings the bot back
            📦 Salon
                @salon_bot · in the archive
            📦 In the archive since 25 Nov 2026. A payment brings the bot back with all its bookings
        "]].assert_eq(&all);
    }

    #[test]
    fn a_card_tells_what_to_do() {
        let mut all = Vec::new();
        for words in Locale::ALL.map(Words::new) {
            let of = |problem| trouble_of(words, Some(problem), RuntimeState::Running);
            all.push(of(BotProblem::TokenRevoked));
            all.push(of(BotProblem::Conflict));
            all.push(of(BotProblem::OwnerUnreachable));
            all.push(trouble_of(words, None, RuntimeState::Starting));
            all.push(trouble_of(words, None, RuntimeState::Failed));
        }
        expect![[r"
            ⚠️ Telegram не принимает токен бота: он заменён или бот удалён. Пришлите новый токен, и бот сразу заработает.
            ⚠️ Бота читает ещё одна программа, записи могут теряться. Остановите её или выпустите в @BotFather новый токен (API Token → Revoke) и пришлите его.
            ⚠️ Бот не может вам написать. Откройте его и нажмите «Старт».
            ⏳ Запускается, это займёт минуту.
            ⚠️ Не удалось запустить. Мы уже разбираемся и напишем, оплаченное время не пропадёт.
            ⚠️ Telegram does not accept the bot's token: it was replaced, or the bot deleted. Send the new token, and the bot works again at once.
            ⚠️ Another program reads the bot's messages, and bookings can get lost. Stop it, or make a new token in @BotFather (API Token → Revoke) and send it.
            ⚠️ The bot cannot write to you. Open it and press “Start”.
            ⏳ It is starting; this takes a minute.
            ⚠️ It could not be started. We are looking into it and will write; the paid time is not lost."]].assert_eq(&all.join("\n"));
    }

    #[test]
    fn a_payment_tells_what_became_of_it() {
        use crate::domain::order::Attention;
        use crate::domain::payment::Source;
        use crate::domain::plan::Days;
        let at: Timestamp = "2026-11-25T09:00:00Z".parse().unwrap();
        let mut payment = Payment {
            id: "2f1c0000-000f-5000-8000-000000000001".parse().unwrap(),
            source: Source::YooKassa,
            order: None,
            client: None,
            amount: "299.00".parse().unwrap(),
            refunded: Money::ZERO,
            days: Days::new(30).unwrap(),
            state: PaymentState::Settled,
            settled_at: at,
        };
        let mut all = Vec::new();
        for words in Locale::ALL.map(Words::new) {
            for (state, refunded) in [
                (PaymentState::Settled, "0.00"),
                (PaymentState::Settled, "99.50"),
                (PaymentState::Refunded, "299.00"),
                (PaymentState::Attention(Attention::PaidTwice), "0.00"),
                (PaymentState::Dismissed(Attention::PaidTwice), "0.00"),
            ] {
                payment.state = state;
                payment.refunded = refunded.parse().unwrap();
                all.push(payment_line(words, &payment, &TimeZone::UTC));
            }
        }
        expect![[r"
            25.11.2026 · 299 ₽ · 30 дней
            25.11.2026 · 299 ₽ · 30 дней · возвращено 99,50 ₽
            25.11.2026 · 299 ₽ · 30 дней · деньги возвращены
            25.11.2026 · 299 ₽ · 30 дней · проверяется
            25.11.2026 · 299 ₽ · 30 дней · время не начислено
            25 Nov 2026 · 299 ₽ · 30 days
            25 Nov 2026 · 299 ₽ · 30 days · 99.50 ₽ given back
            25 Nov 2026 · 299 ₽ · 30 days · money given back
            25 Nov 2026 · 299 ₽ · 30 days · being looked into
            25 Nov 2026 · 299 ₽ · 30 days · no time granted"]]
        .assert_eq(&all.join("\n"));
    }
}
