//! Lists: filters, pages and cursors.

use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Refusal};
use super::ledger::{Ledger, Place, SimStatus};
use super::view::{ListView, PaymentView, RefundView};

const USUAL_LIMIT: usize = 10;
const LARGEST_LIMIT: usize = 100;

/// What a list is asked for.
#[derive(Debug)]
struct Filter {
    from: Timestamp,
    /// Inclusive.
    to: Timestamp,
    status: Option<String>,
    payment_id: Option<String>,
    limit: usize,
    before: Place,
}

/// Answers `GET /payments`.
pub(super) fn payments(ledger: &Ledger, query: &str, base: &str) -> Result<Answer, Refusal> {
    let filter = Filter::parse(query)?;
    let found = ledger
        .payments_before(filter.below())
        .take_while(|(place, _)| filter.reaches(*place))
        .filter(|(_, payment)| filter.takes(payment.status));
    Ok(page(found, filter.limit, |payment| PaymentView::new(payment, base)))
}

/// Answers `GET /refunds`.
pub(super) fn refunds(ledger: &Ledger, query: &str) -> Result<Answer, Refusal> {
    let filter = Filter::parse(query)?;
    let of_payment = |id: &str| filter.payment_id.as_deref().is_none_or(|wanted| wanted == id);
    let found = ledger
        .refunds_before(filter.below())
        .take_while(|(place, _)| filter.reaches(*place))
        .filter(|(_, refund)| filter.takes(refund.status) && of_payment(&refund.payment_id));
    Ok(page(found, filter.limit, RefundView::new))
}

fn page<'a, T: 'a, V: serde::Serialize>(
    mut found: impl Iterator<Item = (Place, &'a T)>,
    limit: usize,
    view: impl Fn(&'a T) -> V,
) -> Answer {
    let mut last = None;
    let mut items = Vec::new();
    for (place, item) in found.by_ref().take(limit) {
        items.push(view(item));
        last = Some(place);
    }
    let next_cursor = last.filter(|_| found.next().is_some()).map(cursor);
    Answer::ok(&ListView { r#type: "list", items, next_cursor })
}

fn cursor((created, number): Place) -> String {
    format!("{:x}-{number:x}", created.as_nanosecond())
}

fn place(cursor: &str) -> Option<Place> {
    let (created, number) = cursor.split_once('-')?;
    let created = i128::from_str_radix(created, 16).ok()?;
    let number = u64::from_str_radix(number, 16).ok()?;
    Some((Timestamp::from_nanosecond(created).ok()?, number))
}

impl Filter {
    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut filter = Self {
            from: Timestamp::MIN,
            to: Timestamp::MAX,
            status: None,
            payment_id: None,
            limit: USUAL_LIMIT,
            before: (Timestamp::MAX, u64::MAX),
        };
        let address = reqwest::Url::parse(&format!("http://shop/?{query}"));
        let address = address.map_err(|_| Refusal::malformed("The query cannot be read"))?;
        for (name, value) in address.query_pairs() {
            filter.set(&name, &value)?;
        }
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "created_at.gte" => self.from = self.from.max(instant(value)?),
            "created_at.gt" => self.from = self.from.max(beside(instant(value)?, 1)),
            "created_at.lte" => self.to = self.to.min(instant(value)?),
            "created_at.lt" => self.to = self.to.min(beside(instant(value)?, -1)),
            "status" => self.status = Some(value.to_owned()),
            "payment_id" => self.payment_id = Some(value.to_owned()),
            "limit" => {
                let limit = value.parse().ok().filter(|n| (1..=LARGEST_LIMIT).contains(n));
                self.limit = limit.ok_or_else(|| Refusal::invalid("1 to 100", "limit"))?;
            }
            "cursor" => {
                let unknown = || Refusal::invalid("An unknown cursor", "cursor");
                self.before = place(value).ok_or_else(unknown)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns where the list begins; it goes back in time from there.
    fn below(&self) -> Place {
        self.before.min((self.to, u64::MAX))
    }

    fn reaches(&self, (created, _): Place) -> bool {
        self.from <= created
    }

    fn takes(&self, status: SimStatus) -> bool {
        self.status.as_deref().is_none_or(|wanted| wanted == status.as_str())
    }
}

/// Returns the instant so many nanoseconds later, or the end of time.
fn beside(at: Timestamp, nanoseconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_nanos(nanoseconds)).unwrap_or(at)
}

fn instant(value: &str) -> Result<Timestamp, Refusal> {
    value.parse().map_err(|_| Refusal::invalid("Not an instant", "created_at"))
}
