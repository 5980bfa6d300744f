//! `slotbox backup`: what there is, whether it is whole, and a host that comes back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use expect_test::expect;
use slotbox::external::vault::directory::Directory;
use slotbox::external::vault::{Identity, SEALING_KEY, Vault, VaultKeys};

use super::host::{Host, err, out, slotbox, tidy};

const IDENTITY: &str = "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";

fn vault(place: &Path) -> Vault {
    let recipients = Identity::parse(IDENTITY).unwrap().recipients();
    let keys = VaultKeys::new(b"of this test", recipients);
    Vault::new(Arc::new(Directory::ours(place.to_owned())), keys)
}

/// Makes a backup of what a serve that is gone has left.
async fn back_up(host: &Host, place: &Path) {
    let dir = host.dir.path();
    let mut draft = vault(place).begin("2026-11-30T08:00:00Z".parse().unwrap()).await.unwrap();
    draft.add("slotbox.redb", &dir.join("new/data/slotbox.redb")).await.unwrap();
    draft.add(SEALING_KEY, &dir.join("sealing.key")).await.unwrap();
    draft.finish().await.unwrap();
}

fn a_piece(place: &Path) -> PathBuf {
    fs::read_dir(place.join("objects")).unwrap().next().unwrap().unwrap().path()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_host_comes_back() {
    let mut host = Host::start().await;
    host.add("Salon", "salon_bot").await;
    let (dir, place) = (host.dir.path().to_owned(), host.dir.path().join("vault"));
    let from = place.display().to_string();
    let identity = dir.join("identity").display().to_string();
    fs::write(&identity, format!("# kept apart\n{IDENTITY}\n")).unwrap();
    let busy = ["backup", "restore", "--from", &from, "--identity", &identity, "--replace"];
    host.kill();
    back_up(&host, &place).await;
    host.start_again().await;
    let told = host.fails(1, &busy).await;
    assert!(told.contains("stop it first: systemctl stop slotbox"), "{told}");
    host.kill();

    let listed = host.ok(&["backup", "list", "--from", &from, "--json"]).await;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["items"][0]["id"], "20261130T080000Z");
    assert_eq!(listed["items"][0]["encrypted"], true);
    let table = host.ok(&["backup", "list", "--from", &from]).await;
    assert!(table.starts_with("BACKUP            MADE AT"), "{table}");
    let verified = host.ok(&["backup", "verify", "--from", &from]).await;
    assert!(verified.contains("is whole") && verified.contains("with --identity"), "{verified}");
    let verify = ["backup", "verify", "latest", "--from", &from, "--identity", &identity];
    assert!(host.ok(&verify).await.contains("all 2 files open"));

    let spared = host.fails(1, &busy[..6]).await;
    assert!(spared.contains("give --replace"), "{spared}");
    fs::remove_file(dir.join("sealing.key")).unwrap();
    let told = host.ok(&busy).await;
    assert!(told.starts_with("restored 20261130T080000Z, made 2026-11-30 11:00"), "{told}");
    assert!(told.contains("clients:  1, 0 with"), "{told}");
    assert!(told.contains(&format!("key:      restored to {}", dir.join("sealing.key").display())));
    host.start_again().await;
    let clients = host.ok(&["clients", "list", "--json"]).await;
    assert!(clients.contains("salon_bot"), "{clients}");
}

#[tokio::test]
async fn what_is_wrong_with_a_backup_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (place, file) = (dir.path().join("vault"), dir.path().join("file"));
    let from = place.display().to_string();
    let run = |arguments: &[&str]| slotbox(&[arguments, &["--from", &from]].concat(), &[]);
    let told = |arguments: &[&str], code: i32| {
        let told = run(arguments);
        assert_eq!(told.status.code(), Some(code), "{}{}", out(&told), err(&told));
        tidy(&err(&told), dir.path())
    };
    expect![[r"
        slotbox: cannot look for backups: DIR/vault is not there; mount its disk, or make it and give it to the user that slotbox serve runs as
    "]]
    .assert_eq(&told(&["backup", "list"], 1));
    fs::create_dir(&place).unwrap();
    expect![[r"
        there is no backup in DIR/vault
    "]]
    .assert_eq(&told(&["backup", "list"], 0));
    expect![[r"
        slotbox: there is no backup in DIR/vault yet; make one: slotbox backup create
    "]]
    .assert_eq(&told(&["backup", "verify"], 1));

    let mut draft = vault(&place).begin("2026-11-30T08:00:00Z".parse().unwrap()).await.unwrap();
    fs::write(&file, "no database").unwrap();
    draft.add("slotbox.redb", &file).await.unwrap();
    draft.finish().await.unwrap();
    expect![[r"
        error: invalid value 'yesterday' for '[BACKUP]': expected a backup as slotbox backup list names it, such as 20261130T080000Z, or latest

        For more information, try '--help'.
    "]]
    .assert_eq(&told(&["backup", "verify", "yesterday"], 2));
    expect![[r"
        slotbox: there is no backup 20200101T000000Z in DIR/vault; see: slotbox backup list
    "]]
    .assert_eq(&told(&["backup", "verify", "20200101T000000Z"], 1));
    let data = dir.path().join("data").display().to_string();
    let restore = |more: &[&str]| {
        let data = [("SLOTBOX__SERVER__DATA_DIR", data.as_str())];
        let told = slotbox(&[&["backup", "restore", "--from", &from], more].concat(), &data);
        assert_eq!(told.status.code(), Some(1), "{}", err(&told));
        tidy(&err(&told), dir.path())
    };
    expect![[r"
        slotbox: the backup 20261130T080000Z is encrypted; give the identity that opens it: --identity FILE
    "]]
    .assert_eq(&restore(&[]));
    let identity = dir.path().join("identity").display().to_string();
    fs::write(&identity, format!("{IDENTITY}\n")).unwrap();
    expect![[r"
        slotbox: slotbox.redb of this backup is no sound database; use another backup: DIR/data/restoring/files/slotbox.redb is damaged or no database; restore a backup: I/O error: Not a redb database: magic number mismatch
    "]]
    .assert_eq(&restore(&["--identity", &identity]));
    expect![[r"
        slotbox: cannot use DIR/file: line 1 is no identity of age-keygen: expected AGE-SECRET-KEY-1...
    "]]
    .assert_eq(&restore(&["--identity", &file.display().to_string()]));

    fs::write(a_piece(&place), "changed").unwrap();
    let told_of_piece = told(&["backup", "verify"], 1);
    assert!(told_of_piece.contains("is not as large as it was written"), "{told_of_piece}");
    fs::write(place.join("backups/20261130T080000Z"), "slotbox backup\n").unwrap();
    expect![[r"
        there is no backup in DIR/vault
        slotbox: the manifest of 20261130T080000Z does not begin as a manifest; use another backup, and see: slotbox backup verify
    "]]
    .assert_eq(&told(&["backup", "list"], 0));
    let wrong = slotbox(&["backup", "list"], &[("SLOTBOX__BACKUP__DESTINATION", "backups")]);
    assert_eq!(wrong.status.code(), Some(78));
}
