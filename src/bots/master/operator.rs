//! Who may use the Master Bot: the one place where that is decided for an update.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::{Message, Update};

use crate::actions::operators::{Followed, follow_link, is_operator};
use crate::bots::BotError;
use crate::bots::reply::Reply;
use crate::bots::talk::Toast;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::UserId;
use crate::texts::Words;
use crate::texts::words::say;

/// A person whom the settings name as an operator, or who came by a link; only [`Operator::of`] makes
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator(UserId);

impl Operator {
    /// Returns the operator who wrote or pressed, if it was one.
    #[expect(clippy::needless_pass_by_value, reason = "dptree hands values over")]
    pub(super) fn of(reply: Reply, deps: Deps) -> Option<Self> {
        let person = reply.person();
        let known = is_operator(&deps, person).unwrap_or_else(|err| {
            let error = &err as &dyn std::error::Error;
            tracing::error!(event = "operator.unknown", error, "an operator cannot be looked up");
            false
        });
        known.then_some(Self(person))
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
        .endpoint(|reply: Reply, deps: Deps, message: Message| async move {
            let code = message.text().and_then(|text| text.strip_prefix("/start "));
            match code.map(str::trim).filter(|code| !code.is_empty()) {
                Some(code) => follow(&reply, &deps, code).await,
                None => reply.say(denied(deps.words(), reply.person())).await,
            }
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

/// Lets in who has followed the link for an operator, or says why not.
async fn follow(reply: &Reply, deps: &Deps, code: &str) -> Result<(), BotError> {
    let words = deps.words();
    let said = match follow_link(deps, reply.person(), code).await? {
        Followed::Welcome => say!(words, "master-link-welcome"),
        Followed::Expired => say!(words, "master-link-expired"),
        Followed::Used => say!(words, "master-link-used"),
        Followed::Unknown => say!(words, "master-link-unknown"),
        Followed::TooOften => say!(words, "master-link-too-often"),
    };
    reply.say(said).await
}

fn denied(words: Words, person: UserId) -> String {
    say!(words, "master-denied", person = person.to_string())
}
