//! What goes wrong, and how it is told.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;

use expect_test::expect;

use super::host::{Host, OWNER, err, out, slotbox, tidy};

#[test]
fn nobody_answers() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("control.sock").display().to_string();
    let told = slotbox(&["status", "--socket", &socket], &[]);
    assert_eq!(told.status.code(), Some(1));
    expect![[r"
        slotbox: no slotbox serve answers on DIR/control.sock: is the service running? systemctl status slotbox
    "]]
    .assert_eq(&tidy(&err(&told), dir.path()));

    let file = dir.path().join("none.toml").display().to_string();
    let told = slotbox(&["clients", "list", "--config", &file], &[]);
    assert_eq!(told.status.code(), Some(78));
    expect![[r"
        DIR/none.toml: cannot be read: No such file or directory (os error 2)
        the settings tell where slotbox serve listens; name the socket to do without them: --socket /run/slotbox/control.sock
    "]]
    .assert_eq(&tidy(&err(&told), dir.path()));
    let told = slotbox(&["clients", "list"], &[("SLOTBOX__SERVER__RUNTIME_DIR", "run")]);
    assert_eq!(told.status.code(), Some(78));
    expect![[r#"
        SLOTBOX__SERVER__RUNTIME_DIR: server.runtime_dir = "run": expected a path from the root, such as /var/lib/slotbox
        the settings tell where slotbox serve listens; name the socket to do without them: --socket /run/slotbox/control.sock
    "#]]
    .assert_eq(&err(&told));
}

/// D-049: a name is a text on one line, told apart from every setting; a line break is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_fields_are_told_one_by_one() {
    let host = Host::start().await;
    let (dir, file) = (host.dir.path().to_owned(), host.token_file("salon_bot"));
    let add = |name: &'static str, more: &[&'static str]| {
        let first = ["clients", "add", "--owner", OWNER, "--token-file", &file, "--name", name];
        let all: Vec<String> = first.iter().chain(more).map(|&it| it.to_owned()).collect();
        all
    };
    let broken = add("Salon\nadmin_ids = [666]", &["--days", "0", "--amount", "1e9"]);
    let broken: Vec<_> = broken.iter().map(String::as_str).collect();
    expect![[r#"
        slotbox: nothing was changed:
          --name: a name has 1 to 64 characters on one line
          --days: days are a whole number from 1 to 3650
          --amount: expected an amount as text, such as "299.00"
    "#]]
    .assert_eq(&tidy(&host.fails(1, &broken).await, &dir));

    // What fits on one line stays a name, whatever it looks like.
    let name = "x\"] [api] token=1 ${HOME} $(id)";
    let hostile = add(name, &["--wait"]);
    host.ok(&hostile.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let listed = host.ok(&["clients", "list", "--json"]).await;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["items"][0]["company_name"], name);
    assert_eq!(listed["items"][0]["admin_telegram_id"].to_string(), OWNER);

    let again = host.fails(1, &hostile.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(again, "slotbox: Another client has this bot\n");
    refuses_ids_and_tokens(&host).await;
}

async fn refuses_ids_and_tokens(host: &Host) {
    let dir = host.dir.path();
    let unknown = ["clients", "show", "c_00000000000000000000000001"];
    expect![[r"
        slotbox: there is no such client
    "]]
    .assert_eq(&tidy(&host.fails(1, &unknown).await, dir));
    let unknown = ["payments", "refund", "none", "--yes"];
    expect![[r"
        slotbox: there is no such payment
    "]]
    .assert_eq(&host.fails(1, &unknown).await);
    let unknown = ["queue", "retry", "j_999999"];
    expect![[r"
        slotbox: j_N: there is no such task
    "]]
    .assert_eq(&tidy(&host.fails(1, &unknown).await, dir));
    assert_eq!(
        host.fails(2, &["queue", "retry", "7"]).await,
        "slotbox: \"7\" is no task: they look like j_1207\n"
    );
    let alone = host.fails(2, &["clients", "add", "--name", "S", "--owner", OWNER]).await;
    expect![[r"
        slotbox: nobody can be asked here: give --token-file FILE, or --token-file - to read the standard input
    "]].assert_eq(&alone);
    let missing = ["clients", "add", "--name", "S", "--owner", OWNER, "--token-file", "/dev/null"];
    expect![[r"
        slotbox: nothing was given where a secret was expected
    "]]
    .assert_eq(&host.fails(1, &missing).await);
    // The log knows of no token.
    let tokens = fs::read_to_string(dir.join("salon_bot.token")).unwrap();
    assert!(!host.log().contains(tokens.trim()));
}

/// D-154: success is 0 whatever was found, also if the reader has seen enough.
#[test]
fn a_reader_may_leave() {
    let script = "set -o pipefail; \"$0\" completions bash | head -n 1";
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_slotbox")]).stdin(Stdio::null());
    let output = shell.output().unwrap();
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    assert_eq!(out(&output).lines().count(), 1);
}

/// D-154: 0 fine, 1 failed, 2 wrong usage, 78 wrong configuration.
#[test]
fn exit_codes_say_what_happened() {
    let weak = [("SLOTBOX__API__TOKEN", "short")];
    for (code, arguments, variables) in [
        (0, &["version"][..], &[][..]),
        (1, &["config", "check"], &weak),
        (1, &["status", "--socket", "/nonexistent/control.sock"], &[]),
        (2, &["clients", "sell"], &[]),
        (2, &["queue", "retry"], &[]),
        (78, &["config", "show"], &weak),
        (78, &["serve"], &weak),
    ] {
        let told = slotbox(arguments, variables);
        assert_eq!(told.status.code(), Some(code), "{arguments:?}: {}", err(&told));
    }
}

/// Runs `slotbox` with no right over what is closed to it, root or not.
fn unprivileged(arguments: &[&str]) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_slotbox");
    let mut command = if rustix::process::getuid().is_root() {
        let mut command = std::process::Command::new("/usr/bin/setpriv");
        command.args(["--bounding-set=-all", program]);
        command
    } else {
        std::process::Command::new(program)
    };
    command.args(arguments).env_clear().stdin(Stdio::null()).output().unwrap()
}

#[test]
fn who_may_not_open_the_socket_is_told_who_may() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run/control.sock");
    fs::create_dir(dir.path().join("run")).unwrap();
    let _serve = UnixListener::bind(&path).unwrap();
    let socket = path.display().to_string();
    let close =
        |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for closed in [path.as_path(), path.parent().unwrap()] {
        close(closed, 0o000);
        for command in [&["status"][..], &["clients", "list", "--json"]] {
            let told = unprivileged(&[command, &["--socket", &socket]].concat());
            assert_eq!(told.status.code(), Some(1), "{}", err(&told));
            expect![[r"
                slotbox: DIR/run/control.sock is not open to this user: run this as root or as a member of the group slotbox (usermod -aG slotbox USER, then log in again)
            "]]
            .assert_eq(&tidy(&err(&told), dir.path()));
        }
        close(closed, 0o700);
    }
}
