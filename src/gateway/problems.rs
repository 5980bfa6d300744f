//! What keeps a client's bot from Telegram, as its calls show it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::domain::client::BotProblem;

/// A shorter conflict is a restart: the old process's last poll is still open.
const CONFLICT_AFTER: Duration = Duration::from_secs(8);
/// Two programs that take turns in polling both succeed now and then; so a conflict is over when a
/// poll has succeeded and none was refused for so long.
const CONFLICT_OVER: Duration = Duration::from_secs(20);

/// Watches the outcome of a bot's calls; whoever subscribes hears of each change once.
#[derive(Debug)]
pub(super) struct Problems {
    state: Mutex<State>,
    shown: watch::Sender<Option<BotProblem>>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    revoked: bool,
    conflict: Conflict,
    owner_unreachable: bool,
}

#[derive(Clone, Copy, Debug)]
enum Conflict {
    None,
    /// Polls are refused, and none has succeeded in between.
    Suspected {
        since: Instant,
    },
    Certain {
        last: Option<Instant>,
    },
}

impl Problems {
    /// Begins with what is on record, so that a restart repeats nothing.
    pub(super) fn known(problem: Option<BotProblem>) -> Self {
        let conflict = match problem {
            Some(BotProblem::Conflict) => Conflict::Certain { last: None },
            _ => Conflict::None,
        };
        let state = State {
            revoked: false, // The next call tells; without one, the record stands.
            conflict,
            owner_unreachable: problem == Some(BotProblem::OwnerUnreachable),
        };
        Self { state: Mutex::new(state), shown: watch::Sender::new(problem) }
    }

    /// Returns a receiver that wakes at every change.
    pub(super) fn subscribe(&self) -> watch::Receiver<Option<BotProblem>> {
        self.shown.subscribe()
    }

    /// Telegram does not know the token any more.
    pub(super) fn token_refused(&self) {
        self.change(|state| state.revoked = true);
    }

    /// Telegram knows the token.
    pub(super) fn token_accepted(&self) {
        self.change(|state| state.revoked = false);
    }

    /// The token on record is another one, of the same bot or of another: what was wrong with the
    /// one before says nothing of it.
    pub(super) fn token_replaced(&self, same_bot: bool) {
        self.change(|state| {
            let owner_unreachable = same_bot && state.owner_unreachable;
            *state = State { revoked: false, conflict: Conflict::None, owner_unreachable };
        });
    }

    /// A poll was refused because another program takes the bot's updates.
    pub(super) fn poll_refused(&self) {
        let now = Instant::now();
        self.change(|state| {
            state.conflict = match state.conflict {
                Conflict::None => Conflict::Suspected { since: now },
                Conflict::Suspected { since } if now - since < CONFLICT_AFTER => return,
                Conflict::Suspected { .. } | Conflict::Certain { .. } => {
                    Conflict::Certain { last: Some(now) }
                }
            }
        });
    }

    /// A poll was answered.
    pub(super) fn poll_answered(&self) {
        self.change(|state| {
            state.conflict = match state.conflict {
                Conflict::Certain { last: Some(last) } if last.elapsed() < CONFLICT_OVER => return,
                Conflict::Certain { .. } | Conflict::Suspected { .. } | Conflict::None => {
                    Conflict::None
                }
            }
        });
    }

    /// A message to the owner was refused because the owner has blocked the bot.
    pub(super) fn owner_refused(&self) {
        self.change(|state| state.owner_unreachable = true);
    }

    /// A message has reached the owner.
    pub(super) fn owner_reached(&self) {
        self.change(|state| state.owner_unreachable = false);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let problem = state.gravest();
        self.shown.send_if_modified(|shown| std::mem::replace(shown, problem) != problem);
    }
}

impl State {
    /// Names the problem that has to be mended first.
    const fn gravest(&self) -> Option<BotProblem> {
        if self.revoked {
            return Some(BotProblem::TokenRevoked);
        }
        match self.conflict {
            Conflict::Certain { .. } => Some(BotProblem::Conflict),
            Conflict::None | Conflict::Suspected { .. } if self.owner_unreachable => {
                Some(BotProblem::OwnerUnreachable)
            }
            Conflict::None | Conflict::Suspected { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn shown(problems: &Problems) -> Option<BotProblem> {
        *problems.subscribe().borrow()
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_conflict_is_a_restart() {
        let problems = Problems::known(None);
        problems.poll_refused();
        advance(CONFLICT_AFTER / 2).await;
        problems.poll_refused();
        problems.poll_answered();
        advance(CONFLICT_AFTER).await;
        problems.poll_refused();
        assert_eq!(shown(&problems), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lasting_conflict_is_shown_once_until_it_is_over() {
        let problems = Problems::known(None);
        let mut changes = problems.subscribe();
        for _ in 0..10 {
            problems.poll_refused();
            advance(CONFLICT_AFTER / 4).await;
        }
        assert_eq!(*changes.borrow_and_update(), Some(BotProblem::Conflict));
        for _ in 0..10 {
            problems.poll_answered(); // The two programs take turns.
            problems.poll_refused();
            advance(CONFLICT_OVER / 4).await;
        }
        assert!(!changes.has_changed().unwrap());
        advance(CONFLICT_OVER).await;
        problems.poll_answered();
        assert_eq!(*changes.borrow_and_update(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_gravest_problem_is_shown() {
        let problems = Problems::known(None);
        problems.owner_refused();
        assert_eq!(shown(&problems), Some(BotProblem::OwnerUnreachable));
        problems.token_refused();
        assert_eq!(shown(&problems), Some(BotProblem::TokenRevoked));
        problems.token_accepted();
        assert_eq!(shown(&problems), Some(BotProblem::OwnerUnreachable));
        problems.owner_reached();
        assert_eq!(shown(&problems), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_token_begins_without_the_problems_of_the_one_before() {
        let problems = Problems::known(None);
        problems.owner_refused();
        problems.token_refused();
        problems.token_replaced(true);
        assert_eq!(shown(&problems), Some(BotProblem::OwnerUnreachable));
        problems.token_refused();
        assert_eq!(shown(&problems), Some(BotProblem::TokenRevoked), "told again");
        problems.token_replaced(false);
        assert_eq!(shown(&problems), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_on_record_is_not_said_again() {
        let problems = Problems::known(Some(BotProblem::Conflict));
        let mut changes = problems.subscribe();
        problems.poll_refused();
        assert!(!changes.has_changed().unwrap());
        advance(CONFLICT_OVER).await;
        problems.poll_answered();
        assert_eq!(*changes.borrow_and_update(), None);
    }
}
