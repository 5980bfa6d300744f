//! The panel beside the phones: facts, faults and the journal.

mod facts;
mod journal;

use super::html::Html;
use crate::app::demo::page::scene::Scene;
use crate::texts::words::say;

/// Draws the panel.
pub(super) fn world(scene: &Scene) -> String {
    let label = say!(scene.words, "demo-world");
    let mut html = Html::new();
    html.open("aside", &[("id", "world"), ("class", "world"), ("aria-label", &label)]);
    facts::clients(&mut html, scene);
    facts::money(&mut html, scene);
    faults(&mut html, scene);
    journal::journal(&mut html, scene);
    html.close("aside");
    html.done()
}

/// Begins a part of the panel.
fn card(html: &mut Html, class: &str, title: &str, note: &str) {
    let class = format!("card {class}");
    html.open("section", &[("class", &class)]);
    html.open("header", &[]);
    html.leaf("h2", &[], title);
    html.leaf("span", &[], note);
    html.close("header");
}

/// Something that can be on or off.
struct Switch {
    name: String,
    works: bool,
    value: &'static str,
    works_now: String,
    broken_now: String,
}

fn faults(html: &mut Html, scene: &Scene) {
    let (words, broken) = (scene.words, &scene.broken);
    card(html, "faults", &say!(words, "demo-faults"), &say!(words, "demo-faults-note"));
    html.open("form", &[("method", "post"), ("action", "/break"), ("class", "switches")]);
    html.hidden("lang", words.locale().code());
    let switches = [
        Switch {
            name: say!(words, "demo-telegram"),
            works: !broken.outside.telegram_down,
            value: if broken.outside.telegram_down { "telegram:on" } else { "telegram:off" },
            works_now: say!(words, "demo-telegram-up"),
            broken_now: say!(words, "demo-telegram-down"),
        },
        Switch {
            name: say!(words, "demo-shop"),
            works: !broken.outside.shop_down,
            value: if broken.outside.shop_down { "shop:on" } else { "shop:off" },
            works_now: say!(words, "demo-shop-up"),
            broken_now: say!(words, "demo-shop-down"),
        },
        Switch {
            name: say!(words, "demo-limits"),
            works: !broken.outside.strict,
            value: if broken.outside.strict { "limits:usual" } else { "limits:strict" },
            works_now: say!(words, "demo-limits-usual"),
            broken_now: say!(words, "demo-limits-strict"),
        },
    ];
    for one in &switches {
        switch(html, one);
    }
    let ahead = i64::try_from(broken.notices_ahead).unwrap_or(i64::MAX);
    let (class, note) = match ahead {
        0 => ("lose", say!(words, "demo-notice-note")),
        _ => ("lose armed", say!(words, "demo-notice-armed", count = ahead)),
    };
    html.open("button", &[("class", class), ("name", "what"), ("value", "notice")]);
    html.leaf("b", &[], &say!(words, "demo-notice"));
    html.leaf("span", &[], &note);
    html.close("button");
    html.close("form");
    html.close("section");
}

fn switch(html: &mut Html, one: &Switch) {
    let pressed = if one.works { "true" } else { "false" };
    let state = if one.works { &one.works_now } else { &one.broken_now };
    html.open(
        "button",
        &[
            ("class", "switch"),
            ("name", "what"),
            ("value", one.value),
            ("role", "switch"),
            ("aria-checked", pressed),
        ],
    );
    html.leaf("b", &[], &one.name);
    html.leaf("span", &[], state);
    html.leaf("i", &[("aria-hidden", "true")], "");
    html.close("button");
}
