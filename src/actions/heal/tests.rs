//! A bot falls silent, minute by minute; the shell stands in for its program, and the test reports.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use expect_test::{Expect, expect};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::clock::{Clock, ClockHand};
use crate::external::containers::RuntimeStatus;
use crate::external::telegram::Forwarder;
use crate::gateway;
use crate::store::queue::{self, JobState};
use crate::testing::Host;

const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

struct Ward {
    host: Host,
    deps: Deps,
    hand: ClockHand,
    healer: Healer,
    id: ClientId,
    pid: Option<u32>,
    state: RuntimeState,
    notices: usize,
}

impl Ward {
    async fn open() -> Self {
        let mut host = Host::new("http://127.0.0.1:1", Path::new("/bin/sh"), Duration::ZERO);
        let (clock, hand) = Clock::stopped("2026-11-23T10:00:00Z".parse().unwrap());
        let deps = Deps { clock, ..host.deps.clone() };
        let id = host.add_client(1, 5001, TOKEN).await;
        host.change(id, |client| client.runtime = RuntimeState::Running).await;
        let data = host.layout.data_dir(id);
        fs::create_dir_all(&data).unwrap();
        fs::write(data.join("client"), "cat > /dev/null").unwrap();
        let (stop, orders) = (CancellationToken::new(), host.orders.take().unwrap());
        let forwarder = Forwarder::new("http://127.0.0.1:1", None).unwrap();
        tokio::spawn(gateway::run(deps.clone(), host.layout.clone(), forwarder, orders, stop));
        deps.runtime.ensure_running(id).await.unwrap();
        let state = RuntimeState::Running;
        let mut ward =
            Self { host, deps, hand, healer: Healer::default(), id, pid: None, state, notices: 0 };
        ward.pid = ward.running().await;
        ward
    }

    async fn running(&self) -> Option<u32> {
        match self.deps.runtime.inspect(self.id).await.unwrap() {
            RuntimeStatus::Running { pid, .. } => pid,
            status => panic!("it does not run: {status:?}"),
        }
    }

    /// Does what the lines say, and returns them with what came of each.
    async fn play(&mut self, script: &str) -> String {
        let mut told = String::new();
        for line in script.lines().map(str::trim).filter(|line| line.starts_with("- ")) {
            writeln!(told, "{line}").unwrap();
            match line {
                "- a minute passes" => {
                    self.hand.advance(SignedDuration::from_mins(1));
                    self.healer.look(&self.deps).await.unwrap();
                }
                "- the bot reports" => self.deps.health.report(self.id),
                "- the bot falls silent" => self.deps.health.forget(self.id),
                "- serve is started anew" => self.healer = Healer::default(),
                "- the client gives up" => {
                    let now = self.deps.clock.now();
                    self.host
                        .change(self.id, move |client| {
                            client.subscription =
                                crate::domain::subscription::Subscription::Cancelled {
                                    granted: client.subscription.granted(),
                                    since: now,
                                    before: crate::domain::subscription::Before::Free,
                                    data: crate::domain::subscription::Fate::Kept,
                                };
                        })
                        .await;
                }
                _ => panic!("unknown: {line}"),
            }
            self.tell(&mut told).await;
        }
        told
    }

    async fn tell(&mut self, told: &mut String) {
        let (pid, state) = (self.running().await, self.host.client(self.id).runtime);
        if pid != self.pid {
            told.push_str("  it is started anew\n");
        }
        if state != self.state {
            writeln!(told, "  it is {state:?}").unwrap();
        }
        let now = self.deps.clock.now();
        let queued = self.deps.store.read(|snap| queue::in_state(snap, JobState::Queued, 99, now));
        let notices = queued.unwrap().len();
        if notices > self.notices {
            writeln!(told, "  {} operator hears of it", notices - self.notices).unwrap();
        }
        (self.pid, self.state, self.notices) = (pid, state, notices);
    }
}

async fn check(talk: Expect) {
    let mut ward = Ward::open().await;
    let told = ward.play(talk.data()).await;
    talk.assert_eq(&told);
    ward.deps.runtime.shutdown().await;
}

#[tokio::test]
async fn a_silent_bot_is_started_anew_with_longer_waits_and_handed_over_once() {
    let script = "- a minute passes\n".repeat(22);
    let mut ward = Ward::open().await;
    let told = ward.play(&script).await;
    expect![[r"
        - a minute passes
        - a minute passes
          it is started anew
        - a minute passes
          it is started anew
        - a minute passes
        - a minute passes
          it is started anew
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
          it is started anew
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
          it is Failed
          1 operator hears of it
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
        - a minute passes
    "]]
    .assert_eq(&told);
    ward.deps.runtime.shutdown().await;
}

#[tokio::test]
async fn one_missed_look_is_no_illness_and_a_report_ends_one() {
    check(expect![[r"
        - the bot reports
        - a minute passes
        - the bot falls silent
        - a minute passes
        - the bot reports
        - a minute passes
        - the bot falls silent
        - a minute passes
        - a minute passes
          it is started anew
        - the bot reports
        - a minute passes
        - the bot falls silent
        - a minute passes
        - a minute passes
          it is started anew
        - a minute passes
    "]])
    .await;
}

#[tokio::test]
async fn a_bot_that_reports_once_after_each_start_is_handed_over_all_the_same() {
    let mut ward = Ward::open().await;
    let script = "- the bot reports\n- a minute passes\n- the bot falls silent\n\
                  - a minute passes\n- a minute passes\n"
        .repeat(12);
    let told = ward.play(&script).await;
    let (before, _) = told.split_once("it is Failed").unwrap_or_else(|| panic!("{told}"));
    assert_eq!(before.matches("it is started anew").count(), 4, "{told}");
    ward.deps.runtime.shutdown().await;
}

#[tokio::test]
async fn a_bot_that_stays_well_has_all_its_tries_again() {
    let mut ward = Ward::open().await;
    let ill = "- the bot falls silent\n- a minute passes\n- a minute passes\n";
    let well = "- the bot reports\n- a minute passes\n".repeat(11);
    for _ in 0..6 {
        let told = ward.play(&format!("{ill}{well}")).await;
        assert_eq!(told.matches("it is started anew").count(), 1, "{told}");
        assert!(!told.contains("it is Failed"), "{told}");
    }
    ward.deps.runtime.shutdown().await;
}

#[tokio::test]
async fn a_bot_that_was_handed_over_rests_until_it_is_well_also_over_a_restart() {
    let mut ward = Ward::open().await;
    ward.play(&"- a minute passes\n".repeat(20)).await;
    let told = ward
        .play(
            "- serve is started anew
             - a minute passes
             - a minute passes
             - a minute passes
             - the bot reports
             - a minute passes
             - the bot falls silent
             - a minute passes
             - a minute passes
             - the client gives up
             - a minute passes
             - a minute passes",
        )
        .await;
    expect![[r"
        - serve is started anew
        - a minute passes
        - a minute passes
        - a minute passes
        - the bot reports
        - a minute passes
          it is Running
          1 operator hears of it
        - the bot falls silent
        - a minute passes
        - a minute passes
          it is started anew
        - the client gives up
        - a minute passes
        - a minute passes
    "]]
    .assert_eq(&told);
    ward.deps.runtime.shutdown().await;
}
