//! `slotbox backup`: what there is, whether it is whole, and a host that comes back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use expect_test::expect;
use secrecy::ExposeSecret as _;
use slotbox::external::vault::directory::Directory;
use slotbox::external::vault::{Identity, SEALING_KEY, Vault, VaultKeys};
use slotbox::store::secrets::Sealer;

use super::host::{Host, err, out, slotbox, tidy};

const IDENTITY: &str = "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";

/// Opens the vault of the host with this sealing key.
fn vault(place: &Path, sealing_key: &[u8]) -> Vault {
    let recipients = Identity::parse(IDENTITY).unwrap().recipients();
    let proof = Sealer::new(sealing_key).unwrap().proof("backups");
    let keys = VaultKeys::new(proof.expose_secret().as_bytes(), recipients);
    Vault::new(Arc::new(Directory::ours(place.to_owned())), keys)
}

/// Makes a backup of what a serve that is gone has left.
async fn back_up(host: &Host, place: &Path) {
    let dir = host.dir.path();
    let key = dir.join("sealing.key");
    let vault = vault(place, &fs::read(&key).unwrap());
    let mut draft = vault.begin("2026-11-30T08:00:00Z".parse().unwrap()).await.unwrap();
    draft.add("slotbox.redb", &dir.join("new/data/slotbox.redb")).await.unwrap();
    draft.add(SEALING_KEY, &key).await.unwrap();
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
    let verified = host.ok(&verify).await;
    assert!(verified.contains("all 2 files open"), "{verified}");
    let id = listed["items"][0]["host"].as_str().unwrap();
    assert!(
        verified.contains(&format!("of the host {id}, which its sealing key proves")),
        "{verified}"
    );
    assert!(table.ends_with(&format!("host: {id}\n")), "{table}");

    let spared = host.fails(1, &busy[..6]).await;
    assert!(spared.contains("give --replace"), "{spared}");
    fs::remove_file(dir.join("sealing.key")).unwrap();
    let told = host.ok(&busy).await;
    assert!(told.starts_with("restored 20261130T080000Z, made 2026-11-30 11:00"), "{told}");
    assert!(told.contains("clients:  1, 0 with"), "{told}");
    assert!(told.contains(&format!("made by:  {id}; its sealing key proves that")), "{told}");
    assert!(told.contains(&format!("key:      restored to {}", dir.join("sealing.key").display())));
    host.start_again().await;
    let clients = host.ok(&["clients", "list", "--json"]).await;
    assert!(clients.contains("salon_bot"), "{clients}");
}

/// A place that holds a backup of something that is no database.
struct Odd {
    dir: tempfile::TempDir,
    place: PathBuf,
}

impl Odd {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (place, file) = (dir.path().join("vault"), dir.path().join("file"));
        fs::write(&file, "no database").unwrap();
        let mut draft =
            vault(&place, &[7; 32]).begin("2026-11-30T08:00:00Z".parse().unwrap()).await.unwrap();
        draft.add("slotbox.redb", &file).await.unwrap();
        draft.finish().await.unwrap();
        Self { dir, place }
    }

    /// Runs a command that must exit with this code, and returns what it complained of.
    fn told(&self, arguments: &[&str], code: i32) -> String {
        let (from, data) = (self.place.display(), self.dir.path().join("data"));
        let data = [("SLOTBOX__SERVER__DATA_DIR", data.to_str().unwrap())];
        let from = ["--from", &from.to_string()];
        let told = slotbox(&[&["backup"], arguments, &from].concat(), &data);
        assert_eq!(told.status.code(), Some(code), "{}{}", out(&told), err(&told));
        tidy(&err(&told), self.dir.path())
    }
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let odd = Odd::new().await;
    expect![[r"
        error: invalid value 'yesterday' for '[BACKUP]': expected a backup as slotbox backup list names it, such as 20261130T080000Z, or latest

        For more information, try '--help'.
    "]]
    .assert_eq(&odd.told(&["verify", "yesterday"], 2));
    expect![[r"
        slotbox: there is no backup 20200101T000000Z in DIR/vault; see: slotbox backup list
    "]]
    .assert_eq(&odd.told(&["verify", "20200101T000000Z"], 1));
    fs::remove_dir_all(&odd.place).unwrap();
    expect![[r"
        slotbox: cannot look for backups: DIR/vault is not there; mount its disk, or make it and give it to the user that slotbox serve runs as
    "]]
    .assert_eq(&odd.told(&["list"], 1));
    fs::create_dir(&odd.place).unwrap();
    expect![[r"
        there is no backup in DIR/vault
    "]]
    .assert_eq(&odd.told(&["list"], 0));
    expect![[r"
        slotbox: there is no backup in DIR/vault yet; make one: slotbox backup create
    "]]
    .assert_eq(&odd.told(&["verify"], 1));
    let wrong = slotbox(&["backup", "list"], &[("SLOTBOX__BACKUP__DESTINATION", "backups")]);
    assert_eq!(wrong.status.code(), Some(78));
}

#[tokio::test]
async fn what_is_wrong_with_a_backup_is_told() {
    let odd = Odd::new().await;
    expect![[r"
        slotbox: the backup 20261130T080000Z is encrypted; give the identity that opens it: --identity FILE
    "]]
    .assert_eq(&odd.told(&["restore"], 1));
    let (identity, file) = (odd.dir.path().join("identity"), odd.dir.path().join("file"));
    let (identity, file) = (identity.display().to_string(), file.display().to_string());
    fs::write(&identity, format!("{IDENTITY}\n")).unwrap();
    expect![[r"
        slotbox: slotbox.redb of this backup is no sound database; use another backup: DIR/data/restoring/files/slotbox.redb is damaged or no database; restore a backup: I/O error: Not a redb database: magic number mismatch
    "]]
    .assert_eq(&odd.told(&["restore", "--identity", &identity], 1));
    expect![[r"
        slotbox: cannot use DIR/file: line 1 is no identity of age-keygen: expected AGE-SECRET-KEY-1...
    "]]
    .assert_eq(&odd.told(&["restore", "--identity", &file], 1));
    let verified = odd.told(&["verify", "--identity", &identity], 1);
    assert!(verified.contains("is not whole:\n  slotbox.redb of this backup"), "{verified}");

    fs::write(a_piece(&odd.place), "changed").unwrap();
    let told = odd.told(&["verify"], 1);
    assert!(told.contains("is not as large as it was written"), "{told}");
    fs::write(odd.place.join("backups/20261130T080000Z"), "slotbox backup\n").unwrap();
    expect![[r"
        there is no backup in DIR/vault
        slotbox: the manifest of 20261130T080000Z does not begin as a manifest; use another backup, and see: slotbox backup verify
    "]]
    .assert_eq(&odd.told(&["list"], 0));
}
