//! The operator's two bots: each is looked up at Telegram and then runs until it is told to stop.

use std::time::Duration;

use teloxide::dispatching::UpdateHandler;
use teloxide::dptree;
use tokio_util::sync::CancellationToken;

use crate::actions::arrivals::Standing;
use crate::actions::pulse::{Beat, Pulse};
use crate::bots::talk::Step;
use crate::bots::updates::{Loop, LoopEnd, Parts, Source};
use crate::bots::{BotError, commands, master, sales};
use crate::config::Updates;
use crate::deps::Deps;
use crate::domain::token::BotToken;
use crate::external::telegram::Speaker;
use crate::texts::{master as master_texts, sales as sales_texts};

/// How long to wait before a bot whose token is refused is tried again.
const REFUSED_PAUSE: Duration = Duration::from_mins(1);

/// Runs the Master Bot and the Sales Bot, as far as they have tokens, until `stop`.
pub async fn run(deps: Deps, pulse: Pulse, stop: CancellationToken) {
    let telegram = &deps.config.telegram;
    let master = one::<master::Step>(
        &deps,
        Which {
            name: "master",
            apology: master_texts::apology(deps.words()),
            commands: master_texts::commands(deps.words()),
            token: &telegram.master_token,
            voice: &deps.master,
        },
        master::tree,
        (&pulse, &stop),
    );
    let sales = one::<sales::Step>(
        &deps,
        Which {
            name: "sales",
            apology: sales_texts::apology(deps.words()),
            commands: sales_texts::commands(deps.words(), deps.config.billing.trial_days),
            token: &telegram.sales_token,
            voice: &deps.sales,
        },
        sales::tree,
        (&pulse, &stop),
    );
    tokio::join!(master, sales);
    // A host may have neither.
    stop.cancelled().await;
}

/// Returns where the bot's updates come from. They are not asked for before all that a webhook has
/// left is kept.
async fn source(deps: &Deps, token: &BotToken) -> Source {
    let bot = token.bot();
    let mut standing = deps.arrivals.standing(bot);
    if deps.config.telegram.updates == Updates::Webhook {
        return Source::Brought(deps.arrivals.listen(bot), standing);
    }
    // Whoever says so lives as long as the program.
    standing.wait_for(|now| *now == Standing::Asked).await.ok();
    Source::Asked(deps.telegram.poller(token))
}

/// One of the two bots.
struct Which<'a> {
    name: &'static str,
    apology: String,
    /// What Telegram offers beside the input field.
    commands: Vec<(&'static str, String)>,
    token: &'a Option<BotToken>,
    voice: &'a Option<Speaker>,
}

async fn one<S: Step>(
    deps: &Deps,
    which: Which<'_>,
    tree: fn() -> UpdateHandler<BotError>,
    (pulse, stop): (&Pulse, &CancellationToken),
) {
    let (Some(token), Some(voice)) = (which.token, which.voice) else { return };
    if let Err(err) = commands::offer(voice, &which.commands).await {
        tracing::warn!(
            event = "bot.no_commands", bot = which.name, error = %err,
            "telegram does not offer the bot's commands until the next start"
        );
    }
    while !stop.is_cancelled() {
        let parts = Parts {
            store: deps.store.clone(),
            bot: token.bot(),
            send: deps.telegram.sender(token),
            sealer: Some(deps.sealer.clone()),
            deps: dptree::deps![deps.clone(), voice.clone()],
            apology: which.apology.clone(),
            meter: voice.meter().clone(),
        };
        let Some(source) = stop.run_until_cancelled(source(deps, token)).await else { return };
        let updates = Loop::<S>::new(parts, source, tree());
        let (health, heard) = (updates.health(), updates.heard());
        pulse.watch(which.name, move || Beat {
            state: health.borrow().name(),
            last_update: heard.borrow().map(|at| at.elapsed()),
        });
        match updates.run(stop.clone()).await {
            Ok(LoopEnd::Stopped) => return,
            Ok(LoopEnd::TokenRevoked) => {
                tracing::error!(
                    event = "bot.refused",
                    bot = which.name,
                    "telegram does not accept the bot's token: set a new one and restart"
                );
            }
            Err(err) => {
                tracing::error!(
                    event = "bot.failed", bot = which.name, error = %err,
                    "the bot's updates cannot be read"
                );
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(REFUSED_PAUSE)).await;
    }
}
