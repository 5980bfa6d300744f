//! Notify: find the words for a notice and say them to its person.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::give_seed;
use super::life::terms;
use super::read_log::{ReadLogError, read_log};
use super::show_figures::day_report;
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, OrderId, PaymentId, UserId};
use crate::domain::job::Notice;
use crate::domain::news::NewsId;
use crate::domain::order::Order;
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::seed::SeedRefusal;
use crate::domain::subscription::Terms;
use crate::external::telegram::{TelegramError, say};
use crate::store::queue::{self, JobState};
use crate::store::{
    Snapshot, StoreError, certificates, clients, host_backups, news, orders, payments, webhooks,
};
use crate::texts::Words;
use crate::texts::notices::{self, Message};

/// How many jobs that were given up a notice names, and how many it counts.
const DEAD_NAMED: usize = 5;
const DEAD_COUNTED: usize = 1000;
/// How many last lines of a bot are told with it.
const HANDED_OVER_LINES: u16 = 15;

/// Why a notice was not given.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// Telegram did not take it.
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells one person one thing, as it stands now.
///
/// At least once: after a crash between Telegram's answer and its record it is said again. A
/// person who cannot be written to, and a notice about something that is gone, are passed over.
///
/// # Errors
///
/// Returns [`NotifyError`]; the notice may be given again.
pub async fn notify(deps: &Deps, person: UserId, notice: &Notice) -> Result<(), NotifyError> {
    let voice = if notice.is_for_operators() { &deps.master } else { &deps.sales };
    let Some(voice) = voice else {
        tracing::warn!(
            event = "notice.undeliverable", notice = ?notice,
            "there is no bot to give the notice: its token is not set"
        );
        return Ok(());
    };
    let zone = &deps.config.server.timezone;
    let now = deps.clock.now();
    let about = About { words: deps.words(), terms: &terms(&deps.config.billing), zone, now };
    let message = match notice {
        Notice::Digest(morning) => {
            Some(notices::digest(about.words, &day_report(deps, *morning).await?, zone))
        }
        Notice::HandedOver(id) => handed_over(deps, *id).await?,
        Notice::SeedRefused(id, why) => seed_refused(deps, *id, *why).await?,
        _ => deps.store.read(|snap| message(snap, person, notice, &about))?,
    };
    let Some(message) = message else { return Ok(()) };
    match say(voice, person, &message).await {
        Ok(()) => {
            tracing::debug!(event = "notice.sent", notice = ?notice, "a notice was given");
            Ok(())
        }
        Err(TelegramError::Blocked) => {
            tracing::warn!(
                event = "notice.undeliverable", notice = ?notice,
                "the person cannot be written to"
            );
            Ok(())
        }
        Err(err) => Err(err.into()),
    }
}

/// What a notice is put into words with.
struct About<'a> {
    words: Words,
    terms: &'a Terms,
    zone: &'a TimeZone,
    now: Timestamp,
}

fn message(
    snap: &Snapshot<'_>,
    person: UserId,
    notice: &Notice,
    &About { words, terms, zone, now }: &About<'_>,
) -> Result<Option<Message>, StoreError> {
    let of_client = |id: &ClientId, say: fn(Words, &Client) -> Message| {
        Ok(clients::get(snap, *id)?.map(|client| say(words, &client)))
    };
    let of_payment = |id: &PaymentId, say: fn(Words, &Payment) -> Message| {
        Ok(payments::get(snap, id)?.map(|payment| say(words, &payment)))
    };
    match notice {
        Notice::NewSale(id) => new_sale(snap, *id, words),
        Notice::Attention(id) => {
            let Some(payment) = payments::get(snap, id)? else { return Ok(None) };
            let PaymentState::Attention(why) = payment.state else { return Ok(None) };
            Ok(Some(notices::attention(words, &payment, why)))
        }
        Notice::PaymentReceived(id) => payment_received(snap, id, words, zone),
        Notice::BringBot(id) => Ok(waiting_for_bot(snap, *id)?
            .map(|(order, payment)| notices::bring_bot(words, &order, &payment))),
        Notice::BotNotBrought(id) => Ok(waiting_for_bot(snap, *id)?
            .map(|(order, payment)| notices::bot_not_brought(words, &order, &payment))),
        Notice::Refunded(id) => of_payment(id, notices::refunded),
        Notice::RefundDone(id) => of_payment(id, notices::refund_done),
        Notice::RefundRefused(id) => of_payment(id, notices::refund_refused),
        Notice::PayLink(id) => {
            let Some(order) = orders::get(snap, *id)? else { return Ok(None) };
            Ok(order.confirmation_url.as_ref().map(|url| notices::pay_link(words, &order, url)))
        }
        Notice::OrderClosed(id) => {
            Ok(orders::get(snap, *id)?.map(|it| notices::order_closed(words, &it)))
        }
        Notice::Subscription(id) => Ok(clients::get(snap, *id)?
            .map(|client| notices::subscription(words, &client, terms, now, zone))),
        Notice::DataEnds(id) => Ok(clients::get(snap, *id)?
            .and_then(|client| notices::data_ends(words, &client, terms, now, zone))),
        Notice::JobsDead => jobs_dead(snap, words, now),
        Notice::CertificateTrouble => Ok(certificates::trouble(snap)?
            .map(|it| notices::certificate_trouble(words, &it.domain, &it.words))),
        Notice::CertificateLate(until) => Ok(Some(notices::certificate_late(words, *until, zone))),
        Notice::WebhookTrouble => webhook_trouble(snap, words),
        Notice::BackupTrouble => {
            Ok(notices::backup_trouble(words, &host_backups::get(snap)?, zone))
        }
        Notice::ShopRefused => Ok(Some(notices::shop_refused(words))),
        // What they say is not read from the snapshot alone.
        Notice::Digest(_) | Notice::HandedOver(_) | Notice::SeedRefused(..) => Ok(None),
        Notice::TimeChanged(id) => {
            Ok(clients::get(snap, *id)?.map(|it| notices::time_changed(words, &it, zone)))
        }
        Notice::News(id) => told_news(snap, person, *id, words),
        Notice::DeployDone(id) => of_client(id, notices::deploy_done),
        Notice::DeployFailed(id) => of_client(id, notices::deploy_failed),
        Notice::RollOutStopped(id) => of_client(id, notices::roll_out_stopped),
        Notice::PaidNotDelivered(id) => of_client(id, notices::paid_not_delivered),
        Notice::ClientProblem(id) => of_client(id, notices::client_problem),
        Notice::Diverted(id) => of_client(id, notices::diverted),
        Notice::BotDiverted(id) => of_client(id, notices::bot_diverted),
        Notice::BotReady(id) => of_client(id, notices::bot_ready),
        Notice::BotDelayed(id) => of_client(id, notices::bot_delayed),
        Notice::BotProblem(id) => of_client(id, notices::bot_problem),
    }
}

fn told_news(
    snap: &Snapshot<'_>,
    person: UserId,
    id: NewsId,
    words: Words,
) -> Result<Option<Message>, StoreError> {
    let unwanted = news::is_unwanted(snap, person)?;
    let told = news::get(snap, id)?.filter(|_| !unwanted);
    Ok(told.map(|told| notices::news(words, &told.text)))
}

/// Says that a bot stays silent, and what it wrote last, as far as that can be read now.
async fn handed_over(deps: &Deps, id: ClientId) -> Result<Option<Message>, StoreError> {
    let Some(client) = deps.store.read(|snap| clients::get(snap, id))? else { return Ok(None) };
    let lines = match read_log(deps, id, HANDED_OVER_LINES).await {
        Ok(lines) => lines,
        Err(ReadLogError::Store(err)) => return Err(err),
        Err(ReadLogError::UnknownClient | ReadLogError::Runtime(_)) => Vec::new(),
    };
    Ok(Some(notices::handed_over(deps.words(), &client, &lines)))
}

/// Says why a bot does not take its seed; nothing once it has none.
async fn seed_refused(
    deps: &Deps,
    id: ClientId,
    why: SeedRefusal,
) -> Result<Option<Message>, StoreError> {
    let is_held = give_seed::is_held(deps, id).await;
    // What cannot be looked at is no reason to say nothing.
    if matches!(is_held, Ok(false)) {
        return Ok(None);
    }
    let client = deps.store.read(|snap| clients::get(snap, id))?;
    let file = deps.layout().seed(id);
    Ok(client.map(|client| notices::seed_refused(deps.words(), &client, why, &file)))
}

/// Names some of the jobs that were given up; says nothing once there are none.
fn jobs_dead(
    snap: &Snapshot<'_>,
    words: Words,
    now: Timestamp,
) -> Result<Option<Message>, StoreError> {
    let dead = queue::in_state(snap, JobState::Dead, DEAD_COUNTED, now)?;
    let kinds: Vec<_> = dead.iter().take(DEAD_NAMED).map(|it| it.kind.clone()).collect();
    let told = !dead.is_empty();
    Ok(told.then(|| notices::jobs_dead(words, &kinds, dead.len() as u64)))
}

/// Says how many bots Telegram brings no updates for, and why not for the first; nothing once all
/// is well.
fn webhook_trouble(snap: &Snapshot<'_>, words: Words) -> Result<Option<Message>, StoreError> {
    let all = webhooks::all(snap)?.into_iter();
    let troubles: Vec<_> = all.filter_map(|(_, kept)| kept.trouble).collect();
    let first = troubles.first();
    Ok(first.map(|why| notices::webhook_trouble(words, troubles.len() as u64, why)))
}

fn payment_received(
    snap: &Snapshot<'_>,
    id: &PaymentId,
    words: Words,
    zone: &TimeZone,
) -> Result<Option<Message>, StoreError> {
    let Some(payment) = payments::get(snap, id)? else { return Ok(None) };
    let client = payment.client.map(|id| clients::get(snap, id)).transpose()?.flatten();
    if let Some(client) = client {
        return Ok(Some(notices::payment_received(words, &payment, &client, zone)));
    }
    let order = payment.order.map(|id| orders::get(snap, id)).transpose()?.flatten();
    let ahead = order.filter(|order| payment.client.is_none() && order.is_without_bot());
    Ok(ahead.map(|order| notices::paid_ahead(words, &payment, &order)))
}

fn new_sale(snap: &Snapshot<'_>, id: OrderId, words: Words) -> Result<Option<Message>, StoreError> {
    let Some(order) = orders::get(snap, id)? else { return Ok(None) };
    let company = company(snap, &order)?;
    Ok(Some(notices::new_sale(words, &order, &company)))
}

fn company(snap: &Snapshot<'_>, order: &Order) -> Result<String, StoreError> {
    if let Some(company) = order.company() {
        return Ok(company.to_string());
    }
    let client = clients::get(snap, order.client)?;
    Ok(client.map_or_else(|| "—".to_owned(), |client| client.company.to_string()))
}

/// Returns an order that is paid and still waits for its bot, and its payment.
fn waiting_for_bot(
    snap: &Snapshot<'_>,
    id: OrderId,
) -> Result<Option<(Order, Payment)>, StoreError> {
    let Some(order) = orders::get(snap, id)? else { return Ok(None) };
    if !orders::awaits_bot(snap, &order)? {
        return Ok(None);
    }
    let payment = order.payment.as_ref().map(|id| payments::get(snap, id)).transpose()?.flatten();
    Ok(payment.map(|payment| (order, payment)))
}
