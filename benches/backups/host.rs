//! The whole host, by its command line: the first backup of a year's business, the next, and the way back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use slotbox::clock::Clock;
use slotbox::domain::backup::{Coverage, Made};
use slotbox::external::vault::Identity;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::{Store, StoreError, host_backups};
use tokio::process::{Child, Command};

use crate::serve::{free_address, start_serve};
use crate::{OPTIONS, ROWS, business, mib, raw};

const IDENTITY: &str = "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";
const PAYMENTS_EACH: usize = 1_000;

/// Prints what each backup and the way back take.
pub async fn measure(clients: usize) {
    let payments = clients * PAYMENTS_EACH;
    println!(
        "\n{clients} clients, {payments} payments; encrypted       s    MiB new  MiB all  fdatasync/s"
    );
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let host = Host(dir.path().to_owned());
    host.fill(clients, payments).await;
    let telegram = TelegramSim::start(Clock::system()).await.unwrap();
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let mut serve = host.serve(&telegram, &shop).await;
    for name in ["first", "nothing changed"] {
        let before = raw::syncs_per_second(&host.0);
        let began = Instant::now();
        let made = host.cli(&["backup", "create", "--json"]).await;
        let took = began.elapsed().as_secs_f64();
        let made: Value = serde_json::from_str(&made).unwrap();
        let raw = f64::midpoint(before, raw::syncs_per_second(&host.0));
        let of = |key: &str| mib(made[key].as_u64().unwrap());
        println!(
            "{name:>42}  {took:6.2}  {:9.3}  {:7.1}  {raw:11.0}",
            of("stored_bytes"),
            of("kept_bytes")
        );
        assert_eq!(made["clients"], clients);
    }
    end(&mut serve).await;
    let lost = host.0.join("lost");
    fs::rename(host.0.join("data"), &lost).unwrap();
    let began = Instant::now();
    let identity = host.0.join("identity");
    let told = host.cli(&["backup", "restore", "--identity", identity.to_str().unwrap()]).await;
    println!("{:>42}  {:6.2}", "brought back", began.elapsed().as_secs_f64());
    assert!(told.contains(&format!("payments: {payments}")), "{told}");
    let began = Instant::now();
    let mut serve = host.serve(&telegram, &shop).await;
    println!("{:>42}  {:6.2}", "and ready again", began.elapsed().as_secs_f64());
    end(&mut serve).await;
}

struct Host(PathBuf);

impl Host {
    /// Writes the business, a database for each client, and where backups go.
    async fn fill(&self, clients: usize, payments: usize) {
        let ids = business::fill(&self.0, clients, payments).await;
        let store = Store::open(&self.0.join("data/slotbox.redb"), OPTIONS).unwrap();
        store.write::<_, StoreError>(|txn| host_backups::succeed(txn, &just_now())).await.unwrap();
        store.close();
        for (id, number) in ids.into_iter().zip(0_u128..) {
            let home = self.0.join("data/clients").join(id.to_string());
            fs::create_dir_all(&home).unwrap();
            crate::fill(&home.join("client.redb"), number, ROWS).await;
        }
        let vault = self.0.join("vault");
        fs::create_dir(&vault).unwrap();
        fs::create_dir(self.0.join("conf.d")).unwrap();
        let recipient = &Identity::parse(IDENTITY).unwrap().recipients()[0];
        let settings = format!(
            "[backup]\ndestination = '{}'\nrecipients = ['{recipient}']\n\
             [server]\ndata_dir = '{}'\nruntime_dir = '{}'\n[tls]\nmode = 'off'\n",
            vault.display(),
            self.0.join("data").display(),
            self.0.join("run").display()
        );
        fs::write(self.0.join("conf.d/50.toml"), settings).unwrap();
        fs::write(self.0.join("identity"), IDENTITY).unwrap();
    }

    /// Starts `serve` and waits until it is ready.
    async fn serve(&self, telegram: &TelegramSim, shop: &YooKassaSim) -> Child {
        let address = free_address().await;
        let serve = start_serve(&self.0, &address, telegram, shop, 1);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{address}/health/ready");
        let began = Instant::now();
        while !http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(began.elapsed() < Duration::from_mins(5), "it does not get ready");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        serve
    }

    async fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.args(arguments).arg("--config").arg(self.0.join("slotbox.toml"));
        command.arg("--socket").arg(self.0.join("run/control.sock"));
        let done = command.env_clear().stdin(Stdio::null()).output().await.unwrap();
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(done.status.success(), "{}\n{}", words(&done.stderr), log(&self.0));
        words(&done.stdout)
    }
}

/// A backup of a moment ago, so that none is due and the timetable makes none in between.
fn just_now() -> Made {
    let now = Clock::system().now();
    let clients = Coverage::default();
    let (files, bytes, kept_bytes, stored_bytes) = (0, 0, 0, 0);
    let id = "20260101T000000Z".to_owned();
    Made { id, began_at: now, ended_at: now, files, bytes, kept_bytes, stored_bytes, clients }
}

async fn end(serve: &mut Child) {
    let pid = Pid::from_raw(serve.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    serve.wait().await.unwrap();
}

fn log(dir: &Path) -> String {
    fs::read_to_string(dir.join("log")).unwrap_or_default()
}
