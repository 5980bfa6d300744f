//! What a client's bot must know of itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Serialize;

use crate::config::Config;
use crate::domain::client::{BotUsername, Client};
use crate::domain::subscription::{Service, Subscription, SuspendedBy};

/// A client's profile as it is sent; the version tells one content from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Profile {
    pub(super) version: u64,
    #[serde(flatten)]
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct Content {
    client_id: String,
    company_name: String,
    owner: i64,
    bot_username: String,
    timezone: String,
    locale: &'static str,
    service: &'static str,
    /// Why it is paused, if it is.
    paused_by: Option<&'static str>,
    /// Where the subscription is renewed, once that is known.
    sales_bot: Option<String>,
    support: String,
    /// The number of the copy of its database that the bot is to send.
    backup: Option<u64>,
    /// The number of the seed that the bot must take before it does anything else.
    seed: Option<u64>,
    /// The bot serves nobody any more, and sends a copy of its data when it is wished for.
    leaving: bool,
}

/// What is told beside the record and the settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    /// Where the subscription is renewed, once that is known.
    pub(super) sales_bot: Option<&'a BotUsername>,
    /// The copy of its database that the bot is to send.
    pub(super) backup: Option<u64>,
    /// The seed that it must take.
    pub(super) seed: Option<u64>,
    /// Whether its data leaves the place where it runs.
    pub(super) is_leaving: bool,
}

impl Profile {
    /// Puts together what is on record and what the operator has set.
    pub(super) fn of(client: &Client, config: &Config, told: Told<'_>) -> Self {
        let content = Content {
            client_id: client.id.to_string(),
            company_name: client.company.to_string(),
            owner: client.owner.get(),
            bot_username: client.bot.username.to_string(),
            timezone: config.server.timezone.iana_name().unwrap_or("UTC").to_owned(),
            locale: config.server.locale.code(),
            service: match client.subscription.service() {
                Service::Full => "full",
                Service::Paused | Service::None => "paused",
            },
            paused_by: match client.subscription {
                Subscription::Suspended { by: SuspendedBy::Expiry, .. } => Some("expiry"),
                Subscription::Suspended { by: SuspendedBy::Operator, .. } => Some("operator"),
                Subscription::Trial { .. }
                | Subscription::Active { .. }
                | Subscription::Grace { .. }
                | Subscription::Cancelled { .. }
                | Subscription::Archived { .. } => None,
            },
            sales_bot: told.sales_bot.map(ToString::to_string),
            support: config.server.support.clone().unwrap_or_default(),
            backup: told.backup,
            seed: told.seed,
            leaving: told.is_leaving,
        };
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        // Small enough to be exact in any JSON reader.
        Self { version: hasher.finish() >> 11, content }
    }

    /// Returns the seed that the bot must take before it does anything else.
    pub(super) const fn seed(&self) -> Option<u64> {
        self.content.seed
    }

    /// Tells whether the bot may speak with Telegram: not before it has its data, and not when that
    /// is on its way elsewhere.
    pub(super) const fn may_serve(&self) -> bool {
        self.content.seed.is_none() && !self.content.leaving
    }
}
