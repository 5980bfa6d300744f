//! What a client offers. A service that is taken off the list keeps its row, so that its number
//! is never given to another.

use serde::{Deserialize, Serialize};

use super::rows::valid;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::money::Money;
use crate::domain::service::{Service, ServiceId, Visit, VisitLength};

const TABLE: &str = "services";

/// A [`Visit`], here and in a booking.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct VisitRow {
    name: String,
    length_min: u16,
    kopecks: i64,
}

impl From<&Visit> for VisitRow {
    fn from(visit: &Visit) -> Self {
        Self {
            name: visit.name.as_str().to_owned(),
            length_min: visit.length.minutes(),
            kopecks: visit.price.kopecks(),
        }
    }
}

impl VisitRow {
    pub(super) fn parse(self, table: &'static str) -> Result<Visit, StoreError> {
        Ok(Visit {
            name: valid(table, self.name.parse())?,
            length: valid(table, VisitLength::from_minutes(self.length_min))?,
            price: valid(table, Money::from_kopecks(self.kopecks))?,
        })
    }
}

/// A service as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 { visit: VisitRow, offered: bool },
}

/// Returns the service `id`, if it is offered.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn get(txn: &impl Read, id: ServiceId) -> Result<Option<Service>, StoreError> {
    match txn.services().get_row::<Row>(id.0)? {
        Some(Row::V1 { visit, offered: true }) => {
            Ok(Some(Service { id, visit: visit.parse(TABLE)? }))
        }
        Some(Row::V1 { offered: false, .. }) | None => Ok(None),
    }
}

/// Returns all that is offered, the oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn list(txn: &impl Read) -> Result<Vec<Service>, StoreError> {
    let mut services = Vec::new();
    for entry in txn.services().rows::<Row>(..) {
        if let (id, Row::V1 { visit, offered: true }) = entry? {
            services.push(Service { id: ServiceId(id), visit: visit.parse(TABLE)? });
        }
    }
    Ok(services)
}

/// Puts `visit` on the list, at the end, under a number of its own.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn add(txn: &Txn<'_>, visit: &Visit) -> Result<ServiceId, StoreError> {
    let id = txn.services().last()?.map_or(1, |(last, _)| last.saturating_add(1));
    txn.services().insert_row(id, &Row::V1 { visit: visit.into(), offered: true })?;
    Ok(ServiceId(id))
}

/// Takes a service off the list.
///
/// # Errors
///
/// As [`add`].
pub fn withdraw(txn: &Txn<'_>, service: &Service) -> Result<(), StoreError> {
    let row = Row::V1 { visit: (&service.visit).into(), offered: false };
    txn.services().insert_row(service.id.0, &row)?;
    Ok(())
}
