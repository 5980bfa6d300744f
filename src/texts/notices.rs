//! What people are told unasked: notices to operators and to owners.

use jiff::tz::TimeZone;

use super::{date, money, plural};
use crate::domain::client::{BotProblem, Client};
use crate::domain::order::{Attention, Order, OrderState, Subject};
use crate::domain::payment::Payment;
use crate::domain::subscription::Subscription;

/// What is said, and what may be pressed under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The words.
    pub text: String,
    /// One button a row.
    pub buttons: Vec<Button>,
}

/// A button under a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Button {
    /// Opens a link.
    Link {
        /// What stands on it.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// Comes back to the bot that said it.
    Press {
        /// What stands on it.
        label: String,
        /// What the bot gets; at most 64 bytes.
        data: String,
    },
}

impl Message {
    fn plain(text: String) -> Self {
        Self { text, buttons: Vec::new() }
    }

    fn with(mut self, label: &str, data: String) -> Self {
        if data.len() <= 64 {
            self.buttons.push(Button::Press { label: label.to_owned(), data });
        }
        self
    }
}

/// To an operator: a plan was sold.
pub fn new_sale(order: &Order, company: &str) -> Message {
    let what = match order.subject {
        Subject::NewClient { .. } => "новый бот",
        Subject::Extension => "продление",
    };
    Message::plain(format!(
        "💰 Новая продажа: {what}\n\n🏢 {company}\n📦 Тариф: {} ({})\n💵 Сумма: {}\n🧾 Заказ: {}",
        order.plan.name,
        super::days(i64::from(order.plan.days.get())),
        money(order.plan.price),
        order.id,
    ))
}

/// To an operator: money came that needs a decision.
pub fn attention(payment: &Payment, why: Attention) -> Message {
    let why = match why {
        Attention::PaidTwice => "заказ оплачен второй раз",
        Attention::PaidAfterClosing => "оплачен уже закрытый заказ",
        Attention::AmountDiffers => "сумма не совпадает с суммой заказа",
        Attention::ShopDiffers => "платёж пришёл не в тот магазин или режим",
        Attention::BotTaken => "этот бот уже принадлежит другому клиенту",
        Attention::ClientGone => "клиента, за которого заплатили, больше нет",
    };
    let order = payment.order.map_or_else(|| "нет".to_owned(), |order| order.to_string());
    Message::plain(format!(
        "⚠️ Платёж ждёт вашего решения: {why}.\n\n💵 Сумма: {}\n💳 Платёж: {}\n🧾 Заказ: {order}\n\n\
         Время не начислено, деньги в кассе.",
        money(payment.amount),
        payment.id,
    ))
    .with("↩️ Вернуть деньги", format!("refund:{}", payment.id))
}

/// To an operator: the bot answers.
pub fn deploy_done(client: &Client) -> Message {
    Message::plain(format!(
        "✅ Бот запущен\n\n🏢 {}\n🤖 @{}\n🆔 {}",
        client.company, client.bot.username, client.id
    ))
}

/// To an operator: the bot could not be started.
pub fn deploy_failed(client: &Client) -> Message {
    Message::plain(format!(
        "❌ Бот не запустился\n\n🏢 {}\n🤖 @{}\n🆔 {}\n\nПопытки закончились, всё начатое отменено. \
         Причина — в журнале: journalctl -u slotbox SLOTBOX_CLIENT={}",
        client.company, client.bot.username, client.id, client.id
    ))
    .with("🔄 Запустить снова", format!("restart:{}", client.id))
}

/// To an operator: paid for, and the bot does not run.
pub fn paid_not_delivered(client: &Client) -> Message {
    Message::plain(format!(
        "⚠️ Оплачено, но бот не работает\n\n🏢 {}\n🤖 @{}\n🆔 {}",
        client.company, client.bot.username, client.id
    ))
    .with("🔄 Запустить снова", format!("restart:{}", client.id))
}

/// To an operator: something keeps the bot from Telegram, or no longer does.
pub fn client_problem(client: &Client) -> Message {
    let what = match client.problem {
        Some(BotProblem::TokenRevoked) => "❌ Токен бота отозван или бот удалён (401)",
        Some(BotProblem::Conflict) => "⚠️ Обновления бота читает другая программа (409)",
        Some(BotProblem::OwnerUnreachable) => "⚠️ Владелец заблокировал бота (403)",
        None => "✅ Бот снова на связи",
    };
    Message::plain(format!(
        "{what}\n\n🏢 {}\n🤖 @{}\n🆔 {}",
        client.company, client.bot.username, client.id
    ))
}

/// To an operator: the refund that was asked for is done.
pub fn refund_done(payment: &Payment) -> Message {
    Message::plain(format!(
        "↩️ Возврат выполнен\n\n💳 Платёж: {}\n💵 Возвращено всего: {}",
        payment.id,
        money(payment.refunded)
    ))
}

/// To an operator: the provider will not give the money back.
pub fn refund_refused(payment: &Payment) -> Message {
    Message::plain(format!(
        "❌ ЮKassa отказала в возврате\n\n💳 Платёж: {}\n💵 Сумма: {}\n\nПроверьте баланс \
         магазина и сделайте возврат в личном кабинете ЮKassa.",
        payment.id,
        money(payment.amount)
    ))
}

/// To the owner: the link to pay is there.
pub fn pay_link(order: &Order, url: &str) -> Message {
    let mut message = Message::plain(format!(
        "💳 Ссылка на оплату готова\n\n📦 Тариф: {}\n💵 Сумма: {}",
        order.plan.name,
        money(order.plan.price)
    ));
    message
        .buttons
        .push(Button::Link { label: "💳 Оплатить".to_owned(), url: url.to_owned() });
    message.with("🔄 Проверить оплату", format!("check:{}", order.id))
}

/// To the owner: the payment has come, and until when it lasts.
pub fn payment_received(payment: &Payment, client: &Client, zone: &TimeZone) -> Message {
    let until = client.subscription.granted_until().map(|until| date(until, zone));
    let until = until.unwrap_or_else(|| "—".to_owned());
    Message::plain(format!(
        "✅ Оплата получена: {}\n\n🏢 {}\n📅 Оплачено до: {until}",
        money(payment.amount),
        client.company
    ))
}

/// To the owner: the order was canceled or has expired.
pub fn order_closed(order: &Order) -> Message {
    let what = match order.state {
        OrderState::Expired => "⌛ Время на оплату вышло, деньги не списаны.",
        OrderState::Open | OrderState::Paid | OrderState::Canceled | OrderState::Attention(_) => {
            "❌ Платёж отменён, деньги не списаны."
        }
    };
    Message::plain(format!(
        "{what}\n\n📦 Тариф: {}\n💵 Сумма: {}\n\nМожно оформить заказ заново: 💳 Купить подписку.",
        order.plan.name,
        money(order.plan.price)
    ))
}

/// To the owner: money was given back.
pub fn refunded(payment: &Payment) -> Message {
    Message::plain(format!(
        "↩️ Возврат: {}\n\nДеньги вернутся тем же способом, каким пришли. Оплаченное время \
         уменьшено соразмерно.",
        money(payment.refunded)
    ))
}

/// To the owner: the bot answers.
pub fn bot_ready(client: &Client) -> Message {
    let mut message = Message::plain(format!(
        "🎉 Ваш бот @{} готов!\n\n🏢 {}\n\nОткройте его и нажмите «Старт»: он поможет настроить \
         часы работы и услуги.",
        client.bot.username, client.company
    ));
    message.buttons.push(Button::Link {
        label: "🤖 Открыть бота".to_owned(),
        url: format!("https://t.me/{}", client.bot.username),
    });
    message
}

/// To the owner: the bot is not ready yet, and an operator knows.
pub fn bot_delayed(client: &Client) -> Message {
    Message::plain(format!(
        "⏳ Запуск бота @{} занимает больше времени, чем обычно.\n\nМы уже разбираемся и сообщим, \
         как только он заработает. Оплаченное время не пропадёт.",
        client.bot.username
    ))
}

/// To the owner: something keeps the bot from Telegram, and what to do.
pub fn bot_problem(client: &Client) -> Message {
    let bot = &client.bot.username;
    Message::plain(match client.problem {
        Some(BotProblem::TokenRevoked) => format!(
            "❌ Telegram больше не принимает токен бота @{bot}.\n\nВозможно, вы выпустили новый \
             токен в @BotFather или удалили бота. Напишите в поддержку, чтобы заменить токен."
        ),
        Some(BotProblem::Conflict) => format!(
            "⚠️ Сообщения бота @{bot} читает ещё одна программа.\n\nОстановите прежний сервис \
             или скрипт, к которому подключён этот бот: пока он работает, записи могут теряться."
        ),
        Some(BotProblem::OwnerUnreachable) => format!(
            "⚠️ Бот @{bot} не может вам написать.\n\nОткройте его и нажмите «Старт», чтобы \
             получать уведомления о записях."
        ),
        None => format!("✅ Бот @{bot} снова на связи."),
    })
}

/// To the owner: how the time granted stands.
pub fn subscription(client: &Client, days_left: i64, zone: &TimeZone) -> Message {
    let bot = &client.bot.username;
    let text = match client.subscription {
        Subscription::Grace { paid_until } => format!(
            "⚠️ Оплаченное время бота @{bot} закончилось {}.\n\nБот пока работает, но скоро будет \
             приостановлен. Продлите его: 🤖 Мои боты.",
            date(paid_until, zone)
        ),
        Subscription::Suspended { .. } => format!(
            "⏸ Бот @{bot} приостановлен.\n\nКлиенты видят, что запись закрыта; все данные \
             сохранены. Оплата сразу вернёт бота к работе: 🤖 Мои боты."
        ),
        Subscription::Trial { .. } | Subscription::Active { .. } => format!(
            "⏰ Бот @{bot}: {} {days_left} {}.\n\nПродлите заранее, оставшиеся дни не пропадут: \
             🤖 Мои боты.",
            plural(days_left, ["остался", "осталось", "осталось"]),
            plural(days_left, ["день", "дня", "дней"])
        ),
        Subscription::Cancelled { .. } | Subscription::Archived { .. } => {
            format!("Бот @{bot} больше не обслуживается.")
        }
    };
    Message::plain(text)
}
