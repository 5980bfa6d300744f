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
}

impl Profile {
    /// Puts together what is on record and what the operator has set.
    pub(super) fn of(
        client: &Client,
        config: &Config,
        sales_bot: Option<&BotUsername>,
        backup: Option<u64>,
    ) -> Self {
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
            sales_bot: sales_bot.map(ToString::to_string),
            support: config.server.support.clone().unwrap_or_default(),
            backup,
        };
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        // Small enough to be exact in any JSON reader.
        Self { version: hasher.finish() >> 11, content }
    }
}
