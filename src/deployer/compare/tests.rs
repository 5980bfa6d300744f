//! A container as the engine tells of it, changed in every way that matters.

use std::path::PathBuf;

use bollard::models::{
    ContainerConfig, DeviceMapping, EndpointSettings, HostConfig, HostConfigCgroupnsModeEnum,
    HostConfigLogConfig, NetworkSettings,
};

use super::*;
use crate::deployer::engine::EngineKind;
use crate::deployer::group::{CgroupDriver, Group};
use crate::deployer::peer::User;
use crate::deployer::podman::{self, USUAL_CAPABILITIES};
use crate::deployer::rootfs::{DATA, GATEWAY};
use crate::deployer::settings::{Ceilings, DeployerSettings, LogDriver};
use crate::deployer::template::{Origin, Template};
use crate::domain::ids::ClientId;

const IMAGE: &str = "sha256:1";

fn wanted() -> ContainerCreateBody {
    let settings = DeployerSettings {
        instance: "slotbox".to_owned(),
        gateways: PathBuf::from("/run/slotbox/clients"),
        program: PathBuf::from("/usr/lib/slotbox/slotbox-client"),
        engine: PathBuf::from("/run/docker.sock"),
        user: User { uid: 1, gid: None },
        ceilings: Ceilings {
            memory_bytes: 64 << 20,
            nano_cpus: 250_000_000,
            pids: 64,
            together_bytes: None,
        },
        log: LogDriver::JsonFile,
        clock_dir: None,
    };
    let origin = Origin { image: IMAGE.to_owned(), previous: None };
    Template::new(settings, Group::new(CgroupDriver::Cgroupfs, "slotbox"), EngineKind::Docker)
        .container(ClientId::from_bits(7), &origin)
}

/// What an engine tells of a container that it made as wanted, with all that it adds.
fn made() -> ContainerInspectResponse {
    let body = wanted();
    let config: ContainerConfig =
        serde_json::from_value(serde_json::to_value(&body).unwrap()).unwrap();
    let mut host = body.host_config.unwrap();
    host.masked_paths =
        Some([&MASKED[..], &["/proc/acpi"]].concat().iter().map(|it| (*it).to_owned()).collect());
    host.readonly_paths = Some(READ_ONLY.iter().map(|it| (*it).to_owned()).collect());
    host.shm_size = Some(64 << 20);
    host.cgroupns_mode = Some(HostConfigCgroupnsModeEnum::HOST);
    host.runtime = Some("runc".to_owned());
    host.privileged = Some(false);
    host.cap_add = Some(Vec::new());
    host.pid_mode = Some(String::new());
    host.restart_policy.as_mut().unwrap().maximum_retry_count = Some(0);
    let log = host.log_config.as_mut().unwrap().config.as_mut().unwrap();
    log.insert("compress".to_owned(), "true".to_owned());
    let point = |name: Option<&str>, source: &str, destination: &str, rw| MountPoint {
        typ: Some(if name.is_some() { "volume" } else { "bind" }.to_owned()),
        name: name.map(str::to_owned),
        source: Some(source.to_owned()),
        destination: Some(destination.to_owned()),
        rw: Some(rw),
        ..MountPoint::default()
    };
    let id = ClientId::from_bits(7);
    let mounts = vec![
        point(Some(&format!("slotbox-{id}")), "/var/lib/docker/volumes/x/_data", DATA, true),
        point(None, &format!("/run/slotbox/clients/{id}"), GATEWAY, false),
    ];
    let networks = [("none".to_owned(), EndpointSettings::default())].into();
    ContainerInspectResponse {
        image: Some(IMAGE.to_owned()),
        config: Some(config),
        host_config: Some(host),
        mounts: Some(mounts),
        network_settings: Some(NetworkSettings { networks: Some(networks), ..Default::default() }),
        ..ContainerInspectResponse::default()
    }
}

/// Returns what is found if the container's host settings are changed so.
fn changed(change: impl FnOnce(&mut HostConfig)) -> Vec<String> {
    let mut made = made();
    change(made.host_config.as_mut().unwrap());
    differences(&wanted(), &made)
}

#[test]
fn what_an_engine_adds_is_no_difference() {
    assert_eq!(differences(&wanted(), &made()), Vec::<String>::new());
}

#[test]
fn whatever_widens_a_container_is_found() {
    let some = |text: &str| Some(vec![text.to_owned()]);
    let cases: Vec<(&str, Vec<String>)> = vec![
        ("Privileged", changed(|host| host.privileged = Some(true))),
        ("CapAdd", changed(|host| host.cap_add = some("NET_RAW"))),
        ("CapDrop", changed(|host| host.cap_drop = None)),
        ("SecurityOpt", changed(|host| host.security_opt = some("seccomp=unconfined"))),
        ("ReadonlyRootfs", changed(|host| host.readonly_rootfs = Some(false))),
        ("NetworkMode", changed(|host| host.network_mode = Some("host".to_owned()))),
        ("PidMode", changed(|host| host.pid_mode = Some("host".to_owned()))),
        ("IpcMode", changed(|host| host.ipc_mode = Some("host".to_owned()))),
        ("UTSMode", changed(|host| host.uts_mode = Some("host".to_owned()))),
        ("UsernsMode", changed(|host| host.userns_mode = Some("host".to_owned()))),
        ("Binds", changed(|host| host.binds = some("/:/host"))),
        ("VolumesFrom", changed(|host| host.volumes_from = some("other"))),
        ("Devices", changed(|host| host.devices = Some(vec![DeviceMapping::default()]))),
        ("DeviceCgroupRules", changed(|host| host.device_cgroup_rules = some("a *:* rwm"))),
        ("GroupAdd", changed(|host| host.group_add = some("docker"))),
        ("Memory", changed(|host| host.memory = Some(1 << 40))),
        ("MemorySwap", changed(|host| host.memory_swap = Some(-1))),
        ("NanoCpus", changed(|host| host.nano_cpus = Some(0))),
        ("CpuShares", changed(|host| host.cpu_shares = Some(4096))),
        ("PidsLimit", changed(|host| host.pids_limit = Some(-1))),
        ("OomKillDisable", changed(|host| host.oom_kill_disable = Some(true))),
        ("OomScoreAdj", changed(|host| host.oom_score_adj = Some(-900))),
        ("Ulimits", changed(|host| host.ulimits = Some(Vec::new()))),
        ("Tmpfs", changed(|host| host.tmpfs = None)),
        ("Mounts", changed(|host| host.mounts.as_mut().unwrap()[1].read_only = Some(false))),
        ("CgroupParent", changed(|host| host.cgroup_parent = Some("/".to_owned()))),
        ("RestartPolicy", changed(|host| host.restart_policy = None)),
        ("LogConfig", changed(|host| host.log_config = Some(HostConfigLogConfig::default()))),
        ("Init", changed(|host| host.init = None)),
        ("Runtime", changed(|host| host.runtime = Some("evil".to_owned()))),
        ("MaskedPaths", changed(|host| host.masked_paths = Some(Vec::new()))),
        ("ReadonlyPaths", changed(|host| host.readonly_paths = None)),
        ("Sysctls", changed(|host| host.sysctls = Some([("kernel.x".into(), "1".into())].into()))),
    ];
    for (setting, found) in cases {
        assert_eq!(found, [format!("HostConfig.{setting}")]);
    }
}

#[test]
fn another_image_user_command_or_mount_is_found() {
    let check = |change: &dyn Fn(&mut ContainerInspectResponse), expected: &[&str]| {
        let mut made = made();
        change(&mut made);
        assert_eq!(differences(&wanted(), &made), expected);
    };
    check(&|made| made.image = Some("sha256:2".to_owned()), &["Image"]);
    let config = |made: &mut ContainerInspectResponse| made.config.clone().unwrap();
    check(
        &|made| made.config = Some(ContainerConfig { user: None, ..config(made) }),
        &["Config.User"],
    );
    check(
        &|made| {
            let env = Some(vec!["TOKEN=1".to_owned()]);
            made.config = Some(ContainerConfig { env, ..config(made) });
        },
        &["Config.Env"],
    );
    check(
        &|made| {
            let entrypoint = Some(vec!["/bin/sh".to_owned()]);
            made.config = Some(ContainerConfig { entrypoint, cmd: None, ..config(made) });
        },
        &["Config.Cmd", "Config.Entrypoint"],
    );
    check(&|made| made.mounts.as_mut().unwrap()[1].rw = Some(true), &["Mounts"]);
    check(&|made| made.mounts.as_mut().unwrap()[1].source = Some("/".to_owned()), &["Mounts"]);
    check(&|made| made.mounts.as_mut().unwrap()[0].name = Some("other".to_owned()), &["Mounts"]);
    check(
        &|made| {
            let mounts = made.mounts.as_mut().unwrap();
            mounts[1] = mounts[0].clone();
        },
        &["Mounts"],
    );
    check(
        &|made| {
            let networks = made.network_settings.as_mut().unwrap().networks.as_mut().unwrap();
            networks.insert("bridge".to_owned(), EndpointSettings::default());
        },
        &["NetworkSettings.Networks"],
    );
}

/// Returns what is found if Podman made it as wanted, and then its host settings were changed so.
fn changed_in_podman(change: impl FnOnce(&mut HostConfig)) -> Vec<String> {
    let mut made = made();
    made.config.as_mut().unwrap().stop_signal = Some("15".to_owned());
    let host = made.host_config.as_mut().unwrap();
    let mounts = host.mounts.take().unwrap();
    let bind = |mount: &Mount| {
        let options =
            if mount.read_only == Some(true) { "ro,rprivate,bind" } else { "rw,rprivate,rbind" };
        format!("{}:{}:{options}", mount.source.as_ref().unwrap(), mount.target.as_ref().unwrap())
    };
    host.binds = Some(mounts.iter().map(bind).collect());
    host.cap_drop = Some(USUAL_CAPABILITIES.map(str::to_owned).to_vec());
    host.security_opt = Some(vec!["no-new-privileges".to_owned()]);
    (host.ipc_mode, host.shm_size) = (Some("shareable".to_owned()), Some(65_536_000));
    (host.pid_mode, host.runtime) = (Some("private".to_owned()), Some("oci".to_owned()));
    (host.cpu_period, host.cpu_quota) = (Some(100_000), Some(25_000));
    (host.masked_paths, host.readonly_paths) = (None, None);
    change(host);
    let wanted = wanted();
    differences(&wanted, &podman::translated(&wanted, made))
}

#[test]
fn podmans_words_for_what_was_wanted_are_no_difference_and_all_others_are() {
    assert_eq!(changed_in_podman(|_| {}), Vec::<String>::new());
    let some = |text: &str| Some(vec![text.to_owned()]);
    let cases: Vec<(&str, Vec<String>)> = vec![
        ("CapDrop", changed_in_podman(|host| drop(host.cap_drop.as_mut().unwrap().pop()))),
        ("CapAdd", changed_in_podman(|host| host.cap_add = some("SYS_ADMIN"))),
        (
            "Binds",
            changed_in_podman(|host| {
                host.binds.as_mut().unwrap().push("/:/host:rw,rprivate,rbind".to_owned());
            }),
        ),
        (
            "Binds",
            changed_in_podman(|host| {
                let gateway = &mut host.binds.as_mut().unwrap()[1];
                *gateway = gateway.replace(":ro,", ":rw,");
            }),
        ),
        ("SecurityOpt", changed_in_podman(|host| host.security_opt = some("seccomp=unconfined"))),
        ("IpcMode", changed_in_podman(|host| host.ipc_mode = Some("host".to_owned()))),
        ("PidMode", changed_in_podman(|host| host.pid_mode = Some("host".to_owned()))),
        ("CpuQuota", changed_in_podman(|host| host.cpu_quota = Some(-1))),
        ("Runtime", changed_in_podman(|host| host.runtime = Some("evil".to_owned()))),
        ("MaskedPaths", changed_in_podman(|host| host.masked_paths = Some(Vec::new()))),
        ("Privileged", changed_in_podman(|host| host.privileged = Some(true))),
    ];
    for (setting, found) in cases {
        assert!(found.contains(&format!("HostConfig.{setting}")), "{setting}: {found:?}");
    }
}
