//! Where each client's data lies.

use serde::{Deserialize, Serialize};

use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::home::{Home, Place};
use crate::domain::ids::ClientId;

/// A home as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 { place: PlaceRow, leaving: bool, container: bool },
}

#[derive(Serialize, Deserialize)]
enum PlaceRow {
    Process,
    Container,
}

impl Row {
    fn home(self) -> Home {
        let Self::V1 { place, leaving, container } = self;
        let place = match place {
            PlaceRow::Process => Place::Process,
            PlaceRow::Container => Place::Container,
        };
        Home { place, is_leaving: leaving, has_container: container }
    }
}

/// Returns where the client's data lies, if that is on record.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be read.
pub fn get(txn: &impl Read, client: ClientId) -> Result<Option<Home>, StoreError> {
    let row: Option<Row> = txn.homes().get_row(client.bits())?;
    Ok(row.map(Row::home))
}

/// Returns the clients whose data, as the record says, is not at `here` alone, by id.
///
/// # Errors
///
/// As [`get`].
pub fn not_settled(txn: &impl Read, here: Place) -> Result<Vec<(ClientId, Home)>, StoreError> {
    let mut found = Vec::new();
    for entry in txn.homes().rows::<Row>(..) {
        let (id, row) = entry?;
        let home = row.home();
        let left = here == Place::Process && home.has_container;
        if home.place != here || home.is_leaving || left {
            found.push((ClientId::from_bits(id), home));
        }
    }
    Ok(found)
}

/// Puts on record where the client's data lies.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be written.
pub fn put(txn: &Txn<'_>, client: ClientId, home: Home) -> Result<(), StoreError> {
    let place = match home.place {
        Place::Process => PlaceRow::Process,
        Place::Container => PlaceRow::Container,
    };
    let row = Row::V1 { place, leaving: home.is_leaving, container: home.has_container };
    txn.homes().insert_row(client.bits(), &row).map(drop)
}

/// Forgets where the client's data lay: there is none any more.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be removed.
pub fn remove(txn: &Txn<'_>, client: ClientId) -> Result<(), StoreError> {
    txn.homes().remove(client.bits()).map(drop)
}
