//! Lifecycle: move every subscription to the state that time has brought, and warn in time.

use super::life::{LiveError, Present, foresee, live};
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Event;
use crate::store::{Snapshot, StoreError, clients, idempotency};

/// How many clients one transaction looks at.
const PAGE: usize = 500;
/// The most old idempotency keys that one round forgets.
const FORGET_AT_ONCE: usize = 1000;

/// Moves all subscriptions on to `now`, each change with what follows from it in one transaction.
///
/// Safe to repeat: a change is made once, and a warning is given once for each threshold and each
/// end of time.
///
/// # Errors
///
/// Returns [`StoreError`] if the store fails; the next round goes on.
pub async fn lifecycle(deps: &Deps) -> Result<(), StoreError> {
    let now = deps.clock.now();
    deps.store.write(move |txn| idempotency::forget(txn, now, FORGET_AT_ONCE)).await?;
    let present = Present::new(now, &deps.config.billing);
    let mut before: Option<ClientId> = None;
    loop {
        let of_page = present.clone();
        let page = deps.store.scan(move |snap| look(snap, &of_page, before)).await?;
        before = page.last;
        if !page.due.is_empty() {
            move_on(deps, page.due, present.clone()).await?;
        }
        if before.is_none() {
            return Ok(());
        }
    }
}

/// Some clients that were looked at.
struct Page {
    /// Those for whom time has come.
    due: Vec<ClientId>,
    /// The last one that was looked at, if there may be more.
    last: Option<ClientId>,
}

fn look(
    snap: &Snapshot<'_>,
    present: &Present,
    before: Option<ClientId>,
) -> Result<Page, StoreError> {
    let clients = clients::list(snap, before, PAGE)?;
    let last = clients.last().filter(|_| clients.len() == PAGE).map(|client| client.id);
    let mut due = Vec::new();
    for client in clients {
        if is_due(snap, present, &client)? {
            due.push(client.id);
        }
    }
    Ok(Page { due, last })
}

fn is_due(snap: &Snapshot<'_>, present: &Present, client: &Client) -> Result<bool, StoreError> {
    match foresee(snap, present, client, Event::TimePasses) {
        Ok((told, turn)) => Ok(turn.after != Some(client.subscription) || turn.told != told),
        Err(LiveError::Refused(_)) => Ok(false),
        Err(LiveError::Store(err)) => Err(err),
    }
}

async fn move_on(deps: &Deps, due: Vec<ClientId>, present: Present) -> Result<(), StoreError> {
    let write = deps.store.write(move |txn| {
        let mut changed = Vec::new();
        for id in &due {
            let Some(client) = clients::get(txn, *id)? else { continue };
            let lived = match live(txn, &present, client, Event::TimePasses) {
                Ok(lived) => lived,
                Err(LiveError::Refused(_)) => continue,
                Err(LiveError::Store(err)) => return Err(err),
            };
            changed.extend(lived.changed.then_some((*id, lived.client.subscription.name())));
        }
        Ok::<_, StoreError>(changed)
    });
    for (client, state) in write.await? {
        tracing::info!(
            event = "subscription.changed", client = %client, state,
            "time has moved a subscription on"
        );
    }
    deps.changes.notify();
    Ok(())
}
