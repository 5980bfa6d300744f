//! What keeps a backup from being made, and that what was good before stays so.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{House, SOON};

/// Waits until `serve` remembers so.
async fn remembers(house: &House, what: &str, seen: impl Fn(&Value) -> bool) -> Value {
    let look = async {
        loop {
            let backups = house.backups().await;
            if seen(&backups) {
                return backups;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let found = tokio::time::timeout(SOON, look).await;
    found.unwrap_or_else(|_| panic!("never: {what}\n{}", house.log()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_gone_is_told_with_its_cure_and_leaves_what_is_good() {
    let mut house = House::open(&[]).await;
    house.add_salon("salon_bot", 301).await;
    let good = house.back_up().await;
    let (vault, away) = (house.path("vault"), house.path("away"));
    std::fs::rename(&vault, &away).unwrap();
    let told = house.cli(&["backup", "create"]).await;
    assert_eq!(told.code, Some(1), "{}", told.out);
    assert!(told.err.contains("is not there") && told.err.contains("what helps: "), "{}", told.err);
    let shown = house.backups().await;
    assert_eq!(shown["last"], good);
    assert!(shown["failure"]["cure"].as_str().unwrap().contains("install -d"), "{shown}");

    // The service starts all the same, and says at once what is wrong.
    house.end().await;
    house.begin().await;
    remembers(&house, "the place is seen to be gone", |it| it["trouble"].is_object()).await;
    let doctor = house.cli(&["doctor", "--json"]).await;
    let doctor: Value = serde_json::from_str(&doctor.out).unwrap();
    let checks = doctor["checks"].as_array().unwrap();
    let backup = checks.iter().find(|it| it["check"] == "backup").unwrap();
    assert_eq!(backup["verdict"], "fail", "{backup}");
    assert!(backup["cure"].as_str().unwrap().contains("install -d"), "{backup}");

    // An empty directory in its place is not taken for it.
    std::fs::create_dir(&vault).unwrap();
    let told = house.cli(&["backup", "create"]).await;
    assert!(told.code == Some(1) && told.err.contains("mounted"), "{}", told.err);
    std::fs::remove_dir(&vault).unwrap();
    std::fs::rename(&away, &vault).unwrap();
    let next = house.back_up().await;
    assert_ne!(next["id"], good["id"]);
    let shown = house.backups().await;
    assert_eq!((&shown["failure"], &shown["trouble"]), (&json!(null), &json!(null)));
    house.shut().await;
}

/// A disk of this size, which is taken away with the test.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    fn mount(place: &'a Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "slotbox-test"]).arg(place);
        mount.output().is_ok_and(|it| it.status.success()).then_some(Self(place))
    }

    fn resize(&self, size: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,size={size}")]).arg(self.0);
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0).status().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_place_is_told_and_leaves_what_is_good() {
    let mut house = House::build(&[]).await;
    let vault = house.path("vault");
    let Some(disk) = Disk::mount(&vault, "8m") else {
        assert!(std::env::var_os("CI").is_none(), "only root can mount a small disk");
        eprintln!("skipped: only root can mount a small disk");
        return;
    };
    house.begin().await;
    house.add_salon("salon_bot", 301).await;
    let good = house.back_up().await;
    let filler = vault.join("filler");
    Command::new("dd")
        .args(["if=/dev/zero", "bs=4k", &format!("of={}", filler.display())])
        .output()
        .unwrap();
    house.add_salon("other_bot", 302).await;
    let told = house.cli(&["backup", "create"]).await;
    assert_eq!(told.code, Some(1), "{}", told.out);
    assert!(told.err.contains("no room is left") && told.err.contains("df -h"), "{}", told.err);
    assert_eq!(house.backups().await["last"], good);
    disk.resize("32m");
    let next = house.back_up().await;
    assert_eq!(next["clients"], json!(2), "{next}");
    let id = good["id"].as_str().unwrap();
    let whole = house.cli(&["backup", "verify", id]).await;
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    drop(disk);
    house.shut().await;
}
