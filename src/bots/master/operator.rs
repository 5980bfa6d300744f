//! Who may use the Master Bot: the one place where that is decided.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::{Message, Update};

use crate::bots::BotError;
use crate::bots::reply::Reply;
use crate::bots::talk::Toast;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::UserId;
use crate::texts::Words;
use crate::texts::words::say;

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

/// Returns the branch for everybody else: an answer to `/start` and to a pressed button, and
/// silence.
pub(super) fn refusal() -> UpdateHandler<BotError> {
    let written = Update::filter_message()
        .filter(|message: Message| message.text().is_some_and(|text| text.starts_with("/start")))
        .endpoint(|reply: Reply, deps: Deps| async move {
            reply.say(denied(deps.words(), reply.person())).await
        });
    let pressed = Update::filter_callback_query().endpoint(
        |reply: Reply, deps: Deps, toast: Toast| async move {
            toast.say(denied(deps.words(), reply.person()));
            Ok(())
        },
    );
    dptree::filter(|reply: Reply, deps: Deps| Operator::of(reply, deps).is_none())
        .branch(written)
        .branch(pressed)
}

fn denied(words: Words, person: UserId) -> String {
    say!(words, "master-denied", person = person.to_string())
}
