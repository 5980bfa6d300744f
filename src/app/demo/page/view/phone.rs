//! A person's phone: who it is, the list of chats, and the chats themselves.

use super::html::{Html, only_if};
use super::{chat, phone_id};
use crate::app::demo::page::scene::{Phone, Scene, Shown};
use crate::texts::words::say;

/// The choice of a phone or the panel, for narrow windows.
pub(super) fn bar(scene: &Scene) -> String {
    let words = scene.words;
    let label = say!(words, "demo-people");
    let mut html = Html::new();
    html.open("nav", &[("id", "people"), ("class", "people"), ("aria-label", &label)]);
    for phone in &scene.people {
        let target = format!("#{}", phone_id(phone.role));
        html.open("a", &[("href", &target), ("data-show", phone.role.key())]);
        face(&mut html, phone);
        html.leaf("span", &[], &phone.name);
        unread(&mut html, scene, phone.chats.iter().map(|chat| chat.unread).sum());
        html.close("a");
    }
    html.open("a", &[("href", "#world"), ("data-show", "world")]);
    html.leaf("span", &[("class", "face world"), ("aria-hidden", "true")], "⚙");
    html.leaf("span", &[], &say!(words, "demo-world-short"));
    html.close("a");
    html.close("nav");
    html.done()
}

/// A phone; `chosen` is the bot whose chat is open at first.
pub(super) fn phone(scene: &Scene, phone: &Phone, chosen: Option<&str>) -> String {
    let words = scene.words;
    let (id, key) = (phone_id(phone.role), phone.role.key());
    let name = format!("{id}-name");
    let mut html = Html::new();
    let class = format!("phone {key}");
    let section =
        [("id", id), ("class", &class), ("data-phone", key), ("aria-labelledby", name.as_str())];
    html.open("section", &section);
    html.open("header", &[]);
    face(&mut html, phone);
    html.open("div", &[]);
    html.leaf("h2", &[("id", &name)], &phone.name);
    html.open("p", &[]);
    html.text(&phone.role.title(words));
    html.text(" · ");
    html.leaf("span", &[("class", "id")], &format!("id {}", phone.id));
    html.close("p");
    html.close("div");
    html.close("header");
    let open = chosen.filter(|bot| phone.chats.iter().any(|chat| chat.bot == *bot));
    let open = open.or_else(|| phone.chats.first().map(|chat| chat.bot.as_str()));
    if phone.chats.is_empty() {
        html.open("div", &[("class", "nobody")]);
        html.leaf("p", &[], &say!(words, "demo-no-chats", name = phone.name.as_str()));
        html.close("div");
    } else {
        tabs(&mut html, scene, phone, open);
        for shown in &phone.chats {
            chat::chat(&mut html, scene, phone, shown, open == Some(&shown.bot));
        }
    }
    html.close("section");
    html.done()
}

fn tabs(html: &mut Html, scene: &Scene, phone: &Phone, open: Option<&str>) {
    let words = scene.words;
    let label = say!(words, "demo-chats");
    html.open("div", &[("class", "tabs"), ("role", "tablist"), ("aria-label", &label)]);
    for shown in &phone.chats {
        tab(html, scene, phone, shown, open == Some(&shown.bot));
    }
    html.close("div");
}

fn tab(html: &mut Html, scene: &Scene, phone: &Phone, shown: &Shown, open: bool) {
    let key = phone.role.key();
    let id = chat::id(phone, shown);
    let (tab, target) = (format!("tab-{id}"), format!("chat-{id}"));
    let lang = scene.words.locale().code();
    let link = format!("?lang={lang}&{key}={}#{}", shown.bot, phone_id(phone.role));
    html.open(
        "a",
        &[
            ("role", "tab"),
            ("id", &tab),
            ("href", &link),
            ("aria-controls", &target),
            ("aria-selected", if open { "true" } else { "false" }),
            ("data-chat", &shown.bot),
        ],
    );
    html.leaf("span", &[("class", "name")], shown.title());
    unread(html, scene, shown.unread);
    html.close("a");
}

fn face(html: &mut Html, phone: &Phone) {
    let letter: String = phone.name.chars().take(1).collect();
    let class = format!("face {}", phone.role.key());
    html.leaf("span", &[("class", &class), ("aria-hidden", "true")], &letter);
}

fn unread(html: &mut Html, scene: &Scene, count: usize) {
    let words = scene.words;
    let many = i64::try_from(count).unwrap_or(i64::MAX);
    let label = say!(words, "demo-unread", count = many);
    let nothing = only_if(count == 0, ("hidden", ""));
    html.leaf("b", &[("class", "unread"), ("aria-label", &label), nothing], &count.to_string());
}
