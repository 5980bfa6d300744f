//! Clients that run the probe in place of a bot.

use std::fs;
use std::time::Duration;

use slotbox::deployer::Ceilings;
use slotbox::deployer::protocol::{Answer, Stats, Verb};
use slotbox::domain::ids::ClientId;
use slotbox::external::containers::Layout;
use tokio::time::{Instant, sleep};

use crate::host::{CEILINGS, Deployer, SOON, ask};
use crate::program::probe;
use crate::run::Run;

/// Clients that run the probe, without a gateway.
pub struct Bench {
    pub run: Run,
    pub deployer: Deployer,
    pub layout: Layout,
    _dir: tempfile::TempDir,
}

impl Bench {
    pub async fn begin() -> Option<Self> {
        Some(Self::within(Run::begin().await?, CEILINGS).await)
    }

    /// Begins with these ceilings.
    pub async fn within(run: Run, ceilings: Ceilings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path(), dir.path()).for_containers();
        let gateways = dir.path().join("clients");
        let deployer = Deployer::start_below(&run, dir.path(), gateways, probe(), ceilings).await;
        Self { run, deployer, layout, _dir: dir }
    }

    pub async fn done(&self, verb: Verb) {
        let answer = ask(&self.deployer.socket, verb).await;
        assert!(matches!(answer, Answer::Done | Answer::Ensured(_)), "{verb:?}: {answer:?}");
    }

    /// Starts the client's container, in a way that its data directory tells.
    pub async fn start(&self, client: ClientId, mode: &str) {
        self.layout.make_socket_dir(client).unwrap();
        self.done(Verb::Ensure(client.into())).await;
        self.done(Verb::Start(client.into())).await;
        self.written(client, "ticks").await;
        fs::write(self.data(client).await.join("mode"), mode).unwrap();
        self.done(Verb::Restart(client.into())).await;
    }

    pub async fn data(&self, client: ClientId) -> std::path::PathBuf {
        let name = format!("{}-{client}", self.run.instance);
        self.run.docker.inspect_volume(&name).await.unwrap().mountpoint.into()
    }

    /// Waits until the client has written the file, and returns the number in it.
    pub async fn written(&self, client: ClientId, file: &str) -> u64 {
        let file = self.data(client).await.join(file);
        let deadline = Instant::now() + SOON;
        loop {
            if let Some(number) = fs::read_to_string(&file).ok().and_then(|it| it.parse().ok()) {
                return number;
            }
            assert!(Instant::now() < deadline, "{} is not written", file.display());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether the client's program goes on working.
    pub async fn works(&self, client: ClientId) -> bool {
        let before = self.written(client, "ticks").await;
        sleep(Duration::from_secs(2)).await;
        self.written(client, "ticks").await >= before + 10
    }

    pub async fn stats(&self, client: ClientId) -> Stats {
        let deadline = Instant::now() + SOON;
        loop {
            match ask(&self.deployer.socket, Verb::Stats(client.into())).await {
                Answer::Stats(Some(stats)) => return stats,
                // The engine has none while it starts a container again.
                Answer::Stats(None) if Instant::now() < deadline => {}
                answer => panic!("{answer:?}"),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}
