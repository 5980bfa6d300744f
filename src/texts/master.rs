//! What the Master Bot says.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{date, date_time, days, days_left, money};
use crate::domain::client::{BotProblem, BotUsername, Client, CompanyName, RuntimeState};
use crate::domain::ids::{JobId, PaymentId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::domain::subscription::{Subscription, SuspendedBy};

pub(crate) const ADD_CLIENT: &str = "➕ Добавить клиента";
pub(crate) const TAKE_PAYMENT: &str = "💰 Принять оплату";
pub(crate) const CLIENTS: &str = "👥 Список клиентов";
pub(crate) const HELP: &str = "❓ Помощь";

pub(crate) const CONFIRM: &str = "✅ Подтвердить";
pub(crate) const CANCEL: &str = "❌ Отмена";
pub(crate) const SUSPEND: &str = "⏸ Приостановить";
pub(crate) const RESUME: &str = "▶️ Возобновить";
pub(crate) const RESTART: &str = "🔁 Перезапустить";
pub(crate) const REMOVE: &str = "🗑 Удалить";
pub(crate) const REMOVE_NOW: &str = "🗑 Да, удалить";
pub(crate) const REFUND_NOW: &str = "💸 Да, вернуть";
pub(crate) const BACK: &str = "⬅️ К списку";
pub(crate) const NEXT: &str = "➡️ Дальше";

pub(crate) const DENIED: &str = "⛔ У вас нет доступа к этому боту.";
pub(crate) const CANCELLED: &str = "❌ Отменено.";
pub(crate) const NOTHING_TO_CANCEL: &str = "Отменять нечего.";
pub(crate) const APOLOGY: &str =
    "😔 Не получилось выполнить это действие. Подробности — в журнале сервера.";
pub(crate) const STALE: &str = "Эта кнопка уже не действует.";
pub(crate) const UNKNOWN: &str = "🤔 Не понимаю это сообщение. Команды: /help";
pub(crate) const TEXT_ONLY: &str = "✍️ Нужен ответ текстом. Отменить: /cancel";
pub(crate) const PRESS_A_BUTTON: &str = "👆 Нажмите кнопку под сообщением выше. Отменить: /cancel";

pub(crate) const ASK_TOKEN: &str = "➕ Добавление клиента — шаг 1/4\n\n🔑 Пришлите токен бота от \
    @BotFather.\n\nОтменить: /cancel";
pub(crate) const BAD_TOKEN: &str = "⚠️ Это не похоже на токен: нужны цифры, двоеточие и ещё 35 символов. \
    Пришлите токен ещё раз.\n\nОтменить: /cancel";
pub(crate) const TOKEN_REFUSED: &str =
    "⚠️ Telegram не принимает этот токен. Пришлите другой.\n\nОтменить: /cancel";
pub(crate) const TOKEN_UNCHECKED: &str =
    "⏳ Telegram сейчас не отвечает, токен не проверен. Пришлите его ещё раз через минуту.";
pub(crate) const TOKEN_DELETED: &str = "🔒 Сообщение с токеном удалено из чата.";
pub(crate) const DELETE_TOKEN: &str = "🔒 Удалите сообщение с токеном из чата.";
pub(crate) const BOT_TAKEN: &str =
    "⚠️ Этот бот уже есть у другого клиента. Пришлите токен другого бота.\n\nОтменить: /cancel";
pub(crate) const CHECK_LATER: &str = "⏳ Telegram сейчас не отвечает, токен не проверен. Нажмите «Подтвердить» ещё раз через минуту.";
pub(crate) const BAD_OWNER: &str = "⚠️ Telegram ID — это положительное число, например 123456789. Владелец \
    узнает его у @userinfobot.\n\nОтменить: /cancel";
pub(crate) const ASK_COMPANY: &str = "🏢 Шаг 3/4. Название компании?\n\nОтменить: /cancel";
pub(crate) const BAD_COMPANY: &str =
    "⚠️ Название — от 1 до 64 символов в одну строку.\n\nОтменить: /cancel";
pub(crate) const ASK_DAYS: &str =
    "📅 Шаг 4/4. На сколько дней? Выберите или введите число.\n\nОтменить: /cancel";
pub(crate) const BAD_DAYS: &str = "⚠️ Нужно целое число дней от 1 до 3650.\n\nОтменить: /cancel";

pub(crate) const ASK_CLIENT: &str = "💰 Приём оплаты\n\n🔍 Введите часть названия компании, имя бота или \
    ID клиента.\n\nОтменить: /cancel";
pub(crate) const NO_SUCH_CLIENT: &str =
    "🔍 Никого не нашлось. Попробуйте иначе.\n\nОтменить: /cancel";
pub(crate) const CLIENT_GONE: &str = "Такого клиента больше нет.";
pub(crate) const BAD_AMOUNT: &str =
    "⚠️ Сумма — это рубли больше нуля, например 299 или 299,50.\n\nОтменить: /cancel";
pub(crate) const NO_CLIENTS: &str =
    "👥 Клиентов пока нет. Добавьте первого: «➕ Добавить клиента».";
pub(crate) const SUSPENDED: &str = "⏸ Приостановлен";
pub(crate) const RESUMED: &str = "▶️ Возобновлён";
pub(crate) const PAYMENT_NEEDED: &str = "Оплаченного времени нет: сначала примите оплату.";
pub(crate) const NOTHING_TO_RUN: &str = "У этого клиента запускать нечего: подписка отключена.";
pub(crate) const STILL_SERVES: &str = "Сначала приостановите клиента.";
pub(crate) const BACK_TO_CLIENT: &str = "⬅️ К клиенту";
pub(crate) const NO_PAYMENT: &str = "Такого платежа нет.";
pub(crate) const NOTHING_LEFT: &str = "Возвращать нечего: деньги уже возвращены или возвращаются.";
pub(crate) const TAKEN_BY_HAND: &str =
    "Эта оплата принята вручную, поэтому и вернуть её нужно вручную.";
pub(crate) const REFUND_NEEDS_RECEIPT: &str =
    "Магазин выдаёт чеки: сделайте возврат в личном кабинете ЮKassa, мы увидим его сами.";
pub(crate) const RESTARTING: &str = "🔁 Перезапускается";
pub(crate) const REMOVING: &str = "🗑 Удаляется";

/// The queue as an operator sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueView {
    /// Tasks that can run now.
    pub queued: u64,
    /// Tasks that run.
    pub running: u64,
    /// Tasks that were given up.
    pub dead: u64,
}

/// Greets an operator.
pub fn start(first_name: &str, queue: QueueView) -> String {
    format!(
        "👋 Здравствуйте, {first_name}!\n\n\
         Это Master Bot. Здесь можно:\n\
         • добавлять клиентов и запускать их ботов\n\
         • принимать оплату и продлевать подписки\n\
         • смотреть, что с клиентами и с очередью\n\n{}",
        queue_lines(queue)
    )
}

/// Says how the queue is.
pub fn queue(queue: QueueView) -> String {
    let hint = if queue.queued + queue.running == 0 {
        "💡 Все задачи выполнены."
    } else {
        "💡 Задачи выполняются по порядку."
    };
    format!("{}\n\n{hint}", queue_lines(queue))
}

fn queue_lines(queue: QueueView) -> String {
    let mut text = format!("✅ Очередь активна\n📋 Задач в очереди: {}", queue.queued);
    if queue.running > 0 {
        text.push_str(&format!("\n⚙️ Выполняется: {}", queue.running));
    }
    if queue.dead > 0 {
        text.push_str(&format!("\n⚠️ Не удалось: {} (в журнале: job.dead)", queue.dead));
    }
    text
}

/// Explains the bot.
pub fn help() -> String {
    format!(
        "❓ Помощь\n\n\
         /start — начало\n/queue — очередь задач\n/clients — клиенты\n/cancel — прервать диалог\n\
         /help — эта справка\n\n\
         {ADD_CLIENT}\n1. Токен бота от @BotFather\n2. Telegram ID владельца\n3. Название \
         компании\n4. Срок\nБот запускается через очередь, о результате придёт сообщение.\n\n\
         {TAKE_PAYMENT}\n1. Найти клиента\n2. Срок\n3. Сумма\nПодписка продлевается ровно на \
         указанный срок.\n\n\
         {CLIENTS}\nКарточка клиента: пауза, перезапуск, удаление."
    )
}

/// Asks whose bot it is.
pub fn ask_owner(bot: &BotUsername) -> String {
    format!("✅ Бот найден: @{bot}\n\n👤 Шаг 2/4. Telegram ID владельца?\n\nОтменить: /cancel")
}

/// Shows what is about to be added.
pub fn confirm_client(
    company: &CompanyName,
    bot: &BotUsername,
    owner: UserId,
    length: Days,
) -> String {
    format!(
        "📋 Проверьте данные\n\n🏢 Компания: {company}\n🤖 Бот: @{bot}\n👤 Владелец: {owner}\n\
         📅 Срок: {}\n\nДобавить клиента?",
        days(i64::from(length.get()))
    )
}

/// Says that the client is added and where its deployment stands.
pub fn client_added(company: &CompanyName, job: JobId, position: u64) -> String {
    format!(
        "✅ Задача создана!\n\n🏢 Компания: {company}\n🆔 ID задачи: {job}\n📋 Позиция в очереди: \
         {position}\n\n⏳ Запуск обычно занимает минуту. О результате придёт сообщение."
    )
}

/// Asks which of several clients is meant.
pub fn several(found: usize, shown: usize) -> String {
    if found > shown {
        format!("🔍 Нашлось: {found}, показаны {shown}. Выберите или уточните запрос.")
    } else {
        format!("🔍 Нашлось: {found}. Выберите клиента.")
    }
}

/// Asks for how long was paid.
pub fn ask_paid_days(client: &Client, now: Timestamp, zone: &TimeZone) -> String {
    format!(
        "{}\n\n📅 На сколько дней оплата? Выберите или введите число.\n\nОтменить: /cancel",
        short_card(client, now, zone)
    )
}

/// Asks how much was paid.
pub fn ask_amount(length: Days) -> String {
    format!(
        "💰 Оплата за {}. Сколько получено, в рублях?\n\nОтменить: /cancel",
        days(i64::from(length.get()))
    )
}

/// Shows a manual payment before it is recorded.
pub fn confirm_payment(
    client: &Client,
    length: Days,
    amount: Money,
    until: Option<Timestamp>,
    zone: &TimeZone,
) -> String {
    let until = until.map_or_else(|| "—".to_owned(), |until| date_time(until, zone));
    format!(
        "📋 Проверьте оплату\n\n🏢 Компания: {}\n📅 Срок: {}\n💰 Сумма: {}\n⏰ Подписка станет до \
         {until}\n\nЗаписать?",
        client.company,
        days(i64::from(length.get())),
        money(amount)
    )
}

/// Says that a manual payment is recorded.
pub fn payment_recorded(client: &Client, amount: Money, zone: &TimeZone) -> String {
    let until = client.subscription.granted_until();
    let until = until.map_or_else(|| "—".to_owned(), |until| date_time(until, zone));
    format!("✅ Оплата принята: {}\n\n🏢 {}\n⏰ Подписка до {until}", money(amount), client.company)
}

/// What stands over a page of clients.
pub fn clients(total: u64) -> String {
    format!("👥 Клиентов: {total}\n\nВыберите клиента 👇")
}

/// A client on a button.
pub fn client_button(client: &Client, zone: &TimeZone) -> String {
    let company: String = client.company.as_str().chars().take(32).collect();
    let until = client.subscription.granted_until();
    let until = until.map_or(String::new(), |until| format!(" — до {}", date(until, zone)));
    format!("{} {company}{until}", mark(client))
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

fn short_card(client: &Client, now: Timestamp, zone: &TimeZone) -> String {
    format!(
        "🏢 {}\n🤖 @{}\n📌 {}",
        client.company,
        client.bot.username,
        standing(client.subscription, now, zone)
    )
}

/// All that is known of a client.
pub fn card(client: &Client, now: Timestamp, zone: &TimeZone) -> String {
    let mut text = short_card(client, now, zone);
    text.push_str(&format!("\n⚙️ Процесс: {}", runtime(client.runtime)));
    if let Some(problem) = client.problem {
        text.push_str(&format!("\n⚠️ {}", trouble(problem)));
    }
    if let Some(plan) = &client.plan {
        text.push_str(&format!("\n💳 Тариф: {plan}"));
    }
    text.push_str(&format!("\n👤 Владелец: {}", client.owner));
    text.push_str(&format!("\n📅 Добавлен: {}", date_time(client.created_at, zone)));
    text.push_str(&format!("\n🆔 {}", client.id));
    text
}

/// Asks before a client is removed, and says what is lost with it.
pub fn confirm_remove(client: &Client, unused: Option<Timestamp>, zone: &TimeZone) -> String {
    let unused = unused.map_or(String::new(), |until| {
        format!("\n⚠️ Пропадёт оплаченное время до {}.", date_time(until, zone))
    });
    format!(
        "🗑 Удалить клиента?\n\n🏢 {}\n🤖 @{}\n\nБот остановится, его записи и настройки будут \
         удалены. Платежи и журнал останутся.{unused}",
        client.company, client.bot.username
    )
}

/// Asks before money is given back.
pub fn confirm_refund(payment: &PaymentId, left: Money) -> String {
    format!(
        "💸 Вернуть деньги?\n\n💰 {}\n💳 {payment}\n\nЮKassa вернёт их тем же способом, каким они \
         пришли.",
        money(left)
    )
}

/// Says that a refund is on its way.
pub fn refunding(payment: &PaymentId, amount: Money) -> String {
    format!("💸 Возврат {} отправляется. Сообщим, чем кончилось.\n\n💳 {payment}", money(amount))
}

fn standing(subscription: Subscription, now: Timestamp, zone: &TimeZone) -> String {
    let left = |until: Timestamp| days(days_left(until, now));
    match subscription {
        Subscription::Trial { until } => {
            format!("Пробный период до {} (осталось {})", date_time(until, zone), left(until))
        }
        Subscription::Active { paid_until } => {
            format!("Активен до {} (осталось {})", date_time(paid_until, zone), left(paid_until))
        }
        Subscription::Grace { paid_until } => {
            format!("Льготный срок, оплата закончилась {}", date_time(paid_until, zone))
        }
        Subscription::Suspended { since, by: SuspendedBy::Expiry, .. } => {
            format!("Приостановлен с {}: не оплачен", date_time(since, zone))
        }
        Subscription::Suspended { granted, since, by: SuspendedBy::Operator } => format!(
            "Приостановлен оператором с {}, оплачен до {}",
            date_time(since, zone),
            date_time(granted.until, zone)
        ),
        Subscription::Cancelled { since, .. } => format!("Отключён с {}", date_time(since, zone)),
        Subscription::Archived { since, .. } => format!("В архиве с {}", date_time(since, zone)),
    }
}

const fn runtime(state: RuntimeState) -> &'static str {
    match state {
        RuntimeState::None => "не запущен",
        RuntimeState::Starting => "запускается",
        RuntimeState::Running => "работает",
        RuntimeState::Stopped => "остановлен",
        RuntimeState::Failed => "не запустился",
    }
}

const fn trouble(problem: BotProblem) -> &'static str {
    match problem {
        BotProblem::TokenRevoked => "Токен отозван: владелец должен прислать новый",
        BotProblem::Conflict => "Бота читает другая программа",
        BotProblem::OwnerUnreachable => "Бот не может написать владельцу",
    }
}
