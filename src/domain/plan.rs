//! What is sold: plans, and all that is computed from their prices.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;

use super::money::Money;

/// A plan's id, as it stands in the settings, in buttons and in the API: 1 to 16 of `a-z 0-9 _`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanId(String);

/// Why a text is not a plan's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a plan's id is 1 to 16 of a-z, 0-9 and _")]
pub struct InvalidPlanId;

impl PlanId {
    /// Returns the id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PlanId {
    type Err = InvalidPlanId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if (1..=16).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPlanId)
        }
    }
}

/// A length of service in whole days, 1 to 3650.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days(u16);

/// Why a number is not a length of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("days are a whole number from 1 to 3650")]
pub struct InvalidDays;

impl Days {
    /// Makes a length of service.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidDays`] unless `1 <= days <= 3650`.
    pub fn new(days: i64) -> Result<Self, InvalidDays> {
        let days = u16::try_from(days).map_err(|_| InvalidDays)?;
        if (1..=3650).contains(&days) { Ok(Self(days)) } else { Err(InvalidDays) }
    }

    /// Returns the number of days.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Returns the length as time: a day of service is 24 hours.
    pub fn length(self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.0) * 24)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One line of the price list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Names the plan in buttons and in the API.
    pub id: PlanId,
    /// Names the plan to people.
    pub name: String,
    /// How long one payment lasts.
    pub days: Days,
    /// What it costs.
    pub price: Money,
}

/// The price list: at least one plan, no id twice, cheapest first. All texts about prices are
/// computed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceList(Vec<Plan>);

/// Why plans do not make a price list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPriceList {
    /// There is nothing to sell.
    #[error("there is no plan")]
    Empty,
    /// Two plans have this id.
    #[error("two plans have the id {0}")]
    Twice(PlanId),
    /// This plan costs nothing; a gift is a trial or a manual receipt.
    #[error("the plan {0} has no price")]
    Free(PlanId),
}

impl PriceList {
    /// Makes a price list, cheapest plan first.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidPriceList`] for what no shop can sell.
    pub fn new(mut plans: Vec<Plan>) -> Result<Self, InvalidPriceList> {
        if plans.is_empty() {
            return Err(InvalidPriceList::Empty);
        }
        plans.sort_by(|a, b| a.price.cmp(&b.price).then_with(|| a.id.cmp(&b.id)));
        for (place, plan) in plans.iter().enumerate() {
            if plan.price == Money::ZERO {
                return Err(InvalidPriceList::Free(plan.id.clone()));
            }
            if plans.iter().skip(place + 1).any(|other| other.id == plan.id) {
                return Err(InvalidPriceList::Twice(plan.id.clone()));
            }
        }
        Ok(Self(plans))
    }

    /// Returns the plans, cheapest first.
    pub fn plans(&self) -> &[Plan] {
        &self.0
    }

    /// Returns the plan with this id.
    pub fn get(&self, id: &PlanId) -> Option<&Plan> {
        self.0.iter().find(|plan| plan.id == *id)
    }

    /// Returns the price of one day, rounded to the nearest kopeck, half up.
    pub fn per_day(plan: &Plan) -> Money {
        let days = i64::from(plan.days.get());
        Money::from_kopecks((plan.price.kopecks() + days / 2) / days).unwrap_or_default()
    }

    /// Returns what so many days are worth by the list: a plan's price where there is one of that
    /// length, else in proportion to the longest plan that is not longer, in whole roubles.
    pub fn recommended(&self, days: Days) -> Money {
        if let Some(plan) = self.0.iter().find(|plan| plan.days == days) {
            return plan.price;
        }
        let shorter = self.0.iter().filter(|plan| plan.days < days);
        let shortest = self.0.iter().min_by_key(|plan| plan.days);
        let Some(plan) = shorter.max_by_key(|plan| plan.days).or(shortest) else {
            return Money::ZERO;
        };
        let (price, length) = (plan.price.kopecks(), i64::from(plan.days.get()));
        let kopecks = price.saturating_mul(i64::from(days.get())) / length;
        let roubles = kopecks.saturating_add(99) / 100;
        Money::from_kopecks(roubles.saturating_mul(100)).unwrap_or(plan.price)
    }

    /// Returns what `plan` saves against the cheapest plan bought again and again for as many
    /// whole periods as fit in its days (a year holds twelve months of 30 days).
    pub fn saving(&self, plan: &Plan) -> Money {
        let Some(base) = self.0.first() else { return Money::ZERO };
        let periods = i64::from(plan.days.get() / base.days.get().max(1));
        let full = base.price.kopecks().saturating_mul(periods);
        Money::from_kopecks((full - plan.price.kopecks()).max(0)).unwrap_or(Money::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(id: &str, days: i64, price: &str) -> Plan {
        Plan {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            days: Days::new(days).unwrap(),
            price: price.parse().unwrap(),
        }
    }

    /// D-021: the savings were written by hand, and wrong.
    #[test]
    fn savings_are_computed_from_the_prices() {
        let list = PriceList::new(vec![
            plan("12m", 365, "2499.00"),
            plan("1m", 30, "299.00"),
            plan("3m", 90, "799.00"),
            plan("6m", 180, "1499.00"),
        ])
        .unwrap();
        let savings: Vec<_> = list.plans().iter().map(|p| list.saving(p).to_string()).collect();
        assert_eq!(savings, ["0.00", "98.00", "295.00", "1089.00"]);
        let days: Vec<_> = list.plans().iter().map(|p| PriceList::per_day(p).to_string()).collect();
        assert_eq!(days, ["9.97", "8.88", "8.33", "6.85"]);
    }

    /// O-10: what is recommended comes from the same list as what is sold.
    #[test]
    fn any_number_of_days_has_a_price() {
        let list =
            PriceList::new(vec![plan("1m", 30, "299.00"), plan("3m", 90, "799.00")]).unwrap();
        let prices = [30, 90, 7, 45, 180].map(|days| list.recommended(Days::new(days).unwrap()));
        assert_eq!(
            prices.map(|it| it.to_string()),
            ["299.00", "799.00", "70.00", "449.00", "1598.00"]
        );
    }

    #[test]
    fn a_list_that_no_shop_can_sell_is_refused() {
        assert_eq!(PriceList::new(vec![]), Err(InvalidPriceList::Empty));
        let free = plan("1m", 30, "0.00");
        assert_eq!(PriceList::new(vec![free.clone()]), Err(InvalidPriceList::Free(free.id)));
        let twice = vec![plan("1m", 30, "1.00"), plan("1m", 60, "2.00")];
        assert!(matches!(PriceList::new(twice), Err(InvalidPriceList::Twice(_))));
    }
}
