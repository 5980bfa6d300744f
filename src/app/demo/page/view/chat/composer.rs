//! What is below a chat: the line to type, the commands, the keyboard, and `BotFather`'s help.

use super::Place;
use crate::app::demo::page::view::html::Html;
use crate::texts::words::say;

impl Place<'_> {
    pub(super) fn composer(&self, html: &mut Html) {
        let words = self.scene.words;
        let glance = &self.shown.glance;
        html.open("div", &[("class", "below")]);
        if self.shown.asks_token() {
            self.bot_father(html);
        }
        if glance.blocked {
            let label = say!(words, "demo-unblock");
            self.only_button(html, "/block", "", &label);
        } else if glance.started {
            self.line(html);
            self.keyboard(html);
        } else {
            let label = say!(words, "demo-start");
            self.only_button(html, "/say", "/start", &label);
        }
        html.close("div");
    }

    /// One wide button in place of the line to type.
    fn only_button(&self, html: &mut Html, action: &str, text: &str, label: &str) {
        let id = format!("only-{}", self.id);
        html.open(
            "form",
            &[("method", "post"), ("action", action), ("class", "only"), ("id", &id)],
        );
        self.fields(html);
        html.hidden("text", text);
        html.leaf("button", &[("class", "start")], label);
        html.close("form");
    }

    fn line(&self, html: &mut Html) {
        let words = self.scene.words;
        let (id, input) = (format!("line-{}", self.id), format!("input-{}", self.id));
        html.open(
            "form",
            &[("method", "post"), ("action", "/say"), ("class", "line"), ("id", &id)],
        );
        self.fields(html);
        self.commands(html);
        let label = say!(words, "demo-write-to", bot = self.shown.title());
        let placeholder = say!(words, "demo-write");
        html.open(
            "input",
            &[
                ("id", &input),
                ("name", "text"),
                ("autocomplete", "off"),
                ("maxlength", "4096"),
                ("placeholder", &placeholder),
                ("aria-label", &label),
            ],
        );
        let send = say!(words, "demo-send");
        html.open("button", &[("class", "send"), ("aria-label", &send), ("title", &send)]);
        html.html(
            "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M3.4 20.4 21 12 3.4 3.6 3.4 10l11 2-11 2z\"/></svg>",
        );
        html.close("button");
        html.close("form");
    }

    fn commands(&self, html: &mut Html) {
        let glance = &self.shown.glance;
        if glance.commands.is_empty() {
            return;
        }
        let label = say!(self.scene.words, "demo-commands");
        let id = format!("commands-{}", self.id);
        html.open("details", &[("class", "commands"), ("id", &id)]);
        html.leaf("summary", &[("aria-label", &label), ("title", &label)], "/");
        html.open("div", &[]);
        for command in &glance.commands {
            let text = format!("/{}", command.name);
            let button = [("form", self.tap.as_str()), ("name", "text"), ("value", &text)];
            html.open("button", &button);
            html.leaf("b", &[], &text);
            html.leaf("span", &[], &command.what);
            html.close("button");
        }
        html.close("div");
        html.close("details");
    }

    fn keyboard(&self, html: &mut Html) {
        let keyboard = &self.shown.glance.keyboard;
        if keyboard.is_empty() {
            return;
        }
        let label = say!(self.scene.words, "demo-keyboard");
        html.open("div", &[("class", "keyboard"), ("role", "group"), ("aria-label", &label)]);
        for row in keyboard {
            html.open("div", &[]);
            for text in row {
                let button = [("form", self.tap.as_str()), ("name", "text"), ("value", text)];
                html.leaf("button", &button, text);
            }
            html.close("div");
        }
        html.close("div");
    }

    /// Offers to make a bot, as one would in the chat with `BotFather`.
    fn bot_father(&self, html: &mut Html) {
        let words = self.scene.words;
        let id = format!("botfather-{}", self.id);
        html.open(
            "form",
            &[("method", "post"), ("action", "/botfather"), ("class", "father"), ("id", &id)],
        );
        self.fields(html);
        html.open("p", &[]);
        html.leaf("b", &[], "BotFather");
        html.text(" ");
        html.leaf("span", &[], &say!(words, "demo-father"));
        html.close("p");
        let (name, username) = self.suggestion();
        for (field, label, value) in [
            ("name", say!(words, "demo-father-name"), name),
            ("username", say!(words, "demo-father-username"), username),
        ] {
            html.open("label", &[]);
            html.leaf("span", &[], &label);
            let input = format!("{field}-{}", self.id);
            html.open(
                "input",
                &[
                    ("id", &input),
                    ("name", field),
                    ("value", &value),
                    ("required", ""),
                    ("maxlength", "64"),
                    ("autocomplete", "off"),
                ],
            );
            html.close("label");
        }
        html.leaf("button", &[], &say!(words, "demo-father-make"));
        html.close("form");
    }

    /// Returns a name and a username that nobody has yet.
    fn suggestion(&self) -> (String, String) {
        let words = self.scene.words;
        let (name, base) = match self.scene.next_bot {
            0 => (say!(words, "demo-first-bot"), "olga_salon"),
            1 => (say!(words, "demo-second-bot"), "brows_studio"),
            2 => (say!(words, "demo-third-bot"), "smile_dental"),
            _ => (say!(words, "demo-other-bot"), "my_business"),
        };
        let number = match self.scene.next_bot {
            0..=2 => String::new(),
            more => format!("_{more}"),
        };
        (name, format!("{base}{number}_bot"))
    }
}
