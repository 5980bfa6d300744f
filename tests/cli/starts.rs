//! What `serve` does before it serves.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::host::{Host, err, out, slotbox};

/// D-041, D-042: no start with a secret that is missing, short, or printed in a guide.
#[test]
fn weak_secrets_are_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    for (token, told) in [
        (None, "api.token: missing"),
        (Some(""), "api.token: missing"),
        (Some("secret"), "expected at least 32 letters"),
        (Some("change-me-in-production-please-change-me"), "placeholder that anyone can guess"),
        (Some("your_master_api_token_here_your_master_api"), "placeholder that anyone can guess"),
        (Some("00000000000000000000000000000000"), "can guess"),
    ] {
        let file = dir.path().join("slotbox.toml");
        let line = token.map(|token| format!("[api]\ntoken = '{token}'\n")).unwrap_or_default();
        fs::write(&file, format!("[tls]\nmode = 'off'\n{line}")).unwrap();
        let refused = slotbox(&["serve", "--config", &file.display().to_string()], &[]);
        assert_eq!(refused.status.code(), Some(78), "{token:?}");
        assert!(err(&refused).contains(told), "{token:?}: {}", err(&refused));
        assert!(token.is_none_or(|it| it.is_empty() || !err(&refused).contains(it)), "{token:?}");
    }
}

/// D-155: the first start makes what it needs, for this user alone; a second serve is refused and
/// leaves the first one's socket where it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_makes_its_directories() {
    let host = Host::start().await;
    let new = host.dir.path().join("new");
    let mode = |path: &str| fs::metadata(new.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/slotbox.redb")), (0o700, 0o600));
    assert_eq!(mode("run/control.sock"), 0o660);
    assert!(matches!(mode("run"), 0o700 | 0o710));

    let second = host.run(&["serve"]).await;
    assert_eq!(second.status.code(), Some(1));
    assert!(err(&second).contains("already open"), "{}", err(&second));
    assert!(out(&host.run(&["tls", "status"]).await).contains("HTTPS is off"));
}

/// What a `serve` that was killed leaves behind does not keep the next one from starting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_a_dead_serve_is_replaced() {
    let mut host = Host::start().await;
    host.kill();
    let dead = host.fails(1, &["tls", "status"]).await;
    assert!(dead.contains("no slotbox serve answers on"), "{dead}");
    assert!(host.dir.path().join("new/run/control.sock").exists());
    host.start_again().await;
    assert!(host.ok(&["tls", "status", "--json"]).await.contains("\"mode\":\"off\""));
}
