//! What the running program tells of itself: metrics, logs, the journal, and no secret.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod board;
mod events;
mod journal;
mod metrics;
mod secrets;
mod stories;
mod world;

use std::process::Command;

/// Tells whether a test that needs `program` can run: with CI in the environment it must.
fn can_run(program: &str, probe: &mut Command) -> bool {
    let why = match probe.output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(err) => err.to_string(),
    };
    assert!(std::env::var_os("CI").is_none(), "{program} is needed here: {why}");
    skip(&format!("{program} does not run here: {why}"));
    false
}

#[expect(clippy::print_stderr, reason = "a test that is passed over says so")]
fn skip(why: &str) {
    eprintln!("skipped: {why}");
}
