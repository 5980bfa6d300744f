//! Clients, and who has which bot.

use serde::{Deserialize, Serialize};

use super::rows::{ProblemRow, RuntimeRow, instant, valid};
use super::subscriptions::SubscriptionRow;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::client::{Bot, Client};
use crate::domain::ids::{BotId, ClientId, UserId};

mod search;

pub use self::search::{Needle, search};

const TABLE: &str = "clients";

/// A client as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 {
        company: String,
        owner: i64,
        bot: i64,
        bot_username: String,
        plan: Option<String>,
        subscription: SubscriptionRow,
        runtime: RuntimeRow,
        problem: Option<ProblemRow>,
        created_at: i64,
    },
}

impl From<&Client> for Row {
    fn from(client: &Client) -> Self {
        Self::V1 {
            company: client.company.as_str().to_owned(),
            owner: client.owner.get(),
            bot: client.bot.id.0,
            bot_username: client.bot.username.as_str().to_owned(),
            plan: client.plan.as_ref().map(|plan| plan.as_str().to_owned()),
            subscription: client.subscription.into(),
            runtime: client.runtime.into(),
            problem: client.problem.map(Into::into),
            created_at: client.created_at.as_millisecond(),
        }
    }
}

impl Row {
    fn parse(self, id: u128) -> Result<Client, StoreError> {
        let Self::V1 {
            company,
            owner,
            bot,
            bot_username,
            plan,
            subscription,
            runtime,
            problem,
            created_at,
        } = self;
        let plan = plan.map(|plan| valid(TABLE, plan.parse())).transpose()?;
        Ok(Client {
            id: ClientId::from_bits(id),
            company: valid(TABLE, company.parse())?,
            owner: valid(TABLE, UserId::new(owner))?,
            bot: Bot { id: BotId(bot), username: valid(TABLE, bot_username.parse())? },
            plan,
            subscription: subscription.parse(TABLE)?,
            runtime: runtime.into(),
            problem: problem.map(Into::into),
            created_at: instant(TABLE, created_at)?,
        })
    }
}

/// Returns the client with this id.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, id: ClientId) -> Result<Option<Client>, StoreError> {
    let row = txn.clients().get_row::<Row>(id.bits())?;
    row.map(|row| row.parse(id.bits())).transpose()
}

/// Returns the client that has this bot.
///
/// # Errors
///
/// As [`get`].
pub fn by_bot(txn: &impl Read, bot: BotId) -> Result<Option<ClientId>, StoreError> {
    Ok(txn.clients_by_bot().get(bot.0)?.map(ClientId::from_bits))
}

/// Returns the clients of one owner, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn by_owner(txn: &impl Read, owner: UserId) -> Result<Vec<Client>, StoreError> {
    let owner = owner.get();
    let mut found = Vec::new();
    for entry in txn.clients_by_owner().range((owner, 0)..=(owner, u128::MAX)) {
        let ((_, id), ()) = entry?;
        found.extend(get(txn, ClientId::from_bits(id))?);
    }
    Ok(found)
}

/// Returns up to `limit` clients made before `before`, newest first.
///
/// # Errors
///
/// As [`get`].
pub fn list(
    txn: &impl Read,
    before: Option<ClientId>,
    limit: usize,
) -> Result<Vec<Client>, StoreError> {
    list_where(txn, before, limit, |_| true)
}

/// As [`list`], of the clients that are `wanted`. Reads each client until there are enough.
///
/// # Errors
///
/// As [`get`].
pub fn list_where(
    txn: &impl Read,
    before: Option<ClientId>,
    limit: usize,
    wanted: impl Fn(&Client) -> bool,
) -> Result<Vec<Client>, StoreError> {
    let found = walk(txn, before);
    found.filter(|client| client.as_ref().map_or(true, &wanted)).take(limit).collect()
}

/// Walks the clients made before `before`, newest first.
pub fn walk(
    txn: &impl Read,
    before: Option<ClientId>,
) -> impl Iterator<Item = Result<Client, StoreError>> {
    let end = before.map_or(u128::MAX, ClientId::bits);
    txn.clients().rows_back::<Row>(..end).map(|entry| entry.and_then(|(id, row)| row.parse(id)))
}

/// Returns up to `limit` clients made after `after`, newest first: the page before that one.
///
/// # Errors
///
/// As [`get`].
pub fn list_newer(
    txn: &impl Read,
    after: ClientId,
    limit: usize,
) -> Result<Vec<Client>, StoreError> {
    let rows = txn.clients().rows::<Row>(after.bits().saturating_add(1)..).take(limit);
    let page: Result<Vec<_>, _> =
        rows.map(|entry| entry.and_then(|(id, row)| row.parse(id))).collect();
    let mut page = page?;
    page.reverse();
    Ok(page)
}

/// Returns how many clients there are.
///
/// # Errors
///
/// As [`get`].
pub fn count(txn: &impl Read) -> Result<u64, StoreError> {
    txn.clients().count()
}

/// Reads all clients, oldest first: for [`scan`](super::Store::scan).
///
/// # Errors
///
/// As [`get`].
pub fn each(txn: &impl Read, mut look: impl FnMut(&Client)) -> Result<(), StoreError> {
    for entry in txn.clients().rows::<Row>(..) {
        let (id, row) = entry?;
        look(&row.parse(id)?);
    }
    Ok(())
}

/// Writes a client, new or changed, and keeps the bot's and the owner's lists in step.
///
/// What has not changed is not written: most changes touch neither list.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, client: &Client) -> Result<(), StoreError> {
    let id = client.id.bits();
    let before = get(txn, client.id)?;
    let (bot, owner) = (client.bot.id.0, client.owner.get());
    let bot_before = before.as_ref().map(|it| it.bot.id.0);
    if bot_before != Some(bot) {
        if let Some(bot) = bot_before {
            txn.clients_by_bot().remove(bot)?;
        }
        txn.clients_by_bot().insert(bot, id)?;
    }
    let owner_before = before.map(|it| it.owner.get());
    if owner_before != Some(owner) {
        if let Some(owner) = owner_before {
            txn.clients_by_owner().remove((owner, id))?;
        }
        txn.clients_by_owner().insert((owner, id), ())?;
    }
    txn.clients().insert_row(id, &Row::from(client))?;
    Ok(())
}

/// Forgets a client; its bot may be brought again. Orders, payments and the audit log stay.
///
/// # Errors
///
/// As [`get`].
pub fn remove(txn: &Txn<'_>, client: &Client) -> Result<(), StoreError> {
    let id = client.id.bits();
    txn.clients().remove(id)?;
    if by_bot(txn, client.bot.id)? == Some(client.id) {
        txn.clients_by_bot().remove(client.bot.id.0)?;
    }
    txn.clients_by_owner().remove((client.owner.get(), id))?;
    Ok(())
}
