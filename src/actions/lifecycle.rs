//! Lifecycle: move every subscription to the state that time has brought, and warn in time.

use jiff::{SignedDuration, Timestamp};

use crate::config::Billing;
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::plan::Days;
use crate::domain::subscription::{Subscription, Terms};
use crate::store::{StoreError, Txn, clients, jobs};

/// How many clients one transaction looks at.
const PAGE: usize = 500;

/// Moves all subscriptions on to `now`, each change with its notice in one transaction.
///
/// Safe to repeat: a change is made once, and a warning is given once for each threshold and each
/// end of paid time.
///
/// # Errors
///
/// Returns [`StoreError`] if the store fails; the next round goes on.
pub async fn lifecycle(deps: &Deps) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let mut before: Option<ClientId> = None;
    loop {
        let page = deps.store.scan(move |snap| clients::list(snap, before, PAGE)).await?;
        before = page.last().map(|client| client.id);
        let full = page.len() == PAGE;
        let billing = deps.config.billing.clone();
        let due: Vec<ClientId> = page
            .into_iter()
            .filter(|client| is_due(client, now, &billing))
            .map(|client| client.id)
            .collect();
        if !due.is_empty() {
            move_on(deps, due, now).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

async fn move_on(deps: &Deps, due: Vec<ClientId>, now: Timestamp) -> Result<(), StoreError> {
    let billing = deps.config.billing.clone();
    let changed = deps
        .store
        .write(move |txn| {
            let mut changed = Vec::new();
            for id in &due {
                let Some(client) = clients::get(txn, *id)? else { continue };
                changed.extend(step(txn, client, now, &billing)?);
            }
            Ok::<_, StoreError>(changed)
        })
        .await?;
    for (client, state) in changed {
        tracing::info!(
            event = "subscription.changed", client = %client, state,
            "time has moved a subscription on"
        );
    }
    deps.changes.notify();
    Ok(())
}

/// Moves one client on and queues what its owner must hear.
fn step(
    txn: &Txn<'_>,
    mut client: Client,
    now: Timestamp,
    billing: &Billing,
) -> Result<Option<(ClientId, &'static str)>, StoreError> {
    let next = client.subscription.at(now, terms(billing));
    let notice = Job::Notify(client.owner, Notice::Subscription(client.id));
    if next == client.subscription {
        if let Some(key) = warning(&client, now, billing) {
            jobs::push_once(txn, now, &key, &notice)?;
        }
        return Ok(None);
    }
    client.subscription = next;
    clients::put(txn, &client)?;
    jobs::push(txn, now, &notice)?;
    Ok(Some((client.id, next.name())))
}

fn is_due(client: &Client, now: Timestamp, billing: &Billing) -> bool {
    client.subscription.at(now, terms(billing)) != client.subscription
        || warning(client, now, billing).is_some()
}

/// Names the warning that is due, if one is: the shortest threshold that the end is within.
fn warning(client: &Client, now: Timestamp, billing: &Billing) -> Option<String> {
    let until = match client.subscription {
        Subscription::Trial { until } => until,
        Subscription::Active { paid_until } => paid_until,
        Subscription::Grace { .. }
        | Subscription::Suspended { .. }
        | Subscription::Cancelled { .. }
        | Subscription::Archived { .. } => return None,
    };
    let left = until.duration_since(now);
    let days = billing.warn_days.iter().filter(|days| left <= days.length()).min()?;
    // Whoever bought less than the threshold knows.
    let granted = until.duration_since(client.created_at);
    (granted > days.length()).then(|| format!("warn:{}:{}:{days}", client.id, until.as_second()))
}

fn terms(billing: &Billing) -> Terms {
    Terms { grace: billing.grace_days.map_or(SignedDuration::ZERO, Days::length) }
}
