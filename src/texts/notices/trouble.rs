//! What operators and owners are told of a client's bot that does not do as it should.

use std::path::Path;

use super::{Message, say_of};
use crate::domain::client::{BotProblem, Client};
use crate::domain::seed::SeedRefusal;
use crate::texts::master::last_that_fit;
use crate::texts::words::{Words, say};

/// How much of a notice the last lines of a bot may take.
const ROOM_FOR_HANDED_OVER: usize = 2500;

/// To an operator: the bot stays silent; what it wrote last stands below.
pub fn handed_over(words: Words, client: &Client, lines: &[String]) -> Message {
    let lines = last_that_fit(lines, ROOM_FOR_HANDED_OVER);
    let written = if lines.is_empty() { "none" } else { "some" };
    let text = say_of!(words, client, "notices-handed-over", written = written);
    let text = if lines.is_empty() { text } else { format!("{text}\n\n{lines}") };
    Message::plain(text)
        .with(say!(words, "notices-button-restart"), format!("restart:{}", client.id))
        .with(say!(words, "notices-button-output"), format!("output:{}", client.id))
}

/// To an operator: the bot cannot begin with the data that is held for it in `file`.
pub fn seed_refused(words: Words, client: &Client, why: SeedRefusal, file: &Path) -> Message {
    let why = match why {
        SeedRefusal::Damaged => "damaged",
        SeedRefusal::TooNew => "too-new",
        SeedRefusal::NoRoom => "no-room",
        SeedRefusal::Failed => "failed",
    };
    let file = file.display().to_string();
    Message::plain(say_of!(words, client, "notices-seed-refused", why = why, file = file))
}

/// To an operator: something keeps the bot from Telegram, or no longer does.
pub fn client_problem(words: Words, client: &Client) -> Message {
    let problem = match client.problem {
        Some(BotProblem::TokenRevoked) => "token-revoked",
        Some(BotProblem::Conflict) => "conflict",
        Some(BotProblem::OwnerUnreachable) => "owner-unreachable",
        None => "none",
    };
    Message::plain(say_of!(words, client, "notices-client-problem", problem = problem))
}

/// To an operator: another program had the bot's updates sent elsewhere; they are taken back.
pub fn diverted(words: Words, client: &Client) -> Message {
    Message::plain(say_of!(words, client, "notices-diverted"))
}

/// To the owner: another program had the bot's updates sent elsewhere, and what to do.
pub fn bot_diverted(words: Words, client: &Client) -> Message {
    let bot = client.bot.username.as_str();
    Message::plain(say!(words, "notices-bot-diverted", bot = bot))
        .with(say!(words, "notices-button-token"), format!("token:{}", client.id))
}

/// To the owner: something keeps the bot from Telegram, and what to do.
pub fn bot_problem(words: Words, client: &Client) -> Message {
    let bot = client.bot.username.as_str();
    let open = |message: Message| {
        message.with_link(say!(words, "notices-button-open-bot"), format!("https://t.me/{bot}"))
    };
    match client.problem {
        Some(BotProblem::TokenRevoked) => {
            Message::plain(say!(words, "notices-bot-token-revoked", bot = bot))
                .with(say!(words, "notices-button-token"), format!("token:{}", client.id))
        }
        Some(BotProblem::Conflict) => {
            Message::plain(say!(words, "notices-bot-conflict", bot = bot))
                .with(say!(words, "notices-button-token"), format!("token:{}", client.id))
        }
        Some(BotProblem::OwnerUnreachable) => {
            open(Message::plain(say!(words, "notices-bot-owner-unreachable", bot = bot)))
        }
        None => open(Message::plain(say!(words, "notices-bot-well", bot = bot))),
    }
}
