//! Podman speaks as Docker's engine does, with an accent: the same container is told of in other
//! words. What is said here in exactly the words that Podman has for what was wanted is translated;
//! everything else stays, and so is found to be different.
//!
//! Podman does not tell which paths are masked, how long logs grow, nor that there is no shared
//! memory: a container that it makes has all three, as `tests/engine/podman.rs` sees from inside.

use bollard::models::{
    ContainerConfig, ContainerCreateBody, ContainerInspectResponse, HostConfig, Mount, MountType,
};

use super::compare::{MASKED, READ_ONLY};

/// What it tells of a container without any capability: those that are taken from the usual ones.
pub(super) const USUAL_CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// What it adds to every environment; the host's name is added too, and a home once it was started.
const ENVIRONMENT: [&str; 3] = ["TERM=xterm", "container=podman", "HOME=/"];
/// What it adds to the options of every file system in memory.
const TMPFS_ADDED: &str = ",rprivate,tmpcopyup";
/// How large it says that memory is which there is not.
const NO_SHM_BYTES: i64 = 65_536_000;
/// The period of processor time, in microseconds, that it counts a limit in.
const PERIOD_US: i64 = 100_000;
/// Billionths of a processor in a microsecond of that period.
const NANO_IN_US: i64 = 1_000_000_000 / PERIOD_US;

/// Returns what Docker's engine would tell of the container that Podman made.
pub(super) fn translated(
    wanted: &ContainerCreateBody,
    mut made: ContainerInspectResponse,
) -> ContainerInspectResponse {
    if let Some(config) = made.config.as_mut() {
        translate_config(wanted, config);
    }
    if let (Some(wanted), Some(host)) = (&wanted.host_config, made.host_config.as_mut()) {
        translate_host(wanted, host);
    }
    made
}

fn translate_config(wanted: &ContainerCreateBody, config: &mut ContainerConfig) {
    // By its name; by its digest it is compared as well, and that counts.
    config.image.clone_from(&wanted.image);
    if config.stop_signal.as_deref() == Some("15") {
        config.stop_signal = Some("SIGTERM".to_owned());
    }
    let named = [("HOSTNAME", &wanted.hostname), ("HOME", &wanted.working_dir)];
    let named = named.map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("")));
    if let Some(env) = config.env.as_mut() {
        env.retain(|one| !ENVIRONMENT.contains(&one.as_str()) && !named.contains(one));
    }
}

fn translate_host(wanted: &HostConfig, host: &mut HostConfig) {
    if binds_are(wanted.mounts.as_deref(), host.binds.as_deref()) {
        host.binds = None;
        host.mounts.clone_from(&wanted.mounts);
    }
    let mut dropped = host.cap_drop.clone().unwrap_or_default();
    dropped.sort_unstable();
    if dropped == USUAL_CAPABILITIES && host.cap_add.as_ref().is_none_or(Vec::is_empty) {
        host.cap_drop = Some(vec!["ALL".to_owned()]);
    }
    for option in host.security_opt.iter_mut().flatten() {
        if option == "no-new-privileges" {
            option.push_str(":true");
        }
    }
    for options in host.tmpfs.iter_mut().flat_map(|all| all.values_mut()) {
        if let Some(asked) = options.strip_suffix(TMPFS_ADDED) {
            *options = asked.to_owned();
        }
    }
    for limit in host.ulimits.iter_mut().flatten() {
        if let Some(name) = limit.name.as_deref().and_then(|name| name.strip_prefix("RLIMIT_")) {
            limit.name = Some(name.to_lowercase());
        }
    }
    let quota = host.nano_cpus.map(|nano| nano / NANO_IN_US);
    if host.cpu_period == Some(PERIOD_US) && host.cpu_quota == quota {
        (host.cpu_period, host.cpu_quota) = (None, None);
    }
    for mode in [&mut host.pid_mode, &mut host.uts_mode] {
        if mode.as_deref() == Some("private") {
            *mode = None;
        }
    }
    if host.ipc_mode.as_deref() == Some("shareable") && host.shm_size == Some(NO_SHM_BYTES) {
        host.ipc_mode.clone_from(&wanted.ipc_mode);
        host.shm_size = None;
    }
    if host.runtime.as_deref() == Some("oci") {
        host.runtime = None;
    }
    if let (Some(log), Some(asked)) = (host.log_config.as_mut(), &wanted.log_config)
        && log.config.is_none()
    {
        log.config.clone_from(&asked.config);
    }
    let told = |paths: &[&str]| Some(paths.iter().map(|path| (*path).to_owned()).collect());
    host.masked_paths = host.masked_paths.take().or_else(|| told(&MASKED));
    host.readonly_paths = host.readonly_paths.take().or_else(|| told(&READ_ONLY));
}

/// Tells whether the binds are the mounts, each in Podman's words, and nothing else.
fn binds_are(mounts: Option<&[Mount]>, binds: Option<&[String]>) -> bool {
    let (mounts, binds) = (mounts.unwrap_or_default(), binds.unwrap_or_default());
    let is_there = |mount: &Mount| binds.iter().any(|bind| is_bind(mount, bind));
    mounts.len() == binds.len() && mounts.iter().all(is_there)
}

fn is_bind(mount: &Mount, bind: &str) -> bool {
    let (Some(source), Some(target)) = (&mount.source, &mount.target) else { return false };
    let Some(options) = bind.strip_prefix(&format!("{source}:{target}:")) else { return false };
    let access = if mount.read_only == Some(true) { "ro" } else { "rw" };
    let known = match mount.typ {
        Some(MountType::VOLUME) => &["nosuid", "nodev", "rbind"][..],
        Some(MountType::BIND) => &["bind", "rbind"][..],
        _ => return false,
    };
    let options: Vec<_> = options.split(',').collect();
    options.contains(&access)
        && options.contains(&"rprivate")
        && options.iter().all(|it| *it == access || *it == "rprivate" || known.contains(it))
}
