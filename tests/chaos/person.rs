//! People as they are: they say it again when nobody answers.

use std::time::Duration;

use anyhow::bail;
use slotbox::sandbox::telegram::Chat;
use tokio::time::{Instant, sleep};

/// How long a person waits for an answer before they say it again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a person tries one step before they give up.
const TRIES: usize = 5;
/// How long a person waits for what was promised.
pub const LONG: Duration = Duration::from_secs(120);

/// A person at a chat.
#[derive(Clone)]
pub struct Person(pub Chat);

impl Person {
    /// Writes `text` until the answer contains `answer`.
    pub async fn say(&self, text: &str, answer: &str) -> anyhow::Result<()> {
        self.forget_what_was_said().await;
        for _ in 0..TRIES {
            self.0.send(text);
            if self.0.wait_for(answer, PATIENCE).await.is_ok() {
                return Ok(());
            }
        }
        bail!("nobody answers {text:?} with {answer:?}")
    }

    /// Presses `button` until the answer contains `answer`.
    pub async fn press(&self, button: &str, answer: &str) -> anyhow::Result<()> {
        self.forget_what_was_said().await;
        for attempt in 0..TRIES {
            // A button that is gone was pressed before: its answer is on the way.
            self.0.press(button).or_else(|err| if attempt == 0 { Err(err) } else { Ok(()) })?;
            if self.0.wait_for(answer, PATIENCE).await.is_ok() {
                return Ok(());
            }
        }
        bail!("nobody answers [{button}] with {answer:?}")
    }

    /// Counts what the bot has said with `needle` in it.
    pub fn heard(&self, needle: &str) -> usize {
        let messages = self.0.messages();
        messages.iter().filter(|it| it.from_bot && it.text.contains(needle)).count()
    }

    /// Waits until the bot has said `needle` at least `times`.
    pub async fn hears(&self, needle: &str, times: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + LONG;
        while self.heard(needle) < times {
            if Instant::now() > deadline {
                bail!("{needle:?} did not come {times} times:\n{}", self.0.transcript());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Returns the payments that links in the chat lead to, oldest first.
    pub fn links(&self) -> Vec<String> {
        let messages = self.0.messages();
        let buttons = messages.iter().flat_map(|message| message.buttons.iter().flatten());
        let urls = buttons.filter_map(|button| button.url.as_deref());
        let mut links: Vec<String> = Vec::new();
        for (_, payment) in urls.filter_map(|url| url.split_once("/checkout/")) {
            if !links.iter().any(|known| known == payment) {
                links.push(payment.to_owned());
            }
        }
        links
    }

    /// Acts until a link to a payment comes that is not among `known`.
    pub async fn link_beside(
        &self,
        known: &[String],
        act: impl Fn() -> anyhow::Result<()>,
    ) -> anyhow::Result<String> {
        for _ in 0..TRIES {
            act()?;
            let deadline = Instant::now() + PATIENCE * 2;
            while Instant::now() < deadline {
                if let Some(new) = self.links().into_iter().find(|link| !known.contains(link)) {
                    return Ok(new);
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
        bail!("no link to pay")
    }

    /// An answer to an earlier question is none to the next.
    async fn forget_what_was_said(&self) {
        while self.0.wait_for("", Duration::ZERO).await.is_ok() {}
    }
}
