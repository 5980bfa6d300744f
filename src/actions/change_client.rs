//! Change what is on record of a client: its business's name, or its owner.

use super::suspend::LifeError;
use super::undo;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, CompanyName};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::undo::Act;
use crate::store::{audit, clients};

/// What is to be changed; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The business's new name.
    pub company: Option<CompanyName>,
    /// The new owner: pays from now on, and is the bot's first administrator.
    pub owner: Option<UserId>,
}

/// Changes a client; its bot hears of it at once.
///
/// Safe to repeat: what is so already is neither written nor audited.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn change_client(
    deps: &Deps,
    id: ClientId,
    change: Change,
    by: Actor,
) -> Result<Client, LifeError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let before = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
        let mut client = before.clone();
        client.company = change.company.clone().unwrap_or(client.company);
        client.owner = change.owner.unwrap_or(client.owner);
        if client != before {
            clients::put(txn, &client)?;
            undo::remember(txn, now, Act::Changed, &before, &client)?;
            let (actor, action) = (by.to_string(), "client.changed".to_owned());
            let detail = what_changed(&before, &client);
            audit::append(txn, &audit::Entry { at: now, actor, action, client: Some(id), detail })?;
        }
        Ok::<_, LifeError>((client != before, client))
    });
    let (changed, client) = write.await?;
    if changed {
        deps.changes.notify();
        tracing::info!(event = "client.changed", client = %id, "a client was changed");
    }
    Ok(client)
}

/// Tells which fields are others now; names stay out of the audit log.
fn what_changed(before: &Client, after: &Client) -> String {
    let mut told = Vec::new();
    if before.company != after.company {
        told.push("company_name".to_owned());
    }
    if before.owner != after.owner {
        told.push(format!("owner {} to {}", before.owner, after.owner));
    }
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::testing::Host;

    const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

    #[tokio::test]
    async fn a_change_is_made_told_and_audited_once() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        let id = host.add_client(1, 5001, TOKEN).await;
        let changes = deps.changes.watch();
        let owner = UserId::new(5002).unwrap();
        let change = Change { company: Some("Barber".parse().unwrap()), owner: Some(owner) };
        for _ in 0..2 {
            let client = change_client(deps, id, change.clone(), Actor::Api).await.unwrap();
            assert_eq!((client.company.as_str(), client.owner), ("Barber", owner));
        }
        assert!(changes.has_changed().unwrap());
        let by_owner = |owner| deps.store.read(|snap| clients::by_owner(snap, owner)).unwrap();
        assert!(by_owner(UserId::new(5001).unwrap()).is_empty());
        assert_eq!(by_owner(owner).len(), 1);
        let lines = deps.store.read(|snap| audit::list(snap, None, 9)).unwrap();
        let details: Vec<_> = lines.iter().map(|(_, line)| line.detail.as_str()).collect();
        assert_eq!(details, ["company_name, owner 5001 to 5002"]);
        let unknown = change_client(deps, ClientId::from_bits(9), change, Actor::Api).await;
        assert!(matches!(unknown, Err(LifeError::UnknownClient)), "{unknown:?}");
    }
}
