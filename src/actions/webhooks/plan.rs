//! What is to be done: the bots that there are, beside the webhooks that are on record.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::act::{Deed, Turn};
use super::{CHECKS_APART, Keeper, Known, purpose};
use crate::actions::arrivals::Standing;
use crate::deps::Deps;
use crate::domain::ids::{BotId, ClientId};
use crate::domain::subscription::Service;
use crate::domain::token::BotToken;
use crate::external::telegram::Hook;
use crate::metrics::BotRole;
use crate::store::webhooks::Kept;
use crate::store::{StoreError, clients, secrets, webhooks};

/// How many updates Telegram may bring at once for a bot of the host's own, and for a client's.
const HOSTS_AT_ONCE: u8 = 40;
const CLIENTS_AT_ONCE: u8 = 10;

/// A bot whose updates somebody waits for.
#[derive(Clone, Debug)]
pub(super) struct Bot {
    pub(super) token: BotToken,
    pub(super) role: BotRole,
    pub(super) client: Option<ClientId>,
}

impl Bot {
    /// Returns what Telegram is asked for.
    pub(super) fn hook(&self, deps: &Deps) -> Option<Hook> {
        let bot = self.token.bot();
        let base = deps.config.webhook_base()?;
        let max_connections = match self.role {
            BotRole::Master | BotRole::Sales => HOSTS_AT_ONCE,
            BotRole::Client => CLIENTS_AT_ONCE,
        };
        let url = format!("{base}/telegram/webhook/{bot}");
        Some(Hook { url, secret: deps.sealer.proof(&purpose(bot)), max_connections })
    }
}

/// Writes what is asked for, so that a change of it is seen.
pub(super) fn asked(hook: &Hook) -> String {
    let kinds = crate::external::telegram::ALLOWED.join(",");
    format!("{} {} {kinds}", hook.url, hook.max_connections)
}

impl Keeper {
    /// Returns what is due now, and all bots that are seen to.
    pub(super) fn plan(&mut self) -> Result<(Vec<Turn>, BTreeSet<BotId>), StoreError> {
        let kept = self.deps.store.read(|snap| webhooks::all(snap))?;
        let kept: BTreeMap<_, _> = kept.into_iter().collect();
        if !self.brings() && kept.is_empty() {
            for token in self.deps.config.telegram.tokens() {
                self.deps.arrivals.stand(token.bot(), Standing::Asked);
            }
            return Ok((Vec::new(), BTreeSet::new()));
        }
        let bots = self.bots()?;
        let all: BTreeSet<BotId> = bots.keys().chain(kept.keys()).copied().collect();
        let (mut turns, mut checks) = (Vec::new(), 0);
        for bot in &all {
            let (wanted, kept) = (bots.get(bot), kept.get(bot));
            let deed = match (wanted, kept) {
                (Some(wanted), kept) if self.brings() => self.bring(wanted, kept, &mut checks),
                (None, Some(kept)) => self.token_of(*bot, kept).map_or(Deed::Lose, Deed::Delete),
                (Some(_), Some(_)) => Deed::TakeBack,
                (_, None) => {
                    self.deps.arrivals.stand(*bot, Standing::Asked);
                    continue;
                }
            };
            let waits = self.known.get(bot).is_some_and(|known| known.next > Instant::now());
            // A new token does not wait for what became of the one before.
            let hurries = deed == Deed::Set && self.known.get(bot).is_some_and(|it| it.done);
            if !waits || hurries {
                turns.push(Turn { bot: *bot, deed, wanted: wanted.cloned() });
            }
        }
        Ok((turns, all))
    }

    fn bring(&mut self, bot: &Bot, kept: Option<&Kept>, checks: &mut u32) -> Deed {
        let id = bot.token.bot();
        let hook = bot.hook(&self.deps);
        let is_same = kept.is_some_and(|kept| {
            hook.as_ref().is_some_and(|hook| asked(hook) == kept.asked)
                && self.token_of(id, kept).is_some_and(|token| token == bot.token)
        });
        if !is_same {
            return Deed::Set;
        }
        match self.known.get(&id) {
            Some(known) if known.done => Deed::Check,
            None if bot.role == BotRole::Client => {
                // It was set before the restart.
                self.deps.arrivals.stand(id, Standing::Brought);
                let next = Instant::now() + CHECKS_APART * *checks;
                *checks += 1;
                self.known.insert(id, Known { done: true, failures: 0, next });
                Deed::Check
            }
            Some(_) | None => Deed::Set,
        }
    }

    /// Opens the token that a webhook was asked under, if this host's key still does.
    fn token_of(&self, bot: BotId, kept: &Kept) -> Option<BotToken> {
        let plain = self.deps.sealer.open_bytes(&purpose(bot), &kept.token).ok()?;
        std::str::from_utf8(&plain).ok()?.parse().ok()
    }

    /// Returns the bots whose updates somebody waits for.
    fn bots(&self) -> Result<BTreeMap<BotId, Bot>, StoreError> {
        let telegram = &self.deps.config.telegram;
        let own =
            [(&telegram.master_token, BotRole::Master), (&telegram.sales_token, BotRole::Sales)];
        let own = own.into_iter().filter_map(|(token, role)| Some((token.clone()?, role, None)));
        let mut bots: Vec<_> = own.collect();
        let sealed = self.deps.store.read(|snap| {
            let mut served = Vec::new();
            clients::each(snap, |client| {
                if client.subscription.service() != Service::None {
                    served.push(client.id);
                }
            })?;
            let tokens = served.into_iter().map(|id| Ok((id, secrets::get(snap, id)?)));
            tokens.collect::<Result<Vec<_>, StoreError>>()
        })?;
        for (client, sealed) in sealed {
            let token = sealed.and_then(|sealed| self.deps.sealer.open(client, &sealed).ok());
            bots.extend(token.map(|token| (token, BotRole::Client, Some(client))));
        }
        let bots = bots.into_iter();
        Ok(bots.map(|(token, role, client)| (token.bot(), Bot { token, role, client })).collect())
    }
}
