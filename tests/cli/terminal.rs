//! What needs a person at a terminal: `script` plays one.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::host::{Host, OWNER};

/// Runs `slotbox` on a terminal of its own, on which `typed` is typed; `None` without `script`.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn at_terminal(host: &Host, arguments: &str, typed: &str) -> Option<Output> {
    let line = format!(
        "{} --config {} {arguments}",
        env!("CARGO_BIN_EXE_slotbox"),
        host.config().display()
    );
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(err) => {
            assert!(std::env::var_os("CI").is_none(), "script (util-linux) is needed: {err}");
            eprintln!("skipped: there is no script (util-linux) to play a terminal");
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    let typed = typed.to_owned();
    let run = tokio::task::spawn_blocking(move || {
        // The question must be there first: what is typed before it would be echoed.
        std::thread::sleep(std::time::Duration::from_secs(3));
        stdin.write_all(typed.as_bytes()).unwrap();
        stdin.flush().unwrap();
        child.wait_with_output().unwrap()
    });
    Some(run.await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_typed_unseen_and_a_removal_confirmed_by_name() {
    let host = Host::start().await;
    let token = host.telegram.add_bot("Salon", "salon_bot");
    let add = format!("clients add --name Salon --owner {OWNER} --wait");
    let Some(added) = at_terminal(&host, &add, &format!("{token}\n")).await else {
        return;
    };
    let seen = String::from_utf8_lossy(&added.stdout).into_owned();
    assert!(seen.contains("The bot's token, as @BotFather gave it: "), "{seen}");
    assert!(seen.contains("@salon_bot is up"), "{seen}");
    assert!(!seen.contains(&token), "{seen}");

    let listed = at_terminal(&host, "clients list", "").await.unwrap();
    let seen = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(seen.contains("\u{1b}["), "no colours on a terminal: {seen}");

    let wrong = at_terminal(&host, "clients remove @salon_bot --force", "salon\n").await.unwrap();
    let seen = String::from_utf8_lossy(&wrong.stdout).into_owned();
    assert_eq!(wrong.status.code(), Some(1), "{seen}");
    for lost in ["loses for ever", "its bookings", "the bot's token", "the time that is granted"] {
        assert!(seen.contains(lost), "{lost}: {seen}");
    }
    assert!(seen.contains("that is not the name; nothing was removed"), "{seen}");
    let right = at_terminal(&host, "clients remove @salon_bot --force --wait", "Salon\n");
    let right = right.await.unwrap();
    assert_eq!(right.status.code(), Some(0), "{}", String::from_utf8_lossy(&right.stdout));
    assert_eq!(host.ok(&["clients", "list", "--json"]).await, "{\"items\":[],\"next\":null}\n");
}
