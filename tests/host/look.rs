//! What an administrator sees of a host that runs: its journal, the doctor's findings, its units, the
//! ceiling of its clients.

use serde_json::Value;

use crate::guest::Guest;

/// What the guide tells an operator to type finds what it says.
pub fn the_journal_tells_it(guest: &Guest, payment: &str) {
    let settled = guest.run("journalctl -u slotbox SLOTBOX_EVENT=payment.settled -o json");
    let settled: Value = serde_json::from_str(settled.lines().next().unwrap()).unwrap();
    assert_eq!(settled["SLOTBOX_PAYMENT"], payment, "{settled}");
    assert_eq!(settled["PRIORITY"], "6");
    let client = settled["SLOTBOX_CLIENT"].as_str().unwrap();
    let story = guest.run(&format!("journalctl -u slotbox SLOTBOX_CLIENT={client} -o json"));
    for event in ["order.created", "payment.settled", "deploy.started", "deploy.succeeded"] {
        assert!(story.contains(&format!("\"SLOTBOX_EVENT\":\"{event}\"")), "{event}: {story}");
    }
    // What a container says is in the same journal, by the engine's own driver.
    let said = guest.run(&format!("journalctl CONTAINER_NAME=slotbox-{client} --no-pager"));
    assert!(said.lines().count() > 1, "{said}");
    // The catalog explains what went wrong, and how to mend it.
    let explained = guest.run("journalctl --list-catalog | grep -c 'Slotbox: '");
    assert!(explained.trim().parse::<usize>().unwrap() > 90, "{explained}");
    let inspected = guest.run("docker inspect $(docker ps -q)");
    let inspected: Value = serde_json::from_str(&inspected).unwrap();
    assert_eq!(inspected.as_array().unwrap().len(), 1);
    assert_eq!(inspected[0]["HostConfig"]["LogConfig"]["Type"], "journald");
}

/// No check fails; what cannot be told in a guest without a network is a warning.
pub fn the_doctor_finds_nothing(guest: &Guest) {
    let told = guest.tries("slotbox doctor --json");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let found = told["checks"].as_array().unwrap();
    assert!(found.len() > 10, "{told:#}");
    let ill: Vec<_> = found.iter().filter(|it| it["verdict"] == "fail").collect();
    assert!(ill.is_empty(), "{ill:#?}");
    guest.run("mkdir -p /etc/systemd/system/slotbox.service.d");
    guest.run(
        "printf '[Service]\nProtectSystem=no\n' >/etc/systemd/system/slotbox.service.d/weak.conf\n\
         systemctl daemon-reload",
    );
    let told = guest.run("slotbox doctor");
    assert!(told.contains("weak.conf:2: ProtectSystem=no"), "{told}");
    guest.run("rm -r /etc/systemd/system/slotbox.service.d; systemctl daemon-reload");
}

pub fn the_units_are_hardened(guest: &Guest) {
    for (unit, most) in [("slotbox", 1.2), ("slotbox-deployer", 0.5)] {
        let told = guest.run(&format!(
            "systemd-analyze security --no-pager {unit}.service | sed -n 's/.*level for [^:]*: \
             \\([0-9.]*\\).*/\\1/p'"
        ));
        assert!(told.trim().parse::<f64>().unwrap() <= most, "{unit}: {told}");
        assert_eq!(guest.run(&format!("systemctl is-active {unit}")), "active\n");
    }
    let denied = guest.fails("setpriv --reuid slotbox --regid slotbox --clear-groups docker ps");
    assert!(denied.contains("permission denied"), "{denied}");
}

/// The deployer's unit has given all clients together their ceiling, and so would the slices.
pub fn clients_are_below_a_ceiling(guest: &Guest) {
    assert_eq!(guest.run("journalctl --quiet SLOTBOX_EVENT=deployer.no_ceiling | wc -l"), "0\n");
    let limit = guest.run(
        "cat /sys/fs/cgroup/memory/slotbox-clients/memory.limit_in_bytes 2>/dev/null ||
         cat /sys/fs/cgroup/slotbox-clients/memory.max",
    );
    let machine = guest.run("awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo");
    let [limit, machine] = [limit, machine].map(|it| it.trim().parse::<f64>().unwrap());
    assert!((0.7..0.8).contains(&(limit / machine)), "{limit} of {machine} bytes");
    let parent = "docker inspect --format '{{.HostConfig.CgroupParent}}' $(docker ps -q)";
    assert_eq!(guest.run(parent), "/slotbox-clients\n");
    let told = guest.run("slotbox doctor --json | tr '{' '\\n' | grep '\"ceiling\"'");
    assert!(told.contains("\"ok\""), "{told}");
    guest.run("systemctl start slotbox-clients.slice");
    let shown = "systemctl show --value -p MemoryMax slotbox-clients.slice";
    assert_ne!(guest.run(shown).trim(), "infinity");
    let weight = "systemctl show --value -p CPUWeight slotbox.slice";
    assert_eq!(guest.run(weight), "50\n");
}

/// Where systemd groups the containers, the package's slice is their ceiling: they lie below it, and
/// what they use counts there.
///
/// A guest's groups lie below this machine's. Where those are of the first version, the engine takes
/// the guest's for the machine's own, and puts what a container uses into a slice of the same name
/// beside the one that systemd holds; then the kernel's ceiling cannot be seen here.
pub fn clients_are_below_a_slice(guest: &Guest) {
    let parent = "docker inspect --format '{{.HostConfig.CgroupParent}}' $(docker ps -q)";
    assert_eq!(guest.run(parent), "slotbox-clients.slice\n");
    let shown = "systemctl show --value slotbox-clients.slice -p";
    let slice = guest.run(&format!("{shown} ControlGroup"));
    let slice = slice.trim();
    assert!(slice.ends_with("/slotbox.slice/slotbox-clients.slice"), "{slice}");
    let groups =
        guest.run("cat /proc/$(docker inspect --format '{{.State.Pid}}' $(docker ps -q))/cgroup");
    let below = |controller: &str| {
        let line = groups.lines().find(|line| line.contains(controller));
        let group = line.and_then(|line| line.splitn(3, ':').nth(2));
        group.and_then(|group| group.rsplit_once("/docker-")).map(|(slice, _)| slice.to_owned())
    };
    let told = guest
        .run(&format!("{shown} MemoryMax; awk '/^MemTotal:/ {{ print $2 * 1024 }}' /proc/meminfo"));
    let told: Vec<f64> = told.lines().map(|line| line.parse().unwrap()).collect();
    let [most, machine] = told[..] else { panic!("{told:?}") };
    assert!((0.7..0.8).contains(&(most / machine)), "{told:?}");

    let unified = below("0::").filter(|_| !groups.contains(":memory:"));
    let own = unified.clone().or_else(|| below(":name=systemd:"));
    assert_eq!(own.as_deref(), Some(slice), "{groups}");
    let counted = unified.clone().or_else(|| below(":memory:")).unwrap();
    assert!(counted.ends_with("/slotbox.slice/slotbox-clients.slice"), "{groups}");
    let (dir, used, limit) = match unified {
        Some(_) => ("/sys/fs/cgroup", "memory.current", "memory.max"),
        None => ("/sys/fs/cgroup/memory", "memory.usage_in_bytes", "memory.limit_in_bytes"),
    };
    let read = |file| guest.run(&format!("cat {dir}{counted}/{file}")).trim().to_owned();
    let used: f64 = read(used).parse().unwrap();
    assert!((1e6..2e8).contains(&used), "{used}: {groups}");
    if counted == slice {
        assert!((read(limit).parse::<f64>().unwrap() - most).abs() < 1.0, "{}", read(limit));
        let told = guest.run("slotbox doctor --json | tr '{' '\\n' | grep '\"ceiling\"'");
        assert!(told.contains("\"ok\""), "{told}");
    }
}
