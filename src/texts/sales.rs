//! What the Sales Bot says.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{date, date_time, days, days_left, money};
use crate::domain::client::{BotProblem, BotUsername, Client, CompanyName, RuntimeState};
use crate::domain::order::{Attention, Order, OrderState};
use crate::domain::plan::{Days, Plan, PriceList};
use crate::domain::subscription::Subscription;

pub(crate) const BUY: &str = "💳 Купить подписку";
pub(crate) const TRY: &str = "🎁 Попробовать бесплатно";
pub(crate) const MY_BOTS: &str = "🤖 Мои боты";
pub(crate) const QUESTIONS: &str = "❓ Вопросы и ответы";
pub(crate) const SUPPORT: &str = "📞 Связаться с поддержкой";
pub(crate) const PAY: &str = "💳 Оплатить";
pub(crate) const CHECK: &str = "🔄 Проверить оплату";

pub(crate) const CANCELLED: &str = "❌ Отменено. Выберите действие в меню 👇";
pub(crate) const NOTHING_TO_CANCEL: &str = "Отменять нечего. Выберите действие в меню 👇";
pub(crate) const APOLOGY: &str =
    "😔 Не получилось выполнить это действие. Попробуйте ещё раз чуть позже.";
pub(crate) const STALE: &str = "Эта кнопка уже не действует. Откройте меню: /start";
pub(crate) const UNKNOWN: &str = "🤔 Не понимаю это сообщение. Выберите действие в меню 👇";
pub(crate) const TEXT_ONLY: &str = "✍️ Пожалуйста, отправьте ответ текстом. Отменить: /cancel";
pub(crate) const PLAN_GONE: &str = "Такого тарифа больше нет. Вот что есть сейчас:";
pub(crate) const ASK_EMAIL: &str =
    "📧 Укажите e-mail — на него придёт чек об оплате.\n\nОтменить: /cancel";
pub(crate) const BAD_EMAIL: &str =
    "⚠️ Это не похоже на e-mail. Пример: anna@example.ru\n\nОтменить: /cancel";
pub(crate) const NAME_TOO_LONG: &str =
    "⚠️ Название — от 1 до 64 символов в одну строку. Попробуйте ещё раз.\n\nОтменить: /cancel";
pub(crate) const BAD_TOKEN: &str = "⚠️ Это не похоже на токен. Он выглядит так: цифры, двоеточие и ещё \
    35 символов. Скопируйте его целиком из сообщения @BotFather.\n\nОтменить: /cancel";
pub(crate) const TOKEN_REFUSED: &str = "⚠️ Telegram не принимает этот токен. Возможно, он был заменён. \
    Откройте @BotFather → /mybots → API Token и пришлите новый.\n\nОтменить: /cancel";
pub(crate) const TOKEN_UNCHECKED: &str = "⏳ Telegram сейчас не отвечает, и токен не удалось проверить. Пришлите его ещё раз через минуту.";
pub(crate) const BOT_TAKEN: &str = "⚠️ Этот бот уже подключён. Пришлите токен другого бота.\n\nЕсли бот \
    ваш, его можно продлить: «🤖 Мои боты». Отменить: /cancel";
pub(crate) const TOKEN_DELETED: &str = "🔒 Сообщение с токеном удалено из чата.";
pub(crate) const DELETE_TOKEN: &str =
    "🔒 Удалите, пожалуйста, сообщение с токеном из чата: токен — это ключ от вашего бота.";
pub(crate) const NO_SHOP: &str = "😔 Оплата сейчас недоступна. Напишите в поддержку — поможем.";
pub(crate) const NO_TRIAL: &str =
    "Пробного периода сейчас нет. Посмотрите тарифы: «💳 Купить подписку».";
pub(crate) const TRIAL_USED: &str = "🎁 Пробный период даётся один раз, и он у вас уже был. Посмотрите \
    тарифы: «💳 Купить подписку».";
pub(crate) const TRIAL_USED_BY_BOT: &str =
    "🎁 У этого бота пробный период уже был. Пришлите токен другого бота.\n\nОтменить: /cancel";
pub(crate) const NOT_YOURS: &str = "Такого бота среди ваших нет. Откройте «🤖 Мои боты».";
pub(crate) const NO_ORDER: &str = "Такого заказа среди ваших нет. Выберите действие в меню 👇";
pub(crate) const NO_BOTS: &str =
    "🤖 У вас пока нет ботов.\n\nПопробуйте бесплатно или выберите тариф 👇";

/// Greets and says what is sold.
pub fn pitch(first_name: &str, plans: &PriceList, trial: Option<Days>) -> String {
    let mut text = format!(
        "👋 Здравствуйте, {first_name}!\n\n\
         🤖 Бот для записи клиентов в Telegram — для вашего бизнеса:\n\n\
         ✅ Клиенты записываются сами, 24/7\n\
         ✅ Напоминания о визите приходят сами\n\
         ✅ Услуги, расписание и записи — прямо в боте\n\
         ✅ Программировать не нужно\n"
    );
    if let Some(plan) = plans.plans().first() {
        let (price, length) = (money(plan.price), days(i64::from(plan.days.get())));
        text.push_str(&format!("\n💰 От {price} за {length}\n⚡ Запуск сразу после оплаты\n"));
    }
    if let Some(trial) = trial {
        text.push_str(&format!("🎁 Первые {} — бесплатно\n", days(i64::from(trial.get()))));
    }
    text + "\nВыберите действие 👇"
}

/// The price list, with what each plan saves.
pub fn plans(list: &PriceList) -> String {
    let mut text = "💎 Тарифы\n".to_owned();
    for plan in list.plans() {
        text.push_str(&format!("\n{}\n", plan_line(plan)));
        text.push_str(&format!("   {} в день", money(PriceList::per_day(plan))));
        let saving = list.saving(plan);
        if saving.kopecks() > 0 {
            text.push_str(&format!(", экономия {}", money(saving)));
        }
        text.push('\n');
    }
    text + "\nВо всех тарифах — все возможности бота. Выберите срок 👇"
}

/// A plan in one line.
pub fn plan_line(plan: &Plan) -> String {
    format!("⭐ {} — {} за {}", plan.name, money(plan.price), days(i64::from(plan.days.get())))
}

/// A plan on a button.
pub fn plan_button(plan: &Plan) -> String {
    format!("{} — {}", days(i64::from(plan.days.get())), money(plan.price))
}

/// Asks for the business's name, first of two steps.
pub fn ask_company(heading: &str) -> String {
    format!(
        "{heading}\n\n📝 Шаг 1 из 2. Как называется ваш бизнес? Это название увидят клиенты.\n\n\
         Отменить: /cancel"
    )
}

/// What stands over the steps to a purchase.
pub fn chosen(plan: &Plan) -> String {
    format!("Вы выбрали: {}", plan_line(plan))
}

/// What stands over the steps to a trial.
pub fn trial_heading(trial: Days) -> String {
    format!("🎁 Пробный период: {} бесплатно, без оплаты и карты.", days(i64::from(trial.get())))
}

/// Asks for the bot's token, second of two steps.
pub fn ask_token(company: &CompanyName) -> String {
    format!(
        "🏢 {company}\n\n🔑 Шаг 2 из 2. Пришлите токен вашего бота:\n\n\
         1. Откройте @BotFather и отправьте /newbot\n\
         2. Придумайте имя бота — его увидят клиенты\n\
         3. Придумайте адрес, который заканчивается на «bot»\n\
         4. Скопируйте токен из ответа и пришлите сюда\n\n\
         Бот должен быть новым или свободным от других программ.\n\nОтменить: /cancel"
    )
}

/// Says that the trial has begun.
pub fn trial_begun(bot: &BotUsername, until: Timestamp, zone: &TimeZone) -> String {
    format!(
        "🎉 Пробный период начался!\n\n🤖 @{bot} запускается — обычно это занимает минуту, и мы \
         напишем, когда он будет готов.\n📅 Бесплатно до {}\n\n\
         Пока откройте @{bot} и нажмите «Старт»: вы — его администратор.",
        date_time(until, zone)
    )
}

/// Shows an order that can be paid.
pub fn pay(order: &Order, zone: &TimeZone) -> String {
    let Plan { name, price, days: length, .. } = &order.plan;
    format!(
        "💳 Заказ готов\n\n📋 Тариф: {name}, {}\n💰 К оплате: {}\n⏰ Оплатите до {}\n🆔 {}\n\n\
         Нажмите «Оплатить»: откроется страница ЮKassa. После оплаты всё произойдёт само, а \
         сообщение придёт сюда.",
        days(i64::from(length.get())),
        money(*price),
        date_time(order.expires_at, zone),
        order.id,
    )
}

/// Says that the link to pay is on its way.
pub fn link_later(order: &Order) -> String {
    format!(
        "⏳ Заказ принят, а ссылка на оплату ещё готовится: платёжный сервис отвечает не сразу. \
         Пришлём её сюда.\n\n🆔 {}",
        order.id
    )
}

/// Says how far an order has come; an open one gets [`pay`] or [`link_later`].
pub fn order_state(order: &Order, support: Option<&str>) -> String {
    let help = support.map_or(String::new(), |name| format!(" Поддержка: {name}"));
    let said = match order.state {
        OrderState::Open => "⏳ Оплата ещё не поступила. Если вы только что заплатили, подождите \
                             минуту и проверьте ещё раз."
            .to_owned(),
        OrderState::Paid => "✅ Оплата получена! Время добавлено: «🤖 Мои боты».".to_owned(),
        OrderState::Canceled => {
            "❌ Платёж не прошёл, деньги не списаны. Можно оформить заказ ещё раз.".to_owned()
        }
        OrderState::Expired => {
            "⌛ Время на оплату вышло. Оформите заказ ещё раз — это займёт минуту.".to_owned()
        }
        OrderState::Attention(why) => format!("{}{help}", attention(why)),
    };
    format!("{said}\n\n🆔 {}", order.id)
}

/// Says why a payment waits for a person, and that nothing is lost.
fn attention(why: Attention) -> &'static str {
    match why {
        Attention::PaidTwice => {
            "✅ Оплата получена, но заказ уже был оплачен раньше. Вернём лишнее или добавим время \
             — мы напишем вам."
        }
        Attention::PaidAfterClosing
        | Attention::AmountDiffers
        | Attention::ShopDiffers
        | Attention::BotTaken
        | Attention::ClientGone => {
            "🔎 Деньги получены, и этим заказом уже занимается человек. Мы напишем вам."
        }
    }
}

/// Lists an owner's bots.
pub fn my_bots(clients: &[Client], now: Timestamp, zone: &TimeZone) -> String {
    let mut text = "🤖 Ваши боты\n".to_owned();
    for client in clients {
        text.push_str(&format!("\n🏢 {}\n🤖 @{}\n", client.company, client.bot.username));
        text.push_str(&format!("{}\n", standing(client.subscription, now, zone)));
        if let Some(trouble) = trouble(client) {
            text.push_str(&format!("{trouble}\n"));
        }
    }
    text
}

/// What the button to renew a client's bot says.
pub fn renew_button(client: &Client) -> String {
    let name: String = client.company.as_str().chars().take(24).collect();
    format!("🔄 Продлить «{name}»")
}

/// What stands over the plans when a bot is renewed.
pub fn renew(client: &Client, now: Timestamp, zone: &TimeZone) -> String {
    format!(
        "🔄 Продление\n\n🏢 {}\n🤖 @{}\n{}\n\nОплаченное время прибавится к оставшемуся. \
         Выберите срок 👇",
        client.company,
        client.bot.username,
        standing(client.subscription, now, zone)
    )
}

fn standing(subscription: Subscription, now: Timestamp, zone: &TimeZone) -> String {
    match subscription {
        Subscription::Trial { until } => {
            format!("🎁 Пробный период до {}", until_with_days(until, now, zone))
        }
        Subscription::Active { paid_until } => {
            format!("✅ Работает, оплачен до {}", until_with_days(paid_until, now, zone))
        }
        Subscription::Grace { paid_until } => {
            format!("⚠️ Оплата закончилась {}. Бот ещё работает", date(paid_until, zone))
        }
        Subscription::Suspended { since, .. } => {
            format!("⏸ Приостановлен с {}. Данные сохранены", date(since, zone))
        }
        Subscription::Cancelled { .. } => "⛔ Отключён. Данные пока хранятся".to_owned(),
        Subscription::Archived { .. } => "📦 В архиве".to_owned(),
    }
}

fn until_with_days(until: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("{} (осталось {})", date_time(until, zone), days(days_left(until, now)))
}

fn trouble(client: &Client) -> Option<&'static str> {
    match (client.problem, client.runtime) {
        (Some(BotProblem::TokenRevoked), _) => {
            Some("⚠️ Токен бота заменён или бот удалён. Напишите в поддержку.")
        }
        (Some(BotProblem::Conflict), _) => {
            Some("⚠️ Бота читает другая программа. Остановите её, и бот заработает.")
        }
        (Some(BotProblem::OwnerUnreachable), _) => {
            Some("⚠️ Бот не может вам написать. Откройте его и нажмите «Старт».")
        }
        (None, RuntimeState::Starting) => Some("⏳ Запускается, это займёт минуту."),
        (None, RuntimeState::Failed) => Some("⚠️ Не удалось запустить. Мы уже разбираемся."),
        (None, RuntimeState::None | RuntimeState::Running | RuntimeState::Stopped) => None,
    }
}

/// Answers what buyers ask.
pub fn questions(trial: Option<Days>, grace: Option<Days>, retention: Days) -> String {
    let long = |length: Days| days(i64::from(length.get()));
    let try_first = trial.map_or_else(
        || "Пробного периода сейчас нет.".to_owned(),
        |trial| format!("Да, {} бесплатно и без карты: «{TRY}».", long(trial)),
    );
    let grace =
        grace.map_or(String::new(), |grace| format!("работает ещё {}, затем ", long(grace)));
    format!(
        "❓ Вопросы и ответы\n\n\
         🔹 Сколько записей можно принять?\nСколько угодно.\n\n\
         🔹 Нужно ли программировать?\nНет. Нужен только бот из @BotFather — покажем, как его \
         создать.\n\n\
         🔹 Можно попробовать?\n{try_first}\n\n\
         🔹 Когда бот заработает?\nОбычно через минуту после оплаты. Мы напишем.\n\n\
         🔹 Как платить?\nНа странице ЮKassa, удобным способом из тех, что там показаны.\n\n\
         🔹 Как продлить?\nВ любой момент: «{MY_BOTS}». Оставшиеся дни не сгорают.\n\n\
         🔹 Что будет, если не продлить?\nБот {grace}отвечает клиентам, что временно не работает. \
         Данные хранятся {}, и оплата сразу возвращает бота.",
        long(retention)
    )
}

/// Says where help is.
pub fn support(name: Option<&str>) -> String {
    name.map_or_else(
        || "📞 Напишите тому, кто дал вам ссылку на этого бота: он поможет.".to_owned(),
        |name| {
            format!(
                "📞 Поддержка: {name}\n\nНапишите, что случилось, и номер заказа, если он есть."
            )
        },
    )
}
