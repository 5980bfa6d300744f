use std::fs;
use std::path::PathBuf;

use super::directory::Directory;
use super::*;

mod damage;
mod forged;
mod promises;
mod sharing;

/// Made by `age-keygen`.
pub(super) const IDENTITY: &str =
    "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";
const RECIPIENT: &str = "age1ckucajeyymy73fl9l5wa35ek035gxt5qrdm3c4t2kesx4vj5338qz5ee0v";

/// A place, files to keep in it, and the hour.
struct World {
    dir: tempfile::TempDir,
    keys: fn() -> VaultKeys,
}

fn plain() -> VaultKeys {
    VaultKeys::new(b"a secret of this host", Vec::new())
}

fn encrypting() -> VaultKeys {
    VaultKeys::new(b"a secret of this host", vec![RECIPIENT.parse().unwrap()])
}

fn identity() -> Identity {
    Identity::parse(IDENTITY).unwrap()
}

/// Returns the hour `number` of the tests' calendar.
fn hour(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 3600).unwrap()
}

/// Returns bytes that do not repeat, the same for the same `seed`.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..bytes.div_ceil(8)).flat_map(|_| next()).take(bytes).collect()
}

impl World {
    fn new(keys: fn() -> VaultKeys) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), keys }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    fn place(&self) -> Arc<dyn Place> {
        Arc::new(Directory::ours(self.root()))
    }

    fn vault(&self) -> Vault {
        Vault::new(self.place(), (self.keys)())
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join("file");
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Makes a backup of these files.
    async fn back_up(&self, number: i64, files: &[(&str, &[u8])]) -> Summary {
        let mut draft = self.vault().begin(hour(number)).await.unwrap();
        for (name, bytes) in files {
            draft.add(name, &self.file(bytes)).await.unwrap();
        }
        draft.finish().await.unwrap()
    }

    /// Takes a backup out, and returns its files.
    async fn restored(&self, id: BackupId) -> Result<Vec<(String, Vec<u8>)>, VaultError> {
        let into = tempfile::tempdir_in(self.dir.path()).unwrap();
        let restored = self.vault().books().restore(id, Some(&identity()), into.path()).await?;
        let read = |file: &RestoredFile| (file.name.clone(), fs::read(&file.path).unwrap());
        Ok(restored.files.iter().map(read).collect())
    }

    /// Returns the paths of all that is kept in a folder.
    fn kept(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root().join(folder)).into_iter().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

fn owned(files: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}

#[tokio::test]
async fn what_was_added_comes_back_and_only_with_the_key() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let (large, small) = (noise(1, 900_000), noise(2, 10));
        let files: &[(&str, &[u8])] =
            &[(DATABASE, &large), ("clients/c_1.redb", &small), ("empty", &[])];
        let made = world.back_up(1, files).await;
        assert_eq!((made.files, made.clients, made.bytes), (3, 1, 900_010));
        let shelf = world.vault().list().await.unwrap();
        assert_eq!(shelf.backups, std::slice::from_ref(&made));
        assert_eq!(world.restored(made.id).await.unwrap(), owned(files));

        let verified = world.vault().verify(made.id, None).await.unwrap();
        assert!(verified.is_whole() && verified.opened != made.encrypted, "{verified:?}");
        let verified = world.vault().verify(made.id, Some(&identity())).await.unwrap();
        assert!(verified.is_whole() && verified.opened, "{verified:?}");
        assert!(world.kept(CLAIMS).is_empty());
    }
}

#[tokio::test]
async fn nothing_of_an_encrypted_backup_is_told_without_the_key() {
    let world = World::new(encrypting);
    let text = b"Anna Petrova, +7 900 000-00-00 ".repeat(5000);
    let made = world.back_up(1, &[("clients/c_name.redb", &text), (SEALING_KEY, &[7; 32])]).await;
    for path in world.kept(OBJECTS).iter().chain(&world.kept(MANIFESTS)) {
        let bytes = fs::read(path).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!holds(b"Anna") && !holds(b"c_name") && !holds(&[7; 16]), "{}", path.display());
    }
    let books = Books::new(world.place());
    let into = world.dir.path().join("into");
    let refused = books.restore(made.id, None, &into).await.unwrap_err();
    assert!(matches!(refused, VaultError::NeedsIdentity(_)), "{refused}");
    let other = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let other = Identity::parse(other).unwrap();
    let refused = books.restore(made.id, Some(&other), &into).await.unwrap_err();
    assert!(matches!(refused, VaultError::WrongIdentity(_)), "{refused}");
}

#[tokio::test]
async fn the_sealing_key_never_lies_open() {
    let world = World::new(plain);
    let mut draft = world.vault().begin(hour(1)).await.unwrap();
    let refused = draft.add(SEALING_KEY, &world.file(&[7; 32])).await.unwrap_err();
    assert!(matches!(refused, VaultError::BadName(_)), "{refused}");
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_refused() {
    let world = World::new(plain);
    let mut draft = world.vault().begin(hour(1)).await.unwrap();
    for name in ["", "/etc/passwd", "../x", "clients/../x", "a/b/c", ".hidden", "a b"] {
        let refused = draft.add(name, &world.file(b"x")).await.unwrap_err();
        assert!(matches!(refused, VaultError::BadName(_)), "{name}: {refused}");
    }
}

#[test]
fn what_an_id_says_is_the_second() {
    let id = BackupId::after(None, hour(0));
    assert_eq!(id.to_string(), "20270115T080000Z");
    assert_eq!("20270115T080000Z".parse(), Ok(id));
    assert_eq!("latest".parse(), Ok(Which::Latest));
    for wrong in ["", "20270115", "20270115T080000", "20271315T080000Z", "20270115T080000Z "] {
        assert!(wrong.parse::<BackupId>().is_err(), "{wrong}");
    }
    assert!(BackupId::after(Some(id), hour(-5)) > id, "the clock was set back");
}
