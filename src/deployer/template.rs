//! The one template: what every client's container is. Only the client's id, its user, its two
//! mounts and the image differ from one to the next.

use std::collections::HashMap;
use std::path::Path;

use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, Mount, MountBindOptions,
    MountBindOptionsPropagationEnum, MountType, ResourcesUlimits, RestartPolicy,
    RestartPolicyNameEnum, VolumeCreateRequest,
};

use super::engine::EngineKind;
use super::group::Group;
use super::rootfs::{DATA, GATEWAY, PROGRAM};
use super::settings::{DeployerSettings, LogDriver};
use crate::domain::ids::ClientId;
use crate::domain::uid;

/// The label that names the instance whose container or volume it is.
pub(super) const INSTANCE: &str = "slotbox.instance";
/// The label that names the client.
pub(super) const CLIENT: &str = "slotbox.client";
/// The file that the client's process touches while it is well.
const ALIVE: &str = "/tmp/alive";
/// What can be written beside the client's volume; and what an engine would let be written, queues
/// of messages in memory, is hidden.
const TMPFS: [(&str, &str); 2] = [
    ("/tmp", "rw,noexec,nosuid,nodev,size=16m,mode=1777"),
    ("/dev/mqueue", "ro,noexec,nosuid,nodev,size=4k,mode=0555"),
];
/// What Podman adds where the root cannot be written, and lets be written and run from: hidden too.
const PODMAN_TMPFS: [(&str, &str); 2] = [
    ("/run", "ro,noexec,nosuid,nodev,size=4k,mode=0555"),
    ("/var/tmp", "ro,noexec,nosuid,nodev,size=4k,mode=0555"),
];
/// Where the demo's clock is mounted.
const CLOCK: &str = "/clock";
const CLOCK_FILE: &str = "/clock/ahead";
const SECOND_NS: i64 = 1_000_000_000;
/// How long a bot may finish its work in hand before it is killed.
pub(super) const STOP_WITHIN_S: i32 = 10;
/// Open files of one process; a bot needs some dozens.
const OPEN_FILES: i64 = 1024;

/// The label that names the image that the container had before it was renewed.
pub(super) const PREVIOUS: &str = "slotbox.previous";

/// What a container is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The image, by its digest.
    pub(super) image: String,
    /// The image that it can go back to.
    pub(super) previous: Option<String>,
}

/// Makes the engine's requests. Nothing in them comes from who asks but the client's id.
#[derive(Clone, Debug)]
pub(super) struct Template {
    settings: DeployerSettings,
    group: Group,
    kind: EngineKind,
}

impl Template {
    pub(super) const fn new(settings: DeployerSettings, group: Group, kind: EngineKind) -> Self {
        Self { settings, group, kind }
    }

    /// Returns the name of the client's container and of its volume.
    pub(super) fn name(&self, client: ClientId) -> String {
        format!("{}-{client}", self.settings.instance)
    }

    /// Returns the client whose container or volume bears the name, if one does.
    pub(super) fn client(&self, name: &str) -> Option<ClientId> {
        let rest = name.strip_prefix(self.settings.instance.as_str())?;
        rest.strip_prefix('-')?.parse().ok()
    }

    /// Returns the labels of the client's container and of its volume.
    pub(super) fn labels(&self, client: ClientId) -> HashMap<String, String> {
        HashMap::from([
            (INSTANCE.to_owned(), self.settings.instance.clone()),
            (CLIENT.to_owned(), client.to_string()),
        ])
    }

    /// Returns the request for the client's volume.
    pub(super) fn volume(&self, client: ClientId) -> VolumeCreateRequest {
        VolumeCreateRequest {
            name: Some(self.name(client)),
            driver: Some("local".to_owned()),
            labels: Some(self.labels(client)),
            ..VolumeCreateRequest::default()
        }
    }

    /// Returns the request for the client's container.
    pub(super) fn container(&self, client: ClientId, origin: &Origin) -> ContainerCreateBody {
        let uid = uid::of(client);
        let mut labels = self.labels(client);
        labels.extend(origin.previous.clone().map(|image| (PREVIOUS.to_owned(), image)));
        ContainerCreateBody {
            hostname: Some("client".to_owned()),
            user: Some(format!("{uid}:{uid}")),
            image: Some(origin.image.clone()),
            entrypoint: Some(vec![PROGRAM.to_owned()]),
            cmd: Some(self.command()),
            working_dir: Some(DATA.to_owned()),
            labels: Some(labels),
            healthcheck: Some(HealthConfig {
                test: Some(words(&["CMD", PROGRAM, "client-check", "--alive-file", ALIVE])),
                interval: Some(60 * SECOND_NS),
                timeout: Some(10 * SECOND_NS),
                start_period: Some(60 * SECOND_NS),
                retries: Some(3),
                start_interval: None,
            }),
            stop_signal: Some("SIGTERM".to_owned()),
            stop_timeout: Some(i64::from(STOP_WITHIN_S)),
            host_config: Some(self.host_config(client)),
            ..ContainerCreateBody::default()
        }
    }

    fn command(&self) -> Vec<String> {
        let socket = format!("{GATEWAY}/gateway.sock");
        let mut command =
            words(&["client", "--socket", &socket, "--data", DATA, "--alive-file", ALIVE]);
        if self.settings.clock_dir.is_some() {
            command.extend(words(&["--clock-file", CLOCK_FILE]));
        }
        command
    }

    fn host_config(&self, client: ClientId) -> HostConfig {
        let ceilings = &self.settings.ceilings;
        HostConfig {
            cap_drop: Some(words(&["ALL"])),
            security_opt: Some(words(&["no-new-privileges:true"])),
            readonly_rootfs: Some(true),
            tmpfs: Some(self.tmpfs()),
            mounts: Some(self.mounts(client)),
            network_mode: Some("none".to_owned()),
            ipc_mode: Some("none".to_owned()),
            memory: Some(ceilings.memory_bytes),
            memory_swap: Some(ceilings.memory_bytes),
            nano_cpus: Some(ceilings.nano_cpus),
            pids_limit: Some(ceilings.pids),
            ulimits: Some(self.ulimits()),
            init: Some(true),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
                maximum_retry_count: None,
            }),
            log_config: Some(self.log()),
            cgroup_parent: Some(self.group.name()),
            ..HostConfig::default()
        }
    }

    fn tmpfs(&self) -> HashMap<String, String> {
        let more = if self.kind == EngineKind::Podman { &PODMAN_TMPFS[..] } else { &[] };
        let all = TMPFS.iter().chain(more);
        all.map(|(path, options)| ((*path).to_owned(), (*options).to_owned())).collect()
    }

    /// Podman sets a limit of processes if none is given, and starts nothing where it may not raise it.
    /// They are counted by user, and each client is one; in the group they are bounded anyway.
    fn ulimits(&self) -> Vec<ResourcesUlimits> {
        let processes = limit("nproc", self.settings.ceilings.pids);
        let more = (self.kind == EngineKind::Podman).then_some(processes);
        [limit("nofile", OPEN_FILES), limit("core", 0)].into_iter().chain(more).collect()
    }

    /// The client's volume and its gateway directory. The directory is mounted, not the socket: a
    /// socket made anew is then seen. One can connect to a socket where one cannot write.
    fn mounts(&self, client: ClientId) -> Vec<Mount> {
        let data = Mount {
            target: Some(DATA.to_owned()),
            source: Some(self.name(client)),
            typ: Some(MountType::VOLUME),
            read_only: Some(false),
            ..Mount::default()
        };
        let gateway = bound(&self.settings.gateways.join(client.to_string()), GATEWAY);
        let clock = self.settings.clock_dir.as_deref().map(|dir| bound(dir, CLOCK));
        [data, gateway].into_iter().chain(clock).collect()
    }

    fn log(&self) -> HostConfigLogConfig {
        let (driver, options): (_, &[_]) = match self.settings.log {
            LogDriver::Journald => ("journald", &[("tag", "slotbox-client")]),
            LogDriver::JsonFile => ("json-file", &[("max-size", "10m"), ("max-file", "3")]),
        };
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        HostConfigLogConfig { typ: Some(driver.to_owned()), config: Some(options.collect()) }
    }
}

/// A directory of the host, which the container sees and cannot change.
fn bound(source: &Path, target: &str) -> Mount {
    Mount {
        target: Some(target.to_owned()),
        source: Some(source.display().to_string()),
        typ: Some(MountType::BIND),
        read_only: Some(true),
        bind_options: Some(MountBindOptions {
            propagation: Some(MountBindOptionsPropagationEnum::RPRIVATE),
            ..MountBindOptions::default()
        }),
        ..Mount::default()
    }
}

fn limit(name: &str, most: i64) -> ResourcesUlimits {
    ResourcesUlimits { name: Some(name.to_owned()), soft: Some(most), hard: Some(most) }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
