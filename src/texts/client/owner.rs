//! What a client's bot says to its owner.

use jiff::civil::Weekday;

use crate::domain::booking::Booking;
use crate::domain::profile::Profile;
use crate::domain::schedule::{Hours, Schedule};
use crate::domain::service::{MOST_SERVICES, Service, ServiceName, VisitLength};
use crate::texts::calendar::{count, long_date, short_weekday, time};
use crate::texts::client::{name, offer};

/// The menu's button that lists today's visits.
pub const MENU_TODAY: &str = "📆 Сегодня";
/// The menu's button that lists the next visits.
pub const MENU_NEXT: &str = "🗓 Ближайшие записи";
/// The menu's button that shows the services.
pub const MENU_SERVICES: &str = "💼 Услуги";
/// The menu's button that shows the hours.
pub const MENU_HOURS: &str = "🕘 Часы работы";

/// On to the next step of the set-up.
pub const GO_ON: &str = "Дальше ▶️";
/// Ends a change.
pub const DONE: &str = "✅ Готово";
/// Puts a service on the list.
pub const ADD_SERVICE: &str = "➕ Добавить услугу";
/// Ends the set-up with the usual service.
pub const KEEP_USUAL: &str = "Оставить как есть";
/// Leaves a change.
pub const BACK: &str = "↩️ Назад";
/// Takes the service off the list.
pub const REMOVE_SURE: &str = "🗑 Да, убрать";
/// Names no price.
pub const NO_PRICE: &str = "Без цены";

/// Asks for a service's name.
pub const ASK_NAME: &str =
    "Как называется услуга? Напишите название, до 64 символов. Отменить: /cancel";
/// Asks for a service's name again.
pub const BAD_NAME: &str =
    "Название — это одна строка текста, от 1 до 64 символов. Попробуйте ещё раз.";
/// Asks for a service's length.
pub const ASK_LENGTH: &str = "Сколько минут она длится? Выберите или напишите число от 5 до 720.";
/// Asks for a service's length again.
pub const BAD_LENGTH: &str =
    "Длительность — это число минут от 5 до 720, например 45. Попробуйте ещё раз.";
/// Asks for a service's price.
pub const ASK_PRICE: &str = "Сколько она стоит в рублях? Напишите число, например 1500.";
/// Asks for a service's price again.
pub const BAD_PRICE: &str =
    "Цена — это число рублей, например 1500 или 990.50. Попробуйте ещё раз.";
/// Said when the only service is to be removed.
pub const LAST_SERVICE: &str =
    "Это единственная услуга: без неё никто не сможет записаться. Сначала добавьте другую.";
/// Said when a service is not on the list any more.
pub const NO_SUCH_SERVICE: &str = "Такой услуги в списке уже нет.";
/// Said when nothing is booked.
pub const NOBODY: &str = "Предстоящих записей нет.";
/// Said when nothing is booked for today.
pub const NOBODY_TODAY: &str = "На сегодня записей больше нет.";
/// Said to somebody else who presses an owner's button.
pub const NOT_YOURS: &str = "Эта кнопка только для владельца.";

/// Greets the owner.
pub fn menu(profile: &Profile) -> String {
    format!(
        "«{}»: управление записью.\n\nСсылка для клиентов: https://t.me/{}",
        profile.company, profile.bot
    )
}

/// The first step of the set-up.
pub fn set_up_hours(profile: &Profile, schedule: &Schedule) -> String {
    format!(
        "Здравствуйте! Это бот записи «{}», и он уже принимает клиентов. Настроим его за минуту.\n\n\
         Шаг 1 из 2. {}",
        profile.company,
        hours(profile, schedule)
    )
}

/// The hours, and how to change them.
pub fn hours(profile: &Profile, schedule: &Schedule) -> String {
    let zone = profile.zone.iana_name().unwrap_or("UTC");
    format!(
        "Рабочие дни и часы: {}.\nЧасовой пояс: {zone}.\n\nНажмите на день, чтобы сделать его рабочим \
         или выходным. Уже сделанные записи не изменятся.",
        week(schedule)
    )
}

/// Says that the hours are kept.
pub fn hours_kept(schedule: &Schedule) -> String {
    format!("Часы работы сохранены: {}.", week(schedule))
}

/// Names a day on its button.
pub fn day_button(day: Weekday, hours: Option<Hours>) -> String {
    let mark = if hours.is_some() { "✅" } else { "▫️" };
    format!("{mark} {}", short_weekday(day))
}

/// Names the opening on its button.
pub fn opening(hours: Hours) -> String {
    format!("с {}", hours.opens())
}

/// Names the closing on its button.
pub fn closing(hours: Hours) -> String {
    format!("до {}", hours.closes())
}

/// The second step of the set-up.
pub fn set_up_service(services: &[Service]) -> String {
    format!(
        "Шаг 2 из 2. Услуги. Сейчас клиенты могут записаться так:\n\n{}\n\nДобавьте свою первую услугу — \
         она заменит эту — или оставьте как есть.",
        list(services)
    )
}

/// The end of the set-up.
pub fn set_up_done(profile: &Profile, services: &[Service], schedule: &Schedule) -> String {
    format!(
        "🎉 Готово! Бот принимает записи.\n\n{}\n{}\n\nСсылка для клиентов: https://t.me/{}\n\
         О каждой записи и отмене вы узнаете здесь.",
        list(services),
        week(schedule),
        profile.bot
    )
}

/// Lists the services.
pub fn services(services: &[Service]) -> String {
    format!("Ваши услуги:\n\n{}", list(services))
}

/// Offers a name to go on with.
pub fn usual_name() -> String {
    format!("Назвать «{}»", ServiceName::usual())
}

/// Names a length on its button.
pub fn length_button(length: VisitLength) -> String {
    format!("{} мин", length.minutes())
}

/// Names the button that takes a service off the list.
pub fn remove_button(service: &Service) -> String {
    format!("🗑 Убрать «{}»", service.visit.name)
}

/// Asks whether to remove the service.
pub fn remove_question(service: &Service) -> String {
    format!("Убрать «{}» из списка? Уже сделанные записи останутся.", offer(&service.visit))
}

/// Says that the service was put on the list.
pub fn service_added(service: &Service) -> String {
    format!("Добавлено: {}", offer(&service.visit))
}

/// Says that the service was taken off the list.
pub fn service_removed(service: &Service) -> String {
    format!("Убрано: «{}». Клиенты больше не могут на неё записаться.", service.visit.name)
}

/// Says that the list is full.
pub fn too_many_services() -> String {
    let services = count(i64::from(MOST_SERVICES), ["услуга", "услуги", "услуг"]);
    format!("В списке уже {services}, больше нельзя. Уберите сначала лишнюю.")
}

/// Lists visits by day.
pub fn visits(title: &str, visits: &[Booking], profile: &Profile) -> String {
    let mut text = title.to_owned();
    let mut last = None;
    for booking in visits {
        let start = booking.slot.start();
        let day = start.to_zoned(profile.zone.clone()).date();
        if last.replace(day) != Some(day) {
            text.push_str(&format!("\n\n{}", long_date(day)));
        }
        let line = format!(
            "\n{}–{}  {}, {}",
            time(start, &profile.zone),
            time(booking.slot.end(), &profile.zone),
            booking.visit.name,
            name(&booking.customer),
        );
        text.push_str(&line);
    }
    text
}

/// Tells the owner why the bot is paused.
pub fn paused(profile: &Profile) -> String {
    let support = match profile.support.as_str() {
        "" => String::new(),
        support => format!(" Вопросы: {support}"),
    };
    format!(
        "⏸ Бот «{}» приостановлен: оплаченное время закончилось. Клиенты видят, что запись \
         временно недоступна; все данные сохранены.\n\nПродлите подписку в боте, где вы её \
         покупали, — и запись сразу заработает снова.{support}",
        profile.company
    )
}

fn list(services: &[Service]) -> String {
    let lines: Vec<_> = services.iter().map(|it| format!("• {}", offer(&it.visit))).collect();
    lines.join("\n")
}

fn week(schedule: &Schedule) -> String {
    let days = Weekday::Monday.cycle_forward().take(7);
    let open: Vec<_> =
        days.filter(|day| schedule.weekday(*day).is_some()).map(short_weekday).collect();
    if open.is_empty() {
        return "рабочих дней нет, записаться нельзя".to_owned();
    }
    let hours = schedule.common_hours();
    format!("{}, {}–{}", open.join(" "), hours.opens(), hours.closes())
}
