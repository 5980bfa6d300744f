//! Every metric of `docs/metrics.md` is there, is what the table says, and moves.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use slotbox::sandbox::telegram::Fault;
use tokio::time::{Instant, sleep};

use crate::can_run;
use crate::world::{MASTER, OPERATOR, PATIENCE, Recipe, SALES, World};

const DOC: &str = include_str!("../../docs/metrics.md");
/// More clients than bots are brought up at once, so that some wait for their turn.
const CLIENTS: i64 = 10;

/// What a row of the table, or a page, says of a metric.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct About {
    kind: String,
    labels: BTreeSet<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_metric_is_there_and_moves() {
    let mut world = World::begin(Recipe::default()).await;
    let first = world.metrics().await;
    let before = samples(&first);
    let mut moved = BTreeSet::new();
    {
        let play = play(&world);
        tokio::pin!(play);
        loop {
            tokio::select! {
                () = &mut play => break,
                () = sleep(Duration::from_millis(100)) => look(&world, &before, &mut moved).await,
            }
        }
    }
    let (documented, constant) = table();
    let expected: BTreeSet<_> = documented.keys().filter(|it| !constant.contains(*it)).collect();
    // Clients' bots report what they have handled every 20 seconds.
    let deadline = Instant::now() + PATIENCE;
    let told = r#"slotbox_updates_total{bot="client",result="done"}"#;
    while !expected.iter().all(|name| moved.contains(*name))
        || samples(&world.metrics().await).get(told).is_none_or(|count| count == "0")
    {
        look(&world, &before, &mut moved).await;
        let still: Vec<_> = expected.iter().filter(|name| !moved.contains(**name)).collect();
        let page = world.metrics().await;
        assert!(Instant::now() < deadline, "these have not moved: {still:?}\n{page}");
        sleep(Duration::from_millis(100)).await;
    }
    every_request_to_telegram_is_counted(&world).await;
    let page = world.metrics().await;
    assert_eq!(shown(&page), documented, "docs/metrics.md and /metrics differ");
    let values = samples(&page);
    let sum = values[r#"slotbox_revenue_kopecks_total{source="yookassa"}"#].clone();
    assert_eq!(sum, "29900");
    let running = u32::try_from(CLIENTS).unwrap().to_string();
    assert_eq!(values[r#"slotbox_bots{state="running"}"#], running);
    assert!(page.len() < 200_000, "{} bytes", page.len());
    passes_promtool(&page);
    no_client_is_named(&world, &page).await;
    only_the_host_reads_it(&world).await;
    world.stop().await;
}

/// Notes which metrics differ from what they were.
async fn look(world: &World, before: &BTreeMap<String, String>, moved: &mut BTreeSet<String>) {
    for (sample, value) in samples(&world.metrics().await) {
        let zero = "0".to_owned();
        if before.get(&sample).unwrap_or(&zero) != &value {
            moved.insert(metric(&sample).to_owned());
        }
    }
}

/// People come to all three bots, a client pays, and Telegram is slow and wants to be left alone.
async fn play(world: &World) {
    let telegram = &world.telegram;
    let operator = telegram.person_with_id(OPERATOR, "Иван");
    let owner = telegram.person_with_id(222, "Ольга");
    let chats = [telegram.chat(MASTER, &operator), telegram.chat(SALES, &owner)];
    for chat in &chats {
        chat.send("/start");
        chat.wait_for("", PATIENCE).await.unwrap();
    }
    telegram.faults().always("getUpdates", Fault::Slow(Duration::from_secs(3)));
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let token = telegram.add_bot("Salon", &format!("salon{number}_bot"));
        clients.push(world.add_client(&token, 222 + number, "Salon").await);
    }
    sleep(Duration::from_secs(2)).await;
    telegram.faults().clear();
    for client in &clients {
        world.until_running(client).await;
    }
    chats[0].send("/backups");
    chats[0].wait_for("Резервные копии", PATIENCE).await.unwrap();
    chats[0].press("💾 Сделать сейчас").unwrap();
    let own = telegram.chat("salon0_bot", &owner);
    own.send("/start");
    own.wait_for("", PATIENCE).await.unwrap();
    telegram.faults().once("sendMessage", Fault::RetryAfter(2));
    world.sell(&clients[0]).await;
    let nowhere = world.bare(Method::GET, "/nowhere/at/all").send().await.unwrap();
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
}

/// What the simulated Telegram was asked is what was counted, bot by bot and method by method.
async fn every_request_to_telegram_is_counted(world: &World) {
    world.rest().await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (asked, counted) = (asked(world), counted(&world.metrics().await));
        if asked == counted {
            assert!(asked.len() > 5, "{asked:?}");
            return;
        }
        assert!(Instant::now() < deadline, "asked: {asked:#?}\ncounted: {counted:#?}");
        sleep(Duration::from_millis(200)).await;
    }
}

/// Counts what Telegram was asked, without the polls, of which one is always on its way.
fn asked(world: &World) -> BTreeMap<(String, String), u64> {
    let mut asked = BTreeMap::new();
    for call in world.telegram.calls() {
        let bot = match call.bot.as_deref() {
            Some(MASTER) => "master",
            Some(SALES) => "sales",
            _ => "client",
        };
        let method = call.method.to_lowercase();
        if method != "getupdates" {
            *asked.entry((bot.to_owned(), method)).or_default() += 1;
        }
    }
    asked
}

fn counted(page: &str) -> BTreeMap<(String, String), u64> {
    let mut counted = BTreeMap::new();
    for (sample, count) in samples(page) {
        let Some(labels) = sample.strip_prefix("slotbox_telegram_requests_total{") else {
            continue;
        };
        let values: Vec<_> = labels.split('"').skip(1).step_by(2).collect();
        let (bot, method) = (values[0].to_owned(), values[1].to_lowercase());
        if method != "getupdates" {
            *counted.entry((bot, method)).or_default() += count.parse::<u64>().unwrap();
        }
    }
    counted
}

/// What Prometheus' own tool finds fault with is not served.
fn passes_promtool(page: &str) {
    let mut version = Command::new("promtool");
    if !can_run("promtool (of Debian's package prometheus)", version.arg("--version")) {
        return;
    }
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut tool = command.stdout(Stdio::piped()).spawn().unwrap();
    tool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = tool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}\n{page}");
}

async fn no_client_is_named(world: &World, page: &str) {
    let clients = world.get("/api/clients?limit=200").await;
    for client in clients["items"].as_array().unwrap() {
        for field in ["client_id", "company_name", "bot_username"] {
            let name = client[field].as_str().unwrap();
            assert!(!page.contains(name), "{name} in\n{page}");
        }
    }
    assert!(!page.contains("nowhere"), "{page}");
    assert!(page.contains(r#"route="/api/clients/{id}""#), "{page}");
    assert!(page.contains(r#"route="unmatched",method="GET",status="404""#), "{page}");
}

async fn only_the_host_reads_it(world: &World) {
    for header in ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded"] {
        let request = world.bare(Method::GET, "/metrics").header(header, "203.0.113.5");
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND, "{header}");
    }
}

/// Returns the values of a page by what stands before them.
fn samples(page: &str) -> BTreeMap<String, String> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| line.rsplit_once(' ').unwrap());
    pairs.map(|(sample, value)| (sample.to_owned(), value.to_owned())).collect()
}

/// Returns the metric that a sample belongs to.
fn metric(sample: &str) -> &str {
    let name = sample.split('{').next().unwrap();
    let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
    of_histogram.unwrap_or(name)
}

/// Returns what a page says of each metric.
fn shown(page: &str) -> BTreeMap<String, About> {
    let mut shown: BTreeMap<String, About> = BTreeMap::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        kind.clone_into(&mut shown.entry(name.to_owned()).or_default().kind);
    }
    for sample in samples(page).into_keys() {
        let about =
            shown.get_mut(metric(&sample)).unwrap_or_else(|| panic!("{sample} has no type"));
        let labels = sample.split_once('{').map_or("", |(_, labels)| labels);
        let names = labels.split("\",").filter_map(|label| Some(label.split_once("=\"")?.0));
        about.labels.extend(names.filter(|name| *name != "le").map(ToOwned::to_owned));
    }
    shown
}

/// Returns what the table says of each metric, and which never move.
fn table() -> (BTreeMap<String, About>, BTreeSet<String>) {
    let (mut documented, mut constant) = (BTreeMap::new(), BTreeSet::new());
    for row in DOC.lines().filter(|line| line.starts_with("| `slotbox_")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("not four cells: {row}") };
        let name = name.trim_matches('`').to_owned();
        let labels = labels.split(", ").map(|label| label.trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        if meaning.ends_with("Constant.") {
            constant.insert(name.clone());
        }
        let about = About { kind: kind.to_owned(), labels };
        assert_eq!(documented.insert(name, about), None, "{row}");
    }
    assert!(documented.len() > 20, "the table was read");
    (documented, constant)
}
