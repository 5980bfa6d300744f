//! What a client's bot says to its owner.

use jiff::civil::Weekday;

use super::{list, name, offer, plain};
use crate::domain::booking::Booking;
use crate::domain::client::BotUsername;
use crate::domain::locale::Locale;
use crate::domain::profile::{PauseReason, Profile};
use crate::domain::schedule::{Hours, Schedule};
use crate::domain::service::{MOST_SERVICES, Service, ServiceName, VisitLength};
use crate::texts::calendar::{long_date, short_weekday, time};
use crate::texts::words::{Words, say};

plain! {
    /// The menu's button that lists today's visits.
    menu_today = say!("client-menu-today");
    /// The menu's button that lists the next visits.
    menu_next = say!("client-menu-next");
    /// The menu's button that shows the services.
    menu_services = say!("client-menu-services");
    /// The menu's button that shows the hours.
    menu_hours = say!("client-menu-hours");

    /// On to the next step of the set-up.
    go_on = say!("client-button-go-on");
    /// Ends a change.
    done = say!("client-button-done");
    /// Puts a service on the list.
    add_service = say!("client-button-add-service");
    /// Ends the set-up with the usual service.
    keep_usual = say!("client-button-keep-usual");
    /// Leaves a change.
    back = say!("client-button-back");
    /// Takes the service off the list.
    remove_sure = say!("client-button-remove-sure");
    /// Names no price.
    no_price = say!("client-button-no-price");
    /// Leads to where the subscription is renewed.
    pay_button = say!("client-button-pay");

    /// Asks for a service's name.
    ask_name = say!("client-owner-ask-name");
    /// Asks for a service's name again.
    bad_name = say!("client-owner-bad-name");
    /// Asks for a service's length.
    ask_length = say!("client-owner-ask-length");
    /// Asks for a service's length again.
    bad_length = say!("client-owner-bad-length");
    /// Asks for a service's price.
    ask_price = say!("client-owner-ask-price");
    /// Asks for a service's price again.
    bad_price = say!("client-owner-bad-price");
    /// Said when the only service is to be removed.
    last_service = say!("client-owner-last-service");
    /// Said when a service is not on the list any more.
    no_such_service = say!("client-owner-no-such-service");
    /// Said when nothing is booked.
    nobody = say!("client-owner-nobody");
    /// Said when nothing is booked for today.
    nobody_today = say!("client-owner-nobody-today");
    /// Said to somebody else who presses an owner's button.
    not_yours = say!("client-owner-not-yours");
    /// Asks for the bot's language.
    ask_language = say!("client-owner-language");
    /// Says, in the new language, that the bot speaks it.
    language_kept = say!("client-owner-language-kept");
}

/// Names a language on its button, in itself.
pub fn language_button(locale: Locale) -> &'static str {
    match locale {
        Locale::Ru => "Русский",
        Locale::En => "English",
    }
}

/// Greets the owner.
pub fn menu(words: Words, profile: &Profile) -> String {
    let (company, bot) = (profile.company.as_str(), profile.bot.as_str());
    say!(words, "client-owner-menu", company = company, bot = bot)
}

/// The first step of the set-up.
pub fn set_up_hours(words: Words, profile: &Profile, schedule: &Schedule) -> String {
    say!(
        words,
        "client-owner-set-up-hours",
        company = profile.company.as_str(),
        week = week(words, schedule),
        zone = profile.zone.iana_name().unwrap_or("UTC"),
    )
}

/// The hours, and how to change them.
pub fn hours(words: Words, profile: &Profile, schedule: &Schedule) -> String {
    let zone = profile.zone.iana_name().unwrap_or("UTC");
    say!(words, "client-owner-hours", week = week(words, schedule), zone = zone)
}

/// Says that the hours are kept.
pub fn hours_kept(words: Words, schedule: &Schedule) -> String {
    say!(words, "client-owner-hours-kept", week = week(words, schedule))
}

/// Names a day on its button.
pub fn day_button(words: Words, day: Weekday, hours: Option<Hours>) -> String {
    let mark = if hours.is_some() { "✅" } else { "▫️" };
    format!("{mark} {}", short_weekday(words, day))
}

/// Names the opening on its button.
pub fn opening(words: Words, hours: Hours) -> String {
    say!(words, "client-button-opens", time = hours.opens().to_string())
}

/// Names the closing on its button.
pub fn closing(words: Words, hours: Hours) -> String {
    say!(words, "client-button-closes", time = hours.closes().to_string())
}

/// The second step of the set-up.
pub fn set_up_service(words: Words, services: &[Service]) -> String {
    say!(words, "client-owner-set-up-service", services = list(words, services))
}

/// The end of the set-up.
pub fn set_up_done(
    words: Words,
    profile: &Profile,
    services: &[Service],
    schedule: &Schedule,
) -> String {
    say!(
        words,
        "client-owner-set-up-done",
        services = list(words, services),
        week = week(words, schedule),
        bot = profile.bot.as_str(),
    )
}

/// Lists the services.
pub fn services(words: Words, services: &[Service]) -> String {
    say!(words, "client-owner-services", services = list(words, services))
}

/// Offers a name to go on with.
pub fn usual_name(words: Words) -> String {
    let name = ServiceName::usual(words.locale());
    say!(words, "client-button-usual-name", name = name.as_str())
}

/// Names a length on its button.
pub fn length_button(words: Words, minutes: VisitLength) -> String {
    say!(words, "common-length-minutes", minutes = i64::from(minutes.minutes()))
}

/// Names the button that takes a service off the list.
pub fn remove_button(words: Words, service: &Service) -> String {
    say!(words, "client-button-remove", name = service.visit.name.as_str())
}

/// Asks whether to remove the service.
pub fn remove_question(words: Words, service: &Service) -> String {
    say!(words, "client-owner-remove-question", offer = offer(words, &service.visit))
}

/// Says that the service was put on the list.
pub fn service_added(words: Words, service: &Service) -> String {
    say!(words, "client-owner-service-added", offer = offer(words, &service.visit))
}

/// Says that the service was taken off the list.
pub fn service_removed(words: Words, service: &Service) -> String {
    say!(words, "client-owner-service-removed", name = service.visit.name.as_str())
}

/// Says that the list is full.
pub fn too_many_services(words: Words) -> String {
    say!(words, "client-owner-too-many-services", count = i64::from(MOST_SERVICES))
}

/// Lists visits by day.
pub fn visits(words: Words, title: &str, visits: &[Booking], profile: &Profile) -> String {
    let mut text = title.to_owned();
    let mut last = None;
    for booking in visits {
        let start = booking.slot.start();
        let day = start.to_zoned(profile.zone.clone()).date();
        if last.replace(day) != Some(day) {
            text.push_str(&format!("\n\n{}", long_date(words, day)));
        }
        let line = format!(
            "\n{}–{}  {}, {}",
            time(start, &profile.zone),
            time(booking.slot.end(), &profile.zone),
            booking.visit.name,
            name(words, &booking.customer),
        );
        text.push_str(&line);
    }
    text
}

/// Tells the owner why the bot is paused, and what to do.
pub fn paused(words: Words, profile: &Profile, why: PauseReason) -> String {
    let company = profile.company.as_str();
    let paused = match why {
        PauseReason::Expiry => {
            let sales = profile.sales_bot.as_ref().map_or_else(|| "none".to_owned(), link);
            say!(words, "client-owner-paused", company = company, sales = sales)
        }
        PauseReason::Operator => {
            say!(words, "client-owner-paused-by-operator", company = company)
        }
    };
    match profile.support.as_str() {
        "" => paused,
        support => {
            format!("{paused}\n\n{}", say!(words, "client-owner-questions", support = support))
        }
    }
}

/// Returns where a bot is found.
pub fn link(bot: &BotUsername) -> String {
    format!("https://t.me/{bot}")
}

fn week(words: Words, schedule: &Schedule) -> String {
    let days = Weekday::Monday.cycle_forward().take(7);
    let open: Vec<_> = days
        .filter(|day| schedule.weekday(*day).is_some())
        .map(|day| short_weekday(words, day))
        .collect();
    if open.is_empty() {
        return say!(words, "client-owner-no-working-days");
    }
    let hours = schedule.common_hours();
    format!("{}, {}–{}", open.join(" "), hours.opens(), hours.closes())
}
