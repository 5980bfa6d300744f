//! The board and the alerts that the package ships, asked of a real Prometheus that watches a host.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::can_run;
use crate::world::{PATIENCE, Recipe, World};

const BOARD: &str = include_str!("../../packaging/share/grafana-dashboard.json");
const ALERTS: &str = include_str!("../../packaging/share/prometheus-alerts.yml");

/// What has a value only once something has happened that does not happen here.
const MAY_BE_EMPTY: [&str; 3] = ["slotbox_settle_delay", "telegram_retry_after", "[30d]"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_of_the_board_is_answered_and_every_rule_is_well() {
    if !can_run("prometheus", Command::new("prometheus").arg("--version")) {
        return;
    }
    let mut world = World::begin(Recipe::default()).await;
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let client = world.add_client(&token, 222, "Salon").await;
    world.until_running(&client).await;
    let prometheus = Prometheus::start(&world).await;
    let board: Value = serde_json::from_str(BOARD).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries: Vec<_> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    assert!(queries.len() > 20, "{queries:?}");
    for query in queries {
        let may_be_empty = MAY_BE_EMPTY.iter().any(|it| query.contains(it));
        let fits = |answer: &Value| may_be_empty || answer["data"]["result"].get(0).is_some();
        prometheus.until(query, fits).await;
    }
    prometheus.rules_are_well().await;
    drop(prometheus);
    world.stop().await;
}

/// A Prometheus that asks the world every second; it ends with this.
struct Prometheus {
    process: std::process::Child,
    address: String,
}

impl Prometheus {
    async fn start(world: &World) -> Self {
        let dir = world.dir.path().join("prometheus");
        std::fs::create_dir(&dir).unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        std::fs::write(dir.join("alerts.yml"), ALERTS).unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [alerts.yml]\n\
             scrape_configs: [{{job_name: slotbox, static_configs: [{{targets: ['{}']}}]}}]\n",
            world.address
        );
        std::fs::write(dir.join("prometheus.yml"), config).unwrap();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", dir.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let prometheus = Self { process, address };
        let up = |answer: &Value| answer["data"]["result"][0]["value"][1] == "1";
        prometheus.until("up{job=\"slotbox\"}", up).await;
        prometheus
    }

    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Option<Value> {
        let url = format!("http://{}/api/v1/{path}", self.address);
        reqwest::Client::new().get(url).query(query).send().await.ok()?.json().await.ok()
    }

    /// Asks until the answer is good and `fits`.
    async fn until(&self, query: &str, fits: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask("query", &[("query", query)]).await;
            if answer.as_ref().is_some_and(|it| it["status"] == "success" && fits(it)) {
                return;
            }
            assert!(Instant::now() < deadline, "{query}: {answer:?}");
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn rules_are_well(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask("rules", &[]).await.unwrap();
            let rules =
                answer["data"]["groups"][0]["rules"].as_array().cloned().unwrap_or_default();
            let ill: Vec<_> = rules.iter().filter(|rule| rule["health"] != "ok").collect();
            if rules.len() >= 9 && ill.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{ill:?}");
            sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
