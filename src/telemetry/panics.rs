//! Panics as records of the log.

use std::panic::{PanicHookInfo, set_hook};

/// Logs each panic of this process in place of printing it, so that it is scrubbed as well and
/// found by the id `process.panicked`.
pub(super) fn log_them() {
    set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    tracing::error!(
        event = "process.panicked",
        location,
        thread = thread.name().unwrap_or("unnamed"),
        "panicked: {}",
        panic.payload_as_str().unwrap_or("for a reason that is no text")
    );
}
