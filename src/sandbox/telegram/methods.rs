//! The methods that answer at once, by family.

mod callback;
mod chats;
mod edit;
mod profile;
mod send;

use super::TelegramSim;
use super::answer::{Answer, Refusal};
use super::bot::{Bot, BotId};
use super::params::Params;
use super::person::PersonId;
use super::webhook;
use super::world::{ChatKey, World};

/// One call: who calls, with what, and the world that it changes.
struct Call<'a> {
    world: &'a mut World,
    bot: BotId,
    params: &'a Params,
}

/// Performs the method `name`, which is in lower case.
pub(super) fn perform(sim: &TelegramSim, bot: BotId, name: &str, params: &Params) -> Answer {
    let mut world = sim.world();
    let mut call = Call { world: &mut world, bot, params };
    let call = &mut call;
    match name {
        "getme" => profile::get_me(call),
        "logout" => profile::log_out(call),
        "close" => Ok(true.into()),
        "deletewebhook" => webhook::delete(call.world, bot, params),
        "getwebhookinfo" => webhook::info(call.world, bot),
        "sendmessage" => send::message(call),
        "sendphoto" => send::photo(call),
        "senddocument" => send::document(call),
        "sendlocation" => send::location(call),
        "sendcontact" => send::contact(call),
        "sendchataction" => send::action(call),
        "forwardmessage" => send::forward(call),
        "copymessage" => send::copy(call),
        "editmessagetext" => edit::text(call),
        "editmessagecaption" => edit::caption(call),
        "editmessagereplymarkup" => edit::markup(call),
        "deletemessage" => edit::delete(call),
        "deletemessages" => edit::delete_many(call),
        "answercallbackquery" => callback::answer(call),
        "getfile" => chats::file(call),
        "getchat" => chats::chat(call),
        "getchatmember" => chats::member(call),
        "pinchatmessage" => chats::pin(call),
        "unpinchatmessage" | "unpinallchatmessages" => chats::unpin(call),
        _ => profile::perform(call, name).unwrap_or_else(|| Err(Refusal::not_found())),
    }
}

impl Call<'_> {
    fn bot(&mut self) -> Result<&mut Bot, Refusal> {
        self.world.bots.get_mut(&self.bot).ok_or_else(Refusal::unauthorized)
    }

    /// Returns the chat that `field` names, if the person exists.
    fn chat(&self, field: &str) -> Result<ChatKey, Refusal> {
        if self.params.given(field).is_none() {
            return Err(Refusal::bad_request(format!("{field} is empty")));
        }
        let person = self.params.integer(field).map(PersonId);
        let person = person.filter(|person| self.world.account(*person).is_some());
        let person = person.ok_or_else(|| Refusal::bad_request("chat not found"))?;
        Ok(ChatKey { bot: self.bot, person })
    }

    /// Returns the chat of `chat_id`, if the bot may write there.
    fn open_chat(&self) -> Result<ChatKey, Refusal> {
        let key = self.chat("chat_id")?;
        if self.world.account(key.person).is_some_and(|account| account.deactivated) {
            return Err(Refusal::forbidden("user is deactivated"));
        }
        match self.world.chat(key) {
            Some(talk) if talk.blocked => Err(Refusal::forbidden("bot was blocked by the user")),
            Some(talk) if talk.started => Ok(key),
            _ => Err(Refusal::forbidden("bot can't initiate conversation with a user")),
        }
    }
}
