//! What every handler works with: a buyer, the chat, and the business.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use teloxide::types::InlineKeyboardMarkup;

use super::Step;
use super::button::Button;
use crate::actions::cause::Cause;
use crate::actions::create_order::has_room;
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column};
use crate::bots::talk::{self, Talk, Toast};
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::order::BOTS_PER_OWNER;
use crate::domain::plan::{Plan, PlanId};
use crate::store::clients;
use crate::texts::Words;
use crate::texts::sales as texts;
use crate::texts::words::say;

/// A buyer at the counter.
#[derive(Clone)]
pub(super) struct Counter {
    pub(super) reply: Reply,
    pub(super) deps: Deps,
    pub(super) talk: Talk<Step>,
    pub(super) toast: Toast,
    update: talk::Cause,
}

impl Counter {
    pub(super) const fn new(
        reply: Reply,
        deps: Deps,
        talk: Talk<Step>,
        toast: Toast,
        update: talk::Cause,
    ) -> Self {
        Self { reply, deps, talk, toast, update }
    }

    pub(super) fn words(&self) -> Words {
        self.deps.words()
    }

    pub(super) const fn person(&self) -> UserId {
        self.reply.person()
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

    /// Names the update, so that what it causes happens once.
    pub(super) fn cause(&self) -> Cause {
        Cause::new(self.update.to_string())
    }

    /// Tells whether the shop gives receipts, so that buyers are asked for an address.
    pub(super) fn gives_receipts(&self) -> bool {
        self.deps.config.yookassa.receipt.is_some()
    }

    /// Says `words`.
    pub(super) async fn say(&self, words: impl Into<String>) -> Result<(), BotError> {
        self.reply.say(words).await
    }

    /// Answers a button that belongs to nothing any more.
    pub(super) fn stale(&self) {
        self.toast.say(say!(self.words(), "sales-stale"));
    }

    /// Finds a client of this person's, or says that there is none.
    pub(super) async fn client(&self, id: ClientId) -> Result<Option<Client>, BotError> {
        let client = self.deps.store.read(|snap| clients::get(snap, id))?;
        let client = client.filter(|client| client.owner == self.person());
        if client.is_none() {
            self.say(say!(self.words(), "sales-not-yours")).await?;
        }
        Ok(client)
    }

    /// Finds a plan, or shows what is sold instead.
    pub(super) async fn plan(
        &self,
        id: &PlanId,
        choose: impl Fn(&Plan) -> Button,
    ) -> Result<Option<Plan>, BotError> {
        let plan = self.deps.config.plans.get(id).cloned();
        if plan.is_none() {
            let words = say!(self.words(), "sales-plan-gone");
            self.reply.show(words, self.plans(choose)).await?;
        }
        Ok(plan)
    }

    /// Tells whether the person may have one more bot; says so if not.
    pub(super) async fn has_room(&self) -> Result<bool, BotError> {
        let has_room = self.deps.store.read(|snap| has_room(snap, self.person()))?;
        if !has_room {
            self.say(say!(self.words(), "sales-too-many-bots", count = BOTS_PER_OWNER)).await?;
        }
        Ok(has_room)
    }

    /// Makes a button for each plan.
    pub(super) fn plans(&self, choose: impl Fn(&Plan) -> Button) -> InlineKeyboardMarkup {
        let plans = self.deps.config.plans.plans().iter();
        column(plans.map(|plan| button(texts::plan_button(self.words(), plan), choose(plan))))
    }

    /// Puts a token that somebody has sent out of sight, and says so.
    pub(super) async fn hide_token(&self) -> Result<(), BotError> {
        let words = self.words();
        let hidden = self.reply.forget_message().await;
        self.say(if hidden {
            say!(words, "sales-token-deleted")
        } else {
            say!(words, "sales-delete-token")
        })
        .await
    }
}

/// Returns what a plan's button does where a new bot is bought.
pub(super) fn buy(plan: &Plan) -> Button {
    Button::Buy(plan.id.clone())
}
