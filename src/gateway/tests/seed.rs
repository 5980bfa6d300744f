//! A client's bot begins with the database that its host holds for it.

use std::fs;
use std::io;
use std::path::PathBuf;

use tokio::io::copy_bidirectional;
use tokio::net::UnixListener;
use tokio::time::Instant;

use super::*;
use crate::actions::take_seed::{TakeSeedError, take_seed};
use crate::domain::seed::SeedRefusal;
use crate::external::gateway::{Gateway, GatewayError};
use crate::external::seeds;
use crate::gateway::tenant::Tenant;
use crate::store::{OpenError, Options, Read as _, Store, backup};

const OPTIONS: Options = Options { cache_bytes: 1 << 20 };
const SOON: Duration = Duration::from_millis(120);
const OTHER_TOKEN: &str = "700002:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

/// Makes a database that tells which one it is.
async fn database(path: &Path, mark: u64) {
    let store = Store::open(path, OPTIONS).unwrap();
    store.write(move |txn| txn.meta().insert("mark", mark)).await.unwrap();
    store.close();
}

fn mark(path: &Path) -> Option<u64> {
    let store = Store::open(path, OPTIONS).unwrap();
    let mark = store.read(|snap| snap.meta().get("mark")).unwrap();
    store.close();
    mark
}

impl Bench {
    /// Has the host hold a seed for the client.
    async fn seed(&self, client: ClientId, mark: u64) -> u64 {
        let layout = &self.host.layout;
        let file = layout.seeds_dir().with_file_name("restored.redb");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        database(&file, mark).await;
        self.place(client, &file).await
    }

    async fn place(&self, client: ClientId, file: &Path) -> u64 {
        let layout = &self.host.layout;
        seeds::place(layout, client, file).unwrap();
        self.host.deps.changes.notify();
        let number = seeds::number(layout, client).unwrap().unwrap();
        if client == self.client {
            self.told(Some(number)).await;
        }
        number
    }

    /// Waits until the client's bot is told of this seed.
    async fn told(&self, seed: Option<u64>) {
        let deadline = Instant::now() + Duration::from_secs(15);
        while self.profile("").await["seed"] != json!(seed) {
            assert!(Instant::now() < deadline, "the profile never says {seed:?}");
        }
    }

    async fn on_seed(&self, http: &reqwest::Client, method: &str, number: u64) -> u16 {
        let url = format!("http://gateway/seed?number={number}");
        let request = http.request(method.parse().unwrap(), url);
        request.json(&json!({"refusal": "damaged"})).send().await.unwrap().status().as_u16()
    }

    fn gateway(&self) -> Gateway {
        Gateway::new(&self.host.layout.socket(self.client)).unwrap()
    }
}

/// A way to the gateway that ends each connection as it is told.
struct Cutter {
    path: PathBuf,
    _dir: tempfile::TempDir,
}

#[derive(Clone, Copy, Debug)]
enum Cut {
    /// So many bytes of the answers pass.
    AnswersAfter(u64),
    /// No question of this method passes.
    Questions(&'static str),
    /// Questions pass, and of what is answered to this method nothing does.
    Answers(&'static str),
}

impl Cutter {
    fn start(to: PathBuf, cut: Cut) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gateway.sock");
        let listener = UnixListener::bind(&path).unwrap();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = UnixStream::connect(&to).await.unwrap();
                tokio::spawn(pass(near, far, cut));
            }
        });
        Self { path, _dir: dir }
    }
}

async fn pass(mut near: UnixStream, mut far: UnixStream, cut: Cut) -> io::Result<()> {
    if let Cut::AnswersAfter(bytes) = cut {
        let (mut from_near, mut to_near) = near.split();
        let (from_far, mut to_far) = far.split();
        let mut answers = from_far.take(bytes);
        tokio::select! {
            questions = tokio::io::copy(&mut from_near, &mut to_far) => questions?,
            answers = tokio::io::copy(&mut answers, &mut to_near) => answers?,
        };
        return Ok(());
    }
    let mut question = [0; 4096];
    let read = near.read(&mut question).await?;
    match cut {
        Cut::Questions(method) if question.starts_with(method.as_bytes()) => return Ok(()),
        Cut::Answers(method) if question.starts_with(method.as_bytes()) => {
            far.write_all(&question[..read]).await?;
            far.read_exact(&mut [0; 12]).await?;
            return Ok(());
        }
        _ => far.write_all(&question[..read]).await?,
    }
    copy_bidirectional(&mut near, &mut far).await.map(drop)
}

#[tokio::test]
async fn nobody_is_served_until_the_bot_has_its_data() {
    let bench = Bench::new().await;
    assert_eq!(bench.say(OWNER, "served").await, 200);
    let number = bench.seed(bench.client, 1).await;
    let (status, answer) = bench.poll(0, 0).await;
    assert_eq!((status, &answer["ok"]), (503, &json!(false)), "{answer}");
    assert_eq!(bench.say(OWNER, "not yet").await, 503);

    assert_eq!(bench.on_seed(&bench.http, "GET", number ^ 1).await, 409);
    assert_eq!(bench.on_seed(&bench.http, "DELETE", number ^ 1).await, 409);
    assert_eq!(bench.on_seed(&bench.http, "POST", number ^ 1).await, 409);
    assert_eq!(bench.on_seed(&bench.http, "POST", number).await, 204);
    assert_eq!(bench.say(OWNER, "not yet").await, 503);
    for _ in 0..2 {
        assert_eq!(bench.on_seed(&bench.http, "DELETE", number).await, 204);
        assert_eq!(bench.say(OWNER, "served again").await, 200);
    }
    assert!(!bench.host.layout.seed(bench.client).exists());
    assert_eq!(bench.on_seed(&bench.http, "GET", number).await, 409);
    let nonsense = bench.http.get("http://gateway/seed?number=-1").send().await.unwrap();
    assert_eq!(nonsense.status(), 400);
}

#[tokio::test]
async fn a_seed_is_its_own_clients_alone() {
    let bench = Bench::new().await;
    let other = bench.host.add_client(2, OWNER, OTHER_TOKEN).await;
    bench.host.deps.gateways.open(other).await.unwrap();
    let http = reqwest::Client::builder().unix_socket(bench.host.layout.socket(other));
    let http = http.build().unwrap();
    let number = bench.seed(bench.client, 1).await;
    assert_eq!(bench.on_seed(&http, "GET", number).await, 409);
    assert_eq!(bench.on_seed(&http, "POST", number).await, 409);
    assert_eq!(
        bench.on_seed(&http, "DELETE", number).await,
        204,
        "it has none, and so none is left"
    );
    assert_eq!(seeds::number(&bench.host.layout, bench.client).unwrap(), Some(number));
    let others = bench.seed(other, 2).await;
    assert_ne!(number, others);
    assert_eq!(bench.on_seed(&bench.http, "DELETE", others).await, 409);
    assert_eq!(bench.on_seed(&http, "DELETE", number).await, 409);
    assert!(bench.host.layout.seed(other).exists());
}

#[tokio::test]
async fn a_cut_at_any_place_loses_nothing_and_mixes_nothing() {
    let bench = Bench::new().await;
    let number = bench.seed(bench.client, 2).await;
    let bytes = fs::metadata(bench.host.layout.seed(bench.client)).unwrap().len();
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("client.redb");
    database(&own, 1).await;
    let early = [0, 1, 50, 200, 4096, bytes / 2, bytes - 1, bytes].map(Cut::AnswersAfter);
    let cuts = [Cut::Questions("GET"), Cut::Answers("GET")].into_iter().chain(early);
    for cut in cuts {
        let cutter = Cutter::start(bench.host.layout.socket(bench.client), cut);
        let through = Gateway::new(&cutter.path).unwrap();
        let taken = take_seed(&through, &own, number, SOON).await;
        assert!(matches!(taken, Err(TakeSeedError::Gateway(_))), "{cut:?}: {taken:?}");
        assert_eq!(mark(&own), Some(1), "{cut:?}");
        assert!(bench.host.layout.seed(bench.client).exists(), "{cut:?}");
    }
    // The bot has the seed and the host does not know; it is taken once more.
    let cutter = Cutter::start(bench.host.layout.socket(bench.client), Cut::Questions("DELETE"));
    for _ in 0..2 {
        let through = Gateway::new(&cutter.path).unwrap();
        let taken = take_seed(&through, &own, number, SOON).await;
        assert!(matches!(taken, Err(TakeSeedError::Gateway(_))), "{taken:?}");
        assert_eq!(mark(&own), Some(2));
        assert_eq!(bench.say(OWNER, "not yet").await, 503);
    }
    // The host knows, and the bot does not know that: no seed is left, and so it serves.
    let cutter = Cutter::start(bench.host.layout.socket(bench.client), Cut::Answers("DELETE"));
    let taken = take_seed(&Gateway::new(&cutter.path).unwrap(), &own, number, SOON).await;
    assert!(matches!(taken, Err(TakeSeedError::Gateway(_))), "{taken:?}");
    bench.told(None).await;
    assert_eq!(mark(&own), Some(2));
    let again = take_seed(&bench.gateway(), &own, number, SOON).await;
    let refused = matches!(again, Err(TakeSeedError::Gateway(GatewayError::Refused(409))));
    assert!(refused, "{again:?}");
    let left = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 1, "nothing lies beside the database");
}

#[tokio::test]
async fn an_unsound_seed_is_refused_and_kept() {
    let bench = Bench::new().await;
    let dir = tempfile::tempdir().unwrap();
    let (own, file) = (dir.path().join("client.redb"), dir.path().join("seed.redb"));
    database(&own, 1).await;
    let newer = || async {
        let store = Store::open(&file, OPTIONS).unwrap();
        store.write(|txn| txn.meta().insert("schema", 99)).await.unwrap();
        store.close();
    };
    newer().await;
    let number = bench.place(bench.client, &file).await;
    let taken = take_seed(&bench.gateway(), &own, number, SOON).await.unwrap_err();
    assert_eq!(taken.refusal(), Some(SeedRefusal::TooNew), "{taken:?}");
    assert_eq!(seeds::number(&bench.host.layout, bench.client).unwrap(), Some(number));
    assert_eq!(bench.on_seed(&bench.http, "DELETE", number).await, 204);
    for damaged in [vec![], b"no database".repeat(900)] {
        fs::write(&file, damaged).unwrap();
        let number = bench.place(bench.client, &file).await;
        let taken = take_seed(&bench.gateway(), &own, number, SOON).await.unwrap_err();
        assert_eq!(taken.refusal(), Some(SeedRefusal::Damaged), "{taken:?}");
        assert_eq!(seeds::number(&bench.host.layout, bench.client).unwrap(), Some(number));
        assert_eq!(bench.on_seed(&bench.http, "DELETE", number).await, 204);
    }
    assert_eq!(mark(&own), Some(1));
    assert_eq!(backup::check(&own).unwrap(), 1);
}

#[tokio::test]
async fn operators_hear_of_each_reason_once_a_day() {
    let bench = Bench::new().await;
    let number = bench.seed(bench.client, 1).await;
    let refuse = async |why: &str| {
        let url = format!("http://gateway/seed?number={number}");
        let refused = bench.http.post(url).json(&json!({ "refusal": why })).send().await;
        refused.unwrap().status().as_u16()
    };
    for (why, told) in [("damaged", 1), ("damaged", 1), ("no_room", 2), ("damaged", 2)] {
        // A room that is opened anew does not know what was told.
        bench.host.deps.gateways.close(bench.client).await;
        bench.host.deps.gateways.open(bench.client).await.unwrap();
        assert_eq!((refuse(why).await, bench.notices()), (204, told), "{why}");
    }
    assert_eq!((refuse("nonsense").await, bench.notices()), (400, 2));
}

#[tokio::test(start_paused = true)]
async fn the_same_refusal_is_told_now_and_then() {
    let host = Host::new("http://127.0.0.1:1", Path::new("/no/such"), Duration::ZERO);
    let client = host.add_client(1, OWNER, TOKEN).await;
    let tenant = Tenant::new(&host.client(client));
    assert!(tenant.refuses_seed(7, SeedRefusal::NoRoom));
    assert!(!tenant.refuses_seed(7, SeedRefusal::NoRoom));
    assert!(tenant.refuses_seed(7, SeedRefusal::Damaged));
    assert!(tenant.refuses_seed(8, SeedRefusal::Damaged));
    tokio::time::advance(Duration::from_mins(6)).await;
    assert!(tenant.refuses_seed(8, SeedRefusal::Damaged));
}

#[tokio::test]
async fn a_process_that_still_has_the_database_is_waited_for() {
    let bench = Bench::new().await;
    let number = bench.seed(bench.client, 2).await;
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("client.redb");
    let before = Store::open(&own, OPTIONS).unwrap();
    let gateway = bench.gateway();
    let in_use = take_seed(&gateway, &own, number, SOON).await;
    let named = matches!(in_use, Err(TakeSeedError::InUse(OpenError::AlreadyOpen(_))));
    assert!(named, "{in_use:?}");
    assert!(bench.host.layout.seed(bench.client).exists());
    let (taken, ()) =
        tokio::join!(take_seed(&gateway, &own, number, Duration::from_secs(10)), async {
            sleep(SOON).await;
            before.close();
        });
    taken.unwrap();
    assert_eq!(mark(&own), Some(2));
    assert!(!bench.host.layout.seed(bench.client).exists());
}
