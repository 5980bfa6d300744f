//! Certificates from an authority.

use std::cell::Cell;
use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::host::{Host, NAME, free_port, see_at, until};
use super::pebble::{Pebble, can_run};

fn dir() -> TempDir {
    tempfile::Builder::new().prefix("slotbox-acme-").tempdir().unwrap()
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

const ISSUED: &str = "the authority has given a certificate";
const NOT_ISSUED: &str = "there is no new certificate";
const REHEARSED: &str = "now the real one is asked";
const LATE: &str = "should have been renewed long ago";
const OTHER: &str = "other.example.test";

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
    let told = host.complaint(&["status"]);
    assert!(told.contains("there is no certificate: "), "{told}");
    pebble.start(host.dir.path());
    // So many faults can end a whole attempt: then it is time for the next one.
    host.set_ahead(70);
    let failures = Cell::new(1);
    let go_on = || {
        let so_many = count(&host.log(), NOT_ISSUED);
        if failures.replace(so_many) < so_many {
            host.set_ahead(u64::try_from(so_many).unwrap() * 3_700);
        }
    };
    until("a certificate is there", || {
        go_on();
        !host.shown().is_empty()
    });
    let first = host.shown();
    host.command(&["tls", "renew"]);
    until("a second one is there", || {
        go_on();
        host.shown() != first
    });
    assert!(!host.command(&["tls", "status"]).contains("failures"));
    assert!(host.command(&["status"]).contains("all is well"));
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
    std::thread::sleep(Duration::from_secs(2));
    fails(&host, 3);
    host.set_ahead(3_700);
    fails(&host, 4);
    let logged = fs::read_to_string(host.dir.path().join("pebble.log")).unwrap();
    assert_eq!(count(&logged, "set INVALID by completed challenge"), 4, "{logged}");
    host.signal(Signal::HUP);
    assert!(host.plain("/").starts_with("HTTP/1.1 503"), "SIGHUP ends nothing");
}

/// Two authorities: one is the other's place to rehearse at.
#[test]
fn after_a_failure_it_is_rehearsed_and_then_asked_for_in_earnest() {
    if !can_run() {
        return;
    }
    let (dir, aside) = (dir(), dir());
    let ports = [free_port(), free_port()];
    // The real one looks where nothing is.
    let mut real = Pebble::at_rest(dir.path(), free_port(), free_port());
    let mut staging = Pebble::at_rest(aside.path(), ports[0], ports[1]);
    real.start(dir.path());
    staging.start(aside.path());
    let roots = [dir.path(), aside.path()].map(|it| fs::read(it.join("pebble-ca.pem")).unwrap());
    fs::write(dir.path().join("pebble-ca.pem"), roots.concat()).unwrap();
    let rehearse = format!("staging_url = 'https://localhost:{}/dir'\n", staging.directory);
    let settings = real.settings(dir.path(), "http-01") + &rehearse;
    let host = Host::start_at(dir, ports, &settings);
    fails(&host, 1);
    assert_eq!(count(&host.log(), REHEARSED), 0);
    // The rehearsal goes well, and the real one is asked at once; it still looks elsewhere.
    host.set_ahead(65);
    fails(&host, 2);
    assert_eq!(count(&host.log(), REHEARSED), 1);
    assert!(host.shown().is_empty(), "what the staging directory gave is shown to nobody");
    real.stop();
    real.look_at(ports[0], ports[1]);
    real.start(host.dir.path());
    host.set_ahead(65 + 125);
    until("a certificate is there", || !host.shown().is_empty());
    assert_eq!((count(&host.log(), REHEARSED), count(&host.log(), ISSUED)), (2, 1));
}

#[test]
fn it_is_renewed_by_the_clock_and_late_is_an_alarm() {
    if !can_run() {
        return;
    }
    let dir = dir();
    let mut pebble = Pebble::at_rest(dir.path(), free_port(), free_port()).with_lifetime(7_200);
    pebble.start(dir.path());
    let settings = pebble.settings(dir.path(), "http-01");
    let host = Host::start_at(dir, pebble.ports(), &settings);
    until("a certificate is there", || !host.shown().is_empty());
    let first = host.shown();
    // Two thirds of its life are 4,800 s.
    host.set_ahead(4_700);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(host.shown(), first);
    host.set_ahead(4_900);
    until("it is renewed", || host.shown() != first);
    pebble.stop();
    // This authority's clock is not ours, so the new one is old already; it is kept for a while.
    assert_eq!(count(&host.log(), ISSUED), 2);
    assert_eq!(count(&host.log(), LATE), 0);
    // Of the 2,400 s that should be left, less than half are; nobody has to fail first.
    host.set_ahead(6_200);
    until("it is late", || count(&host.log(), LATE) == 1);
    assert_eq!(count(&host.log(), NOT_ISSUED), 0);
    let status = host.command(&["status"]);
    assert!(status.contains("certificate.late"), "{status}");
}

#[test]
fn a_change_of_the_name_gets_another_certificate_and_the_way_back_needs_none() {
    if !can_run() {
        return;
    }
    let dir = dir();
    let mut pebble = Pebble::at_rest(dir.path(), free_port(), free_port());
    pebble.start(dir.path());
    let settings = pebble.settings(dir.path(), "tls-alpn-01");
    let mut host = Host::start_at(dir, pebble.ports(), &settings);
    until("a certificate is there", || !host.shown().is_empty());
    let first = host.shown();
    pebble.stop();
    host.rename([NAME, OTHER]);
    until("the other name fails", || count(&host.log(), NOT_ISSUED) == 1);
    assert_eq!(host.shown(), first, "the old one serves meanwhile");
    pebble.start(host.dir.path());
    host.set_ahead(65);
    until("there is one for the other name", || count(&host.log(), ISSUED) == 2);
    assert!(!host.shown_for(OTHER).is_empty() && host.shown_for(OTHER) != first);
    assert!(host.shown().is_empty());
    pebble.stop();
    host.rename([OTHER, NAME]);
    assert_eq!(host.shown(), first);
    assert_eq!(count(&host.log(), ISSUED), 2);
}

#[test]
fn an_authority_that_would_look_in_vain_is_not_asked_twice_and_then_all_the_same() {
    if !can_run() {
        return;
    }
    let dir = dir();
    let mut pebble = Pebble::at_rest(dir.path(), free_port(), free_port());
    pebble.start(dir.path());
    let settings = pebble.settings(dir.path(), "tls-alpn-01");
    // Another server answers under our name.
    see_at(dir.path(), &format!("443 127.0.0.1:{}\n", pebble.directory));
    let host = Host::start_at(dir, pebble.ports(), &settings);
    fails(&host, 1);
    let status = host.command(&["tls", "status"]);
    assert!(status.contains("look in vain") && status.contains("another answers"), "{status}");
    see_at(host.dir.path(), "");
    host.set_ahead(65);
    fails(&host, 2);
    assert!(host.command(&["tls", "status"]).contains("has no address"));
    let logged = fs::read_to_string(host.dir.path().join("pebble.log")).unwrap();
    assert_eq!(count(&logged, "POST /order-plz"), 0, "{logged}");
    // The view from here may be wrong; so it was.
    host.set_ahead(65 + 125);
    until("a certificate is there", || !host.shown().is_empty());
    assert_eq!(count(&host.log(), "cannot be told from here"), 1);
}

/// Waits until it has failed so often, and no oftener.
fn fails(host: &Host, times: usize) {
    until("it fails again", || {
        let so_often = count(&host.log(), NOT_ISSUED);
        assert!(so_often <= times, "too often: {}", host.log());
        so_often == times
    });
}
