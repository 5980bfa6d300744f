//! What the business knows of itself.

use super::card;
use crate::app::demo::page::facts::{ClientFact, OrderFact, PaymentFact};
use crate::app::demo::page::scene::Scene;
use crate::app::demo::page::view::html::Html;
use crate::app::demo::page::view::text;
use crate::texts::Words;
use crate::texts::words::say;

pub(super) fn clients(html: &mut Html, scene: &Scene) {
    let (words, facts) = (scene.words, &scene.facts);
    let queue = facts.queue;
    let busy = i64::try_from(queue.queued + queue.running).unwrap_or(i64::MAX);
    let waiting = i64::try_from(queue.waiting).unwrap_or(i64::MAX);
    let dead = i64::try_from(queue.dead).unwrap_or(i64::MAX);
    let jobs = say!(words, "demo-jobs", busy = busy, waiting = waiting, dead = dead);
    card(html, "clients", &say!(words, "demo-clients"), &jobs);
    if facts.clients.is_empty() {
        html.leaf("p", &[("class", "empty")], &say!(words, "demo-no-clients"));
    }
    html.open("ul", &[]);
    facts.clients.iter().for_each(|one| client(html, scene, one));
    html.close("ul");
    html.close("section");
}

fn client(html: &mut Html, scene: &Scene, client: &ClientFact) {
    let words = scene.words;
    let pid = scene.running.get(&client.client_id);
    let health = Health::of(scene, client);
    html.open("li", &[("class", health.class()), ("data-key", &client.client_id)]);
    html.leaf("i", &[("class", "lamp"), ("aria-hidden", "true")], "");
    html.open("div", &[("class", "what")]);
    html.leaf("b", &[], &client.company_name);
    html.open("span", &[]);
    if !client.bot_username.is_empty() {
        html.text(&format!("@{} · ", client.bot_username));
    }
    html.text(&state(words, &client.state));
    if let Some(until) = client.subscription_expires_at {
        html.text(" ");
        html.text(&say!(words, "demo-until", date = words.date(until, &scene.zone)));
    }
    html.close("span");
    html.leaf("span", &[("class", "health")], &health.said(words, pid.copied()));
    html.close("div");
    if pid.is_some() {
        html.open("form", &[("method", "post"), ("action", "/break")]);
        html.hidden("lang", words.locale().code());
        let kill = format!("kill:{}", client.client_id);
        let title = say!(words, "demo-kill-title");
        let button =
            [("name", "what"), ("value", kill.as_str()), ("title", &title), ("class", "kill")];
        html.leaf("button", &button, &say!(words, "demo-kill"));
        html.close("form");
    }
    html.close("li");
}

/// How a client's process fares.
#[derive(Clone, Copy)]
enum Health {
    Runs,
    /// It was killed and has come back.
    Healed(i32),
    /// It was killed, or has ended, and is started again.
    Down,
    Starts,
    Off,
}

impl Health {
    fn of(scene: &Scene, client: &ClientFact) -> Self {
        let up = scene.running.contains_key(&client.client_id);
        let kill = scene.broken.kills.get(&client.client_id);
        match (client.runtime.as_str(), kill) {
            (_, Some(kill)) if kill.now.is_none() => Self::Down,
            ("running", Some(kill)) if up => Self::Healed(kill.was),
            ("running", _) if up => Self::Runs,
            ("running" | "failed", _) => Self::Down,
            ("starting", _) => Self::Starts,
            _ => Self::Off,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Runs | Self::Healed(_) => "up",
            Self::Down => "down",
            Self::Starts => "starts",
            Self::Off => "off",
        }
    }

    fn said(self, words: Words, pid: Option<i32>) -> String {
        let pid = i64::from(pid.unwrap_or_default());
        match self {
            Self::Runs => say!(words, "demo-runs", pid = pid.to_string()),
            Self::Healed(was) => {
                say!(words, "demo-healed", was = was.to_string(), pid = pid.to_string())
            }
            Self::Down => say!(words, "demo-down"),
            Self::Starts => say!(words, "demo-starts"),
            Self::Off => say!(words, "demo-off"),
        }
    }
}

/// Returns the state of a client in words; one that is not known here is told as it is.
fn state(words: Words, state: &str) -> String {
    match state {
        "trial" => say!(words, "demo-state-trial"),
        "active" => say!(words, "demo-state-active"),
        "grace" => say!(words, "demo-state-grace"),
        "suspended" => say!(words, "demo-state-suspended"),
        "cancelled" => say!(words, "demo-state-cancelled"),
        "archived" => say!(words, "demo-state-archived"),
        other => other.to_owned(),
    }
}

pub(super) fn money(html: &mut Html, scene: &Scene) {
    let (words, facts) = (scene.words, &scene.facts);
    let open = facts.orders.iter().filter(|order| order.state != "paid").count();
    let count = i64::try_from(facts.payments.len()).unwrap_or(i64::MAX);
    let note = say!(words, "demo-money-note", count = count);
    card(html, "money", &say!(words, "demo-money"), &note);
    if facts.payments.is_empty() && open == 0 {
        html.leaf("p", &[("class", "empty")], &say!(words, "demo-no-money"));
    }
    html.open("ul", &[]);
    facts.orders.iter().filter(|it| it.state != "paid").for_each(|it| order(html, scene, it));
    facts.payments.iter().for_each(|it| payment(html, scene, it));
    html.close("ul");
    html.close("section");
}

fn order(html: &mut Html, scene: &Scene, order: &OrderFact) {
    let words = scene.words;
    let class = match order.state.as_str() {
        "open" => "starts",
        "attention" => "down",
        _ => "off",
    };
    let state = match order.state.as_str() {
        "open" => say!(words, "demo-order-open"),
        "canceled" => say!(words, "demo-order-canceled"),
        "expired" => say!(words, "demo-order-expired"),
        "attention" => say!(words, "demo-attention"),
        other => other.to_owned(),
    };
    let note = format!("{} · {state}", order.plan_id);
    line(
        html,
        &order.order_id,
        class,
        [
            &text::amount(words, &order.amount.value),
            &note,
            &text::hour(order.created_at, &scene.zone),
        ],
    );
}

fn payment(html: &mut Html, scene: &Scene, payment: &PaymentFact) {
    let words = scene.words;
    let days = words.days(i64::from(payment.days));
    let state = match payment.state.as_str() {
        "settled" => say!(words, "demo-settled", days = days),
        "refunded" => say!(words, "demo-refunded", days = days),
        "attention" => say!(words, "demo-attention"),
        other => other.to_owned(),
    };
    let source = match payment.source.as_str() {
        "manual" => say!(words, "demo-by-hand"),
        _ => say!(words, "demo-shop"),
    };
    let class = match payment.state.as_str() {
        "settled" => "up",
        "attention" => "down",
        _ => "off",
    };
    let note = format!("{source} · {state}");
    line(
        html,
        &payment.payment_id,
        class,
        [
            &text::amount(words, &payment.amount.value),
            &note,
            &text::hour(payment.settled_at, &scene.zone),
        ],
    );
}

fn line(html: &mut Html, key: &str, class: &str, [amount, note, at]: [&str; 3]) {
    html.open("li", &[("class", class), ("data-key", key)]);
    html.leaf("i", &[("class", "lamp"), ("aria-hidden", "true")], "");
    html.leaf("b", &[], amount);
    html.leaf("span", &[("class", "note")], note);
    html.leaf("time", &[], at);
    html.close("li");
}
