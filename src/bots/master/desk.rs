//! What every handler works with: an operator, the chat, and the business.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Operator, Step};
use crate::actions::cause::Cause;
use crate::bots::BotError;
use crate::bots::reply::Reply;
use crate::bots::talk::{self, Talk, Toast};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::store::clients;
use crate::texts::Words;
use crate::texts::words::say;

/// An operator at work. There is one only for a person whom [`Operator::of`] has let in.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) reply: Reply,
    pub(super) deps: Deps,
    pub(super) talk: Talk<Step>,
    pub(super) toast: Toast,
    pub(super) operator: Operator,
    pub(super) update: talk::Cause,
}

impl Desk {
    pub(super) const fn new(
        reply: Reply,
        deps: Deps,
        talk: Talk<Step>,
        toast: Toast,
        operator: Operator,
        update: talk::Cause,
    ) -> Self {
        Self { reply, deps, talk, toast, operator, update }
    }

    pub(super) fn words(&self) -> Words {
        self.deps.words()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.deps.config.server.timezone
    }

    /// Returns the present time, and where it is told.
    pub(super) fn at(&self) -> (Timestamp, &TimeZone) {
        (self.now(), self.zone())
    }

    /// Returns who acts, for the audit log.
    pub(super) const fn actor(&self) -> Actor {
        self.operator.actor()
    }

    /// Names the update, so that what it causes happens once.
    pub(super) fn cause(&self) -> Cause {
        Cause::new(self.update.to_string())
    }

    /// Says `words`.
    pub(super) async fn say(&self, words: impl Into<String>) -> Result<(), BotError> {
        self.reply.say(words).await
    }

    /// Finds a client, or says that there is none any more.
    pub(super) async fn client(&self, id: ClientId) -> Result<Option<Client>, BotError> {
        let client = self.deps.store.read(|snap| clients::get(snap, id))?;
        if client.is_none() {
            self.say(say!(self.words(), "master-client-gone")).await?;
        }
        Ok(client)
    }

    /// Answers a button that belongs to nothing any more.
    pub(super) fn stale(&self) {
        self.toast.say(say!(self.words(), "master-stale"));
    }

    /// Puts a token that somebody has sent out of sight, and says so.
    pub(super) async fn hide_token(&self) -> Result<(), BotError> {
        let words = self.words();
        let hidden = self.reply.forget_message().await;
        self.say(if hidden {
            say!(words, "master-token-deleted")
        } else {
            say!(words, "master-delete-token")
        })
        .await
    }
}
