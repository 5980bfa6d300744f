//! Telegram and YooKassa behind a proxy: their names are known there alone, so a call that goes
//! another way arrives nowhere.

use std::net::SocketAddr;

use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::yookassa::YooKassaSim;

use super::host::{Host, SALON, Setting, until};
use super::proxy::{Kind, Proxy};
use super::tls::Pair;

const TELEGRAM: &str = "telegram.slotbox.test";
const SHOP: &str = "shop.slotbox.test";

/// A host all of whose ways lead through a proxy.
struct Scene {
    host: Host,
    proxy: Proxy,
    shop: YooKassaSim,
}

impl Scene {
    /// `names` are those of Telegram and of YooKassa, as settings have them and as they are asked for.
    async fn new(kind: Kind, scheme: &str, login: &str, names: [(&str, &str); 2]) -> Self {
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let [(telegram, telegram_asked), (yookassa, shop_asked)] = names;
        let pair = Pair::of(&[TELEGRAM, SHOP, "localhost"]);
        let mut host = Host::at_rest(&pair).await;
        let at = |url: &str| url.split("//").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let telegram_at: SocketAddr = at(&host.sim.url()).parse().unwrap();
        let shop_at: SocketAddr = at(&shop.url()).parse().unwrap();
        let places = [
            (telegram_asked, pair.before(telegram_at).await),
            (shop_asked, pair.before(shop_at).await),
        ];
        let proxy = Proxy::start(kind, &places).await;
        let url = format!("{scheme}://{login}@{}", proxy.address);
        let ca = host.path().join("cert.pem").display().to_string();
        let shop_path = shop.url().rsplit_once(&shop_at.to_string()).unwrap().1.to_owned();
        let set: [Setting; 8] = [
            ("TELEGRAM__API_URL", format!("https://{telegram}")),
            ("TELEGRAM__PROXY", url.clone()),
            ("TELEGRAM__API_CA_FILE", ca.clone()),
            ("YOOKASSA__API_URL", format!("https://{yookassa}{shop_path}")),
            ("YOOKASSA__PROXY", url),
            ("YOOKASSA__API_CA_FILE", ca),
            ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
            ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ];
        host.set(set);
        host.up("polling").await;
        Self { host, proxy, shop }
    }

    /// Talks to all three bots, orders, and asks for a file.
    async fn use_all(&self, times: usize) {
        for (bot, person) in [("master_bot", "operator"), ("sales_bot", "anna"), (SALON, "boris")] {
            self.host.chat(bot, person).send("/start");
            until("it answers", || self.host.greetings(bot) == times).await;
        }
        let client = self.host.api("GET", "/clients", None).await["items"][0].clone();
        let client = client["client_id"].as_str().unwrap().to_owned();
        let order = json!({"client_id": client, "plan_id": "1m"});
        let order = self.host.api("POST", "/orders", Some(&order)).await;
        assert!(order["confirmation_url"].is_string(), "{order}");
        // What Telegram itself says of a file that is not there.
        let status = self.host.file(&client, "documents/none.pdf").await;
        assert_eq!(status, 404);
    }
}

/// Neither the log nor what is shown of the settings tells the password.
fn check_secrets(scene: &Scene) {
    let told = scene.host.log() + &scene.host.command(&["config", "show"]);
    for secret in ["p%40ss", "p@ss", "bWU6cEBzcw"] {
        assert!(!told.contains(secret), "{secret}");
    }
    assert!(told.contains("proxy = \"***\""));
}

async fn all_goes_through(kind: Kind, scheme: &str, names: [(&str, &str); 2]) {
    let mut scene = Scene::new(kind, scheme, "me:p%40ss", names).await;
    scene.host.add_client().await;
    scene.use_all(1).await;
    assert!(!scene.shop.url().is_empty());
    let asked = scene.proxy.asked();
    for (_, name) in names {
        assert!(asked.iter().any(|it| it == name), "{name}: {asked:?}");
    }
    assert!(asked.iter().all(|it| names.iter().any(|(_, name)| it == name)), "{asked:?}");

    // It goes away, which is told, and comes back.
    scene.proxy.stop().await;
    scene.host.chat("master_bot", "operator").send("/start");
    let told = || scene.host.log().contains("the proxy cannot be reached");
    until("it is told", told).await;
    scene.proxy.start_again().await;
    until("it answers", || scene.host.greetings("master_bot") == 2).await;
    scene.host.chat("master_bot", "operator").send("/start");
    scene.host.chat("sales_bot", "anna").send("/start");
    scene.host.chat(SALON, "boris").send("/start");
    until("all answer", || {
        [("master_bot", 3), ("sales_bot", 2), (SALON, 2)]
            .iter()
            .all(|(bot, times)| scene.host.greetings(bot) == *times)
    })
    .await;
    check_secrets(&scene);
}

#[tokio::test]
async fn all_calls_go_through_socks_and_the_proxy_looks_the_names_up() {
    let names = [(TELEGRAM, "telegram.slotbox.test:443"), (SHOP, "shop.slotbox.test:443")];
    all_goes_through(Kind::Socks, "socks5h", names).await;
}

#[tokio::test]
async fn all_calls_go_through_an_http_tunnel() {
    let names = [(TELEGRAM, "telegram.slotbox.test:443"), (SHOP, "shop.slotbox.test:443")];
    all_goes_through(Kind::Http, "http", names).await;
}

/// With `socks5` the host looks the names up.
#[tokio::test]
async fn names_are_looked_up_here_if_that_is_asked_for() {
    let names = [("localhost:441", "127.0.0.1:441"), ("localhost:442", "127.0.0.1:442")];
    let scene = Scene::new(Kind::Socks, "socks5", "me:p%40ss", names).await;
    scene.host.add_client().await;
    scene.use_all(1).await;
    assert!(scene.proxy.asked().iter().all(|it| it.starts_with("127.0.0.1:")));
}

#[tokio::test]
async fn a_proxy_that_does_not_know_us_is_named() {
    for (kind, scheme) in [(Kind::Socks, "socks5h"), (Kind::Http, "http")] {
        let names = [(TELEGRAM, "telegram.slotbox.test:443"), (SHOP, "shop.slotbox.test:443")];
        let scene = Scene::new(kind, scheme, "me:wr%40ng", names).await;
        let told = || scene.host.log().contains("the proxy refuses the name and the password");
        until("it is told", told).await;
        let told = scene.host.log() + &scene.host.command(&["config", "show", "--json"]);
        assert!(!told.contains("wr%40ng") && !told.contains("wr@ng"), "{kind:?}");
        let settings: Value =
            serde_json::from_str(&scene.host.command(&["config", "show", "--json"])).unwrap();
        assert!(settings.to_string().contains("***"));
    }
}
