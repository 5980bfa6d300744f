//! Whatever people are called, the words around their names stay as they are.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::booking::{BookingState, Cause, CustomerName, Reminded};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::locale::Locale;
use crate::domain::profile::{PauseReason, ServiceLevel};
use crate::domain::schedule::Schedule;
use crate::domain::service::{ServiceId, VisitLength};

/// A name that stands in no message.
const PLAIN: &str = "Qq";

struct Named {
    company: String,
    customer: String,
    service: String,
}

fn profile(words: Words, named: &Named) -> Option<Profile> {
    Some(Profile {
        version: 1,
        client: ClientId::from_bits(1),
        company: named.company.parse().ok()?,
        owner: UserId::new(111).ok()?,
        bot: "salon_bot".parse().ok()?,
        zone: TimeZone::UTC,
        locale: words.locale(),
        service: ServiceLevel::Full,
        sales_bot: "sales_bot".parse().ok(),
        support: "@help".to_owned(),
        backup: None,
        seed: None,
        is_leaving: false,
    })
}

/// Says everything in which names stand.
fn say_all(words: Words, named: &Named) -> Option<Vec<String>> {
    let profile = profile(words, named)?;
    let price = crate::domain::money::Money::from_kopecks(150_050).ok()?;
    let visit = Visit { name: named.service.parse().ok()?, length: VisitLength::HOUR, price };
    let start: Timestamp = "2026-11-25T10:00:00Z".parse().ok()?;
    let slot = Slot::new(start, SignedDuration::from_hours(1)).ok()?;
    let customer = Customer { id: UserId::new(5).ok()?, name: CustomerName::new(&named.customer) };
    if customer.name.as_str() != named.customer || visit.name.as_str() != named.service {
        return None; // It is not taken as it is.
    }
    let booking = Booking {
        cause: Cause(1),
        slot,
        visit: visit.clone(),
        customer,
        state: BookingState::Booked,
        booked_at: start,
        reminded: Reminded::default(),
    };
    let service = Service { id: ServiceId(1), visit: visit.clone() };
    let (services, rules) = (std::slice::from_ref(&service), BookingRules::default());
    let (schedule, day) = (Schedule::default(), jiff::civil::date(2026, 11, 25));
    let visits = std::slice::from_ref(&booking);
    Some(vec![
        greeting(words, &profile),
        about(words, &profile, services, rules),
        choose_day(words, &visit),
        choose_time(words, &visit, day),
        day_full(words, &visit, day),
        confirm(words, &visit, slot, &profile),
        booked(words, &booking, &profile, rules),
        my_visits(words, visits, &profile, start),
        cancel_question(words, &booking, &profile),
        cancelled(words, &booking, &profile),
        reminder(words, &booking, &profile, start),
        owner_notice(words, &booking, BookingNews::Booked, &profile),
        owner::menu(words, &profile),
        owner::set_up_hours(words, &profile, &schedule),
        owner::set_up_service(words, services),
        owner::set_up_done(words, &profile, services, &schedule),
        owner::services(words, services),
        owner::remove_button(words, &service),
        owner::remove_question(words, &service),
        owner::service_added(words, &service),
        owner::service_removed(words, &service),
        owner::visits(words, "", visits, &profile),
        owner::paused(words, &profile, PauseReason::Expiry),
        owner::paused(words, &profile, PauseReason::Operator),
    ])
}

fn hostile() -> impl Strategy<Value = String> {
    "[{}$<>&*_`\"'\\[\\]()#.\\\\-]{1,20}|\\PC{1,30}|\\{ ?\\$[a-z]{1,8} ?\\}|-[a-z]{1,5} = x"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("it is a name, not the plain one, and quotes nothing", |text| {
            !text.is_empty() && !text.contains(PLAIN) && !text.contains(['«', '»', '“', '”'])
        })
}

proptest! {
    /// D-055: one underscore in a name broke the message.
    #[test]
    fn d_055_names_are_never_markup(company in hostile(), customer in hostile(), service in hostile()) {
        let plain = |text: &str| format!("{PLAIN}{text}");
        let standing = Named { company: plain("a"), customer: plain("b"), service: plain("c") };
        let named = Named { company, customer, service };
        for words in Locale::ALL.map(Words::new) {
            let Some(said) = say_all(words, &named) else { return Ok(()) };
            for (said, expected) in said.into_iter().zip(say_all(words, &standing).unwrap()) {
                let expected: String = expected
                    .split(PLAIN)
                    .enumerate()
                    .map(|(index, piece)| match piece.chars().next() {
                        Some('a') if index > 0 => format!("{}{}", named.company, &piece[1..]),
                        Some('b') if index > 0 => format!("{}{}", named.customer, &piece[1..]),
                        Some('c') if index > 0 => format!("{}{}", named.service, &piece[1..]),
                        _ => piece.to_owned(),
                    })
                    .collect();
                prop_assert_eq!(said, expected);
            }
        }
    }
}
