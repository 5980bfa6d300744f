//! What is lost, cut off or changed is found, and harms no other backup.

use super::*;
use crate::external::vault::keys::hex;

/// Makes a backup of some pieces and an older one of others.
async fn two(world: &World) -> (Summary, Summary) {
    let older = world.back_up(1, &[(DATABASE, &noise(1, 300_000))]).await;
    let newer = world.back_up(2, &[(DATABASE, &noise(2, 300_000))]).await;
    (older, newer)
}

/// What is done to a manifest.
type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

fn change(path: &std::path::Path, with: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    with(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_piece_that_is_lost_cut_off_or_changed_is_told() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let older = world.back_up(1, &[(DATABASE, &noise(1, 300_000))]).await;
        let of_older = world.kept(OBJECTS);
        let newer = world.back_up(2, &[(DATABASE, &noise(2, 300_000))]).await;
        let all = world.kept(OBJECTS);
        let mut own: Vec<_> = all.into_iter().filter(|path| !of_older.contains(path)).collect();
        let [lost, cut, changed, ..] = &own[..] else { panic!("{own:?}") };
        fs::remove_file(lost).unwrap();
        change(cut, |bytes| bytes.truncate(bytes.len() / 2));
        change(changed, |bytes| bytes[100] ^= 1);
        own.truncate(3);

        let verified = world.vault().verify(newer.id, None).await.unwrap();
        let mut kinds: Vec<_> = verified.faults.iter().map(|fault| fault.kind).collect();
        kinds.sort_by_key(|kind| format!("{kind:?}"));
        assert_eq!(kinds, [FaultKind::Changed, FaultKind::Missing, FaultKind::Resized]);
        let names: Vec<_> = own.iter().map(|path| path.file_name().unwrap()).collect();
        let told =
            |fault: &Fault| names.iter().any(|name| fault.name.ends_with(name.to_str().unwrap()));
        assert!(verified.faults.iter().all(told), "{verified:?}");
        let refused = world.restored(newer.id).await.unwrap_err();
        assert!(matches!(refused, VaultError::Damaged { .. }), "{refused}");
        assert!(refused.to_string().contains("use another backup"), "{refused}");
        assert!(world.vault().verify(older.id, None).await.unwrap().is_whole());
        assert_eq!(world.restored(older.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_was_lost_is_stored_anew_and_mends_older_backups() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let bytes = noise(1, 300_000);
        let first = world.back_up(1, &[(DATABASE, &bytes)]).await;
        let objects = world.kept(OBJECTS);
        fs::remove_file(&objects[0]).unwrap();
        change(&objects[1], |bytes| bytes.truncate(10));
        assert_eq!(world.vault().verify(first.id, None).await.unwrap().faults.len(), 2);
        let second = world.back_up(2, &[(DATABASE, &bytes)]).await;
        assert!(second.stored_bytes > 0);
        for id in [first.id, second.id] {
            let verified = world.vault().verify(id, Some(&identity())).await.unwrap();
            assert!(verified.is_whole(), "{verified:?}");
            assert_eq!(world.restored(id).await.unwrap(), owned(&[(DATABASE, &bytes)]));
        }
    }
}

/// Nothing tells that a piece of the same size has rotted, until somebody looks.
#[tokio::test]
async fn what_was_found_damaged_is_stored_anew() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let bytes = noise(1, 300_000);
        let first = world.back_up(1, &[(DATABASE, &bytes)]).await;
        change(&world.kept(OBJECTS)[0], |bytes| bytes[100] ^= 1);
        let vault = world.vault();
        assert_eq!(vault.verify(first.id, None).await.unwrap().faults.len(), 1);
        let mut stored = Vec::new();
        for number in 2..4 {
            let mut draft = vault.begin(hour(number)).await.unwrap();
            let added = draft.add(DATABASE, &world.file(&bytes)).await.unwrap();
            stored.push(added.stored_bytes > 0);
            draft.finish().await.unwrap();
        }
        assert_eq!(stored, [true, false], "it is stored anew once");
        for backup in vault.list().await.unwrap().backups {
            assert!(vault.verify(backup.id, Some(&identity())).await.unwrap().is_whole());
        }
    }
}

#[tokio::test]
async fn a_damaged_manifest_is_one_backup_less() {
    let world = World::new(encrypting);
    let (older, newer) = two(&world).await;
    let path = world.root().join(MANIFESTS).join(newer.id.to_string());
    let whole = fs::read(&path).unwrap();
    let digit = whole.iter().position(|byte| *byte == b'1').unwrap();
    let damages: [Damage<'_>; 6] = [
        &|bytes| bytes.clear(),
        &|bytes| bytes.truncate(bytes.len() - 1),
        &|bytes| bytes.truncate(20),
        &|bytes| bytes[digit] = b'2', // The number of its format.
        &|bytes| *bytes.last_mut().unwrap() ^= 1,
        &|bytes| bytes.push(b'\n'),
    ];
    for damage in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        let refused = world.vault().verify(newer.id, None).await.unwrap_err();
        assert!(matches!(refused, VaultError::Damaged { .. }), "{refused}");
        let shelf = world.vault().list().await.unwrap();
        assert_eq!(shelf.backups, std::slice::from_ref(&older));
        assert_eq!(shelf.unreadable[0].id, newer.id);
    }
    // Nobody knows what it needs, so nothing of it goes.
    let before = world.kept(OBJECTS);
    let pruned = world.vault().prune(1, hour(3)).await.unwrap();
    assert_eq!((pruned.pieces, pruned.unreadable.len()), (0, 1));
    assert_eq!(world.kept(OBJECTS), before);
    // A new backup goes on beside it, with a later id.
    let third = world.back_up(3, &[(DATABASE, &noise(3, 100))]).await;
    assert!(third.id > newer.id);
    fs::write(&path, &whole).unwrap();
    assert!(world.vault().verify(newer.id, None).await.unwrap().is_whole());
}

#[tokio::test]
async fn a_format_of_a_later_release_is_told() {
    let world = World::new(plain);
    let (_, newer) = two(&world).await;
    let path = world.root().join(MANIFESTS).join(newer.id.to_string());
    let rest = b"whatever a later release writes";
    let head = b"slotbox backup\nformat 7\n";
    let sum = hex(&piece::sha256(&[&head[..], &rest[..]].concat()));
    let later = [&head[..], format!("sha256 {sum}\n").as_bytes(), &rest[..]].concat();
    fs::write(&path, later).unwrap();
    let refused = world.restored(newer.id).await.unwrap_err();
    assert!(matches!(refused, VaultError::Newer { format: 7, .. }), "{refused}");
    assert!(refused.to_string().contains("use the release that made it"), "{refused}");
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let world = World::new(plain);
    let empty = world.vault().books().find(Which::Latest).await.unwrap_err();
    assert!(matches!(empty, VaultError::Empty(_)), "{empty}");
    let (older, newer) = two(&world).await;
    assert_eq!(world.vault().books().find(Which::Latest).await.unwrap(), newer.id);
    assert_eq!(world.vault().books().find(Which::Id(older.id)).await.unwrap(), older.id);
    let unknown = "20010101T000000Z".parse().unwrap();
    let refused = world.vault().verify(unknown, None).await.unwrap_err();
    assert!(matches!(refused, VaultError::Unknown { .. }), "{refused}");
    let missing = world.dir.path().join("none");
    let mut draft = world.vault().begin(hour(3)).await.unwrap();
    let refused = draft.add(DATABASE, &missing).await.unwrap_err();
    assert!(refused.to_string().contains("none"), "{refused}");
    // The draft goes on without it.
    draft.add("clients/c_1.redb", &world.file(b"x")).await.unwrap();
    assert_eq!(draft.finish().await.unwrap().files, 1);
}
