//! `slotbox setup` from nothing to a first operator, and `slotbox doctor` on what it leaves.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::fresh::{Fresh, verdicts};
use super::host::{err, out};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_set_up_unattended_and_again_and_a_link_makes_its_operator() {
    let mut fresh = Fresh::new().await;
    let by_hand = fresh.read("slotbox.toml");
    let first = fresh.set_up(&[]).await;
    assert_eq!(first.status.code(), Some(0), "{}", err(&first));
    let told = out(&first);
    for words in ["Master Bot @setup_master_bot", "play money", "wrote", "start slotbox serve"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let written = fresh.read("conf.d/50-setup.toml");
    for secret in [&fresh.master, fresh.shop.secret_key()] {
        assert!(!written.contains(secret) && !told.contains(secret));
    }
    assert_eq!(fresh.read("credentials/telegram.master_token").trim(), fresh.master);
    assert_eq!(fresh.read("credentials/api.token").trim().len(), 64);
    let modes = ["conf.d/50-setup.toml", "credentials", "credentials/api.token"];
    assert_eq!(modes.map(|name| fresh.mode(name)), [0o640, 0o700, 0o600]);
    assert_eq!(fresh.read("slotbox.toml"), by_hand);
    let checked = fresh.run(&["config", "check"]).await;
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));

    // Again: nothing changes; then one thing changes, and nothing else.
    let token = fresh.read("credentials/api.token");
    let again = fresh.set_up(&[]).await;
    assert!(!out(&again).contains("wrote"), "{}", out(&again));
    let changed = fresh.run(&["setup", "--domain", "new.example.ru"]).await;
    assert_eq!(changed.status.code(), Some(0), "{}", err(&changed));
    let now = fresh.read("conf.d/50-setup.toml");
    assert_eq!(now, written.replace("bots.example.ru", "new.example.ru"));
    assert_eq!(fresh.read("credentials/api.token"), token);

    fresh.start().await;
    let up = out(&fresh.run(&["setup", "--yes"]).await);
    assert!(up.contains("  https://new.example.ru/yookassa/webhook\n"), "{up}");
    let (_, code) = up.split_once("https://t.me/setup_master_bot?start=").unwrap();
    let code = code.lines().next().unwrap();
    let anna = fresh.telegram.person_with_id(555, "Anna");
    let chat = fresh.telegram.chat("setup_master_bot", &anna);
    chat.send(&format!("/start {code}"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while !chat.transcript().to_string().contains("You are an operator now") {
        assert!(Instant::now() < deadline, "{}", chat.transcript());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let listed = out(&fresh.run(&["operators", "list"]).await);
    assert!(listed.starts_with("555            link "), "{listed}");
    assert!(
        !out(&fresh.run(&["setup", "--yes"]).await).contains("?start="),
        "no link is left over"
    );
    let link = out(&fresh.run(&["setup", "--yes", "--operator-link"]).await);
    assert!(link.contains("?start=") && !link.contains(code));
    let removed = fresh.run(&["operators", "remove", "555"]).await;
    assert_eq!(removed.status.code(), Some(0), "{}", err(&removed));
    assert_eq!(fresh.run(&["operators", "remove", "555"]).await.status.code(), Some(1));
    let log = fresh.read("log");
    assert!(log.contains("operator.added") && !log.contains(code), "the code is in the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_not_written() {
    let fresh = Fresh::new().await;
    let key = fresh.shop.secret_key().to_owned();
    let unknown = "7:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
    for (master, key, domain, words) in [
        (unknown, key.as_str(), "a.ru", "Telegram does not know telegram.master_token"),
        (&fresh.master, "test_ThisIsTheKeyOfSomebodyElse", "a.ru", "YooKassa does not accept"),
        (&fresh.master, &key, "no name", "server.domain"),
        ("nonsense", &key, "a.ru", "not a bot token"),
    ] {
        fresh.write_answers(master, key, domain);
        let refused = fresh.set_up(&[]).await;
        assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
        let told = err(&refused);
        assert!(told.contains(words) && told.contains("nothing was written"), "{told}");
        assert!(!told.contains("AAH5") && !told.contains("SomebodyElse"), "{told}");
        assert!(!Path::new(&fresh.path("conf.d")).exists());
        assert!(!Path::new(&fresh.path("credentials")).exists());
    }
    fresh.write_answers(&fresh.master, &key, "a.ru");
    fs::set_permissions(fresh.path("answers.toml"), Permissions::from_mode(0o644)).unwrap();
    let by_hand = fresh.read("slotbox.toml");
    fs::write(fresh.path("slotbox.toml"), format!("{by_hand}[oops")).unwrap();
    let broken = fresh.set_up(&[]).await;
    assert!(err(&broken).contains("slotbox.toml:8: not TOML"), "{}", err(&broken));
    fs::write(fresh.path("slotbox.toml"), by_hand).unwrap();
    let open = fresh.set_up(&[]).await;
    assert!(err(&open).contains("can be read by others: chmod 600"), "{}", err(&open));
    let nobody = fresh.run(&["setup"]).await;
    assert!(err(&nobody).contains("nobody can be asked here"), "{}", err(&nobody));

    // Telegram is cut off: the token may be right, so it is for a person to say.
    fresh.write_answers(&fresh.master, &key, "a.ru");
    let answers = fresh.read("answers.toml").replace(&fresh.telegram.url(), "http://127.0.0.1:1");
    fs::write(fresh.path("answers.toml"), answers).unwrap();
    let unsure = fresh.set_up(&[]).await;
    assert_eq!(unsure.status.code(), Some(1));
    assert!(err(&unsure).contains("telegram.proxy"), "{}", err(&unsure));
    let written = fresh.set_up(&["--unchecked", "--no-start"]).await;
    assert_eq!(written.status.code(), Some(0), "{}", err(&written));
    let found = fresh.doctor(1).await;
    for check in ["telegram", "proxy", "serve"] {
        assert_eq!(verdicts(&found, check), ["fail"], "{found:?}");
    }
    assert_eq!(verdicts(&found, "clock"), ["skipped"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_what_is_wrong_and_looks_while_serve_is_down() {
    let mut fresh = Fresh::new().await;
    let answers = fresh.read("answers.toml").replace("domain = 'bots.example.ru'\n", "");
    fs::write(fresh.path("answers.toml"), answers).unwrap();
    let set_up = fresh.set_up(&["--operator", "555"]).await;
    assert_eq!(set_up.status.code(), Some(0), "{}", err(&set_up));
    fresh.start().await;
    let fine = fresh.doctor(0).await;
    for check in ["config", "files", "sealing-key", "hardening", "telegram", "clock", "proxy"] {
        assert_eq!(verdicts(&fine, check), ["ok"], "{check}: {fine:?}");
    }
    for check in ["master-bot", "yookassa", "serve", "database", "jobs", "bots", "operators"] {
        assert_eq!(verdicts(&fine, check), ["ok"], "{check}: {fine:?}");
    }
    for check in ["dns", "ports", "engine", "certificate", "units"] {
        assert_eq!(verdicts(&fine, check), ["skipped"], "{check}: {fine:?}");
    }

    // Whoever damages a host so finds each damage named.
    fresh.kill();
    fs::set_permissions(fresh.path("credentials/api.token"), Permissions::from_mode(0o644))
        .unwrap();
    fs::set_permissions(fresh.path("conf.d/50-setup.toml"), Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(fresh.path("data"), Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(fresh.path("sealing.key")).unwrap();
    fresh.telegram.revoke_token(&fresh.master);
    let key = "test_ThisIsTheKeyOfSomebodyElse";
    fs::write(fresh.path("credentials/yookassa.secret_key"), key).unwrap();
    let drop_in = fresh.dir.path().join("root/etc/systemd/system/slotbox.service.d");
    fs::create_dir_all(&drop_in).unwrap();
    fs::write(drop_in.join("x.conf"), "[Service]\nProtectSystem=no\n").unwrap();
    let found = fresh.doctor(1).await;
    assert_eq!(verdicts(&found, "files"), ["fail"; 3], "{found:?}");
    assert_eq!(verdicts(&found, "hardening"), ["warn"], "{found:?}");
    for check in ["sealing-key", "master-bot", "yookassa", "serve"] {
        assert_eq!(verdicts(&found, check), ["fail"], "{check}: {found:?}");
    }
    for check in ["jobs", "bots", "certificate", "backup"] {
        assert_eq!(verdicts(&found, check), ["skipped"], "{check}: {found:?}");
    }
    fs::write(fresh.path("conf.d/60.toml"), "[server]\ndomian = 'a.ru'\n").unwrap();
    let found = fresh.doctor(1).await;
    assert_eq!(verdicts(&found, "config"), ["fail"], "{found:?}");
    let text = fresh.run(&["doctor"]).await;
    assert!(out(&text).contains("-> slotbox config check"), "{}", out(&text));
}
