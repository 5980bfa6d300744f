//! One client's bot: finds its gateway, opens its database, and runs until it is told to stop.

mod seeding;

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use teloxide::dptree;
use teloxide::requests::Requester;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::seeding::Seeding;
use crate::actions::client_deps::ClientDeps;
use crate::actions::send_backup::send_backup;
use crate::actions::set_up;
use crate::bots::client::{Step, tree};
use crate::bots::updates::{Health, Loop, LoopEnd, Parts, Source};
use crate::clock::Clock;
use crate::domain::ids::BotId;
use crate::domain::profile::Profile;
use crate::external::containers::DATABASE;
use crate::external::gateway::{Gateway, GatewayError};
use crate::external::telegram::TelegramError;
use crate::jobs;
use crate::metrics::{BotMeter, BotRole, Metrics};
use crate::store::{Options, Store, StoreError, bookings};
use crate::texts::client::apology;

/// A client's data are small, and a host runs many clients.
const CACHE_BYTES: usize = 1 << 20;
/// How often the bot tells that it works.
const REPORT_EVERY: Duration = Duration::from_secs(20);
/// How long the process that ran before may take to finish its work in hand, when the host was
/// killed and started again.
const PREDECESSOR_ENDS_WITHIN: Duration = Duration::from_secs(15);
/// More visits than this are not counted for a report.
const MOST_COUNTED: usize = 10_000;
/// How often the process shows that it is well, and for how long that counts.
const ALIVE_EVERY: Duration = Duration::from_secs(15);
const ALIVE_FOR: Duration = Duration::from_secs(50);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where one client's bot lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// The gateway's socket.
    pub socket: PathBuf,
    /// The directory of the client's database; it exists.
    pub data: PathBuf,
    /// A file to touch while the process is well, for the check of its container.
    pub alive_file: Option<PathBuf>,
}

/// Runs one client's bot until `stop`, then ends the work in hand.
///
/// A gateway or a Telegram that cannot be reached is waited for, however long it takes.
///
/// # Errors
///
/// Returns why the database cannot be opened, or what failed in it.
pub async fn run(
    options: ClientOptions,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let stopped = stop.clone();
    let living =
        async { stopped.run_until_cancelled(stay_alive(options.alive_file.as_deref())).await };
    let (ran, _) = tokio::join!(run_bot(&options, clock, stop), living);
    ran
}

/// Touches the file again and again: while this is done, the process is not stuck.
async fn stay_alive(file: Option<&Path>) {
    let Some(file) = file else { return };
    loop {
        if let Err(err) = tokio::fs::write(file, []).await {
            tracing::warn!(event = "client.not_alive", error = %err,
                "cannot show that the process is well");
        }
        tokio::time::sleep(ALIVE_EVERY).await;
    }
}

/// Tells whether a process has touched the file of late.
pub fn is_alive(file: &Path) -> bool {
    let touched = std::fs::metadata(file).and_then(|file| file.modified());
    touched.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < ALIVE_FOR))
}

async fn run_bot(
    options: &ClientOptions,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let gateway = Gateway::new(&options.socket)?;
    let mut seeding = Seeding::new(gateway.clone(), options.data.join(DATABASE));
    loop {
        let Some(profile) = stop.run_until_cancelled(seeding.profile()).await else {
            return Ok(());
        };
        let present = Present { options, clock: &clock, gateway: &gateway, seeding: &seeding };
        present.serve(profile, &stop).await?;
        if stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// What a bot serves with until its host has other data for it.
struct Present<'a> {
    options: &'a ClientOptions,
    clock: &'a Clock,
    gateway: &'a Gateway,
    seeding: &'a Seeding,
}

impl Present<'_> {
    /// Opens the database, and serves until `stop` or until the host has another wish.
    async fn serve(self, profile: Profile, stop: &CancellationToken) -> anyhow::Result<()> {
        let (path, cache) =
            (self.options.data.join(DATABASE), Options { cache_bytes: CACHE_BYTES });
        let opening = Store::open_within(PREDECESSOR_ENDS_WITHIN, &path, cache);
        let opened = stop.run_until_cancelled(opening).await;
        let Some(store) = opened.transpose()? else { return Ok(()) };
        let is_leaving = profile.is_leaving;
        if !is_leaving {
            let prepared = set_up::open_shop(&store, profile.locale).await;
            prepared.context("cannot prepare the database")?;
        }
        let (profiles, profile) = watch::channel(Arc::new(profile));
        let (clock, gateway) = (self.clock.clone(), self.gateway.clone());
        let deps = ClientDeps { store: store.clone(), clock, gateway, profile: profile.clone() };
        let until = stop.child_token();
        let serving = async {
            let data = &self.options.data;
            let served = if is_leaving {
                give_away(&deps, &profiles, data, &until).await;
                Ok(())
            } else {
                serve(&deps, &profiles, data, &until).await
            };
            until.cancel(); // Nothing else of it is waited for.
            served.context("cannot read the updates that wait")
        };
        let (served, ()) = tokio::join!(serving, self.seeding.interrupt(profile, &until));
        store.close();
        served
    }
}

/// Waits until SIGTERM comes, or until whoever holds the other end of the standard input is gone.
///
/// A standard input that is no pipe, such as a container's, says nothing.
///
/// # Errors
///
/// Returns the system's error if signals cannot be received.
pub async fn told_to_stop() -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => {}
        () = parent_gone() => {}
    }
    Ok(())
}

async fn parent_gone() {
    let pipe = io::stdin().as_fd().try_clone_to_owned().and_then(pipe::Receiver::from_owned_fd);
    let Ok(mut pipe) = pipe else { return std::future::pending().await };
    let mut unused = [0; 64];
    while let Ok(1..) = pipe.read(&mut unused).await {}
}

/// Serves nobody: the data is on its way elsewhere, and only a copy of it is sent.
async fn give_away(
    deps: &ClientDeps,
    profiles: &watch::Sender<Arc<Profile>>,
    data: &Path,
    stop: &CancellationToken,
) {
    tracing::info!(event = "client.gives_away", "the bot serves nobody: its data goes elsewhere");
    let following = stop.run_until_cancelled(follow_profile(&deps.gateway, profiles));
    let copying = stop.run_until_cancelled(back_up(deps, data));
    tokio::join!(following, copying);
}

/// Runs the parts side by side; each ends with `stop`.
async fn serve(
    deps: &ClientDeps,
    profiles: &watch::Sender<Arc<Profile>>,
    data: &Path,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let (ready, is_ready) = watch::channel(false);
    let meter = BotMeter::new(Metrics::default(), BotRole::Client);
    let answering = answer(deps, &ready, &meter, stop);
    let working = jobs::client::run(deps.clone(), stop.clone());
    let following = stop.run_until_cancelled(follow_profile(&deps.gateway, profiles));
    let reporting = stop.run_until_cancelled(report(deps, is_ready, &meter));
    let copying = stop.run_until_cancelled(back_up(deps, data));
    let (answered, (), _, _, _) = tokio::join!(answering, working, following, reporting, copying);
    answered
}

/// Answers updates until `stop`. A token that is refused may be replaced behind the gateway, so
/// it is tried again.
async fn answer(
    deps: &ClientDeps,
    ready: &watch::Sender<bool>,
    meter: &BotMeter,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    while let Some(bot) = stop.run_until_cancelled(own_id(&deps.gateway)).await {
        let source = Source::Asked(deps.gateway.waiting_bot());
        let updates = Loop::<Step>::new(parts(deps, bot, meter)?, source, tree());
        let mut health = updates.health();
        let first_poll = async move {
            if health.wait_for(|now| *now == Health::Polling).await.is_ok() {
                ready.send_replace(true);
            }
        };
        let (end, ()) = tokio::join!(updates.run(stop.clone()), first_poll);
        match end? {
            LoopEnd::Stopped => break,
            LoopEnd::TokenRevoked => {
                stop.run_until_cancelled(tokio::time::sleep(LONGEST_PAUSE)).await;
            }
        }
    }
    Ok(())
}

fn parts(deps: &ClientDeps, bot: BotId, meter: &BotMeter) -> Result<Parts, StoreError> {
    let send = deps.gateway.bot();
    Ok(Parts {
        store: deps.store.clone(),
        bot,
        sealer: None,
        deps: dptree::deps![deps.clone(), send.clone()],
        send,
        apology: apology(deps.words()?),
        meter: meter.clone(),
    })
}

/// Asks Telegram which bot this is, until it answers.
async fn own_id(gateway: &Gateway) -> BotId {
    let mut pause = FIRST_PAUSE;
    loop {
        match gateway.bot().get_me().await.map_err(TelegramError::from) {
            Ok(me) => {
                if let Ok(id) = i64::try_from(me.user.id.0) {
                    return BotId(id);
                }
                tracing::error!(event = "client.no_bot", "Telegram gave an id that no bot has");
            }
            Err(err) => tracing::warn!(event = "client.no_telegram", "{err}"),
        }
        rest(&mut pause).await;
    }
}

/// Keeps the profile as the gateway tells it.
async fn follow_profile(gateway: &Gateway, profiles: &watch::Sender<Arc<Profile>>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let known = profiles.borrow().version;
        match gateway.profile(Some(known)).await {
            Ok(profile) => {
                pause = FIRST_PAUSE;
                profiles.send_if_modified(|present| {
                    let changed = present.version != profile.version;
                    *present = Arc::new(profile);
                    changed
                });
            }
            Err(err) => {
                note(&err);
                rest(&mut pause).await;
            }
        }
    }
}

/// Tells the gateway that the bot works: at once when the first updates were asked for, and then
/// regularly, unless its last commit has failed. What was counted meanwhile goes with it.
async fn report(deps: &ClientDeps, mut ready: watch::Receiver<bool>, meter: &BotMeter) {
    if ready.wait_for(|ready| *ready).await.is_err() {
        return;
    }
    let mut pause = FIRST_PAUSE;
    loop {
        if !deps.store.commits_succeed() {
            tracing::error!(
                event = "client.cannot_write",
                "nothing can be written to the client's database; is its disk full?"
            );
            tokio::time::sleep(REPORT_EVERY).await;
            continue;
        }
        let handled = meter.take();
        let now = deps.clock.now();
        let ahead = deps.store.read(|snap| bookings::next(snap, now, MOST_COUNTED));
        let ahead = ahead.ok().map(|ahead| ahead.len() as u64);
        match deps.gateway.report_healthy(&handled, ahead).await {
            Ok(()) => {
                pause = FIRST_PAUSE;
                tokio::time::sleep(REPORT_EVERY).await;
            }
            Err(err) => {
                meter.absorb(&handled); // It goes with the next one.
                note(&err);
                rest(&mut pause).await;
            }
        }
    }
}

/// Sends a copy of the database whenever the host wishes for one.
async fn back_up(deps: &ClientDeps, data: &Path) {
    let (mut profiles, mut done) = (deps.profile.clone(), None);
    loop {
        let is_new = |profile: &Arc<Profile>| profile.backup.is_some() && profile.backup != done;
        let Ok(profile) = profiles.wait_for(is_new).await.map(|it| Arc::clone(&it)) else { return };
        done = profile.backup;
        let Some(number) = done else { continue };
        match send_backup(deps, data, number).await {
            Ok(()) => tracing::info!(event = "client.copy_sent", "a copy of the data was sent"),
            Err(err) => {
                let error = &err as &dyn std::error::Error;
                tracing::warn!(event = "client.copy_failed", error, "no copy of the data was sent");
            }
        }
    }
}

fn note(err: &GatewayError) {
    tracing::debug!(event = "client.gateway_failed", "{err}");
}

async fn rest(pause: &mut Duration) {
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}
