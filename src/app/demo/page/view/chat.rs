//! A chat: bubbles, buttons, the keyboard and what is typed.

mod composer;
mod message;

use super::html::{Html, only_if};
use super::text;
use crate::app::demo::page::scene::{Phone, Scene, Shown};
use crate::texts::words::say;

/// Returns what the ids of a chat's elements have in common.
pub(super) fn id(phone: &Phone, shown: &Shown) -> String {
    format!("{}-{}", phone.role.key(), shown.bot)
}

/// A chat and the names of its forms.
struct Place<'a> {
    scene: &'a Scene,
    phone: &'a Phone,
    shown: &'a Shown,
    id: String,
    press: String,
    tap: String,
}

/// Draws a chat, which is hidden unless it is open.
pub(super) fn chat(html: &mut Html, scene: &Scene, phone: &Phone, shown: &Shown, open: bool) {
    let id = id(phone, shown);
    let (press, tap) = (format!("press-{id}"), format!("tap-{id}"));
    let place = Place { scene, phone, shown, id, press, tap };
    let (panel, tab) = (format!("chat-{}", place.id), format!("tab-{}", place.id));
    let newest = shown.newest().to_string();
    html.open(
        "section",
        &[
            ("class", "chat"),
            ("id", &panel),
            ("role", "tabpanel"),
            ("aria-labelledby", &tab),
            ("data-bot", &shown.bot),
            ("data-newest", &newest),
            only_if(!open, ("hidden", "")),
        ],
    );
    for (name, action) in [(&place.press, "/press"), (&place.tap, "/say")] {
        html.open("form", &[("id", name), ("method", "post"), ("action", action)]);
        place.fields(html);
        html.close("form");
    }
    place.talk(html);
    place.composer(html);
    html.close("section");
}

impl Place<'_> {
    /// The fields that tell which chat a form is about.
    fn fields(&self, html: &mut Html) {
        html.hidden("phone", self.phone.role.key());
        html.hidden("bot", &self.shown.bot);
        html.hidden("lang", self.scene.words.locale().code());
    }

    fn talk(&self, html: &mut Html) {
        let words = self.scene.words;
        let glance = &self.shown.glance;
        let label = say!(words, "demo-talk", bot = self.shown.title());
        let id = format!("talk-{}", self.id);
        html.open(
            "ol",
            &[
                ("class", "talk"),
                ("id", &id),
                ("tabindex", "0"),
                ("role", "log"),
                ("aria-label", &label),
            ],
        );
        if !glance.started {
            html.open("li", &[("class", "about"), ("data-key", "about")]);
            html.leaf("b", &[], self.shown.title());
            let about = if glance.about.is_empty() {
                say!(words, "demo-not-started")
            } else {
                glance.about.clone()
            };
            html.leaf("p", &[], &about);
            html.close("li");
        }
        let mut day = None;
        for message in &glance.messages {
            let date = message.date.to_zoned(self.scene.zone.clone()).date();
            if day.replace(date) != Some(date) {
                let key = format!("day-{date}");
                let said = text::day(words, date);
                html.leaf("li", &[("class", "day"), ("data-key", &key)], &said);
            }
            self.message(html, message);
        }
        if glance.acting {
            let typing = say!(words, "demo-typing");
            html.open("li", &[("class", "typing"), ("data-key", "typing")]);
            html.leaf("span", &[("class", "unseen")], &typing);
            html.html("<i></i><i></i><i></i>");
            html.close("li");
        }
        html.close("ol");
    }
}
