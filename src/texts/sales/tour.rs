//! The Sales Bot's tour of a client's bot: what the real bot says, about an example.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::domain::booking::{Booking, BookingState, Cause, Customer, CustomerName, Reminded};
use crate::domain::client_job::BookingNews;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::money::Money;
use crate::domain::profile::{Profile, ServiceLevel};
use crate::domain::service::{Visit, VisitLength};
use crate::domain::settings::BookingRules;
use crate::domain::slots::Slot;
use crate::texts::client as shown;
use crate::texts::words::{Words, say};

/// Each service's minutes and kopecks.
const SERVICES: [(u16, i64); 3] = [(60, 150_000), (90, 200_000), (30, 0)];

/// An example business, on the day of the tour.
pub struct Example {
    words: Words,
    now: Timestamp,
    profile: Profile,
}

/// A choice of service, day (counted from today) and hour.
pub type Choice = (u8, u8, u8);

impl Example {
    /// Makes the example; none if its own values are wrong, which a test rules out.
    pub fn new(words: Words, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let profile = Profile {
            version: 1,
            client: ClientId::from_bits(0),
            company: say!(words, "sales-tour-company").parse().ok()?,
            owner: UserId::new(1).ok()?,
            bot: "sample_bot".parse().ok()?,
            zone: zone.clone(),
            locale: words.locale(),
            service: ServiceLevel::Full,
            sales_bot: None,
            support: String::new(),
            backup: None,
            seed: None,
            is_leaving: false,
        };
        Some(Self { words, now, profile })
    }

    fn visit(&self, service: u8) -> Option<Visit> {
        let (minutes, kopecks) = *SERVICES.get(usize::from(service))?;
        let name = say!(self.words, "sales-tour-service", number = i64::from(service));
        Some(Visit {
            name: name.parse().ok()?,
            length: VisitLength::from_minutes(minutes).ok()?,
            price: Money::from_kopecks(kopecks).ok()?,
        })
    }

    fn date(&self, day: u8) -> Option<Date> {
        let today = self.now.to_zoned(self.profile.zone.clone()).date();
        today.checked_add(Span::new().days(i64::from(day))).ok()
    }

    fn booking(&self, (service, day, hour): Choice) -> Option<Booking> {
        let visit = self.visit(service)?;
        let start = self.date(day)?.at(i8::try_from(hour).ok()?, 0, 0, 0);
        let start = start.to_zoned(self.profile.zone.clone()).ok()?.timestamp();
        let name = CustomerName::new(&say!(self.words, "sales-tour-customer"));
        Some(Booking {
            cause: Cause(0),
            slot: Slot::new(start, visit.length.duration()).ok()?,
            visit,
            customer: Customer { id: UserId::new(2).ok()?, name },
            state: BookingState::Booked,
            booked_at: self.now,
            reminded: Reminded::default(),
        })
    }

    fn framed(&self, text: &str) -> String {
        say!(self.words, "sales-tour", text = text)
    }

    /// A service on its button.
    pub fn service_button(&self, service: u8) -> Option<String> {
        Some(shown::offer(self.words, &self.visit(service)?))
    }

    /// A day on its button.
    pub fn day_button(&self, day: u8) -> Option<String> {
        Some(shown::free_day(self.words, self.date(day)?, usize::MAX))
    }

    /// The customer is greeted and asked for the service.
    pub fn services(&self) -> String {
        let greeting = shown::greeting(self.words, &self.profile);
        self.framed(&format!("{greeting}\n\n{}", shown::choose_service(self.words)))
    }

    /// The customer is asked for the day.
    pub fn days(&self, service: u8) -> Option<String> {
        Some(self.framed(&shown::choose_day(self.words, &self.visit(service)?)))
    }

    /// The customer is asked for the time.
    pub fn times(&self, service: u8, day: u8) -> Option<String> {
        let (visit, date) = (self.visit(service)?, self.date(day)?);
        Some(self.framed(&shown::choose_time(self.words, &visit, date)))
    }

    /// The customer has booked.
    pub fn booked(&self, choice: Choice) -> Option<String> {
        let rules = BookingRules::default();
        let text = shown::booked(self.words, &self.booking(choice)?, &self.profile, rules);
        Some(self.framed(&say!(self.words, "sales-tour-booked", text = text)))
    }

    /// The owner hears of it.
    pub fn owner(&self, choice: Choice) -> Option<String> {
        let (booking, news) = (self.booking(choice)?, BookingNews::Booked);
        let text = shown::owner_notice(self.words, &booking, news, &self.profile);
        Some(say!(self.words, "sales-tour-owner", text = text))
    }
}
