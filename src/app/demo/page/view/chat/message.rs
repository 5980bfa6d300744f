//! One message with the buttons below it.

use super::Place;
use crate::app::demo::page::view::html::Html;
use crate::app::demo::page::view::text;
use crate::sandbox::telegram::{Attachment, AttachmentKind, Button, ChatMessage};
use crate::texts::words::say;

impl Place<'_> {
    pub(super) fn message(&self, html: &mut Html, message: &ChatMessage) {
        let words = self.scene.words;
        let key = format!("m{}", message.id);
        if message.deleted {
            html.leaf(
                "li",
                &[("class", "trace"), ("data-key", &key)],
                &say!(words, "demo-deleted"),
            );
            return;
        }
        let class = if message.from_bot { "message bot" } else { "message own" };
        html.open("li", &[("class", class), ("data-key", &key)]);
        html.open("div", &[("class", "bubble")]);
        let who = if message.from_bot { self.shown.title() } else { &self.phone.name };
        html.leaf("span", &[("class", "unseen")], &format!("{who}: "));
        if let Some(file) = &message.attachment {
            self.file(html, message.id, file);
        }
        if !message.text.is_empty() {
            html.open("p", &[]);
            html.html(&text::with_links(&message.text, &self.tap));
            html.close("p");
        }
        self.foot(html, message);
        html.close("div");
        if !message.buttons.is_empty() {
            html.open("div", &[("class", "inline")]);
            for row in &message.buttons {
                html.open("div", &[]);
                for button in row {
                    self.button(html, message.id, button);
                }
                html.close("div");
            }
            html.close("div");
        }
        html.close("li");
    }

    /// When it was said, whether it was changed, and whether the bot has taken it.
    fn foot(&self, html: &mut Html, message: &ChatMessage) {
        let words = self.scene.words;
        html.open("span", &[("class", "foot")]);
        if message.edited {
            html.leaf("i", &[], &say!(words, "demo-edited"));
        }
        let instant = message.date.to_string();
        html.leaf("time", &[("datetime", &instant)], &text::hour(message.date, &self.scene.zone));
        if !message.from_bot {
            let (sign, meaning) = if self.shown.glance.untaken.contains(&message.id) {
                ("✓", say!(words, "demo-sent"))
            } else {
                ("✓✓", say!(words, "demo-taken"))
            };
            html.leaf("span", &[("class", "ticks"), ("title", &meaning)], sign);
        }
        html.close("span");
    }

    fn file(&self, html: &mut Html, message: i64, file: &Attachment) {
        let url = format!("/file/{}/{}/{message}", self.phone.role.key(), self.shown.bot);
        match file.kind {
            AttachmentKind::Photo => {
                html.open("img", &[("src", &url), ("alt", &file.name), ("loading", "lazy")]);
            }
            AttachmentKind::Document => {
                html.open("a", &[("class", "file"), ("href", &url), ("download", &file.name)]);
                html.leaf("span", &[("aria-hidden", "true")], "📄");
                html.leaf("b", &[], &file.name);
                html.close("a");
            }
        }
    }

    /// Returns the bot that a link leads to, if it is in this phone.
    fn bot_of(&self, url: &str) -> Option<&str> {
        let name = url.strip_prefix("https://t.me/")?.split('?').next()?;
        self.phone.chats.iter().map(|chat| chat.bot.as_str()).find(|bot| *bot == name)
    }

    fn button(&self, html: &mut Html, message: i64, button: &Button) {
        let words = self.scene.words;
        if let Some(url) = &button.url {
            if let Some(bot) = self.bot_of(url) {
                let key = self.phone.role.key();
                let lang = words.locale().code();
                let href = format!("?lang={lang}&{key}={bot}#phone-{key}");
                html.leaf("a", &[("href", &href), ("data-go", bot)], &button.text);
                return;
            }
            let own = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
            let href = if own { url.as_str() } else { "#" };
            let link = [("href", href), ("target", "_blank"), ("rel", "noopener")];
            html.open("a", &link);
            html.text(&button.text);
            html.leaf("span", &[("class", "out"), ("aria-hidden", "true")], "↗");
            html.close("a");
            return;
        }
        let value = format!("{message}:{}", button.data.as_deref().unwrap_or_default());
        let press = [("form", self.press.as_str()), ("name", "press"), ("value", &value)];
        html.leaf("button", &press, &button.text);
    }
}
