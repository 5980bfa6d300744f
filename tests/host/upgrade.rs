//! A host's next release: one that it takes without losing a request, one that does not open its
//! data, and the way back.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Client;
use slotbox::store::{Options, Store, StoreError};

use crate::guest::Guest;
use crate::outside::Outside;

const APT: &str = "DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes \
                   --no-install-recommends --allow-downgrades";
const DATABASE: &str = "/var/lib/slotbox/slotbox.redb";
/// What has run before each start of serve, in the tests that need it, with all rights.
const DROP_IN: &str = "/etc/systemd/system/slotbox.service.d/before.conf";
const UNITS: &str = "slotbox-https.socket slotbox-http.socket slotbox-control.socket slotbox";

/// Upgrades a host that is not asked anything meanwhile.
pub fn upgrades(guest: &Guest, outside: &Outside, package: &Path) {
    guest.put(&renumbered(package, "0.1.1", &outside.dir), "/root/newer.deb");
    let told = guest.run(&format!("{APT} /root/newer.deb"));
    assert!(told.contains("is made and verified"), "{told}");
    assert!(guest.run("dpkg-query -W slotbox").contains("0.1.1"));
    assert_eq!(guest.run("systemctl is-active slotbox"), "active\n");
}

/// Asks a hundred times a second while the package is upgraded; every question is answered.
pub async fn upgrades_under_load(
    guest: &Guest,
    outside: &Outside,
    client: &Client,
    package: &Path,
) {
    let newer = renumbered(package, "0.1.1", &outside.dir);
    guest.put(&newer, "/root/newer.deb");
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn(ask(client.clone(), outside.page("/health/live"), stop.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = guest.run("systemctl show --value -p MainPID slotbox");
    is_refused_without_a_backup(guest, &format!("{APT} /root/newer.deb"));
    let told = guest.run(&format!("{APT} /root/newer.deb"));
    assert!(told.contains("is made and verified"), "{told}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.store(true, Ordering::Relaxed);
    let Asked { answered, again, lost } = load.await.unwrap();
    eprintln!(
        "over the upgrade: {answered} questions answered, {again} again, {} lost",
        lost.len()
    );
    let some = &lost[..lost.len().min(3)];
    assert!(lost.is_empty(), "{} lost, such as {some:?}\n{}", lost.len(), guest.journal());
    assert!(answered > 200 && again * 100 <= answered, "{answered}, {again} of them again");
    assert_ne!(guest.run("systemctl show --value -p MainPID slotbox"), before);
    assert!(guest.run("dpkg-query -W slotbox").contains("0.1.1"));
    assert_eq!(guest.run("systemctl is-active slotbox"), "active\n");
}

/// An upgrade that could not be gone back from changes nothing, unless the operator says so.
fn is_refused_without_a_backup(guest: &Guest, upgrade: &str) {
    let version = "dpkg-query -W -f '${Version}' slotbox";
    let before = guest.run(version);
    let vault = "/var/lib/slotbox/backups/vault";
    // A file stands where the directory of backups should be.
    guest.run(&format!("rm -rf {vault}; install -o slotbox -g slotbox -m 600 /dev/null {vault}"));
    let refused = guest.fails(upgrade);
    assert!(refused.contains("the upgrade is refused"), "{refused}");
    assert!(refused.contains("what helps: "), "{refused}");
    assert_eq!(guest.run(version), before);
    assert_eq!(guest.run("systemctl is-active slotbox"), "active\n");
    guest.run("touch /etc/slotbox/upgrade-without-backup");
    // The same package again: what is asked before an upgrade is asked then as well.
    let preinst = "/var/lib/dpkg/info/slotbox.preinst upgrade 0.1.0 0.1.1 2>&1";
    let told = guest.run(preinst);
    assert!(told.contains("no backup is made before the upgrade"), "{told}");
    guest.run(&format!("rm /etc/slotbox/upgrade-without-backup {vault}"));
}

/// An older package is refused where a newer release has written.
pub async fn is_not_downgraded_below_its_data(guest: &Guest, outside: &Outside) {
    guest.run(&format!("systemctl stop {UNITS}; cp -p {DATABASE} /root/kept.redb"));
    marked(guest, outside, "/root/marked.redb", 1, "0.1.1").await;
    guest.run(&format!("cat /root/marked.redb >{DATABASE}"));
    let refused = guest.fails(&format!("{APT} /root/slotbox.deb"));
    assert!(refused.contains("the data of 0.1.1 cannot be read by the older 0.1.0"), "{refused}");
    assert!(guest.run("dpkg-query -W slotbox").contains("0.1.1"));
    assert_eq!(guest.run(&format!("cmp /root/marked.redb {DATABASE}")), "");
    guest.run(&format!("cat /root/kept.redb >{DATABASE}; systemctl start {UNITS}"));
}

/// A release that does not open the data leaves them alone, is not started again and again, and the
/// package that it names goes on with them.
pub async fn goes_back_after_a_refused_upgrade(guest: &Guest, outside: &Outside, package: &Path) {
    guest.put(&renumbered(package, "0.1.2", &outside.dir), "/root/odd.deb");
    guest.run(&format!("systemctl stop {UNITS}"));
    marked(guest, outside, "/root/odd.redb", 99, "0.1.0").await;
    guest.run(&format!("systemctl start {UNITS}"));
    // The new release finds another database than the old one has left.
    guest.run(&format!(
        "mkdir -p $(dirname {DROP_IN})\n\
         printf '#!/bin/sh\n[ -e /root/before.redb ] || cp -p {DATABASE} /root/before.redb\n\
         cat /root/odd.redb >{DATABASE}\n' >/root/before\n\
         chmod +x /root/before\n\
         printf '[Service]\nExecStartPre=+/root/before\n' >{DROP_IN}\n\
         systemctl daemon-reload"
    ));
    let told = guest.fails(&format!("{APT} /root/odd.deb"));
    assert!(told.contains("the new version does not start"), "{told}");
    assert!(told.contains("has schema 99, newer than 1"), "{told}");
    assert!(
        told.contains("install 0.1.0, which can read it: apt install ./slotbox_0.1.0_"),
        "{told}"
    );
    std::thread::sleep(Duration::from_secs(4));
    let shown = "systemctl show slotbox --value -p ActiveState -p ExecMainStatus -p NRestarts";
    let shown = guest.run(shown);
    let mut shown: Vec<_> = shown.split_whitespace().collect();
    shown.sort_unstable();
    assert_eq!(shown, ["0", "78", "failed"], "{}", guest.journal());
    let refusals = "journalctl --quiet -o cat -u slotbox SLOTBOX_EVENT=serve.refused | wc -l";
    assert_eq!(guest.run(refusals), "1\n", "{}", guest.journal());
    assert_eq!(guest.run(&format!("cmp /root/odd.redb {DATABASE}")), "");
    // Whoever knocks at a socket has it started again; the service manager soon ends that.
    guest.fails("timeout 60 slotbox status");
    guest.until("the knocks go on", "systemctl is-failed slotbox-control.socket");

    guest.run(&format!("cat /root/before.redb >{DATABASE}; rm {DROP_IN}; systemctl daemon-reload"));
    let told = guest.run(&format!("{APT} /root/slotbox.deb 2>&1"));
    assert!(told.contains("last written by 0.1.0, so 0.1.0 can go on with them"), "{told}");
    let units = guest.run(&format!("systemctl is-active {UNITS}"));
    assert_eq!(units, "active\n".repeat(4), "{}", guest.journal());
    guest.until("serve is not well", "slotbox status --json | grep -q '\"database\"'");
}

/// Puts a copy of the database into the guest that says of itself what is given here.
async fn marked(guest: &Guest, outside: &Outside, to: &str, schema: u64, release: &'static str) {
    let copy = outside.dir.join("marked.redb");
    guest.take(DATABASE, &copy);
    let store = Store::open(&copy, Options { cache_bytes: 1 << 20 }).unwrap();
    let mark = store.write::<_, StoreError>(move |txn| {
        txn.writers().insert("last", release.as_bytes())?;
        txn.meta().insert("schema", schema).map(drop)
    });
    mark.await.unwrap();
    store.close();
    guest.put(&copy, to);
    std::fs::remove_file(&copy).unwrap();
}

/// What came of the questions.
#[derive(Default)]
struct Asked {
    answered: usize,
    /// How many were asked on a kept connection at the moment at which it was closed, and were asked
    /// again: whoever keeps connections must (RFC 9112, 9.3.1).
    again: usize,
    /// Why the others were not answered.
    lost: Vec<String>,
}

/// Asks every ten milliseconds until told to stop.
async fn ask(client: Client, page: String, stop: Arc<AtomicBool>) -> Asked {
    let mut questions = tokio::task::JoinSet::new();
    let mut every = tokio::time::interval(Duration::from_millis(10));
    while !stop.load(Ordering::Relaxed) {
        every.tick().await;
        let question = client.get(&page);
        questions.spawn(async move {
            let mut again = 0;
            loop {
                match question.try_clone().unwrap().send().await {
                    // The next one may be an older connection, which is about to be closed as well.
                    Err(err) if was_cut(&err) && again < 5 => again += 1,
                    answer => return (again, answer),
                }
            }
        });
    }
    let mut asked = Asked::default();
    for (again, answer) in questions.join_all().await {
        asked.again += again;
        match answer {
            Ok(answer) if answer.status().is_success() => asked.answered += 1,
            Ok(answer) => asked.lost.push(answer.status().to_string()),
            Err(err) => asked.lost.push(format!("{err:?}")),
        }
    }
    asked
}

/// Tells whether a connection was there and broke off before the answer.
fn was_cut(err: &reqwest::Error) -> bool {
    err.is_request() && !err.is_connect() && !err.is_timeout()
}

/// Returns the same package with another version.
fn renumbered(package: &Path, version: &str, dir: &Path) -> PathBuf {
    let (tree, made) = (dir.join(version), dir.join(format!("slotbox_{version}.deb")));
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(Command::new("dpkg-deb").arg("-R").arg(package).arg(&tree));
    let control = tree.join("DEBIAN/control");
    let text = std::fs::read_to_string(&control).unwrap();
    let old = text.lines().find(|line| line.starts_with("Version:")).unwrap();
    std::fs::write(&control, text.replace(old, &format!("Version: {version}"))).unwrap();
    run(Command::new("dpkg-deb").args(["-Zgzip", "-z1", "-b"]).arg(&tree).arg(&made));
    made
}
