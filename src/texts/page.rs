//! The page that a payer comes back to.

use crate::domain::order::{Order, OrderState, Subject};

/// What the page says of an order, or of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The headline.
    pub title: &'static str,
    /// What has happened and what comes next.
    pub text: &'static str,
}

/// On the button that leads to the bot.
pub const BACK_TO_BOT: &str = "Вернуться в бот";
/// On the button that leads to the payment that is not made yet.
pub const PAY: &str = "Перейти к оплате";
/// Before the name of the people who help.
pub const SUPPORT: &str = "Вопросы? Напишите нам:";
/// Before the order's number.
pub const ORDER: &str = "Заказ";

/// Says how far an order has come.
pub const fn order(order: &Order) -> Words {
    let (title, text) = match (&order.state, &order.subject) {
        (OrderState::Open, _) => (
            "Ждём подтверждения",
            "Банк ещё не подтвердил оплату. Обычно это занимает меньше минуты, страница \
             обновится сама.",
        ),
        (OrderState::Paid, Subject::NewClient { .. }) => (
            "Оплата получена",
            "Спасибо! Мы уже запускаем вашего бота. Когда он будет готов, сообщение придёт \
             в Telegram.",
        ),
        (OrderState::Paid, Subject::BotLater { .. }) => (
            "Оплата получена",
            "Спасибо! Осталось подключить бота: напишем в Telegram, как это сделать. Оплаченное \
             время начнётся, когда бот заработает.",
        ),
        (OrderState::Paid, Subject::Extension) => {
            ("Оплата получена", "Спасибо! Подписка продлена, подробности уже в Telegram.")
        }
        (OrderState::Canceled, _) => (
            "Оплата не прошла",
            "Платёж отменён, деньги не списаны. Оформить заказ заново можно в боте.",
        ),
        (OrderState::Expired, _) => {
            ("Время на оплату истекло", "Деньги не списаны. Оформить заказ заново можно в боте.")
        }
        (OrderState::Attention(_), _) => (
            "Платёж проверяется",
            "Мы получили платёж, и его проверит сотрудник. Платить ещё раз не нужно: мы \
             напишем вам в Telegram.",
        ),
    };
    Words { title, text }
}

/// For a link that names no order of ours.
pub const UNKNOWN: Words = Words {
    title: "Заказ не найден",
    text: "Такого заказа у нас нет. Проверьте ссылку или откройте заказ в боте.",
};

/// For a link that is damaged.
pub const MALFORMED: Words = Words {
    title: "Ссылка повреждена",
    text: "В адресе страницы нет номера заказа. Вернитесь в бот и откройте ссылку ещё раз.",
};

/// For when the page cannot be made.
pub const FAILED: Words = Words {
    title: "Что-то пошло не так",
    text: "Мы уже разбираемся. Если вы оплатили заказ, деньги не пропадут: обновите страницу \
           через минуту.",
};
