//! The journal as `serve` writes it, newest first.

use tracing::Level;

use super::card;
use crate::app::demo::page::journal::Entry;
use crate::app::demo::page::scene::Scene;
use crate::app::demo::page::view::html::Html;
use crate::app::demo::page::view::text;
use crate::texts::words::say;

pub(super) fn journal(html: &mut Html, scene: &Scene) {
    let words = scene.words;
    card(html, "journal", &say!(words, "demo-journal"), "");
    filter(html, scene);
    let label = say!(words, "demo-journal");
    html.open("ol", &[("tabindex", "0"), ("aria-label", &label)]);
    for entry in &scene.journal {
        record(html, scene, entry);
    }
    html.close("ol");
    html.leaf("p", &[("class", "api")], &say!(words, "demo-api", url = scene.business.as_str()));
    html.close("section");
}

/// Chooses whose records are shown; it is the page's script that follows it.
fn filter(html: &mut Html, scene: &Scene) {
    let label = say!(scene.words, "demo-journal-of");
    html.open("select", &[("id", "journal-of"), ("aria-label", &label), ("class", "scripted")]);
    html.leaf("option", &[("value", "all")], &say!(scene.words, "demo-journal-all"));
    for client in &scene.facts.clients {
        html.leaf("option", &[("value", &client.client_id)], &client.company_name);
    }
    html.close("select");
}

fn record(html: &mut Html, scene: &Scene, entry: &Entry) {
    let heard = &entry.heard;
    let class = match heard.level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        _ => "info",
    };
    let key = entry.number.to_string();
    let client = heard.client.as_deref().unwrap_or("-");
    html.open("li", &[("class", class), ("data-key", &key), ("data-client", client)]);
    html.leaf("time", &[], &text::second(entry.at, &scene.zone));
    html.leaf("b", &[], &heard.event);
    html.leaf("span", &[], &heard.message);
    html.close("li");
}
