//! Certificates from an authority.

use std::fs;

use rustix::process::Signal;
use tempfile::TempDir;

use super::host::{Host, NAME, free_port, until};
use super::pebble::{Pebble, can_run};

fn dir() -> TempDir {
    tempfile::Builder::new().prefix("slotbox-acme-").tempdir().unwrap()
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

const ISSUED: &str = "the authority has given a certificate";
const NOT_ISSUED: &str = "there is no new certificate";

#[test]
fn a_first_certificate_comes_by_either_challenge_and_is_kept() {
    if !can_run() {
        return;
    }
    for challenge in ["tls-alpn-01", "http-01"] {
        let dir = dir();
        let mut pebble = Pebble::at_rest(dir.path(), free_port(), free_port());
        pebble.start(dir.path());
        let settings = pebble.settings(dir.path(), challenge);
        let mut host = Host::start_at(dir, pebble.ports(), &settings);
        until("a certificate is there", || !host.shown().is_empty());
        let first = host.shown();
        assert!(host.plain("/").starts_with("HTTP/1.1 301"));

        // It is kept: with no authority there at all, it is shown at once.
        pebble.stop();
        host.restart();
        assert_eq!(host.shown(), first);
        assert_eq!(count(&host.log(), ISSUED), 1, "{challenge}: {}", host.log());

        // A new one is got when asked for; the old one serves meanwhile.
        pebble.start(host.dir.path());
        host.command(&["tls", "renew"]);
        until("a new certificate is there", || host.shown() != first);
        assert!(host.command(&["tls", "status"]).contains(NAME));
    }
}

#[test]
fn an_authority_that_comes_late_and_errs_is_borne() {
    if !can_run() {
        return;
    }
    let dir = dir();
    let mut pebble = Pebble::at_rest(dir.path(), free_port(), free_port()).with_faults();
    let settings = pebble.settings(dir.path(), "http-01");
    let host = Host::start_at(dir, pebble.ports(), &settings);
    until("the failure is told", || count(&host.log(), NOT_ISSUED) == 1);
    let page = host.plain("/");
    assert!(page.starts_with("HTTP/1.1 503"), "{page}");
    assert!(host.command(&["tls", "status"]).contains("failures:    1"));
    pebble.start(host.dir.path());
    host.set_ahead(70);
    until("a certificate is there", || !host.shown().is_empty());
    let first = host.shown();
    host.command(&["tls", "renew"]);
    until("a second one is there", || host.shown() != first);
    assert!(!host.command(&["tls", "status"]).contains("failures"));
}

#[test]
fn failed_validations_wait_longer_and_longer_also_after_a_restart() {
    if !can_run() {
        return;
    }
    let dir = dir();
    // The authority looks where nothing is.
    let mut pebble = Pebble::at_rest(dir.path(), free_port(), free_port());
    pebble.start(dir.path());
    let settings = pebble.settings(dir.path(), "http-01");
    let mut host = Host::start_at(dir, [free_port(), free_port()], &settings);
    until("it fails", || count(&host.log(), NOT_ISSUED) == 1);
    let status = host.command(&["tls", "status"]);
    assert!(status.contains("127.0.0.1") && status.contains("refused"), "{status}");
    host.restart();
    assert_eq!(count(&host.log(), NOT_ISSUED), 1);
    host.set_ahead(65);
    fails(&host, 2);
    host.set_ahead(65 + 125);
    fails(&host, 3);
    // Three in an hour are enough, however short the next rest would be, and if asked for by hand.
    host.set_ahead(65 + 125 + 1_000);
    host.command(&["tls", "renew"]);
    std::thread::sleep(std::time::Duration::from_secs(2));
    fails(&host, 3);
    host.set_ahead(3_700);
    fails(&host, 4);
    let logged = fs::read_to_string(host.dir.path().join("pebble.log")).unwrap();
    assert_eq!(count(&logged, "set INVALID by completed challenge"), 4, "{logged}");
    host.signal(Signal::HUP);
    assert!(host.plain("/").starts_with("HTTP/1.1 503"), "SIGHUP ends nothing");
}

/// Waits until it has failed so often, and no oftener.
fn fails(host: &Host, times: usize) {
    until("it fails again", || {
        let so_often = count(&host.log(), NOT_ISSUED);
        assert!(so_often <= times, "too often: {}", host.log());
        so_often == times
    });
}
