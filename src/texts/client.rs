//! What a client's bot says.

pub mod owner;

use jiff::{SignedDuration, Timestamp};

use super::calendar::{count, distance, length, long_date, moment, short_date, time};
use super::money;
use crate::domain::booking::{Booking, Customer};
use crate::domain::client_job::BookingNews;
use crate::domain::profile::Profile;
use crate::domain::service::{Service, Visit};
use crate::domain::settings::BookingRules;
use crate::domain::slots::Slot;

/// The menu's button that begins a booking.
pub const MENU_BOOK: &str = "📅 Записаться";
/// The menu's button that lists the customer's visits.
pub const MENU_MINE: &str = "📋 Мои записи";
/// The menu's button that tells of the services and the rules.
pub const MENU_ABOUT: &str = "ℹ️ О сервисе";

/// Said when an update had to be given up.
pub const APOLOGY: &str = "Извините, что-то пошло не так. Пожалуйста, попробуйте ещё раз: /start";
/// The answer to a message that nobody expected.
pub const NOT_UNDERSTOOD: &str = "Не понял вас. Выберите, пожалуйста, пункт меню ниже.";
/// The answer to a button that no longer works.
pub const STALE_BUTTON: &str = "Эта кнопка устарела. Начните, пожалуйста, заново: /start";
/// The answer to a button that is not a choice.
pub const NOT_A_CHOICE: &str = "Здесь записаться нельзя, выберите другой вариант.";
/// The answer to /cancel.
pub const STOPPED: &str = "Хорошо, остановились. Выберите пункт меню.";

/// The first question.
pub const CHOOSE_SERVICE: &str = "Выберите услугу:";
/// Said when nothing is offered.
pub const NO_SERVICES: &str =
    "Сейчас записаться нельзя: нет доступных услуг. Загляните, пожалуйста, позже.";
/// Said when the service was taken off the list meanwhile.
pub const SERVICE_GONE: &str = "Эта услуга больше не предлагается. Выберите, пожалуйста, другую:";
/// Said when the time was taken meanwhile.
pub const SLOT_TAKEN: &str =
    "К сожалению, это время только что заняли. Выберите, пожалуйста, другое.";
/// Said when the time is past.
pub const IN_THE_PAST: &str = "Это время уже прошло. Выберите, пожалуйста, другое.";
/// Said when the business does not work at the time.
pub const NOT_OPEN: &str = "На это время записи нет. Выберите, пожалуйста, другое.";
/// Said when the customer ends a booking half-way.
pub const NOT_BOOKED: &str =
    "Хорошо, ничего не записываем. Захотите записаться — нажмите «📅 Записаться».";

/// Buttons of the booking.
pub const CONFIRM: &str = "✅ Подтвердить";
/// Back to the times of the day.
pub const OTHER_TIME: &str = "🕘 Другое время";
/// Back to the days.
pub const OTHER_DAY: &str = "📅 Другой день";
/// Back to the services.
pub const OTHER_SERVICE: &str = "💼 Другая услуга";
/// Ends the booking.
pub const STOP: &str = "✖️ Не записываться";
/// To the days before.
pub const EARLIER: &str = "◀️ Раньше";
/// To the days after.
pub const LATER: &str = "Позже ▶️";

/// Said when there is no visit ahead.
pub const NO_VISITS: &str =
    "У вас нет предстоящих записей. Чтобы записаться, нажмите «📅 Записаться».";
/// The button that cancels for good.
pub const CANCEL_SURE: &str = "❌ Да, отменить";
/// The button that keeps the visit.
pub const KEEP: &str = "↩️ Оставить";
/// Said when the booking is not the customer's, or not at all.
pub const NO_SUCH_VISIT: &str = "Такой записи у вас нет.";
/// Said when the visit was cancelled before.
pub const ALREADY_CANCELLED: &str = "Эта запись уже отменена.";
/// Said when the visit has begun.
pub const VISIT_BEGUN: &str = "Этот визит уже начался или прошёл, отменить его нельзя.";

/// What customers hear while the client has not paid.
pub const PAUSED: &str = "Бот временно приостановлен, запись сейчас недоступна. Приносим извинения! \
     Ваши записи сохранены.";

/// Greets a customer.
pub fn greeting(profile: &Profile) -> String {
    format!(
        "Здравствуйте! Это бот записи «{}».\n\nЗдесь можно выбрать удобное время и записаться, \
         посмотреть свои записи и отменить их. Чем могу помочь?",
        profile.company
    )
}

/// Tells of the services and the rules.
pub fn about(profile: &Profile, services: &[Service], rules: BookingRules) -> String {
    let list: Vec<_> =
        services.iter().map(|service| format!("• {}", offer(&service.visit))).collect();
    let services =
        if list.is_empty() { "Услуг пока нет.".to_owned() } else { list.join("\n") };
    let visits = count(i64::from(rules.visits_at_once), ["запись", "записи", "записей"]);
    format!(
        "«{}»\n\n{services}\n\n• Напомним о визите за 24 часа и за 2 часа.\n• Отменить запись можно \
         не позднее чем за {}.\n• Одновременно можно иметь {visits}.",
        profile.company,
        hours(rules.cancel_before),
    )
}

/// Describes a service in one line.
pub fn offer(visit: &Visit) -> String {
    match visit.price.kopecks() {
        0 => format!("{} — {}", visit.name, length(visit.length.minutes())),
        _ => {
            format!("{} — {}, {}", visit.name, length(visit.length.minutes()), money(visit.price))
        }
    }
}

/// Asks for the day.
pub fn choose_day(visit: &Visit) -> String {
    format!("{}\n\nВыберите день:", offer(visit))
}

/// Asks for the time.
pub fn choose_time(visit: &Visit, day: jiff::civil::Date) -> String {
    format!("{}\n{}\n\nВыберите время:", offer(visit), capital(&long_date(day)))
}

/// Says that the day has no time left.
pub fn day_full(visit: &Visit, day: jiff::civil::Date) -> String {
    format!(
        "{}\n{}\n\nСвободного времени нет. Выберите другой день.",
        offer(visit),
        capital(&long_date(day))
    )
}

/// Names a day on a button, with what is left of it; few places are worth a word.
pub fn free_day(day: jiff::civil::Date, free: usize) -> String {
    match free {
        1..=3 => format!("{} · осталось {free}", short_date(day)),
        _ => short_date(day),
    }
}

/// Names a day on which nothing can be had.
pub fn full_day(day: jiff::civil::Date) -> String {
    format!("{} · мест нет", short_date(day))
}

/// Names a day on which nobody works.
pub fn closed_day(day: jiff::civil::Date) -> String {
    format!("{} · выходной", short_date(day))
}

/// Asks whether all is right.
pub fn confirm(visit: &Visit, slot: Slot, profile: &Profile) -> String {
    format!("Проверьте, всё ли верно:\n\n{}", card(visit, slot.start(), profile))
}

/// Says that the visit is booked, and what to do if it cannot be kept.
pub fn booked(booking: &Booking, profile: &Profile, rules: BookingRules) -> String {
    let cancelling = if booking.may_be_cancelled(booking.booked_at, rules) {
        format!("Отменить запись можно не позднее чем за {}.", hours(rules.cancel_before))
    } else {
        "Если планы изменятся, свяжитесь, пожалуйста, с администратором: до визита осталось \
         слишком мало времени, чтобы отменить его здесь."
            .to_owned()
    };
    let card = card(&booking.visit, booking.slot.start(), profile);
    format!("✅ Вы записаны!\n\n{card}\n\n{cancelling}")
}

/// Says that the customer holds as many visits as one may.
pub fn too_many(limit: u8) -> String {
    let visits = count(
        i64::from(limit),
        ["предстоящая запись", "предстоящие записи", "предстоящих записей"],
    );
    format!(
        "У вас уже {visits}, больше одновременно нельзя. Отмените одну из них в «{MENU_MINE}» или \
         дождитесь визита."
    )
}

/// Lists the customer's visits.
pub fn my_visits(visits: &[Booking], profile: &Profile, now: Timestamp) -> String {
    let today = now.to_zoned(profile.zone.clone()).date();
    let line = |(number, booking): (usize, &Booking)| {
        let start = booking.slot.start();
        let day = start.to_zoned(profile.zone.clone()).date();
        let away = distance(day, today);
        format!(
            "{}. {}\n    {} ({away})",
            number + 1,
            offer(&booking.visit),
            capital(&moment(start, &profile.zone)),
        )
    };
    let lines: Vec<_> = visits.iter().enumerate().map(line).collect();
    format!("Ваши записи:\n\n{}", lines.join("\n"))
}

/// Names the button that cancels a visit.
pub fn cancel_button(number: usize, booking: &Booking, profile: &Profile) -> String {
    let moment = super::calendar::short_moment(booking.slot.start(), &profile.zone);
    format!("❌ Отменить {number}: {moment}")
}

/// Asks whether to cancel.
pub fn cancel_question(booking: &Booking, profile: &Profile) -> String {
    format!("Отменить эту запись?\n\n{}", card(&booking.visit, booking.slot.start(), profile))
}

/// Says that the visit is cancelled.
pub fn cancelled(booking: &Booking, profile: &Profile) -> String {
    format!("Запись отменена.\n\n{}", card(&booking.visit, booking.slot.start(), profile))
}

/// Says that only the business can cancel the visit.
pub fn too_late(booking: &Booking, profile: &Profile, cancel_before: SignedDuration) -> String {
    format!(
        "До визита ({}) осталось меньше чем {}, поэтому отменить его здесь уже нельзя. \
         Свяжитесь, пожалуйста, с администратором.",
        moment(booking.slot.start(), &profile.zone),
        hours(cancel_before),
    )
}

/// Reminds of a visit; says how near it is now, not how near it was meant to be.
pub fn reminder(booking: &Booking, profile: &Profile, now: Timestamp) -> String {
    let start = booking.slot.start();
    let local = |at: Timestamp| at.to_zoned(profile.zone.clone()).date();
    format!(
        "🔔 Напоминаем: {} в {} ждём вас в «{}».\n\n{}",
        distance(local(start), local(now)),
        time(start, &profile.zone),
        profile.company,
        card(&booking.visit, start, profile),
    )
}

/// Tells the owner what has happened to a booking.
pub fn owner_notice(booking: &Booking, news: BookingNews, profile: &Profile) -> String {
    let what = match news {
        BookingNews::Booked => "🆕 Новая запись",
        BookingNews::Cancelled => "❌ Клиент отменил запись",
    };
    format!(
        "{what}\n\n{}\nКлиент: {}",
        card(&booking.visit, booking.slot.start(), profile),
        name(&booking.customer),
    )
}

/// Returns how a customer is called.
pub fn name(customer: &Customer) -> &str {
    match customer.name.as_str() {
        "" => "без имени",
        name => name,
    }
}

fn card(visit: &Visit, start: Timestamp, profile: &Profile) -> String {
    let mut card = format!(
        "Услуга: {}\nКогда: {}\nДлительность: {}",
        visit.name,
        moment(start, &profile.zone),
        length(visit.length.minutes()),
    );
    if visit.price.kopecks() > 0 {
        card.push_str(&format!("\nСтоимость: {}", money(visit.price)));
    }
    card
}

fn hours(length: SignedDuration) -> String {
    count(length.as_hours(), ["час", "часа", "часов"])
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
