//! The page in HTML. It is drawn here alone: the first page and every later change come from the
//! same functions, and so what people write is made harmless in one place.

mod chat;
mod guide;
mod html;
mod phone;
mod text;
mod world;

use super::people::Role;
use super::scene::Scene;
use crate::texts::words::say;
use html::Html;

const FRAME: &str = include_str!("page.html");

/// Returns each part of the page that changes by itself, under its id.
pub(super) fn parts(scene: &Scene) -> Vec<(&'static str, String)> {
    let mut parts = vec![
        ("clock", guide::clock(scene)),
        ("guide", guide::steps(scene)),
        ("people", phone::bar(scene)),
    ];
    for shown in &scene.people {
        parts.push((phone_id(shown.role), phone::phone(scene, shown, None)));
    }
    parts.push(("world", world::world(scene)));
    parts
}

/// Returns the whole page; `chosen` is the bot that each phone shows.
pub(super) fn page(scene: &Scene, chosen: &[Option<String>; 3]) -> String {
    let words = scene.words;
    let mut phones = String::new();
    for (shown, bot) in scene.people.iter().zip(chosen) {
        phones.push_str(&phone::phone(scene, shown, bot.as_deref()));
    }
    let (lang, other, name) = match words.locale().code() {
        "en" => ("en", "ru", "Русский"),
        _ => ("ru", "en", "English"),
    };
    let mut head = Html::new();
    head.open("a", &[("class", "language"), ("href", &format!("?lang={other}")), ("lang", other)]);
    head.text(name);
    head.close("a");
    let fill = [
        ("{lang}", lang.to_owned()),
        ("{title}", html::escaped(&say!(words, "demo-title"))),
        ("{tag}", html::escaped(&say!(words, "demo-tag"))),
        ("{lost}", html::escaped(&say!(words, "demo-lost"))),
        ("{ok}", html::escaped(&say!(words, "demo-ok"))),
        ("{language}", head.done()),
        ("{clock}", guide::clock(scene)),
        ("{guide}", guide::steps(scene)),
        ("{people}", phone::bar(scene)),
        ("{phones}", phones),
        ("{world}", world::world(scene)),
    ];
    filled(&fill)
}

/// Puts each value in its place; what people wrote is never looked at for places.
fn filled(values: &[(&str, String)]) -> String {
    let mut page = String::with_capacity(32 * 1024);
    let mut rest = FRAME;
    while let Some(start) = rest.find('{') {
        page.push_str(&rest[..start]);
        rest = &rest[start..];
        let found = values.iter().find(|(place, _)| rest.starts_with(place));
        let (length, value) = found.map_or((1, "{"), |(place, value)| (place.len(), value));
        page.push_str(value);
        rest = &rest[length..];
    }
    page.push_str(rest);
    page
}

const fn phone_id(role: Role) -> &'static str {
    match role {
        Role::Operator => "phone-operator",
        Role::Owner => "phone-owner",
        Role::Customer => "phone-customer",
    }
}
