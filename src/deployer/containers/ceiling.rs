//! The ceiling of all clients together: given where this process may, and looked at again and again.

use std::sync::atomic::{AtomicBool, Ordering};

use bollard::models::SystemInfo;

use crate::deployer::group::{self, CgroupDriver, Group, Seen};

/// A group, the memory that it shall have, and whether it was told that it has not.
#[derive(Debug)]
pub(super) struct Ceiling {
    group: Group,
    driver: CgroupDriver,
    /// None if nobody knows how much memory the machine has.
    wanted: Option<u64>,
    /// Whether `wanted` was set by the administrator, so that more is too much.
    is_set: bool,
    told: AtomicBool,
}

impl Ceiling {
    pub(super) fn new(
        group: Group,
        driver: CgroupDriver,
        set: Option<u64>,
        info: &SystemInfo,
    ) -> Self {
        let wanted = group::wanted(set, info);
        Self { group, driver, wanted, is_set: set.is_some(), told: AtomicBool::new(false) }
    }

    /// Sees that the ceiling is there, and sets it where it is not; tells once if it cannot be.
    pub(super) fn look(&self) {
        if self.is_there() {
            self.told.store(false, Ordering::Relaxed);
            return;
        }
        // The user of the deployer may not, as a rule: then its unit has done it as root.
        let held = self.wanted.map(|bytes| self.group.hold(bytes));
        if self.is_there() || self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(
            event = "deployer.no_ceiling",
            group = self.group.name(),
            found = ?self.group.seen(),
            wanted_mib = self.wanted.map(|bytes| bytes >> 20),
            error = held.and_then(Result::err).map(tracing::field::display),
            "all clients together have no ceiling of memory, or a higher one than was set"
        );
    }

    fn is_there(&self) -> bool {
        match self.group.seen() {
            // The kernel counts whole pages, and so never more than was asked for.
            Seen::At(bytes) => !self.is_set || self.wanted.is_none_or(|most| bytes <= most),
            Seen::Unlimited => false,
            // A slice is begun with the first container in it.
            Seen::Absent => self.driver == CgroupDriver::Systemd,
        }
    }

    pub(super) fn release(&self) {
        self.group.release();
    }
}
