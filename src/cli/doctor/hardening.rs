//! Whether the units still are what the package brought: drop-ins may have weakened them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::finding::Finding;

const CHECK: &str = "hardening";
/// The package's units, as they were when this program was built.
const UNITS: [(&str, &str); 2] = [
    ("slotbox.service", include_str!("../../../systemd/slotbox.service")),
    ("slotbox-deployer.service", include_str!("../../../systemd/slotbox-deployer.service")),
];
/// Where units and drop-ins of an administrator lie, and those of a run of the machine.
const PLACES: [&str; 3] =
    ["etc/systemd/system", "run/systemd/system", "etc/systemd/system.control"];
/// What a drop-in may set without taking anything away.
const HARMLESS: [&str; 17] = [
    "Environment",
    "ExecStart",
    "ExecReload",
    "LimitNOFILE",
    "LimitCORE",
    "LoadCredential",
    "MemoryMax",
    "Restart",
    "RestartSec",
    "RestartPreventExitStatus",
    "Sockets",
    "TasksMax",
    "TimeoutStartSec",
    "TimeoutStopSec",
    "Type",
    "WatchdogSec",
    "OOMPolicy",
];

/// Compares what lies over the package's units with them. The directory that backups go to may be
/// opened.
pub(super) fn check(root: &Path, backups: Option<&Path>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (unit, packaged) in UNITS {
        for place in PLACES {
            let place = root.join(place);
            let whole = place.join(unit);
            if whole.is_file() {
                let seen = format!("{} stands in place of the package's unit", whole.display());
                findings.push(Finding::warn(CHECK, seen, format!("systemctl revert {unit}")));
            }
            for file in drop_ins(&place.join(format!("{unit}.d"))) {
                for (line, setting) in weakened(&file, packaged, backups) {
                    let seen = format!("{}:{line}: {setting}", file.display());
                    let cure = format!("systemctl revert {unit} && systemctl restart {unit}");
                    findings.push(Finding::warn(CHECK, seen, cure));
                }
            }
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "no drop-in weakens the units"));
    }
    findings
}

fn drop_ins(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "conf"))
        .collect();
    files.sort();
    files
}

/// Returns the lines of a drop-in that set what the package's unit has set otherwise, or that open
/// what it leaves closed.
fn weakened(file: &Path, packaged: &str, backups: Option<&Path>) -> Vec<(usize, String)> {
    const OPENS: [&str; 4] = ["ReadWritePaths", "BindPaths", "DeviceAllow", "IPAddressAllow"];
    let text = fs::read_to_string(file).unwrap_or_default();
    let ours: Vec<_> = packaged.lines().filter_map(setting).collect();
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((key, value)) = setting(line) else { continue };
        let known = ours.iter().any(|(its, _)| *its == key);
        let same = ours.contains(&(key, value));
        // The place that the settings send backups to has to be open.
        let is_meant =
            key == "ReadWritePaths" && backups.is_some_and(|place| Path::new(value) == place);
        if is_meant {
            continue;
        }
        if OPENS.contains(&key) || (known && !same && !HARMLESS.contains(&key)) {
            found.push((index + 1, format!("{key}={value}")));
        }
    }
    found
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with(['#', ';', '[']) {
        return None;
    }
    line.split_once('=').map(|(key, value)| (key.trim(), value.trim()))
}

/// Asks systemd whether the units run.
pub(super) async fn units(root: &Path) -> Finding {
    const CHECK: &str = "units";
    if !root.join("run/systemd/system").exists() {
        return Finding::skipped(CHECK, "systemd does not run here");
    }
    let mut command = Command::new("systemctl");
    command.args(["is-active", "slotbox.service"]).stdin(Stdio::null()).kill_on_drop(true);
    let asked = tokio::time::timeout(Duration::from_secs(10), command.output()).await;
    let Ok(Ok(output)) = asked else {
        return Finding::skipped(CHECK, "systemctl cannot be asked");
    };
    match String::from_utf8_lossy(&output.stdout).trim() {
        "active" => Finding::ok(CHECK, "slotbox.service is active"),
        state => Finding::fail(
            CHECK,
            format!("slotbox.service is {state}"),
            "journalctl -u slotbox -n 30; then: slotbox setup --yes",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_drop_in_that_weakens_a_unit_is_named_line_by_line() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(check(root.path(), None)[0].verdict, Verdict::Ok);
        let dir = root.path().join("etc/systemd/system/slotbox.service.d");
        fs::create_dir_all(&dir).unwrap();
        let text = "[Service]\nNoNewPrivileges=no\nLimitNOFILE=9\n# ProtectHome=no\n\
                    ProtectHome=yes\nReadWritePaths=/\nReadWritePaths=/mnt/b\nRestrictAddressFamilies=\n";
        fs::write(dir.join("override.conf"), text).unwrap();
        let found = check(root.path(), Some(Path::new("/mnt/b")));
        let seen: Vec<_> = found
            .iter()
            .map(|it| it.evidence.rsplit_once("override.conf:").unwrap().1.to_owned())
            .collect();
        assert_eq!(
            seen,
            ["2: NoNewPrivileges=no", "6: ReadWritePaths=/", "8: RestrictAddressFamilies="]
        );
        assert!(found.iter().all(|it| it.verdict == Verdict::Warn && it.cure.is_some()));
        fs::write(root.path().join("etc/systemd/system/slotbox-deployer.service"), "").unwrap();
        assert_eq!(check(root.path(), None).len(), 5);
    }
}
