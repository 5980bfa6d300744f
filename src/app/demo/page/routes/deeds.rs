//! What can be done on the page. Each deed is a form; a script that sends it asks for no page in
//! return, and a browser without scripts is led back.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;

use super::Shared;
use crate::app::demo::page::people::Role;
use crate::app::demo::page::stage::Stage;
use crate::sandbox::telegram::Chat;

/// The header that the page's script sends.
const BY_SCRIPT: &str = "x-slotbox-page";
/// How long a text may be, as in Telegram.
const LONGEST_TEXT: usize = 4096;
/// How long the name of a bot may be, as in Telegram.
const LONGEST_NAME: usize = 64;

/// Which chat a form is about, and in which language the page is.
#[derive(Deserialize)]
pub(super) struct Where {
    phone: String,
    bot: String,
    #[serde(default)]
    lang: String,
}

impl Where {
    fn chat(&self, stage: &Stage) -> Option<(Role, Chat)> {
        let role = Role::of_key(&self.phone)?;
        Some((role, stage.people.chat(role, &self.bot)?))
    }

    fn back(&self) -> String {
        format!("/?lang={}&{}={}#phone-{}", self.lang, self.phone, self.bot, self.phone)
    }
}

/// How a deed ended.
enum Outcome {
    Done,
    Impossible(String),
}

fn answer(headers: &HeaderMap, back: &str, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Impossible(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
        Outcome::Done if headers.contains_key(BY_SCRIPT) => StatusCode::NO_CONTENT.into_response(),
        Outcome::Done => Redirect::to(back).into_response(),
    }
}

fn no_chat() -> Outcome {
    Outcome::Impossible("there is no such chat".to_owned())
}

#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(flatten)]
    at: Where,
    #[serde(default)]
    text: String,
}

/// `POST /say`: writes a text, or presses a button of the keyboard, which does the same.
pub(super) async fn say(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(said): Form<Said>,
) -> Response {
    let text: String = said.text.trim().chars().take(LONGEST_TEXT).collect();
    let outcome = match said.at.chat(&shared.stage) {
        None => no_chat(),
        Some(_) if text.is_empty() => Outcome::Done,
        Some((_, chat)) => {
            // A button of the keyboard may send the contact in place of its text.
            let on_keyboard = chat.keyboard().iter().flatten().any(|label| *label == text);
            if !on_keyboard || chat.press(&text).is_err() {
                chat.send(&text);
            }
            Outcome::Done
        }
    };
    answer(&headers, &said.at.back(), outcome)
}

#[derive(Deserialize)]
pub(super) struct Pressed {
    #[serde(flatten)]
    at: Where,
    /// The message's id, a colon and what the button carries.
    press: String,
}

/// `POST /press`: presses a button below a message.
pub(super) async fn press(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(pressed): Form<Pressed>,
) -> Response {
    let button = pressed.press.split_once(':');
    let button = button.and_then(|(message, data)| Some((message.parse().ok()?, data)));
    let outcome = match (pressed.at.chat(&shared.stage), button) {
        (None, _) => no_chat(),
        (Some((_, chat)), Some((message, data))) if chat.press_below(message, data).is_ok() => {
            Outcome::Done
        }
        (Some(_), _) => Outcome::Impossible("there is no such button".to_owned()),
    };
    answer(&headers, &pressed.at.back(), outcome)
}

#[derive(Deserialize)]
pub(super) struct Read {
    #[serde(flatten)]
    at: Where,
    message: String,
}

/// `POST /read`: the person has seen the chat up to this message.
pub(super) async fn read(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(read): Form<Read>,
) -> Response {
    if let (Some(role), Ok(message)) = (Role::of_key(&read.at.phone), read.message.parse()) {
        shared.stage.seen(role, &read.at.bot, message);
    }
    answer(&headers, &read.at.back(), Outcome::Done)
}

#[derive(Deserialize)]
pub(super) struct NewBot {
    #[serde(flatten)]
    at: Where,
    name: String,
    username: String,
}

/// `POST /botfather`: makes a bot in the simulated Telegram and sends its token to the chat.
pub(super) async fn new_bot(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(new): Form<NewBot>,
) -> Response {
    let name: String = new.name.trim().chars().take(LONGEST_NAME).collect();
    let username = new.username.trim().trim_start_matches('@');
    let outcome = match new.at.chat(&shared.stage) {
        None => no_chat(),
        Some(_) if name.is_empty() => Outcome::Impossible("give the bot a name".to_owned()),
        Some(_) if !is_username(username) => Outcome::Impossible(format!(
            "{username:?} is no name of a bot: 5 to 32 letters, digits and _, and it ends in bot"
        )),
        Some(_) if shared.stage.telegram.has_bot(username) => {
            Outcome::Impossible(format!("the name {username} is taken"))
        }
        Some((_, chat)) => {
            chat.send(&shared.stage.telegram.add_bot(&name, username));
            Outcome::Done
        }
    };
    answer(&headers, &new.at.back(), outcome)
}

/// Tells whether `BotFather` would take it.
fn is_username(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
    letters
        && begins
        && (5..=32).contains(&text.len())
        && text.to_ascii_lowercase().ends_with("bot")
}

/// `POST /block`: blocks the bot, or lets it in again.
pub(super) async fn block(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(at): Form<Where>,
) -> Response {
    let outcome = match at.chat(&shared.stage) {
        None => no_chat(),
        Some((_, chat)) => {
            if chat.glance().blocked {
                chat.unblock();
            } else {
                chat.block();
            }
            Outcome::Done
        }
    };
    answer(&headers, &at.back(), outcome)
}

#[derive(Deserialize)]
pub(super) struct Moved {
    /// `hour`, `day`, `month`, or `next` for the next reminder.
    by: String,
    #[serde(default)]
    lang: String,
}

/// `POST /clock`: moves the clock of everything forward.
pub(super) async fn clock(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(moved): Form<Moved>,
) -> Response {
    let stage = &shared.stage;
    let by = match moved.by.as_str() {
        "hour" => Some(SignedDuration::from_hours(1)),
        "day" => Some(SignedDuration::from_hours(24)),
        "month" => Some(SignedDuration::from_hours(30 * 24)),
        _ => stage.next().map(|next| next.at().duration_since(stage.clock.now())),
    };
    let outcome = match by.map(|by| stage.time.skip(by)) {
        Some(Ok(())) => Outcome::Done,
        Some(Err(err)) => Outcome::Impossible(err.to_string()),
        None => Outcome::Impossible("no reminder is due".to_owned()),
    };
    stage.changed();
    answer(&headers, &format!("/?lang={}", moved.lang), outcome)
}

#[derive(Deserialize)]
pub(super) struct Broken {
    /// What to break or to mend; a client is named as `kill:ID`.
    what: String,
    #[serde(default)]
    lang: String,
}

/// `POST /break`: breaks a part of the world, or mends it.
pub(super) async fn break_it(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(broken): Form<Broken>,
) -> Response {
    let stage = &shared.stage;
    let damage = &stage.damage;
    let outcome = match broken.what.split_once(':').unwrap_or((&broken.what, "")) {
        ("telegram", now) => done(|| damage.telegram(now == "off")),
        ("shop", now) => done(|| damage.shop(now == "off")),
        ("limits", now) => done(|| damage.strict(now == "strict")),
        ("notice", _) => done(|| damage.lose_a_notice()),
        ("kill", client) => match stage.processes.kill(client) {
            Ok(pid) => done(|| damage.killed(client, pid)),
            Err(err) => Outcome::Impossible(err.to_string()),
        },
        _ => Outcome::Impossible("there is nothing of that name to break".to_owned()),
    };
    stage.changed();
    answer(&headers, &format!("/?lang={}#world", broken.lang), outcome)
}

fn done(deed: impl FnOnce()) -> Outcome {
    deed();
    Outcome::Done
}
