//! The head of the page: the clock and the five things to try.

use super::html::{Html, only_if};
use super::text;
use crate::app::demo::page::people::Role;
use crate::app::demo::page::scene::{Scene, Shown};
use crate::app::demo::page::story::Step;
use crate::app::demo::page::visits::Next;
use crate::texts::Words;
use crate::texts::words::say;

/// The time of this world, and what moves it.
pub(super) fn clock(scene: &Scene) -> String {
    let words = scene.words;
    let now = scene.now.to_zoned(scene.zone.clone());
    let mut html = Html::new();
    html.open("div", &[("id", "clock"), ("class", "clock")]);
    let instant = scene.now.to_string();
    html.open("p", &[("class", "time")]);
    html.leaf("time", &[("datetime", &instant)], &text::hour(scene.now, &scene.zone));
    html.leaf("span", &[], &text::long_day(words, now.date()));
    html.close("p");
    html.open("form", &[("method", "post"), ("action", "/clock"), ("class", "moves")]);
    html.hidden("lang", words.locale().code());
    let label = say!(words, "demo-clock-label");
    html.open("div", &[("role", "group"), ("aria-label", &label)]);
    for (by, label) in [
        ("hour", say!(words, "demo-clock-hour")),
        ("day", say!(words, "demo-clock-day")),
        ("month", say!(words, "demo-clock-month")),
    ] {
        html.leaf("button", &[("name", "by"), ("value", by)], &label);
    }
    let title = scene.next.map_or_else(
        || say!(words, "demo-clock-nothing"),
        |next| {
            let at = words.date_time(next.at(), &scene.zone);
            match next {
                Next::Visit(_) => say!(words, "demo-clock-visit", at = at),
                Next::Warning(_) => say!(words, "demo-clock-warning", at = at),
            }
        },
    );
    let none = only_if(scene.next.is_none(), ("disabled", ""));
    let button = [("name", "by"), ("value", "next"), ("title", title.as_str()), none];
    html.leaf("button", &button, &say!(words, "demo-clock-next"));
    html.close("div");
    html.close("form");
    html.close("div");
    html.done()
}

/// The story in five steps.
pub(super) fn steps(scene: &Scene) -> String {
    let words = scene.words;
    let next = Step::next(scene);
    let label = say!(words, "demo-guide");
    let mut html = Html::new();
    html.open("section", &[("id", "guide"), ("class", "guide"), ("aria-label", &label)]);
    html.open("ol", &[]);
    for (number, step) in (1..).zip(Step::ALL) {
        let done = step.done(scene);
        let class = match (done, next == Some(step)) {
            (true, _) => "done",
            (false, true) => "next",
            (false, false) => "later",
        };
        let current = only_if(class == "next", ("aria-current", "step"));
        html.open("li", &[("class", class), current]);
        let mark = if done { "✓".to_owned() } else { i32::to_string(&number) };
        html.leaf("span", &[("class", "mark"), ("aria-hidden", "true")], &mark);
        html.leaf("span", &[("class", "name")], &name(words, step));
        if done {
            html.leaf("span", &[("class", "unseen")], &say!(words, "demo-guide-done"));
        }
        html.close("li");
    }
    html.close("ol");
    let hint = next.map_or_else(|| say!(words, "demo-hint-over"), |step| hint(scene, step));
    html.open("p", &[("class", "hint"), ("role", "status")]);
    html.text(&hint);
    html.close("p");
    html.close("section");
    html.done()
}

fn name(words: Words, step: Step) -> String {
    match step {
        Step::Try => say!(words, "demo-step-try"),
        Step::Pay => say!(words, "demo-step-pay"),
        Step::Book => say!(words, "demo-step-book"),
        Step::Clock => say!(words, "demo-step-clock"),
        Step::Break => say!(words, "demo-step-break"),
    }
}

/// Says what to do next, as exactly as the state of things allows.
fn hint(scene: &Scene, step: Step) -> String {
    let words = scene.words;
    match step {
        Step::Try if !begun(scene, Role::Owner) => say!(words, "demo-hint-start"),
        Step::Try if waits_for_token(scene) => say!(words, "demo-hint-token"),
        Step::Try => say!(words, "demo-hint-buy"),
        Step::Pay => say!(words, "demo-hint-pay"),
        Step::Book if scene.facts.clients.iter().all(|client| client.runtime != "running") => {
            say!(words, "demo-hint-deploy")
        }
        Step::Book if !begun(scene, Role::Customer) => say!(words, "demo-hint-customer"),
        Step::Book => say!(words, "demo-hint-book"),
        Step::Clock => say!(words, "demo-hint-clock"),
        Step::Break if scene.broken.kills.values().any(|kill| kill.now.is_none()) => {
            say!(words, "demo-hint-killed")
        }
        Step::Break if scene.broken.ever => say!(words, "demo-hint-mend"),
        Step::Break => say!(words, "demo-hint-break"),
    }
}

fn begun(scene: &Scene, role: Role) -> bool {
    scene.phone(role).is_some_and(|phone| phone.chats.iter().any(|chat| chat.glance.started))
}

fn waits_for_token(scene: &Scene) -> bool {
    scene.phone(Role::Owner).is_some_and(|phone| phone.chats.iter().any(Shown::asks_token))
}
