//! A disk for tests: it remembers what reached it, can lose what was not synced, and can fail.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::engine::Shared;
use super::schema::{self, Schema};
use super::{Options, Release, Store, files};

pub(super) const OPTIONS: Options = Options { cache_bytes: 1 << 20 };

/// What reached the disk, in order.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Write {
        at: u64,
        bytes: Vec<u8>,
    },
    SetLen(u64),
    Sync,
    /// A write was acknowledged to its caller.
    Acknowledged,
}

/// A disk in memory that remembers every operation, and can begin to fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    state: Arc<Mutex<DiskState>>,
}

#[derive(Debug, Default)]
struct DiskState {
    content: Vec<u8>,
    operations: Vec<Operation>,
    /// Syncs that are still to succeed before one fails.
    failing_in: Option<u32>,
}

fn apply(content: &mut Vec<u8>, operation: &Operation) {
    match operation {
        Operation::Write { at, bytes } => {
            let at = usize::try_from(*at).unwrap();
            let end = at + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[at..end].copy_from_slice(bytes);
        }
        Operation::SetLen(len) => content.resize(usize::try_from(*len).unwrap(), 0),
        Operation::Sync | Operation::Acknowledged => {}
    }
}

impl Disk {
    pub(crate) fn open(&self) -> Store {
        let path = Path::new("in memory");
        let disk = self.clone();
        let opener = move || files::open_backend(disk.clone(), path, OPTIONS);
        let database = opener().unwrap();
        schema::bring_up(&database, path, &Schema::CURRENT, &Release::own()).unwrap();
        Store::start(Shared::new(database, Box::new(opener))).unwrap()
    }

    fn record(&self, operation: Operation) {
        let mut state = self.state.lock().unwrap();
        apply(&mut state.content, &operation);
        state.operations.push(operation);
    }

    pub(super) fn acknowledge(&self) {
        self.state.lock().unwrap().operations.push(Operation::Acknowledged);
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        self.state.lock().unwrap().operations.clone()
    }

    /// Lets only so many more syncs succeed.
    pub(crate) fn fail_in(&self, syncs: Option<u32>) {
        self.state.lock().unwrap().failing_in = syncs;
    }

    /// The disk that a crash after `operations` leaves: all that was synced, and of the rest the
    /// writes that `torn` picks, some of them cut short.
    pub(super) fn after_crash(operations: &[Operation], mut torn: u64) -> Self {
        let synced = operations.iter().rposition(|it| matches!(it, Operation::Sync)).unwrap_or(0);
        let mut content = Vec::new();
        for (place, operation) in operations.iter().enumerate() {
            if place <= synced {
                apply(&mut content, operation);
                continue;
            }
            torn = torn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match (torn >> 60, operation) {
                (0..6, _) => {}
                (6..9, Operation::Write { at, bytes }) => {
                    // A disk writes whole sectors.
                    let half = bytes.len() / 2 / 512 * 512;
                    let cut = Operation::Write { at: *at, bytes: bytes[..half].to_vec() };
                    apply(&mut content, &cut);
                }
                _ => apply(&mut content, operation),
            }
        }
        let state = DiskState { content, ..DiskState::default() };
        Self { state: Arc::new(Mutex::new(state)) }
    }
}

impl redb::StorageBackend for Disk {
    fn len(&self) -> Result<u64, std::io::Error> {
        Ok(self.state.lock().unwrap().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        let state = self.state.lock().unwrap();
        let offset = usize::try_from(offset).unwrap();
        let bytes = state.content.get(offset..offset + out.len());
        out.copy_from_slice(bytes.ok_or(std::io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.record(Operation::SetLen(len));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), std::io::Error> {
        if let Some(left) = &mut self.state.lock().unwrap().failing_in {
            *left = left.checked_sub(1).ok_or(std::io::ErrorKind::StorageFull)?;
        }
        self.record(Operation::Sync);
        Ok(())
    }

    fn write(&self, at: u64, data: &[u8]) -> Result<(), std::io::Error> {
        self.record(Operation::Write { at, bytes: data.to_vec() });
        Ok(())
    }
}
