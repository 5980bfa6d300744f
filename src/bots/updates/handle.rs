//! The handling half: one update, from the row that holds it to the commit that ends it.

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use teloxide::requests::{HasPayload, Requester};
use teloxide::types::{ChatId, Update, UpdateKind};

use super::Inner;
use super::lines::Ticket;
use crate::bots::BotError;
use crate::bots::talk::{Cause, Step, Talk, Toast};
use crate::external::telegram::TelegramError;
use crate::store::{StoreError, Txn, dialogues, updates};

/// How often an update is tried before it is given up.
const ATTEMPTS: u32 = 6;
/// How long one attempt may take.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// The longest that a chat waits because Telegram says so.
const LONGEST_REST: Duration = Duration::from_mins(5);

/// What becomes of a chat's first update.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is over.
    Done,
    /// It is tried again after this long.
    Again(Duration),
    /// It was given up.
    GivenUp,
}

impl Outcome {
    const fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again(_) => "tried_again",
            Self::GivenUp => "given_up",
        }
    }
}

/// One attempt to handle one update.
pub(super) struct Turn<S> {
    inner: Arc<Inner<S>>,
    ticket: Ticket,
}

impl<S: Step> Turn<S> {
    pub(super) const fn new(inner: Arc<Inner<S>>, ticket: Ticket) -> Self {
        Self { inner, ticket }
    }

    #[tracing::instrument(
        name = "update",
        skip_all,
        fields(bot = %self.inner.parts.bot, update = self.ticket.update),
    )]
    pub(super) async fn run(self) -> (Ticket, Outcome) {
        let began = tokio::time::Instant::now();
        let outcome = match self.attempt().await {
            Ok(()) => Outcome::Done,
            Err(err) => self.failed(&err).await,
        };
        self.inner.parts.meter.handled(outcome.name(), began.elapsed());
        (self.ticket, outcome)
    }

    async fn attempt(&self) -> Result<(), BotError> {
        let (bot, ticket) = (self.inner.parts.bot, self.ticket);
        let read = |snap: &crate::store::Snapshot<'_>| {
            Ok::<_, StoreError>((
                updates::get(snap, bot, ticket.update)?,
                known_step::<S>(dialogues::get(snap, bot, ticket.chat))?,
            ))
        };
        let (Some(kept), step) = self.inner.parts.store.read(read)? else { return Ok(()) };
        let json = self.inner.parts.cover().take_off(kept);
        let update = json.ok().and_then(|json| serde_json::from_slice::<Update>(&json).ok());
        let Some(update) = update else {
            tracing::warn!(event = "update.unreadable", "an update of unknown form is left out");
            return self.end(None).await;
        };
        let talk = Talk::new(step.clone());
        self.dispatch(update, step.clone(), &talk).await?;
        let reached = talk.get();
        self.end((reached != step).then_some(reached)).await
    }

    /// Hands the update to the tree, and answers the button that was pressed.
    async fn dispatch(&self, update: Update, step: S, talk: &Talk<S>) -> Result<(), BotError> {
        let pressed = match &update.kind {
            UpdateKind::CallbackQuery(query) => Some(query.id.clone()),
            UpdateKind::Error(_) => {
                tracing::warn!(
                    event = "update.unreadable",
                    "an update of unknown form is left out"
                );
                return Ok(());
            }
            _ => None,
        };
        let toast = Toast::default();
        let cause = Cause { bot: self.inner.parts.bot, update: self.ticket.update };
        let mut deps = self.inner.parts.deps.clone();
        deps.insert_container(teloxide::dptree::deps![
            update,
            step,
            talk.clone(),
            toast.clone(),
            cause
        ]);
        let handled = AssertUnwindSafe(self.inner.tree.dispatch(deps)).catch_unwind();
        let result = match tokio::time::timeout(TIME_LIMIT, handled).await {
            Ok(Ok(ControlFlow::Break(result))) => result,
            Ok(Ok(ControlFlow::Continue(_))) => Ok(()), // No flow wants it.
            Ok(Err(_)) => Err(BotError::Panicked),
            Err(_) => Err(BotError::Slow),
        };
        if let Some(query) = pressed {
            let mut answer = self.inner.parts.send.answer_callback_query(query);
            answer.payload_mut().text = toast.take();
            // It only stops the button's spinning, and fails for a press that is too old.
            let answer = answer.await.map_err(TelegramError::from);
            self.inner.parts.meter.asked("answerCallbackQuery", &answer);
        }
        match result {
            // The person has left: what was done stays done.
            Err(BotError::Telegram(TelegramError::Blocked | TelegramError::NotModified)) => Ok(()),
            other => other,
        }
    }

    /// Forgets the update and keeps the step that its conversation has reached, in one commit.
    async fn end(&self, reached: Option<S>) -> Result<(), BotError> {
        let (bot, ticket) = (self.inner.parts.bot, self.ticket);
        let end = move |txn: &Txn<'_>| -> Result<(), StoreError> {
            updates::remove(txn, bot, ticket.update)?;
            match &reached {
                Some(step) if *step == S::default() => dialogues::remove(txn, bot, ticket.chat),
                Some(step) => dialogues::put(txn, bot, ticket.chat, step),
                None => Ok(()),
            }
        };
        Ok(self.inner.parts.store.write(end).await?)
    }

    /// Decides whether to try again. The step stays what it was.
    async fn failed(&self, err: &BotError) -> Outcome {
        let attempt = self.ticket.tried + 1;
        if err.is_passing() && attempt < ATTEMPTS {
            tracing::warn!(event = "update.failed", attempt, "{err}; it is tried again");
            return Outcome::Again(rest(attempt, err));
        }
        tracing::error!(event = "update.given_up", attempt, "{err}");
        self.apologize().await;
        match self.end(None).await {
            Ok(()) => Outcome::GivenUp,
            Err(_) => Outcome::Again(LONGEST_REST), // The database is down: nothing else helps.
        }
    }

    /// Tells the person that it did not work: a chat's id is positive only if it is private.
    async fn apologize(&self) {
        let (chat, words) = (ChatId(self.ticket.chat), &self.inner.parts.apology);
        if chat.0 > 0 && !words.is_empty() {
            let said = self.inner.parts.send.send_message(chat, words).await;
            self.inner.parts.meter.asked("sendMessage", &said.map_err(TelegramError::from));
        }
    }
}

/// Takes a step that this version does not know for the beginning.
fn known_step<S: Step>(row: Result<Option<S>, StoreError>) -> Result<S, StoreError> {
    match row {
        Ok(step) => Ok(step.unwrap_or_default()),
        Err(StoreError::Corrupt { .. }) => {
            tracing::warn!(event = "dialogue.unknown", "a conversation of another version is over");
            Ok(S::default())
        }
        Err(err) => Err(err),
    }
}

/// Doubles from one second, or longer where Telegram says so.
fn rest(attempt: u32, err: &BotError) -> Duration {
    let doubled = Duration::from_secs(1 << (attempt - 1).min(8));
    match err {
        BotError::Telegram(TelegramError::RetryAfter(told)) => (*told).clamp(doubled, LONGEST_REST),
        _ => doubled,
    }
}
