use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::*;

fn bytes() -> Bytes {
    Bytes::from_static(b"some bytes")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_is_put_is_there_and_private() {
    let dir = tempfile::tempdir().unwrap();
    let place = Directory::ours(dir.path().join("a").join("vault"));
    assert!(place.list("objects").await.unwrap().is_empty());
    assert!(matches!(place.get("objects/x").await, Err(PlaceError::Missing)));
    place.put("objects/x", Bytes::from_static(b"before")).await.unwrap();
    place.put("objects/x", bytes()).await.unwrap();
    assert_eq!(place.get("objects/x").await.unwrap(), bytes());
    let listed = place.list("objects").await.unwrap();
    assert_eq!(listed, [Listed { name: "objects/x".to_owned(), bytes: 10 }]);
    let root = dir.path().join("a").join("vault");
    assert_eq!((mode(&root), mode(&root.join("objects"))), (0o700, 0o700));
    assert_eq!(mode(&root.join("objects/x")), 0o600);
    place.delete("objects/x").await.unwrap();
    place.delete("objects/x").await.unwrap();
    assert!(place.list("objects").await.unwrap().is_empty());
}

#[tokio::test]
async fn no_name_leads_out_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let place = Directory::ours(dir.path().join("vault"));
    for name in ["../x", "objects/../../x", "/etc/x", "", "objects/", ".x", "objects/.x"] {
        assert!(place.put(name, bytes()).await.is_err(), "{name}");
        assert!(place.get(name).await.is_err(), "{name}");
    }
    assert!(!dir.path().join("x").exists());
}

#[tokio::test]
async fn what_a_dead_process_left_is_not_listed_and_goes_when_it_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("vault");
    Directory::ours(root.clone()).put("objects/x", bytes()).await.unwrap();
    let (old, young) = (root.join("objects/old.part"), root.join("objects/young.part"));
    fs::write(&young, "half").unwrap();
    let file = File::create(&old).unwrap();
    file.set_modified(std::time::SystemTime::now() - 2 * LEFT_BEHIND_AFTER).unwrap();
    let place = Directory::ours(root);
    assert_eq!(place.list("objects").await.unwrap().len(), 1);
    place.put("objects/y", bytes()).await.unwrap();
    assert!(!old.exists() && young.exists());
}

#[tokio::test]
async fn a_disk_that_is_not_mounted_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (root, memory) = (dir.path().join("mnt"), dir.path().join("data/destination"));
    let place = || Directory::of_operator(root.clone()).remembered_in(memory.clone());
    let absent = |told: Result<(), PlaceError>| match told {
        Err(PlaceError::Absent(words)) => words,
        other => panic!("{other:?}"),
    };
    let told = absent(place().put("objects/x", bytes()).await);
    assert!(told.contains("mount its disk"), "{told}");
    let told = absent(place().list("objects").await.map(|_| ()));
    assert!(told.contains("mount its disk"), "{told}");

    fs::create_dir(&root).unwrap();
    place().put("objects/x", bytes()).await.unwrap();
    place().put("objects/y", bytes()).await.unwrap();
    // The mount point alone is there.
    fs::rename(&root, dir.path().join("disk")).unwrap();
    fs::create_dir(&root).unwrap();
    let told = absent(place().put("objects/z", bytes()).await);
    assert!(told.contains("is its disk mounted?"), "{told}");
    assert!(fs::read_dir(&root).unwrap().next().is_none(), "nothing was written beside the disk");
    // Emptied on purpose.
    fs::remove_file(&memory).unwrap();
    place().put("objects/z", bytes()).await.unwrap();
}

#[tokio::test]
async fn what_does_not_let_us_in_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("file");
    fs::write(&root, "").unwrap();
    assert!(Directory::ours(root.clone()).put("objects/x", bytes()).await.is_err());
    let told = Directory::of_operator(root).list("objects").await.unwrap_err();
    assert!(!matches!(told, PlaceError::Missing), "{told:?}");
    if rustix::process::geteuid().is_root() {
        return; // Whom nothing keeps out.
    }
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    let told = Directory::of_operator(closed).put("objects/x", bytes()).await.unwrap_err();
    assert!(matches!(told, PlaceError::Denied(_)), "{told:?}");
}

/// Every write there says that no room is left.
#[tokio::test]
async fn a_full_disk_is_told_and_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("vault");
    let place = Directory::ours(root.clone());
    place.put("objects/x", bytes()).await.unwrap();
    std::os::unix::fs::symlink("/dev/full", unfinished(&root.join("objects/x"), 1)).unwrap();
    let told = place.put("objects/x", Bytes::from_static(b"other")).await.unwrap_err();
    assert!(matches!(told, PlaceError::Full(_)), "{told:?}");
    assert!(told.to_string().contains("make room"), "{told}");
    assert_eq!(place.get("objects/x").await.unwrap(), bytes());
    assert!(fs::metadata("/dev/full").unwrap().rdev() != 0, "the device is still there");
    place.put("objects/x", Bytes::from_static(b"other")).await.unwrap();
}
