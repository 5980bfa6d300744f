//! A chat at a glance: all that a person sees of it at one moment.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::bot::Bot;
use super::chat::{Chat, NoSuchButton};
use super::message::{ChatMessage, Message};
use super::person::PersonId;
use super::world::Talk;

/// How long Telegram shows that a bot is about to answer.
const ACTING: Duration = Duration::from_secs(5);

/// Whose chat it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatName {
    /// The bot's username.
    pub bot: String,
    /// The person's id.
    pub person: i64,
    /// The person's name.
    pub name: String,
}

/// A command that a bot offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotCommand {
    /// Without its slash.
    pub name: String,
    /// What it does.
    pub what: String,
}

/// What a person sees of a chat.
#[derive(Clone, Debug, Default)]
pub struct Glance {
    /// What the bot is called.
    pub name: String,
    /// What the bot says about itself before the first message.
    pub about: String,
    /// The commands that it offers in this chat.
    pub commands: Vec<BotCommand>,
    /// All messages as they are now, deleted ones included.
    pub messages: Vec<ChatMessage>,
    /// The buttons in place of the person's own keyboard.
    pub keyboard: Vec<Vec<String>>,
    /// The person's messages that the bot has not taken yet.
    pub untaken: BTreeSet<i64>,
    /// Whether the person has ever written.
    pub started: bool,
    /// Whether the person has blocked the bot.
    pub blocked: bool,
    /// Whether the bot shows that it is about to answer.
    pub acting: bool,
}

impl Chat {
    /// Returns all that the person sees at this moment.
    pub fn glance(&self) -> Glance {
        let (world, key) = (self.sim().world(), self.key());
        let Some(bot) = world.bots.get(&key.bot) else { return Glance::default() };
        let Some(talk) = world.chat(key) else { return Glance::default() };
        let rows = talk.keyboard.iter().flat_map(|keyboard| &keyboard.rows);
        let acting = talk.acting.is_some_and(|at| at.elapsed() < ACTING);
        Glance {
            name: bot.name.clone(),
            about: about(bot),
            commands: commands(bot, key.person),
            messages: talk.messages.values().map(Message::seen).collect(),
            keyboard: rows.map(|row| row.iter().map(|it| it.text.clone()).collect()).collect(),
            untaken: untaken(bot, key.person),
            started: talk.started,
            blocked: talk.blocked,
            acting,
        }
    }

    /// Presses the button below a certain message that carries `data`.
    ///
    /// # Errors
    ///
    /// Returns [`NoSuchButton`], and nothing is pressed.
    pub fn press_below(&self, message: i64, data: &str) -> Result<(), NoSuchButton> {
        let found = self.sim().world().chat(self.key()).and_then(|talk| below(talk, message, data));
        let button = found.ok_or_else(|| self.no_button(data))?;
        let fault = self.sim().faults().strike_update();
        self.sim().world().press(self.key(), message, button, fault);
        Ok(())
    }
}

fn below(talk: &Talk, message: i64, data: &str) -> Option<super::Button> {
    let message = talk.messages.get(&message).filter(|message| !message.deleted)?;
    let mut buttons = message.inline.rows.iter().flatten();
    buttons.find(|button| button.data.as_deref() == Some(data)).cloned()
}

fn about(bot: &Bot) -> String {
    bot.profile.texts.get(&("description", String::new())).cloned().unwrap_or_default()
}

/// Telegram asks the narrowest scope first and takes the first list that was set.
fn commands(bot: &Bot, person: PersonId) -> Vec<BotCommand> {
    let of_chat = json!({"type": "chat", "chat_id": person.0}).to_string();
    let private = json!({"type": "all_private_chats"}).to_string();
    let scopes = [of_chat, private, String::new()];
    let set = scopes.into_iter().find_map(|scope| {
        ["ru", ""]
            .into_iter()
            .find_map(|language| bot.profile.commands.get(&(scope.clone(), language.to_owned())))
    });
    let list = set.and_then(Value::as_array);
    list.into_iter().flatten().map(command).collect()
}

fn command(json: &Value) -> BotCommand {
    let text = |field: &str| json[field].as_str().unwrap_or_default().to_owned();
    BotCommand {
        name: text("command").trim_start_matches('/').to_owned(),
        what: text("description"),
    }
}

fn untaken(bot: &Bot, person: PersonId) -> BTreeSet<i64> {
    bot.queue.of(person).filter_map(|update| update["message"]["message_id"].as_i64()).collect()
}
