//! Groups in a directory that stands for the kernel's.

use super::*;

fn group(driver: CgroupDriver, root: &Path) -> Group {
    Group::new(driver, "slotbox-demo-1").below(root)
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap()
}

#[test]
fn a_slice_lies_in_one_slice_and_a_path_at_the_top() {
    let root = Path::new("/nowhere");
    assert_eq!(group(CgroupDriver::Systemd, root).name(), "slotbox_demo_1-clients.slice");
    assert_eq!(group(CgroupDriver::Cgroupfs, root).name(), "/slotbox-demo-1-clients");
    assert_eq!(Group::new(CgroupDriver::Systemd, "slotbox").name(), "slotbox-clients.slice");
}

#[test]
fn the_shipped_slices_are_the_templates() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
    let path = Group::new(CgroupDriver::Systemd, "slotbox").path();
    for slice in &path {
        let unit = fs::read_to_string(units.join(slice)).unwrap();
        assert!(unit.contains("[Slice]"), "{}", slice.display());
    }
    let clients = fs::read_to_string(units.join(path.file_name().unwrap())).unwrap();
    for setting in ["MemoryMax=75%", "MemorySwapMax=0", "TasksMax=50%"] {
        assert!(clients.lines().any(|line| line == setting), "{setting}");
    }
    // A weight counts among neighbours: the clients' slice has none, the one above it has.
    let above = fs::read_to_string(units.join("slotbox.slice")).unwrap();
    assert!(above.lines().any(|line| line == format!("CPUWeight={WEIGHT}")), "{above}");
}

#[test]
fn a_ceiling_is_held_and_seen_in_both_kinds_of_hierarchies() {
    for (unified, memory, cpu) in [
        (true, "slotbox-demo-1-clients/memory.max", "slotbox-demo-1-clients/cpu.weight"),
        (
            false,
            "memory/slotbox-demo-1-clients/memory.limit_in_bytes",
            "cpu/slotbox-demo-1-clients/cpu.shares",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        if unified {
            fs::write(dir.path().join("cgroup.controllers"), "cpu memory pids").unwrap();
        }
        let group = group(CgroupDriver::Cgroupfs, dir.path());
        assert_eq!(group.seen(), Seen::Absent);
        group.hold(96 << 20).unwrap();
        assert_eq!(group.seen(), Seen::At(96 << 20));
        assert_eq!(read(dir.path(), cpu), if unified { WEIGHT } else { SHARES });
        for nothing in ["max\n", "9223372036854771712\n"] {
            fs::write(dir.path().join(memory), nothing).unwrap();
            assert_eq!(group.seen(), Seen::Unlimited);
        }
    }
}

#[test]
fn a_slice_is_left_to_its_unit() {
    let dir = tempfile::tempdir().unwrap();
    let group = group(CgroupDriver::Systemd, dir.path());
    group.hold(1 << 30).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let slice = dir.path().join("memory/slotbox_demo_1.slice/slotbox_demo_1-clients.slice");
    fs::create_dir_all(&slice).unwrap();
    fs::write(slice.join("memory.limit_in_bytes"), "1073741824\n").unwrap();
    assert_eq!(group.seen(), Seen::At(1 << 30));
}
