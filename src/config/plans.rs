//! `[[plans]]`: the price list.

use super::raw::Origin;
use super::reader::Reader;
use super::setting::Setting;
use crate::domain::money::Money;
use crate::domain::plan::{Days, InvalidPriceList, Plan, PlanId, PriceList};

/// What is sold if nothing else is written: id, name, days, kopecks.
const DEFAULTS: [(&str, &str, i64, i64); 4] = [
    ("1m", "Starter", 30, 29_900),
    ("3m", "Standard", 90, 79_900),
    ("6m", "Business", 180, 149_900),
    ("12m", "Premium", 365, 249_900),
];

/// Reads the price list; a written one replaces the whole default.
pub(super) fn read(reader: &mut Reader) -> Option<PriceList> {
    let plans = match reader.tables("plans") {
        Some(tables) => {
            let mut seen = Vec::new();
            let mut read = |(place, table)| plan(reader, place, table, &mut seen);
            (1..).zip(&tables).map(&mut read).collect::<Vec<_>>()
        }
        None => defaults(reader),
    };
    let plans = plans.into_iter().collect::<Option<Vec<_>>>()?;
    PriceList::new(plans).map_err(|err| complain(reader, &err)).ok()
}

fn complain(reader: &mut Reader, err: &InvalidPriceList) {
    reader.complain("plans", err.to_string());
}

/// Reads one plan; `seen` are the ids of those before it.
fn plan(reader: &mut Reader, place: usize, table: &Origin, seen: &mut Vec<PlanId>) -> Option<Plan> {
    let key = format!("plans[{place}].id");
    let mut id = reader.required::<PlanId>(&key, table);
    if let Some(known) = id.take_if(|id| seen.contains(id)) {
        let wrong = format!("another plan has the id {known}; each needs its own");
        reader.complain(&key, wrong);
    }
    seen.extend(id.clone());
    let name = reader.required(&format!("plans[{place}].name"), table);
    let days = reader.required(&format!("plans[{place}].days"), table);
    let key = format!("plans[{place}].price");
    let mut price = reader.required::<Money>(&key, table);
    if price.take_if(|price| *price == Money::ZERO).is_some() {
        reader.complain(&key, "a plan that costs nothing cannot be sold; see billing.trial_days");
    }
    Some(Plan { id: id?, name: name?, days: days?, price: price? })
}

fn defaults(reader: &mut Reader) -> Vec<Option<Plan>> {
    let plan = |(id, name, days, kopecks): (&str, &str, i64, i64)| {
        let (days, price) = (Days::new(days).ok()?, Money::from_kopecks(kopecks).ok()?);
        Some(Plan { id: id.parse().ok()?, name: name.to_owned(), days, price })
    };
    let plans: Vec<_> = DEFAULTS.into_iter().map(plan).collect();
    for (place, plan) in (1..).zip(plans.iter().flatten()) {
        let id = (format!("plans[{place}].id"), plan.id.show());
        let name = (format!("plans[{place}].name"), plan.name.show());
        let days = (format!("plans[{place}].days"), plan.days.show());
        let price = (format!("plans[{place}].price"), plan.price.show());
        for (key, value) in [id, name, days, price] {
            reader.found(&key, value, &Origin::Default);
        }
    }
    plans
}
