//! Who can write to the place can put a backup there; it is told from those that the host has made.

use super::*;
use crate::external::vault::keys::hex;

const STRANGER: &[u8] = b"a secret of somebody else";

/// Returns a manifest with its checksum as it must be, which anybody can make.
fn whole(manifest: &[u8]) -> Vec<u8> {
    let lines: Vec<_> = manifest.splitn(4, |byte| *byte == b'\n').collect();
    let [first, format, _, rest] = lines[..] else { panic!("{lines:?}") };
    let head = [first, b"\n", format, b"\n"].concat();
    let sum = hex(&piece::sha256(&[&head[..], rest].concat()));
    [&head[..], format!("sha256 {sum}\n").as_bytes(), rest].concat()
}

fn replaced(manifest: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = manifest.windows(from.len()).position(|it| it == from.as_bytes()).unwrap();
    [&manifest[..at], to.as_bytes(), &manifest[at + from.len()..]].concat()
}

impl World {
    fn manifest(&self, id: BackupId) -> PathBuf {
        self.root().join(MANIFESTS).join(id.to_string())
    }

    /// Has a stranger put a backup there that says that it is of this host, and returns its id.
    async fn forge(&self, number: i64, files: &[(&str, &[u8])]) -> BackupId {
        let keys = VaultKeys::new(STRANGER, (self.keys)().recipients().to_vec());
        let stranger = keys.host().to_string();
        let vault = Vault::new(self.place(), keys);
        let mut draft = vault.begin(hour(number)).await.unwrap();
        for (name, bytes) in files {
            draft.add(name, &self.file(bytes)).await.unwrap();
        }
        let id = draft.finish().await.unwrap().id;
        let written = fs::read(self.manifest(id)).unwrap();
        let mut forged = replaced(&written, &stranger, &(self.keys)().host().to_string());
        let mark = |keys: &VaultKeys| keys.naming().mark();
        forged = replaced(&forged, &mark(&vault.keys), &mark(&(self.keys)()));
        fs::write(self.manifest(id), whole(&forged)).unwrap();
        id
    }

    async fn proof(&self, id: BackupId) -> Result<(), Doubt> {
        let verified = self.vault().verify(id, None).await.unwrap();
        assert!(verified.is_whole(), "{verified:?}");
        verified.proof.check(&(self.keys)())
    }
}

#[tokio::test]
async fn a_backup_proves_whose_it_is() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let made = world.back_up(1, &[(DATABASE, &noise(1, 1000))]).await;
        assert_eq!(world.proof(made.id).await, Ok(()));
        assert_eq!(made.host.to_string().parse(), Ok(made.host.clone()));
        let verified = world.vault().verify(made.id, None).await.unwrap();
        let stranger = VaultKeys::new(STRANGER, vec![]);
        assert_eq!(verified.proof.check(&stranger), Err(Doubt::OtherHost));
        assert!(!made.host.is(stranger.host()));
    }
}

#[tokio::test]
async fn a_backup_that_was_put_there_changed_or_renamed_is_told() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let made = world.back_up(1, &[(DATABASE, &noise(1, 1000))]).await;
        let forged = world.forge(2, &[(DATABASE, &noise(2, 1000))]).await;
        assert_eq!(world.proof(forged).await, Err(Doubt::Forged));

        let written = fs::read(world.manifest(made.id)).unwrap();
        let changed = replaced(&written, "\"files\":1", "\"files\":2");
        fs::write(world.manifest(made.id), whole(&changed)).unwrap();
        assert_eq!(world.proof(made.id).await, Err(Doubt::Forged));
        fs::write(world.manifest(made.id), &written).unwrap();
        assert_eq!(world.proof(made.id).await, Ok(()));

        // An old backup under a later name would pass for the newest.
        let later = BackupId::after(None, hour(9));
        fs::write(world.manifest(later), &written).unwrap();
        assert_eq!(world.proof(later).await, Err(Doubt::Forged));
    }
}

#[tokio::test]
async fn a_forged_backup_neither_gives_to_the_next_one_nor_makes_older_ones_go() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let own = noise(1, 1000);
        let made = world.back_up(1, &[("clients/c_1.redb", &own)]).await;
        for number in 2..4_i64 {
            let bytes = noise(number.unsigned_abs(), 1000);
            world
                .forge(number, &[("clients/c_1.redb", &bytes), ("clients/c_2.redb", &bytes)])
                .await;
        }
        let mut draft = world.vault().begin(hour(4)).await.unwrap();
        assert_eq!(draft.carry("clients/c_1.redb").await.unwrap(), Some(hour(1)));
        assert_eq!(draft.carry("clients/c_2.redb").await.unwrap(), None);
        let next = draft.finish().await.unwrap();
        assert_eq!(world.restored(next.id).await.unwrap(), owned(&[("clients/c_1.redb", &own)]));

        let pruned = world.vault().prune(2, hour(5)).await.unwrap();
        assert_eq!(pruned.backups, []);
        let listed = world.vault().list().await.unwrap().backups;
        assert!(listed.iter().any(|it| it.id == made.id) && listed.len() == 4, "{listed:?}");
    }
}
