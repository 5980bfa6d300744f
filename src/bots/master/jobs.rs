//! The queue in an operator's hands: what is in it, and what to do with what was given up.

use super::{Button, Desk};
use crate::actions::drop_task::{drop_task, retry_all_tasks};
use crate::actions::retry_task::{RetryTaskError, retry_task};
use crate::bots::BotError;
use crate::bots::reply::{button, grid};
use crate::deps::Deps;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::store::queue::{self, JobRecord, JobState};
use crate::store::{Read, StoreError, clients};
use crate::texts::Words;
use crate::texts::master::{self as texts, JobView, QueueView};
use crate::texts::words::say;

/// How many tasks are shown at once.
const SHOWN: usize = 8;
/// More than this are not looked through.
const MANY: usize = 1000;

/// Counts the tasks.
pub(super) async fn look(deps: &Deps) -> Result<QueueView, StoreError> {
    let now = deps.clock.now();
    let overview = deps.store.scan(move |snap| queue::overview(snap, now)).await?;
    // What comes round by the clock is nobody's task, until it was given up.
    let mut view = QueueView { dead: overview.total.dead, ..QueueView::default() };
    for (_, counts) in overview.by_kind.iter().filter(|(kind, _)| !Job::is_of_timetable(kind)) {
        view.queued += counts.queued;
        view.waiting += counts.waiting;
        view.running += counts.running;
    }
    Ok(view)
}

/// Shows how many tasks are in which state.
pub(super) async fn overview(desk: Desk) -> Result<(), BotError> {
    let (words, view) = (desk.words(), look(&desk.deps).await?);
    let row = |count: u64, label: String, state| {
        (count > 0).then(|| vec![button(label, Button::Jobs(state))])
    };
    let rows = [
        row(view.dead, say!(words, "master-button-jobs-dead", count = view.dead), JobState::Dead),
        row(
            view.running,
            say!(words, "master-button-jobs-running", count = view.running),
            JobState::Running,
        ),
        row(
            view.queued,
            say!(words, "master-button-jobs-queued", count = view.queued),
            JobState::Queued,
        ),
        row(
            view.waiting,
            say!(words, "master-button-jobs-waiting", count = view.waiting),
            JobState::Waiting,
        ),
    ];
    desk.reply.show(texts::queue(words, view), grid(rows.into_iter().flatten())).await
}

/// Shows the tasks in a state; those that were given up can be tried again, or dropped.
pub(super) async fn list(desk: Desk, state: JobState) -> Result<(), BotError> {
    show(&desk, state, None).await
}

async fn show(desk: &Desk, state: JobState, done: Option<String>) -> Result<(), BotError> {
    let (words, now) = (desk.words(), desk.now());
    let (views, more) = desk
        .deps
        .store
        .scan(move |snap| {
            let mut found = queue::in_state(snap, state, MANY, now)?;
            if state != JobState::Dead {
                found.retain(|job| !Job::is_of_timetable(&job.kind));
            }
            let more = found.len().saturating_sub(SHOWN) as u64;
            found.truncate(SHOWN);
            let views = found.into_iter().map(|job| view(snap, job));
            Ok::<_, StoreError>((views.collect::<Result<Vec<_>, _>>()?, more))
        })
        .await?;
    let text = texts::jobs(words, &heading(words, state), &views, more, desk.zone());
    let text = done.map_or_else(|| text.clone(), |done| format!("{done}\n\n{text}"));
    let dead: Vec<_> = views.iter().filter(|_| state == JobState::Dead).map(|it| it.id).collect();
    let rows = dead.iter().map(|id| {
        let name = id.to_string();
        let retry = say!(words, "master-button-retry", job = name.as_str());
        let forget = say!(words, "master-button-drop", job = name.as_str());
        vec![button(retry, Button::Retry(*id)), button(forget, Button::Drop(*id))]
    });
    let all = (dead.len() > 1)
        .then(|| vec![button(say!(words, "master-button-retry-all"), Button::RetryAll)]);
    let back = vec![button(say!(words, "master-button-to-queue"), Button::Queue)];
    desk.reply.show(text, grid(rows.chain(all).chain([back]))).await
}

fn view(txn: &impl Read, job: JobRecord) -> Result<JobView, StoreError> {
    let client = job.client.map(|id| clients::get(txn, id)).transpose()?.flatten();
    Ok(JobView {
        id: job.id,
        company: client.map(|client| client.company.to_string()),
        attempts: (job.attempts, job.max_attempts),
        created_at: job.created_at,
        next_at: (job.state == JobState::Waiting).then_some(job.run_at),
        error: job.error,
        kind: job.kind,
    })
}

fn heading(words: Words, state: JobState) -> String {
    match state {
        JobState::Dead | JobState::Done => say!(words, "master-jobs-dead"),
        JobState::Waiting => say!(words, "master-jobs-waiting"),
        JobState::Running => say!(words, "master-jobs-running"),
        JobState::Queued => say!(words, "master-jobs-queued"),
    }
}

/// Tries a task again that was given up.
pub(super) async fn retry(desk: Desk, id: JobId) -> Result<(), BotError> {
    let words = desk.words();
    let done = match retry_task(&desk.deps, desk.cause(), id, desk.actor()).await {
        Ok(task) => say!(words, "master-job-retried", job = task.id.to_string()),
        Err(RetryTaskError::UnknownTask | RetryTaskError::NotDead) => {
            say!(words, "master-job-gone")
        }
        Err(RetryTaskError::Store(err)) => return Err(err.into()),
        Err(err @ RetryTaskError::KeyReused(_)) => return Err(BotError::action(err)),
    };
    show(&desk, JobState::Dead, Some(done)).await
}

/// Tries all tasks again that were given up.
pub(super) async fn retry_all(desk: Desk) -> Result<(), BotError> {
    let count = retry_all_tasks(&desk.deps, desk.actor()).await?;
    let done = say!(desk.words(), "master-jobs-retried", count = count);
    show(&desk, JobState::Dead, Some(done)).await
}

/// Forgets a task that was given up.
pub(super) async fn drop_one(desk: Desk, id: JobId) -> Result<(), BotError> {
    let words = desk.words();
    let done = if drop_task(&desk.deps, id, desk.actor()).await? {
        say!(words, "master-job-dropped", job = id.to_string())
    } else {
        say!(words, "master-job-gone")
    };
    show(&desk, JobState::Dead, Some(done)).await
}
