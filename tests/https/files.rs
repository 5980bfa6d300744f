//! HTTPS with a certificate from files.

use std::fs;
use std::net::TcpStream;

use rustix::process::Signal;

use super::host::{Host, NAME, can_run, until, write_pair};

#[test]
fn strangers_reach_the_host_over_https_and_nothing_that_is_not_theirs() {
    if !can_run() {
        return;
    }
    let host = Host::with_files();
    let health = host.curl(&["--http2"], "/health/live");
    assert!(health.ends_with("\n2 200") && health.contains("alive"), "{health}");
    let health = host.curl(&["--http1.1", "-i"], "/health/live");
    assert!(health.ends_with("\n1.1 200"), "{health}");
    for header in ["strict-transport-security: max-age=", "x-content-type-options: nosniff"] {
        assert!(health.contains(header), "{health}");
    }
    assert!(host.curl(&[], "/metrics").ends_with(" 404"));
    assert!(host.curl(&[], "/api/clients").ends_with(" 401"));
    assert!(host.curl(&["-H", "Host: evil.example"], "/health").ends_with(" 421"));
    let huge = format!("X-Huge: {}", "x".repeat(60_000));
    for protocol in ["--http1.1", "--http2"] {
        let refused = host.curl(&[protocol, "-H", &huge], "/health");
        assert!(!refused.ends_with(" 200"), "{refused}");
    }
    assert!(host.curl(&[], "/health/live").ends_with(" 200"));

    let redirect = host.plain("/docs?order=1");
    assert!(redirect.starts_with("HTTP/1.1 301"), "{redirect}");
    assert!(redirect.contains(&format!("location: https://{NAME}/docs?order=1")), "{redirect}");
}

#[test]
fn only_tls_that_is_forward_secret_is_spoken_and_only_for_our_name() {
    if !can_run() {
        return;
    }
    let host = Host::with_files();
    let weak = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    let shakes = |arguments: &[&str]| {
        let named = [&["-servername", NAME][..], arguments].concat();
        host.handshake(&named).status.success()
    };
    assert!(shakes(&["-tls1_3"]) && shakes(&["-tls1_2"]));
    assert!(!shakes(&["-tls1", "-cipher", weak]) && !shakes(&["-tls1_1", "-cipher", weak]));
    for cipher in ["AES128-SHA", "AES128-GCM-SHA256", "AES256-SHA256", "DES-CBC3-SHA", "NULL"] {
        let cipher = format!("{cipher}:@SECLEVEL=0");
        assert!(!shakes(&["-tls1_2", "-cipher", &cipher]), "{cipher}");
    }
    assert!(!host.handshake(&["-servername", "evil.example"]).status.success());
    assert!(host.handshake(&["-noservername"]).status.success());
    // Nothing is stapled: the authority that most have gives no OCSP answers any more.
    let status = host.handshake(&["-servername", NAME, "-status"]);
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(said.contains("OCSP response: no response sent"), "{said}");
    // "R" asks for other keys within a connection.
    let said = host.renegotiate();
    assert!(said.contains("RENEGOTIATING") && said.contains("no renegotiation"), "{said}");
    assert!(host.curl(&[], "/health/live").ends_with(" 200"));
}

#[test]
fn every_page_is_closed_to_other_sites_and_no_query_is_written_down() {
    if !can_run() {
        return;
    }
    let host = Host::with_files();
    for path in ["/docs", "/payment/success?order=o_planted-in-a-query", "/nowhere?planted-too"] {
        let page = host.curl(&["-i"], path).to_lowercase();
        for header in [
            "strict-transport-security: max-age=31536000",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'",
        ] {
            assert_eq!(page.matches(header).count(), 1, "{path} {header}: {page}");
        }
        assert!(page.contains("frame-ancestors 'none'"), "{path}: {page}");
    }
    // Whom nobody knows gets the same, and a log that has the path has no query.
    assert!(host.curl(&["-i", "-H", "Host: x"], "/").contains("strict-transport-security"));
    let told = |what: &str| host.log().lines().filter(|line| line.contains(what)).count();
    until("the requests are written down", || told("http.request") >= 3);
    assert_eq!(told("/payment/success"), 1, "{}", host.log());
    assert_eq!(told("planted"), 0, "{}", host.log());
}

/// The metrics of the public side stand still where there is none; here they move.
#[test]
fn the_certificates_end_and_open_connections_are_measured() {
    if !can_run() {
        return;
    }
    let host = Host::with_files();
    until("the certificate's end is told", || {
        host.metric("slotbox_certificate_expiry_timestamp_seconds") > 1e9
    });
    let open = || host.metric("slotbox_public_connections");
    let held = TcpStream::connect(("127.0.0.1", host.https)).unwrap();
    until("the connection is counted", || open() >= 1.0);
    drop(held);
    until("it is counted no more", || open() < 1.0);
}

#[test]
fn a_changed_pair_is_shown_and_a_broken_one_is_not() {
    if !can_run() {
        return;
    }
    let host = Host::with_files();
    let first = host.shown();
    assert!(!first.is_empty());
    // By itself.
    write_pair(host.dir.path());
    until("the new pair is shown", || !host.shown().is_empty() && host.shown() != first);
    let second = host.shown();
    // A key of another certificate.
    let key = fs::read(host.dir.path().join("key.pem")).unwrap();
    write_pair(host.dir.path());
    fs::write(host.dir.path().join("key.pem"), key).unwrap();
    host.signal(Signal::HUP);
    until("the broken pair is told", || host.log().contains("belongs to another certificate"));
    assert_eq!(host.shown(), second);
    // At once, when asked.
    write_pair(host.dir.path());
    host.signal(Signal::HUP);
    until("the third pair is shown", || host.shown() != second);
}

#[test]
fn a_host_without_a_certificate_says_so_and_runs() {
    if !can_run() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let tls = "[tls]\nmode = 'files'\ncert_file = '/nowhere/c.pem'\nkey_file = '/nowhere/k.pem'\n";
    let host = Host::start(dir, tls);
    let page = host.plain("/");
    assert!(page.starts_with("HTTP/1.1 503") && page.contains("no certificate yet"), "{page}");
    until("it is told", || host.log().contains("cannot read /nowhere/c.pem"));
    assert!(!host.handshake(&["-servername", NAME]).status.success());
}
