//! Server-sent events: the parts of the page that have changed, and passing words.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use serde::Serialize;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::stage::{Passing, Stage};
use super::view;
use crate::texts::Words;

/// How long changes are gathered, so that a burst of them is one repaint.
const GATHER: Duration = Duration::from_millis(50);

/// A window's line: what it was sent, so that only what differs is sent again.
struct Line {
    stage: Stage,
    words: Words,
    sent: HashMap<&'static str, String>,
    ready: Vec<Event>,
    news: watch::Receiver<u64>,
    passing: broadcast::Receiver<Passing>,
    stop: CancellationToken,
}

/// One part of the page.
#[derive(Serialize)]
struct Patch<'a> {
    id: &'a str,
    html: &'a str,
}

#[derive(Serialize)]
struct Toast<'a> {
    phone: &'a str,
    bot: &'a str,
    text: Option<&'a str>,
    alert: bool,
}

/// Sends everything at first, and then what changes, until `stop`.
pub(super) fn stream(
    stage: Stage,
    words: Words,
    stop: CancellationToken,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (mut news, passing) = (stage.news(), stage.passing());
    news.mark_changed();
    let (sent, ready) = (HashMap::new(), Vec::new());
    let line = Line { stage, words, sent, ready, news, passing, stop };
    let events = futures::stream::unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok(event), line))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

impl Line {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                passing = self.passing.recv() => match passing {
                    Ok(passing) => return toast(&passing),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                changed = self.news.changed() => {
                    changed.ok()?;
                    tokio::time::sleep(GATHER).await;
                    self.news.mark_unchanged();
                    self.repaint();
                }
            }
        }
    }

    fn repaint(&mut self) {
        let scene = self.stage.scene(self.words);
        for (id, html) in view::parts(&scene) {
            if self.sent.get(id) != Some(&html) {
                let patch = Event::default().event("patch").json_data(Patch { id, html: &html });
                self.ready.extend(patch.ok());
                self.sent.insert(id, html);
            }
        }
        self.ready.reverse(); // They are taken from the end.
    }
}

fn toast(passing: &Passing) -> Option<Event> {
    let toast = Toast {
        phone: passing.role.key(),
        bot: &passing.bot,
        text: passing.text.as_deref(),
        alert: passing.alert,
    };
    Event::default().event("toast").json_data(toast).ok()
}
