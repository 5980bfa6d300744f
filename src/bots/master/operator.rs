//! Who may use the Master Bot: the one place where that is decided.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::types::{Message, Update};

use crate::bots::BotError;
use crate::bots::reply::Reply;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::UserId;
use crate::texts::master as texts;

/// A person whom the settings name as an operator; only [`Operator::of`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator(UserId);

impl Operator {
    /// Returns the operator who wrote or pressed, if it was one.
    #[expect(clippy::needless_pass_by_value, reason = "dptree hands values over")]
    pub(super) fn of(reply: Reply, deps: Deps) -> Option<Self> {
        let person = reply.person();
        deps.config.telegram.operators.contains(&person).then_some(Self(person))
    }

    /// Returns who acts, for the audit log.
    pub(super) const fn actor(self) -> Actor {
        Actor::Operator(self.0)
    }
}

/// Returns the branch for everybody else: one answer to `/start`, and silence.
pub(super) fn refusal() -> UpdateHandler<BotError> {
    Update::filter_message()
        .filter(|message: Message| message.text().is_some_and(|text| text.starts_with("/start")))
        .filter(|reply: Reply, deps: Deps| Operator::of(reply, deps).is_none())
        .endpoint(|reply: Reply| async move { reply.say(texts::DENIED).await })
}
