//! What backups share, what is carried, what is pruned, and who may write.

use super::*;

#[tokio::test]
async fn what_has_not_changed_is_kept_once() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let (first, other) = (noise(1, 3_000_000), noise(2, 200_000));
        let before = world.back_up(1, &[(DATABASE, &first), ("clients/c_1.redb", &other)]).await;
        let again = world.back_up(2, &[(DATABASE, &first), ("clients/c_2.redb", &other)]).await;
        assert_eq!(again.stored_bytes, 0);
        assert_eq!(again.kept_bytes, before.kept_bytes);

        let mut changed = first.clone();
        changed.splice(1_500_000..1_500_000, *b"a few bytes more");
        let third = world.back_up(3, &[(DATABASE, &changed)]).await;
        assert!((1..600_000).contains(&third.stored_bytes), "{third:?}");
        assert_eq!(world.restored(third.id).await.unwrap(), owned(&[(DATABASE, &changed)]));
    }
}

#[tokio::test]
async fn other_recipients_share_nothing() {
    let world = World::new(encrypting);
    let bytes = noise(1, 300_000);
    world.back_up(1, &[(DATABASE, &bytes)]).await;
    let open = Vault::new(world.place(), plain());
    let mut draft = open.begin(hour(2)).await.unwrap();
    assert_eq!(draft.carry(DATABASE).await.unwrap(), None);
    let added = draft.add(DATABASE, &world.file(&bytes)).await.unwrap();
    assert!(added.stored_bytes >= added.bytes, "{added:?}");
    draft.finish().await.unwrap();
}

#[tokio::test]
async fn a_file_is_carried_from_the_newest_backup_that_has_it_whole() {
    for keys in [plain, encrypting] {
        let world = World::new(keys);
        let (older, newer) = (noise(1, 100_000), noise(2, 100_000));
        world.back_up(1, &[("clients/c_1.redb", &older)]).await;
        let only_older = world.kept(OBJECTS);
        world.back_up(2, &[("clients/c_1.redb", &newer)]).await;

        let mut draft = world.vault().begin(hour(3)).await.unwrap();
        assert_eq!(draft.carry("clients/c_9.redb").await.unwrap(), None);
        assert_eq!(draft.carry("clients/c_1.redb").await.unwrap(), Some(hour(2)));
        let third = draft.finish().await.unwrap();
        assert_eq!((third.carried, third.stored_bytes), (1, 0));
        assert_eq!(world.restored(third.id).await.unwrap(), owned(&[("clients/c_1.redb", &newer)]));

        for path in world.kept(OBJECTS).iter().filter(|path| !only_older.contains(path)) {
            fs::remove_file(path).unwrap();
        }
        let mut draft = world.vault().begin(hour(4)).await.unwrap();
        assert_eq!(draft.carry("clients/c_1.redb").await.unwrap(), Some(hour(1)));
        let fourth = draft.finish().await.unwrap();
        let files = world.restored(fourth.id).await.unwrap();
        assert_eq!(files, owned(&[("clients/c_1.redb", &older)]));
    }
}

#[tokio::test]
async fn what_was_carried_twice_keeps_its_hour() {
    let world = World::new(encrypting);
    world.back_up(1, &[("clients/c_1.redb", b"of the first hour")]).await;
    for number in 2..5 {
        let mut draft = world.vault().begin(hour(number)).await.unwrap();
        assert_eq!(draft.carry("clients/c_1.redb").await.unwrap(), Some(hour(1)));
        draft.finish().await.unwrap();
    }
}

#[tokio::test]
async fn pruning_leaves_the_newest_and_all_that_they_need() {
    let world = World::new(plain);
    let mut made = Vec::new();
    for number in 1..=5_i64 {
        let shared = noise(1, 200_000);
        let own = noise(number.unsigned_abs() + 10, 200_000);
        made.push(world.back_up(number, &[("shared", &shared), ("own", &own)]).await);
    }
    let before = world.kept(OBJECTS).len();
    let pruned = world.vault().prune(2, hour(6)).await.unwrap();
    assert_eq!(pruned.backups, made[..3].iter().map(|it| it.id).collect::<Vec<_>>());
    assert_eq!(world.kept(OBJECTS).len() as u64 + pruned.pieces, before as u64);
    for kept in &made[3..] {
        assert!(world.vault().verify(kept.id, None).await.unwrap().is_whole());
    }
    let again = world.vault().prune(2, hour(7)).await.unwrap();
    assert_eq!((again.backups.len(), again.pieces), (0, 0));
}

#[tokio::test]
async fn the_newest_whole_backup_is_never_pruned() {
    let world = World::new(plain);
    let good = world.back_up(1, &[(DATABASE, &noise(1, 100_000))]).await;
    let of_good = world.kept(OBJECTS);
    for number in 2..5_i64 {
        let bytes = noise(number.unsigned_abs(), 100_000);
        world.back_up(number, &[(DATABASE, &bytes)]).await;
    }
    for path in world.kept(OBJECTS).iter().filter(|path| !of_good.contains(path)) {
        fs::remove_file(path).unwrap();
    }
    world.vault().prune(1, hour(6)).await.unwrap();
    assert!(world.vault().verify(good.id, None).await.unwrap().is_whole());
}

#[tokio::test]
async fn another_hosts_backups_are_let_be() {
    let world = World::new(plain);
    let theirs = world.back_up(1, &[(DATABASE, &noise(1, 100_000))]).await;
    let other = Vault::new(world.place(), VaultKeys::new(b"another host", Vec::new()));
    let mut draft = other.begin(hour(2)).await.unwrap();
    draft.add(DATABASE, &world.file(&noise(2, 100_000))).await.unwrap();
    draft.finish().await.unwrap();
    let pruned = other.prune(1, hour(3)).await.unwrap();
    assert_eq!((pruned.backups.len(), pruned.pieces), (0, 0));
    assert!(world.vault().verify(theirs.id, None).await.unwrap().is_whole());
}

#[tokio::test]
async fn two_drafts_are_not_made_at_once() {
    let world = World::new(plain);
    let draft = world.vault().begin(hour(1)).await.unwrap();
    let refused = world.vault().begin(hour(1)).await.err().unwrap();
    assert!(matches!(refused, VaultError::Busy { since, .. } if since == hour(1)), "{refused}");
    let refused = world.vault().prune(1, hour(1)).await.unwrap_err();
    assert!(refused.is_passing(), "{refused}");
    // One that stands still is taken for dead, and is told so.
    let second = world.vault().begin(hour(2)).await.unwrap();
    assert!(matches!(draft.finish().await, Err(VaultError::Overtaken)));
    second.finish().await.unwrap();
}

#[tokio::test]
async fn a_draft_that_is_dropped_lets_go() {
    let world = World::new(plain);
    let mut draft = world.vault().begin(hour(1)).await.unwrap();
    draft.add(DATABASE, &world.file(&noise(1, 100_000))).await.unwrap();
    drop(draft);
    while !world.kept(CLAIMS).is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(world.vault().list().await.unwrap().backups.is_empty());
    let pruned = world.vault().prune(1, hour(1)).await.unwrap();
    assert!(pruned.pieces > 0 && world.kept(OBJECTS).is_empty());
}

#[tokio::test]
async fn the_note_of_a_process_that_is_gone_holds_nobody_up() {
    let world = World::new(plain);
    drop(world.vault().begin(hour(1)).await.unwrap());
    let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
    child.wait().unwrap();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let note = serde_json::json!({
        "since": hour(1), "renewed": hour(1), "boot": boot.trim(), "process": child.id(),
    });
    let place = world.place();
    place.put("drafts/0011", Bytes::from(note.to_string())).await.unwrap();
    place.put("drafts/0022", Bytes::from_static(b"{")).await.unwrap();
    world.vault().begin(hour(1)).await.unwrap().finish().await.unwrap();
    assert!(world.kept(CLAIMS).is_empty());
}
