//! Report what keeps a client's bot from Telegram, that nothing does any more, or that another program
//! had it for a while.

use super::operators;
use super::watch::of_today;
use crate::deps::Deps;
use crate::domain::client::BotProblem;
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::store::{StoreError, clients, jobs};

/// Records the client's problem and has its owner and the operators told, in one transaction.
///
/// A problem that is on record already is not told again; that it is over is recorded silently.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn report_problem(
    deps: &Deps,
    id: ClientId,
    problem: Option<BotProblem>,
) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let config = deps.config.clone();
    let changed = deps
        .store
        .write::<_, StoreError>(move |txn| {
            let Some(mut client) = clients::get(txn, id)? else { return Ok(false) };
            if client.problem == problem {
                return Ok(false);
            }
            client.problem = problem;
            clients::put(txn, &client)?;
            if problem.is_some() {
                operators::tell(txn, now, &config, &Notice::ClientProblem(id))?;
                jobs::push(txn, now, &Job::Notify(client.owner, Notice::BotProblem(id)))?;
            }
            Ok(true)
        })
        .await?;
    if changed {
        tracing::warn!(
            event = "client.problem", client = %id, ?problem,
            "what keeps the bot from telegram has changed"
        );
    }
    Ok(())
}

/// Has the client's owner and the operators told that another program had the bot's updates sent
/// elsewhere, and that they are taken back; once a day.
///
/// # Errors
///
/// Returns [`StoreError`], and nobody was told.
pub async fn report_diversion(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let (config, key) = (deps.config.clone(), of_today(deps, now, &format!("diverted:{id}")));
    let write = deps.store.write(move |txn| {
        let Some(client) = clients::get(txn, id)? else { return Ok(()) };
        operators::tell_once(txn, now, &config, &key, &Notice::Diverted(id))?;
        let to_owner = Job::Notify(client.owner, Notice::BotDiverted(id));
        jobs::push_once(txn, now, &format!("{key}:owner"), &to_owner)?;
        Ok(())
    });
    write.await
}
