//! What a client's bot says.

pub mod owner;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{distance, hours, length, long_date, moment, short_date, short_moment, time};
use super::words::{Words, say};
use crate::domain::booking::{Booking, Customer};
use crate::domain::client_job::BookingNews;
use crate::domain::profile::Profile;
use crate::domain::service::{Service, Visit};
use crate::domain::settings::BookingRules;
use crate::domain::slots::Slot;

/// Declares texts that need no values: their doc, name and message.
macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident = say!($id:literal);)*) => {
        $($(#[$doc])* pub fn $name(words: $crate::texts::Words) -> String {
            $crate::texts::words::say!(words, $id)
        })*
    };
}
use plain;

plain! {
    /// The menu's button that begins a booking.
    menu_book = say!("client-menu-book");
    /// The menu's button that lists the customer's visits.
    menu_mine = say!("client-menu-mine");
    /// The menu's button that tells of the services and the rules.
    menu_about = say!("client-menu-about");

    /// Said when an update had to be given up.
    apology = say!("client-apology");
    /// The answer to a message that nobody expected.
    not_understood = say!("client-not-understood");
    /// The answer to a button that no longer works.
    stale_button = say!("client-stale-button");
    /// The answer to a button that is not a choice.
    not_a_choice = say!("client-not-a-choice");
    /// The answer to /cancel.
    stopped = say!("client-stopped");

    /// The first question.
    choose_service = say!("client-choose-service");
    /// Said when nothing is offered.
    no_services = say!("client-no-services");
    /// Said when the service was taken off the list meanwhile.
    service_gone = say!("client-service-gone");
    /// Said when the time was taken meanwhile.
    slot_taken = say!("client-slot-taken");
    /// Said when the time is past.
    in_the_past = say!("client-in-the-past");
    /// Said when the business does not work at the time.
    not_open = say!("client-not-open");
    /// Said when the customer ends a booking half-way.
    not_booked = say!("client-not-booked");

    /// Books.
    confirm_button = say!("client-button-confirm");
    /// Back to the times of the day.
    other_time = say!("client-button-other-time");
    /// Back to the days.
    other_day = say!("client-button-other-day");
    /// Back to the services.
    other_service = say!("client-button-other-service");
    /// Ends the booking.
    stop = say!("client-button-stop");
    /// To the days before.
    earlier = say!("client-button-earlier");
    /// To the days after.
    later = say!("client-button-later");

    /// Said when there is no visit ahead.
    no_visits = say!("client-no-visits");
    /// The button that cancels for good.
    cancel_sure = say!("client-button-cancel-sure");
    /// The button that keeps the visit.
    keep = say!("client-button-keep");
    /// Said when the booking is not the customer's, or not at all.
    no_such_visit = say!("client-no-such-visit");
    /// Said when the visit was cancelled before.
    already_cancelled = say!("client-already-cancelled");
    /// Said when the visit has begun.
    visit_begun = say!("client-visit-begun");

    /// What customers hear while the client has not paid.
    paused = say!("client-paused");
}

/// Greets a customer.
pub fn greeting(words: Words, profile: &Profile) -> String {
    say!(words, "client-greeting", company = profile.company.as_str())
}

/// Tells of the services and the rules.
pub fn about(words: Words, profile: &Profile, services: &[Service], rules: BookingRules) -> String {
    let services = match services {
        [] => say!(words, "client-about-nothing"),
        some => list(words, some),
    };
    say!(
        words,
        "client-about",
        company = profile.company.as_str(),
        services = services,
        hours = hours(words, rules.cancel_before),
        visits = i64::from(rules.visits_at_once),
    )
}

/// Describes a service in one line.
pub fn offer(words: Words, visit: &Visit) -> String {
    let (name, length) = (visit.name.as_str(), length(words, visit.length.minutes()));
    if visit.price.kopecks() == 0 {
        return say!(words, "client-offer", name = name, length = length);
    }
    let price = words.money(visit.price);
    say!(words, "client-offer-priced", name = name, length = length, price = price)
}

/// Lists services, one a line.
fn list(words: Words, services: &[Service]) -> String {
    let lines: Vec<_> =
        services.iter().map(|it| format!("• {}", offer(words, &it.visit))).collect();
    lines.join("\n")
}

/// Asks for the day.
pub fn choose_day(words: Words, visit: &Visit) -> String {
    say!(words, "client-choose-day", offer = offer(words, visit))
}

/// Asks for the time.
pub fn choose_time(words: Words, visit: &Visit, day: Date) -> String {
    let (offer, day) = (offer(words, visit), capital(&long_date(words, day)));
    say!(words, "client-choose-time", offer = offer, day = day)
}

/// Says that the day has no time left.
pub fn day_full(words: Words, visit: &Visit, day: Date) -> String {
    let (offer, day) = (offer(words, visit), capital(&long_date(words, day)));
    say!(words, "client-day-full", offer = offer, day = day)
}

/// Names a day on a button, with what is left of it; few places are worth a word.
pub fn free_day(words: Words, day: Date, free: usize) -> String {
    let day = short_date(words, day);
    match free {
        1..=3 => say!(words, "client-day-few-left", day = day, free = free.to_string()),
        _ => day,
    }
}

/// Names a day on which nothing can be had.
pub fn full_day(words: Words, day: Date) -> String {
    say!(words, "client-day-no-room", day = short_date(words, day))
}

/// Names a day on which nobody works.
pub fn closed_day(words: Words, day: Date) -> String {
    say!(words, "client-day-closed", day = short_date(words, day))
}

/// Asks whether all is right.
pub fn confirm(words: Words, visit: &Visit, slot: Slot, profile: &Profile) -> String {
    say!(words, "client-check", card = card(words, visit, slot.start(), profile))
}

/// Says that the visit is booked, and what to do if it cannot be kept.
pub fn booked(words: Words, booking: &Booking, profile: &Profile, rules: BookingRules) -> String {
    let cancelling = if booking.may_be_cancelled(booking.booked_at, rules) {
        say!(words, "client-may-cancel", hours = hours(words, rules.cancel_before))
    } else {
        say!(words, "client-may-not-cancel")
    };
    let card = card_of(words, booking, profile);
    say!(words, "client-booked", card = card, cancelling = cancelling)
}

/// Says that the customer holds as many visits as one may.
pub fn too_many(words: Words, limit: u8) -> String {
    say!(words, "client-too-many", visits = i64::from(limit))
}

/// Lists the customer's visits.
pub fn my_visits(words: Words, visits: &[Booking], profile: &Profile, now: Timestamp) -> String {
    let today = now.to_zoned(profile.zone.clone()).date();
    let line = |(number, booking): (usize, &Booking)| {
        let start = booking.slot.start();
        let day = start.to_zoned(profile.zone.clone()).date();
        say!(
            words,
            "client-visit-line",
            number = (number + 1).to_string(),
            offer = offer(words, &booking.visit),
            when = capital(&moment(words, start, &profile.zone)),
            away = distance(words, day, today),
        )
    };
    let lines: Vec<_> = visits.iter().enumerate().map(line).collect();
    say!(words, "client-my-visits", visits = lines.join("\n"))
}

/// Names the button that cancels a visit.
pub fn cancel_button(words: Words, number: usize, booking: &Booking, profile: &Profile) -> String {
    let when = short_moment(words, booking.slot.start(), &profile.zone);
    say!(words, "client-button-cancel", number = number.to_string(), when = when)
}

/// Asks whether to cancel.
pub fn cancel_question(words: Words, booking: &Booking, profile: &Profile) -> String {
    say!(words, "client-cancel-question", card = card_of(words, booking, profile))
}

/// Says that the visit is cancelled.
pub fn cancelled(words: Words, booking: &Booking, profile: &Profile) -> String {
    say!(words, "client-cancelled", card = card_of(words, booking, profile))
}

/// Says that only the business can cancel the visit.
pub fn too_late(
    words: Words,
    booking: &Booking,
    profile: &Profile,
    cancel_before: SignedDuration,
) -> String {
    let when = moment(words, booking.slot.start(), &profile.zone);
    say!(words, "client-too-late", when = when, hours = hours(words, cancel_before))
}

/// Reminds of a visit; says how near it is now, not how near it was meant to be.
pub fn reminder(words: Words, booking: &Booking, profile: &Profile, now: Timestamp) -> String {
    let start = booking.slot.start();
    let local = |at: Timestamp| at.to_zoned(profile.zone.clone()).date();
    say!(
        words,
        "client-reminder",
        away = distance(words, local(start), local(now)),
        time = time(start, &profile.zone),
        company = profile.company.as_str(),
        card = card_of(words, booking, profile),
    )
}

/// Tells the owner what has happened to a booking.
pub fn owner_notice(
    words: Words,
    booking: &Booking,
    news: BookingNews,
    profile: &Profile,
) -> String {
    let news = match news {
        BookingNews::Booked => "booked",
        BookingNews::Cancelled => "cancelled",
    };
    let card = card_of(words, booking, profile);
    let customer = name(words, &booking.customer);
    say!(words, "client-owner-news", news = news, card = card, customer = customer)
}

/// Returns how a customer is called.
pub fn name(words: Words, customer: &Customer) -> String {
    match customer.name.as_str() {
        "" => say!(words, "client-unnamed"),
        name => name.to_owned(),
    }
}

fn card_of(words: Words, booking: &Booking, profile: &Profile) -> String {
    card(words, &booking.visit, booking.slot.start(), profile)
}

fn card(words: Words, visit: &Visit, start: Timestamp, profile: &Profile) -> String {
    let (name, when) = (visit.name.as_str(), moment(words, start, &profile.zone));
    let length = length(words, visit.length.minutes());
    if visit.price.kopecks() == 0 {
        return say!(words, "client-card", name = name, when = when, length = length);
    }
    let price = words.money(visit.price);
    say!(words, "client-card-priced", name = name, when = when, length = length, price = price)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
