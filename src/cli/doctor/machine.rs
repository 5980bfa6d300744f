//! The engine, the deployer, the image, the disk.

use std::path::Path;

use super::finding::Finding;
use crate::cli::look::size;
use crate::config::{Config, RuntimeKind};
use crate::deployer::{CgroupDriver, Group, Seen};
use crate::external::containers::Layout;
use crate::external::containers::docker::Docker;
use crate::external::engines;

/// What must be free for the database to grow and be copied.
const WARN_FREE: u64 = 1 << 30;
const FAIL_FREE: u64 = 128 << 20;
/// What images of the package's deployer are called.
const IMAGE: &str = "slotbox-client:";
/// What all that its deployer makes is named after.
const INSTANCE: &str = "slotbox";

/// Checks what the clients' bots and the data stand on.
pub(super) async fn check(config: &Config, root: &Path) -> Vec<Finding> {
    let mut findings = engine(config, root).await;
    findings.push(disk(&config.server.data_dir));
    findings
}

async fn engine(config: &Config, root: &Path) -> Vec<Finding> {
    if config.runtime.kind == RuntimeKind::Process {
        let why = "clients' bots are processes of serve (runtime.kind)";
        return ["engine", "deployer", "ceiling", "image"]
            .map(|it| Finding::skipped(it, why))
            .into();
    }
    let found = engines::find(root).await;
    let mut findings = Vec::new();
    let told: Vec<_> = found
        .iter()
        .map(|it| format!("{} {} on {}", it.name, it.version, it.socket.display()))
        .collect();
    findings.push(if found.is_empty() {
        let seen = "no engine answers on /run/docker.sock or /run/podman/podman.sock to this user";
        let cure = "apt install docker.io && systemctl enable --now docker; or: slotbox setup \
                    --runtime process";
        Finding::fail("engine", seen, cure)
    } else {
        Finding::ok("engine", told.join("; "))
    });
    let layout = Layout::new(&config.server.data_dir, &config.server.runtime_dir);
    let deployer = Docker::new(config.runtime.deployer_socket.clone(), layout);
    findings.push(match deployer.answers().await {
        Ok(()) => Finding::ok("deployer", "it answers"),
        Err(err) => Finding::fail(
            "deployer",
            err.to_string(),
            "systemctl restart slotbox-deployer.socket slotbox-deployer; journalctl -u slotbox-deployer",
        ),
    });
    findings.push(ceiling(&root.join("sys/fs/cgroup")));
    let Some(engine) = found.first() else {
        findings.push(Finding::skipped("image", "there is no engine"));
        return findings;
    };
    findings.push(match engines::images(&engine.socket, IMAGE).await {
        None => Finding::skipped("image", "the engine does not tell its images"),
        Some(images) => image(&images),
    });
    findings
}

/// Looks for the ceiling of all clients together, in whichever group the engine has put them.
fn ceiling(cgroups: &Path) -> Finding {
    const CHECK: &str = "ceiling";
    let groups = [CgroupDriver::Systemd, CgroupDriver::Cgroupfs];
    let seen = groups.map(|driver| Group::new(driver, INSTANCE).below(cgroups).seen());
    match seen.into_iter().find(|seen| *seen != Seen::Absent) {
        Some(Seen::At(bytes)) => {
            Finding::ok(CHECK, format!("all clients together may use {} of memory", size(bytes)))
        }
        Some(Seen::Unlimited) => Finding::warn(
            CHECK,
            "all clients together may use all memory that there is",
            "systemctl revert slotbox-clients.slice; systemctl restart slotbox-deployer",
        ),
        Some(Seen::Absent) | None => Finding::skipped(CHECK, "no container was started yet"),
    }
}

fn image(images: &[String]) -> Finding {
    const CHECK: &str = "image";
    let ours = format!("{IMAGE}{}-", env!("CARGO_PKG_VERSION"));
    match images.iter().find(|it| it.starts_with(&ours)) {
        Some(name) => Finding::ok(CHECK, name.as_str()),
        None if images.is_empty() => Finding::warn(
            CHECK,
            "there is none yet; the first client has it made",
            "systemctl restart slotbox",
        ),
        None => Finding::warn(
            CHECK,
            format!("none of this release, only {}", images.join(", ")),
            "systemctl restart slotbox-deployer slotbox",
        ),
    }
}

fn disk(dir: &Path) -> Finding {
    const CHECK: &str = "disk";
    let there = dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(there) {
        Ok(found) => space(
            there,
            found.f_bavail.saturating_mul(found.f_frsize),
            [found.f_favail, found.f_files],
        ),
        Err(err) => Finding::skipped(CHECK, format!("{}: {err}", there.display())),
    }
}

/// Judges by what is free: bytes, and files of how many; some file systems do not count files.
fn space(dir: &Path, free: u64, [files_free, files]: [u64; 2]) -> Finding {
    const CHECK: &str = "disk";
    let seen = format!("{} MiB free for {}", free >> 20, dir.display());
    let cure = format!(
        "make room: du -xh {} | sort -h | tail; journalctl --vacuum-size=500M",
        dir.display()
    );
    if free < FAIL_FREE {
        return Finding::fail(CHECK, seen, cure);
    }
    if files > 0 && files_free < 1000 {
        return Finding::fail(CHECK, format!("{seen}, and only {files_free} more files fit"), cure);
    }
    if free < WARN_FREE { Finding::warn(CHECK, seen, cure) } else { Finding::ok(CHECK, seen) }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_full_disk_is_told_before_it_is_full() {
        let verdict = |free, files| space(Path::new("/"), free, files).verdict;
        assert_eq!(verdict(2 << 30, [5000, 9000]), Verdict::Ok);
        assert_eq!(verdict(2 << 30, [0, 0]), Verdict::Ok);
        assert_eq!(verdict(2 << 30, [999, 9000]), Verdict::Fail);
        assert_eq!(verdict(1 << 29, [5000, 9000]), Verdict::Warn);
        assert_eq!(verdict(1 << 20, [5000, 9000]), Verdict::Fail);
        assert_eq!(disk(Path::new("/nowhere/at/all")).check, "disk");
    }

    #[test]
    fn an_image_of_another_release_is_not_enough() {
        let ours = format!("slotbox-client:{}-0123456789ab", env!("CARGO_PKG_VERSION"));
        assert_eq!(image(&[ours]).verdict, Verdict::Ok);
        assert_eq!(image(&["slotbox-client:0.0.1-0123456789ab".to_owned()]).verdict, Verdict::Warn);
        assert_eq!(image(&[]).verdict, Verdict::Warn);
    }
}
