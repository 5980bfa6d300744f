//! What the engine tells of a container, as the deployer answers it.

use std::time::{Duration, SystemTime};

use bollard::models::{
    ContainerInspectResponse, ContainerState, ContainerStateStatusEnum as State,
    ContainerStatsResponse, HealthStatusEnum,
};
use jiff::Timestamp;

use super::protocol::{Health, Stats, Status};

/// No more of a line is told: a bot must not fill the answer with one.
const LINE_LIMIT_BYTES: usize = 4096;

/// Returns how the container is; `None` stands for one that is not there, but its volume is.
pub(super) fn status(container: Option<&ContainerInspectResponse>) -> Status {
    let Some(container) = container else { return Status::Stopped };
    let Some(state) = &container.state else { return Status::Stopped };
    match state.status {
        Some(State::RUNNING | State::PAUSED | State::STOPPING) => Status::Running {
            pid: state.pid.and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0),
            up_ms: up_for(state).and_then(|up| up.as_millis().try_into().ok()).unwrap_or(0),
            health: health(state),
        },
        Some(State::RESTARTING) => {
            let count = container.restart_count.unwrap_or(0);
            Status::Restarting { attempt: u32::try_from(count).unwrap_or(u32::MAX) }
        }
        Some(State::EMPTY | State::CREATED | State::REMOVING | State::EXITED | State::DEAD)
        | None => Status::Stopped,
    }
}

/// Returns when the container was last started.
pub(super) fn started_at(state: &ContainerState) -> Option<SystemTime> {
    let started: Timestamp = state.started_at.as_deref()?.parse().ok()?;
    Some(started.into())
}

fn up_for(state: &ContainerState) -> Option<Duration> {
    SystemTime::now().duration_since(started_at(state)?).ok()
}

fn health(state: &ContainerState) -> Health {
    match state.health.as_ref().and_then(|health| health.status) {
        Some(HealthStatusEnum::HEALTHY) => Health::Healthy,
        Some(HealthStatusEnum::UNHEALTHY) => Health::Unhealthy,
        Some(HealthStatusEnum::STARTING | HealthStatusEnum::NONE | HealthStatusEnum::EMPTY)
        | None => Health::Starting,
    }
}

/// Returns the lines in what the container wrote, cut and free of control characters.
pub(super) fn lines(pieces: &[Vec<u8>]) -> Vec<String> {
    let all = pieces.concat();
    let text = String::from_utf8_lossy(&all);
    text.lines().map(printable).collect()
}

fn printable(line: &str) -> String {
    let mut kept = String::new();
    for c in line.chars() {
        if kept.len() + c.len_utf8() > LINE_LIMIT_BYTES {
            break;
        }
        kept.push(if c.is_control() { ' ' } else { c });
    }
    kept
}

/// Returns what the container uses, if it runs.
pub(super) fn stats(told: &ContainerStatsResponse) -> Option<Stats> {
    let memory = told.memory_stats.as_ref()?;
    let usage = memory.usage?;
    let reclaimable = memory.stats.as_ref().and_then(|stats| {
        ["total_inactive_file", "inactive_file"].iter().find_map(|name| stats.get(*name).copied())
    });
    let cpu = told.cpu_stats.as_ref().and_then(|cpu| cpu.cpu_usage.as_ref()?.total_usage);
    Some(Stats {
        memory_bytes: usage.saturating_sub(reclaimable.unwrap_or(0)),
        memory_limit_bytes: memory.limit.unwrap_or(0),
        cpu_ms: cpu.unwrap_or(0) / 1_000_000,
        pids: told.pids_stats.as_ref().and_then(|pids| pids.current).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(state: State, restarts: i64) -> ContainerInspectResponse {
        let state = ContainerState {
            status: Some(state),
            pid: Some(42),
            started_at: Some("2026-11-23T10:00:00.5Z".to_owned()),
            ..ContainerState::default()
        };
        ContainerInspectResponse {
            state: Some(state),
            restart_count: Some(restarts),
            ..ContainerInspectResponse::default()
        }
    }

    #[test]
    fn a_container_is_told_in_four_words() {
        assert_eq!(status(None), Status::Stopped);
        assert_eq!(status(Some(&container(State::EXITED, 3))), Status::Stopped);
        let restarting = status(Some(&container(State::RESTARTING, 3)));
        assert_eq!(restarting, Status::Restarting { attempt: 3 });
        let running = status(Some(&container(State::RUNNING, 0)));
        assert!(matches!(running, Status::Running { pid: 42, health: Health::Starting, .. }));
    }

    #[test]
    fn lines_are_cut_and_cleaned() {
        let pieces = [b"one\r\ntw".to_vec(), b"o \x1b[31m\n".to_vec(), vec![b'x'; 9000]];
        let lines = lines(&pieces);
        assert_eq!((lines.len(), lines[1].as_str()), (3, "two  [31m"));
        assert_eq!(lines[2].len(), LINE_LIMIT_BYTES);
    }
}
