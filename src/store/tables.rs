//! The tables: all of them, in one place.
//!
//! One set serves `serve` and the clients; a table that a file does not use is not made in it.

use redb::ReadTransaction;

use super::StoreError;
use super::backup::copy_table;
use super::slot::{ReadSlot, WriteSlot};
use super::table::{Table, TableMut};
use super::txn::{Snapshot, Txn, Work};

/// Bytes of a [row](super::row).
type Bytes = &'static [u8];
/// Text in a key.
type Text = &'static str;

/// Declares the tables: their doc, name, key and value.
///
/// Makes [`Read`], with one function for each; the same functions on [`Txn`], which write too; and
/// [`copy_all`].
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $key:ty => $value:ty;)*) => {
        /// What both a [`Txn`] and a [`Snapshot`] can do.
        pub trait Read {
            $($(#[$doc])* fn $name(&self) -> Table<'_, $key, $value>;)*
        }

        pub(super) struct WriteTables<'t> {
            $($name: WriteSlot<'t, $key, $value>,)*
        }

        impl<'t> WriteTables<'t> {
            pub(super) fn new(work: &'t Work<'t>) -> Self {
                Self { $($name: WriteSlot::new(work, stringify!($name)),)* }
            }
        }

        impl Txn<'_> {
            $($(#[$doc])* pub fn $name(&self) -> TableMut<'_, $key, $value> {
                TableMut::new(&self.tables.$name, &self.tables.$name)
            })*
        }

        impl Read for Txn<'_> {
            $(fn $name(&self) -> Table<'_, $key, $value> {
                Table::new(&self.tables.$name)
            })*
        }

        pub(super) struct ReadTables<'t> {
            $($name: ReadSlot<'t, $key, $value>,)*
        }

        impl<'t> ReadTables<'t> {
            pub(super) fn new(raw: &'t ReadTransaction) -> Self {
                Self { $($name: ReadSlot::new(raw, stringify!($name)),)* }
            }
        }

        impl Read for Snapshot<'_> {
            $(fn $name(&self) -> Table<'_, $key, $value> {
                Table::new(&self.tables.$name)
            })*
        }

        /// Copies the rows of all tables.
        pub(super) fn copy_all(from: &Snapshot<'_>, to: &Txn<'_>) -> Result<(), StoreError> {
            $(copy_table(&from.$name(), &to.$name())?;)*
            Ok(())
        }
    };
}

tables! {
    /// Facts about the file itself, such as its schema version.
    meta: Text => u64;
    /// Which release last had the file.
    writers: Text => Bytes;

    /// Clients, by id.
    clients: u128 => Bytes;
    /// The client of each bot.
    clients_by_bot: i64 => u128;
    /// The clients of each owner.
    clients_by_owner: (i64, u128) => ();
    /// Trials that were granted: once for each owner (0) and each bot (1), and to which client.
    trials: (u8, i64) => u128;
    /// What each client's owner has been told of the time that is left.
    told: u128 => Bytes;
    /// Where each client's data lies.
    homes: u128 => Bytes;
    /// Sealed secrets, by client.
    secrets: u128 => Bytes;

    /// The public listener's certificate and what belongs to it.
    certificates: Text => Bytes;

    /// What is remembered of the host's backups.
    backups: Text => Bytes;

    /// Orders, by id.
    orders: u128 => Bytes;
    /// Open orders, and when (ms since 1970) the reconciler next looks at each.
    orders_watched: u128 => i64;
    /// The open orders of each buyer.
    orders_open: (i64, u128) => ();
    /// Orders that are paid and whose bots are still to be brought, by buyer.
    orders_without_bot: (i64, u128) => ();
    /// The orders of each client.
    orders_by_client: (u128, u128) => ();
    /// The order of each payment at the provider.
    orders_by_payment: Text => u128;

    /// Payments, by the provider's id.
    payments: Text => Bytes;
    /// Payments by the time (ms since 1970) at which they were recorded.
    payments_by_time: (i64, Text) => ();
    /// The payments of each client, by time (ms since 1970).
    payments_by_client: (u128, i64, Text) => ();
    /// The payments that wait for a person.
    payments_held: Text => ();
    /// Refunds that we asked for, by our id.
    refunds: u128 => Bytes;
    /// The refunds of each payment.
    refunds_by_payment: (Text, u128) => ();
    /// Notifications as they came in, numbered.
    notifications: u64 => Bytes;
    /// The audit log, numbered.
    audit: u64 => Bytes;
    /// The lines of the audit log about each client.
    audit_by_client: (u128, u64) => ();
    /// The last act on each client, while it can be taken back.
    undos: u128 => Bytes;
    /// The messages that follow a client's deploy, by client.
    followed: u128 => Bytes;
    /// Operators who came by a link, beside those of the settings.
    operators: i64 => Bytes;
    /// The link that makes an operator; there is at most one.
    operator_link: Text => Bytes;
    /// What operators have told all owners, numbered.
    news: u64 => Bytes;
    /// The people who want no news.
    news_unwanted: i64 => ();
    /// Answers to requests that carried an idempotency key.
    idempotency: Text => Bytes;
    /// The same by the time (ms since 1970) at which they were kept.
    idempotency_by_time: (i64, Text) => ();

    /// Telegram updates that are kept but not handled, by bot and update.
    updates: (i64, i64) => Bytes;
    /// The next update to ask Telegram for, by bot.
    update_offsets: i64 => i64;
    /// The updates that were kept of late, by bot and update: each is kept once.
    updates_seen: (i64, i64) => ();
    /// The bots whose updates Telegram brings here, or may still bring.
    webhooks: i64 => Bytes;
    /// The state of each conversation, by bot and chat.
    dialogues: (i64, i64) => Bytes;

    /// A client's own settings.
    settings: Text => Bytes;
    /// What a client offers.
    services: u32 => Bytes;
    /// Bookings, by the second at which they start.
    bookings: (i64, u128) => Bytes;
    /// Bookings by chat, then by start.
    bookings_by_chat: (i64, i64, u128) => ();

    /// Jobs, numbered in the order of arrival.
    jobs: u64 => Bytes;
    /// Jobs to do now: by their lane, their place in line, then by number.
    jobs_ready: (u8, i64, u64) => ();
    /// Jobs to do later: by the time (ms since 1970) from which they may run, then by number.
    jobs_waiting: (i64, u64) => ();
    /// Jobs that a worker has taken up.
    jobs_running: u64 => ();
    /// Jobs by the key that keeps them from being queued twice.
    jobs_keys: Text => u64;
    /// Jobs that are done, by the time (ms since 1970) at which they ended.
    jobs_done: (i64, u64) => ();
    /// Jobs that were given up, by the time (ms since 1970) at which they ended.
    jobs_dead: (i64, u64) => ();
}
