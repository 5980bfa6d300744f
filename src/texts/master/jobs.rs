//! What the Master Bot says of the queue and of a deploy on its way.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::with_lines;
use crate::domain::client::Client;
use crate::domain::ids::JobId;
use crate::texts::notices::Message;
use crate::texts::words::{Words, say};

/// The queue as an operator sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueView {
    /// Tasks that can run now.
    pub queued: u64,
    /// Tasks that wait for their time or for another try.
    pub waiting: u64,
    /// Tasks that run.
    pub running: u64,
    /// Tasks that were given up.
    pub dead: u64,
}

/// One task as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// Its kind, as programs name it.
    pub kind: String,
    /// The business that it is for.
    pub company: Option<String>,
    /// How often it was tried, and how often it may be.
    pub attempts: (u16, u16),
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it is tried next; none if it is not.
    pub next_at: Option<Timestamp>,
    /// Why it failed last.
    pub error: Option<String>,
}

/// How far a deploy has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its turn.
    Queued {
        /// The task.
        job: JobId,
    },
    /// The bot starts.
    Starting {
        /// Which try it is.
        attempt: u16,
        /// How many there may be.
        of: u16,
    },
    /// It failed and is tried again.
    WillRetry {
        /// Which try it was.
        attempt: u16,
        /// How many there may be.
        of: u16,
        /// Why it failed.
        error: String,
    },
    /// The bot answers.
    Running,
    /// It was given up.
    Failed {
        /// Why it failed last.
        error: String,
    },
}

/// Says how the queue is.
pub fn queue(words: Words, queue: QueueView) -> String {
    let text = say!(words, "master-queue-state", queued = queue.queued);
    let hint = if queue.queued + queue.running == 0 {
        say!(words, "master-queue-idle")
    } else {
        say!(words, "master-queue-busy")
    };
    format!("{}\n\n{hint}", with_lines(text, queue_lines(words, queue)))
}

/// Says what there is besides the tasks in line.
pub(super) fn queue_lines(words: Words, queue: QueueView) -> Vec<String> {
    let mut lines = Vec::new();
    if queue.running > 0 {
        lines.push(say!(words, "master-queue-running", running = queue.running));
    }
    if queue.waiting > 0 {
        lines.push(say!(words, "master-queue-waiting", waiting = queue.waiting));
    }
    if queue.dead > 0 {
        lines.push(say!(words, "master-queue-dead", dead = queue.dead));
    }
    lines
}

/// Lists tasks under a heading; `more` were left out.
pub fn jobs(words: Words, heading: &str, list: &[JobView], more: u64, zone: &TimeZone) -> String {
    if list.is_empty() {
        return format!("{heading}\n\n{}", say!(words, "master-jobs-none"));
    }
    let mut text = format!("{heading}\n");
    for job in list {
        text.push_str(&format!("\n{}", job_lines(words, job, zone)));
    }
    if more > 0 {
        text.push_str(&format!("\n{}", say!(words, "master-jobs-more", count = more)));
    }
    text
}

fn job_lines(words: Words, job: &JobView, zone: &TimeZone) -> String {
    let kind = say!(words, "master-job-kind", kind = job.kind.as_str());
    let id = job.id.to_string();
    let text = match &job.company {
        Some(company) => {
            let company = company.as_str();
            say!(words, "master-job-line-of", job = id, kind = kind, company = company)
        }
        None => say!(words, "master-job-line", job = id, kind = kind),
    };
    let (attempt, of) = job.attempts;
    let created = words.date_time(job.created_at, zone);
    let tried = say!(words, "master-job-attempts", attempt = attempt, of = of, created = created);
    let next = job.next_at.map(|at| say!(words, "master-job-next", at = words.date_time(at, zone)));
    let error =
        job.error.as_ref().map(|error| say!(words, "master-job-error", why = why(words, error)));
    with_lines(text, [tried].into_iter().chain(next).chain(error))
}

/// Says in plain words why a task failed, as far as its error is one that is known.
pub fn why(words: Words, error: &str) -> String {
    const KNOWN: [(&str, &str); 13] = [
        ("did not become healthy", "not-healthy"),
        ("process", "not-started"),
        ("no shop is set", "no-shop"),
        ("secret key is not accepted", "key-refused"),
        ("read from the provider", "no-provider"),
        ("provider did not answer", "no-provider"),
        ("told to wait", "no-telegram"),
        ("no answer:", "no-telegram"),
        ("telegram failed", "no-telegram"),
        ("token is not valid", "token"),
        ("too long", "too-long"),
        ("panicked", "panic"),
        ("ended while", "process-ended"),
    ];
    let known = KNOWN.iter().filter(|(part, _)| error.contains(part));
    // The cause says more than what it prevented, and stands last.
    let why = known.max_by_key(|(part, _)| error.rfind(part)).map_or("other", |(_, why)| *why);
    let error: String = error.chars().take(200).collect();
    say!(words, "master-why", why = why, error = error)
}

/// Shows how a client's deploy goes, with what may be pressed then.
pub fn progress(words: Words, client: &Client, stage: &Stage) -> Message {
    let none = (0, 0);
    let (name, (attempt, of), error) = match stage {
        Stage::Queued { .. } => ("queued", none, None),
        Stage::Starting { attempt, of } => ("starting", (*attempt, *of), None),
        Stage::WillRetry { attempt, of, error } => ("retry", (*attempt, *of), Some(error)),
        Stage::Running => ("running", none, None),
        Stage::Failed { error } => ("failed", none, Some(error)),
    };
    let job = if let Stage::Queued { job } = stage { job.to_string() } else { String::new() };
    let text = say!(
        words,
        "master-progress",
        company = client.company.as_str(),
        bot = client.bot.username.as_str(),
        stage = name,
        job = job,
        attempt = attempt,
        of = of,
    );
    let error = error.filter(|error| !error.is_empty());
    let why = error.map(|error| say!(words, "master-progress-why", why = why(words, error)));
    let message = Message::plain(with_lines(text, why));
    let again = say!(words, "master-button-again");
    let card = say!(words, "master-button-card");
    match stage {
        Stage::Failed { .. } => message.with(again, format!("restart:{}", client.id)),
        Stage::Queued { .. }
        | Stage::Starting { .. }
        | Stage::WillRetry { .. }
        | Stage::Running => message,
    }
    .with(card, format!("client:{}", client.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::locale::Locale;

    /// D-166: an operator reads what is wrong, not what the program calls it.
    #[test]
    fn a_known_failure_is_told_in_plain_words() {
        let told = |error| why(Words::new(Locale::Ru), error);
        let refused = "the payment cannot be read from the provider: the shop id or the secret key \
                       is not accepted";
        assert_eq!(told(refused), "ЮKassa не принимает ключ магазина");
        assert_eq!(told("a new thing { $x }"), "a new thing { $x }");
        let slow = "the bot did not become healthy within 60 s";
        assert!(told(slow).starts_with("бот не сообщил"), "{}", told(slow));
    }
}
