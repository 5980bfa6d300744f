//! Compares a container, as the engine tells of it, with the template: what we set must be equal,
//! and what the engine adds must not widen it.

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, Mount, MountPoint, MountType,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// What the engine hides from containers and keeps them from writing; each list may be longer.
pub(super) const MASKED: [&str; 4] =
    ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"];
pub(super) const READ_ONLY: [&str; 5] =
    ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Returns the settings that are not the template's, by their names; none if it is as it must be.
pub(super) fn differences(
    wanted: &ContainerCreateBody,
    made: &ContainerInspectResponse,
) -> Vec<String> {
    let mut found = Vec::new();
    let (mut wanted_config, mut made_config) = (map(wanted), map(&made.config));
    wanted_config.remove("HostConfig");
    made_config.retain(|key, value| !added_to_config(key, value));
    compare("Config", &wanted_config, &made_config, &mut found);
    let mut made_host = map(&made.host_config);
    made_host.retain(|key, value| !added_to_host_config(key, value));
    compare("HostConfig", &map(&wanted.host_config), &made_host, &mut found);
    for (list, least) in [("MaskedPaths", &MASKED[..]), ("ReadonlyPaths", &READ_ONLY[..])] {
        let kept = map(&made.host_config).remove(list).unwrap_or_default();
        if !least.iter().all(|path| contains(&kept, path)) {
            found.push(format!("HostConfig.{list}"));
        }
    }
    if made.image != wanted.image {
        found.push("Image".to_owned());
    }
    if !mounts_are(wanted, made.mounts.as_deref().unwrap_or_default()) {
        found.push("Mounts".to_owned());
    }
    let networks = made.network_settings.as_ref().and_then(|net| net.networks.as_ref());
    if networks.is_some_and(|networks| networks.keys().any(|name| name != "none")) {
        found.push("NetworkSettings.Networks".to_owned());
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn map(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn compare(
    place: &str,
    wanted: &Map<String, Value>,
    made: &Map<String, Value>,
    found: &mut Vec<String>,
) {
    for key in wanted.keys().chain(made.keys().filter(|key| !wanted.contains_key(*key))) {
        let nothing = Value::Null;
        let (wanted, made) =
            (wanted.get(key).unwrap_or(&nothing), made.get(key).unwrap_or(&nothing));
        let same = match key.as_str() {
            // The daemon's own settings add options, such as how many files there are.
            "LogConfig" => log_is(wanted, made),
            "Ulimits" => same_set(wanted, made),
            _ => same(wanted, made),
        };
        if !same {
            found.push(format!("{place}.{key}"));
        }
    }
}

/// Equal, if what says nothing is left out of both.
fn same(wanted: &Value, made: &Value) -> bool {
    match (wanted, made) {
        (Value::Object(wanted), Value::Object(made)) => {
            let nothing = Value::Null;
            let keys = wanted.keys().chain(made.keys());
            let get = |map: &Map<String, Value>, key| map.get(key).unwrap_or(&nothing).clone();
            keys.into_iter().all(|key| same(&get(wanted, key), &get(made, key)))
        }
        (Value::Array(wanted), Value::Array(made)) => {
            wanted.len() == made.len()
                && wanted.iter().zip(made).all(|(one, other)| same(one, other))
        }
        _ => wanted == made || (says_nothing(wanted) && says_nothing(made)),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(map) => map.values().all(says_nothing),
    }
}

fn same_set(wanted: &Value, made: &Value) -> bool {
    let (Some(wanted), Some(made)) = (wanted.as_array(), made.as_array()) else { return false };
    wanted.len() == made.len() && wanted.iter().all(|one| made.iter().any(|other| same(one, other)))
}

fn log_is(wanted: &Value, made: &Value) -> bool {
    let options = wanted.get("Config").and_then(Value::as_object);
    let kept = |(key, value): (&String, &Value)| made["Config"].get(key) == Some(value);
    wanted.get("Type") == made.get("Type") && options.is_some_and(|map| map.iter().all(kept))
}

/// What an engine fills in beside what was asked for, if it is what it always is.
fn added_to_host_config(key: &str, value: &Value) -> bool {
    match key {
        // Two are compared apart from the rest, and the last is that of a terminal that there is not.
        "MaskedPaths" | "ReadonlyPaths" | "ConsoleSize" => true,
        "ShmSize" => value.as_i64() == Some(64 << 20),
        "CgroupnsMode" => matches!(value.as_str(), Some("private" | "host")),
        "Runtime" => matches!(value.as_str(), Some("runc" | "io.containerd.runc.v2" | "crun")),
        "Isolation" => matches!(value.as_str(), Some("" | "default")),
        "MemorySwappiness" => value.as_i64() == Some(-1),
        _ => false,
    }
}

fn added_to_config(key: &str, value: &Value) -> bool {
    // Where programs are looked for, if the image does not say; it holds one, named by its path.
    const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    match key {
        "Env" => value.as_array().is_some_and(|env| env.iter().all(|one| *one == PATH)),
        _ => false,
    }
}

fn contains(list: &Value, text: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|one| one == text))
}

/// Tells whether what was to be mounted is there, and nothing else.
fn mounts_are(wanted: &ContainerCreateBody, made: &[MountPoint]) -> bool {
    let host = wanted.host_config.as_ref();
    let wanted = host.and_then(|host| host.mounts.as_deref()).unwrap_or_default();
    let is_there = |mount: &Mount| made.iter().any(|point| is_mount(mount, point));
    wanted.len() == made.len() && wanted.iter().all(is_there)
}

fn is_mount(mount: &Mount, point: &MountPoint) -> bool {
    let source = match point.typ.as_deref() {
        Some("volume") if mount.typ == Some(MountType::VOLUME) => &point.name,
        Some("bind") if mount.typ == Some(MountType::BIND) => &point.source,
        _ => return false,
    };
    mount.target == point.destination
        && mount.source == *source
        && mount.read_only.map(|read_only| !read_only) == point.rw
}

#[cfg(test)]
mod tests;
