//! Conversations as tests: people's lines are played to a bot, and the talk that came of it is
//! compared.

mod props;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use expect_test::Expect;
use jiff::SignedDuration;
use teloxide::dispatching::UpdateHandler;
use teloxide::dptree;
use tokio_util::sync::CancellationToken;

use super::talk::Step;
use super::updates::{Loop, Parts, Source};
use super::{BotError, master, sales};
use crate::app::parts::{self, Ground};
use crate::clock::{Clock, ClockHand};
use crate::config::{Config, Sources};
use crate::deps::Deps;
use crate::domain::ids::{BotId, OrderId};
use crate::domain::order::Order;
use crate::domain::token::BotToken;
use crate::external::containers::Layout;
use crate::external::containers::process::{ProcessSettings, Processes};
use crate::external::telegram::Speaker;
use crate::sandbox::telegram::{Chat, FloodLimits, TelegramSim};
use crate::sandbox::yookassa::{Card, YooKassaSim};
use crate::store::secrets::Sealer;
use crate::store::{Options, Store, StoreError, orders, secrets, updates};

const BEGIN: &str = "2026-11-23T10:00:00Z";
const SOON: Duration = Duration::from_secs(10);
/// The people of all tests; Olga is the operator.
const PEOPLE: [(&str, i64); 3] = [("olga", 100), ("anna", 200), ("boris", 201)];

pub(super) use self::props::Log;

/// One bot, its loop, and the world around it.
pub(super) struct Rig {
    pub(super) deps: Deps,
    pub(super) telegram: TelegramSim,
    pub(super) shop: YooKassaSim,
    hand: ClockHand,
    username: &'static str,
    bot: BotId,
    /// Lines that no bot and no person said, and before which line of the talk they stand.
    marks: Vec<(usize, String)>,
    /// The tokens that were sent, by the name that stands for each.
    tokens: BTreeMap<String, String>,
    said: i64,
    first: Option<i64>,
    stop: CancellationToken,
    dir: tempfile::TempDir,
}

impl Rig {
    /// Begins a world with the Master Bot.
    pub(super) async fn master(settings: &[(&str, &str)]) -> Self {
        Self::begin::<master::Step>("master_bot", master::tree(), settings).await
    }

    /// Begins a world with the Sales Bot.
    pub(super) async fn sales(settings: &[(&str, &str)]) -> Self {
        Self::begin::<sales::Step>("sales_bot", sales::tree(), settings).await
    }

    async fn begin<S: Step>(
        username: &'static str,
        tree: UpdateHandler<BotError>,
        settings: &[(&str, &str)],
    ) -> Self {
        let (clock, hand) = Clock::stopped(BEGIN.parse().unwrap());
        let shop = YooKassaSim::start(clock.clone()).await.unwrap();
        let telegram = TelegramSim::start(clock.clone()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let config = config(&shop, &telegram, dir.path(), settings);
        let store =
            Store::open(&dir.path().join("t.redb"), Options { cache_bytes: 8 << 20 }).unwrap();
        // Nothing performs jobs here, so no client is ever started.
        let layout = Layout::new(dir.path(), dir.path());
        let settings = ProcessSettings::new("/nonexistent".into(), layout);
        let runtime = Arc::new(Processes::new(settings));
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let sealing_key = dir.path().join("sealing.key");
        let ground = Ground { config, store, sealer, sealing_key, clock, runtime };
        let (deps, _) = parts::deps(ground).unwrap();
        // A conversation of an hour is played in a second.
        telegram.set_flood_limits(FloodLimits::OFF);
        let hurried = |voice: Option<Speaker>| voice.map(Speaker::hurried);
        let (master, sales) = (hurried(deps.master.clone()), hurried(deps.sales.clone()));
        let deps = Deps { master, sales, ..deps };
        let (token, voice) = if username == "master_bot" {
            (deps.config.telegram.master_token.clone(), deps.master.clone())
        } else {
            (deps.config.telegram.sales_token.clone(), deps.sales.clone())
        };
        let (bot, end) = start::<S>(&deps, &token.unwrap(), &voice.unwrap(), tree);
        let (marks, tokens) = (Vec::new(), BTreeMap::new());
        let (said, first) = (0, None);
        Self {
            deps,
            telegram,
            shop,
            hand,
            username,
            bot,
            marks,
            tokens,
            said,
            first,
            stop: end,
            dir,
        }
    }

    /// As [`Rig::check`], for what follows on the talk so far.
    pub(super) async fn check_on(mut self, talk: Expect) {
        let before = self.transcript().lines().count();
        self.play(talk.data()).await;
        let lines: Vec<_> = self.transcript().lines().skip(before).map(str::to_owned).collect();
        talk.assert_eq(&(lines.join("\n") + "\n"));
        self.end();
    }

    /// Plays the people's lines of `talk` and compares the talk that came of it.
    ///
    /// `[..]` presses a button; `{name}` is the token of the bot of that name; a line that begins
    /// with `*` is what happens outside of the chat.
    pub(super) async fn check(mut self, talk: Expect) {
        self.play(talk.data()).await;
        talk.assert_eq(&self.transcript());
        self.end();
    }

    /// Ends the loop; no token that was sent may lie on the disk as it is.
    fn end(&self) {
        self.stop.cancel();
        let file = std::fs::read(self.dir.path().join("t.redb")).unwrap();
        for (name, token) in &self.tokens {
            let (_, secret) = token.split_once(':').unwrap();
            let lies_there = file.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!lies_there, "the token of {name} can be read from the database");
        }
    }

    /// Plays the people's lines of `talk`.
    pub(super) async fn play(&mut self, talk: &str) {
        for line in talk.lines().map(str::trim) {
            if let Some(event) = line.strip_prefix("* ") {
                self.marks.push((self.lines().len(), line.to_owned()));
                self.happen(event).await;
            } else if let Some((name, text)) = line.split_once('>')
                && let Some((name, id)) = PEOPLE.iter().find(|(it, _)| *it == name.trim_end())
            {
                let chat =
                    self.telegram.chat(self.username, &self.telegram.person_with_id(*id, name));
                self.act(&chat, text.trim()).await;
            }
        }
    }

    /// Returns the talk so far, without what differs from run to run.
    pub(super) fn transcript(&self) -> String {
        let mut lines = self.lines();
        for (at, mark) in self.marks.iter().rev() {
            lines.insert(*at, mark.clone());
        }
        lines.join("\n") + "\n"
    }

    async fn act(&mut self, chat: &Chat, text: &str) {
        self.hand.advance(SignedDuration::from_millis(1)); // So that ids have an order.
        if text == "[photo]" {
            chat.send_photo(vec![1, 2, 3]);
        } else if text == "[contact +79000000002]" {
            let (name, id) = PEOPLE[2];
            chat.send_contact_of_person(&self.telegram.person_with_id(id, name), "+79000000002");
        } else if text == "[contact +79000000003]" {
            chat.send_contact_of("nobody", "+79000000003");
        } else if text.starts_with("↪ anna:") {
            let (name, id) = PEOPLE[1];
            chat.forward(&self.telegram.person_with_id(id, name), text);
        } else if let Some(button) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'))
        {
            chat.press(button).unwrap();
        } else if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            let known = self.tokens.get(name).cloned();
            let token = known.unwrap_or_else(|| self.telegram.add_bot(name, name));
            self.tokens.insert(name.to_owned(), token.clone());
            chat.send(&token);
        } else {
            chat.send(text);
        }
        self.said += 1;
        self.handled().await;
    }

    /// Waits until the loop has done with all that was said.
    async fn handled(&mut self) {
        let deadline = Instant::now() + SOON;
        loop {
            let (bot, store) = (self.bot, &self.deps.store);
            let offset = store.read(|snap| updates::offset(snap, bot)).unwrap();
            self.first = self.first.or_else(|| offset.map(|next| next - self.said));
            let received = offset.is_some() && offset == self.first.map(|first| first + self.said);
            if received && store.read(|snap| updates::waiting(snap, bot)).unwrap().is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "no answer yet:\n{}", self.transcript());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn happen(&mut self, event: &str) {
        if let Some(event) = event.strip_prefix("the queue: ") {
            return self.work(event).await;
        }
        if let Some(bot) = event.strip_suffix(" gets a new token") {
            return self.renew_token(bot);
        }
        if let Some(bot) = event.strip_suffix(" sends its updates elsewhere") {
            return self.send_elsewhere(bot).await;
        }
        match event {
            "the last order is paid" => self.shop.pay(&self.payment(), Card::Ok).map(drop).unwrap(),
            "the last order expires" => self.shop.expire(&self.payment()).unwrap(),
            "the token of the last order is forgotten" => {
                let client = self.last_order().client;
                let forget = self.deps.store.write(move |txn| secrets::remove(txn, client));
                forget.await.map_err(|err: StoreError| err).unwrap();
            }
            "the shop is out" => {
                self.shop.faults().outage(Some(crate::sandbox::yookassa::Fault::CutBefore));
            }
            "the shop is back" => self.shop.faults().outage(None),
            "telegram does not know tokens" => {
                use crate::sandbox::telegram::Fault;
                self.telegram.faults().always("getMe", Fault::CutBefore);
            }
            "telegram is back" => self.telegram.faults().clear(),
            _ => {
                let days = event.strip_suffix(" days pass").and_then(|days| days.parse().ok());
                let days: i64 = days.unwrap_or_else(|| panic!("unknown event: {event}"));
                self.hand.advance(SignedDuration::from_hours(24 * days));
            }
        }
    }

    fn payment(&self) -> String {
        self.last_order().payment.unwrap().as_str().to_owned()
    }

    fn last_order(&self) -> Order {
        let newest = self.deps.store.read(|snap| orders::list(snap, None::<OrderId>, 1)).unwrap();
        newest[0].clone()
    }

    fn lines(&self) -> Vec<String> {
        let mut talk = self.telegram.transcript().with_buttons().to_string();
        for (name, token) in &self.tokens {
            talk = talk.replace(token, &format!("{{{name}}}"));
        }
        talk.lines().map(without_ids).collect()
    }
}

fn start<S: Step>(
    deps: &Deps,
    token: &BotToken,
    voice: &Speaker,
    tree: UpdateHandler<BotError>,
) -> (BotId, CancellationToken) {
    let parts = Parts {
        store: deps.store.clone(),
        bot: token.bot(),
        send: deps.telegram.sender(token),
        sealer: Some(deps.sealer.clone()),
        deps: dptree::deps![deps.clone(), voice.clone()],
        apology: "sorry".to_owned(),
        meter: voice.meter().clone(),
    };
    let stop = CancellationToken::new();
    let source = Source::Asked(deps.telegram.poller(token));
    tokio::spawn(Loop::<S>::new(parts, source, tree).run(stop.clone()));
    (token.bot(), stop)
}

/// Puts dots for what differs from run to run: the letters of our ids, and what the machine has.
fn without_ids(line: &str) -> String {
    for mark in ["🖥", "💓"] {
        if let Some((before, _)) = line.split_once(mark)
            && !before.ends_with('[')
        {
            return format!("{before}{mark} ..");
        }
    }
    let mut words: Vec<String> = Vec::new();
    for word in line.split(' ') {
        let id = ["o_", "c_", "m_"].iter().find(|it| word.starts_with(*it) && word.len() == 28);
        words.push(id.map_or_else(|| word.to_owned(), |prefix| format!("{prefix}..")));
    }
    words.join(" ")
}

fn config(
    shop: &YooKassaSim,
    telegram: &TelegramSim,
    dir: &std::path::Path,
    settings: &[(&str, &str)],
) -> Config {
    let dir = dir.display();
    let set = [
        ("TLS__MODE", "off".to_owned()),
        ("API__TOKEN", "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0".to_owned()),
        ("SERVER__DATA_DIR", format!("{dir}/data")),
        ("SERVER__RUNTIME_DIR", format!("{dir}/run")),
        ("SERVER__SUPPORT", "@slotbox_help".to_owned()),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MASTER_TOKEN", telegram.add_bot("Master", "master_bot")),
        ("TELEGRAM__SALES_TOKEN", telegram.add_bot("Sales", "sales_bot")),
        ("TELEGRAM__OPERATORS", "[100]".to_owned()),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("RUNTIME__KIND", "process".to_owned()),
    ];
    let more = settings.iter().map(|(key, value)| (*key, (*value).to_owned()));
    let environment = set.into_iter().chain(more);
    let environment: BTreeMap<_, _> =
        environment.map(|(key, value)| (format!("SLOTBOX__{key}").into(), value.into())).collect();
    let sources = Sources { file: None, environment, credentials: None };
    Config::load(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}
