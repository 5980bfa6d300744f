//! `GET /payment/success?order=o_…`: where the payer comes back to, and sees the order's true
//! state.

mod page;

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::sync::{OnceCell, Semaphore};
use url::form_urlencoded;

use self::page::Ways;
use super::Shared;
use super::limits::Class;
use super::operation::Operation;
use crate::actions::settle::settle;
use crate::domain::client::BotUsername;
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, OrderState};
use crate::store::{StoreError, orders};
use crate::texts::page as texts;

const HTML: &str = "text/html";
/// How long the payer waits for the provider's word.
const BUDGET: Duration = Duration::from_secs(3);
/// How long it waits for the bot's name, which is asked for until it is known.
const NAME_BUDGET: Duration = Duration::from_millis(1500);
/// How many pages may ask the provider at the same time; the others show what is known.
const QUESTIONS: usize = 8;

/// What the pages of all payers share.
pub(super) struct Payers {
    /// Keeps a crowd, or a page that is reloaded in anger, away from the provider.
    questions: Semaphore,
    /// The Sales Bot's name, once Telegram has told it.
    bot: OnceCell<BotUsername>,
}

impl Payers {
    pub(super) const fn new() -> Self {
        Self { questions: Semaphore::const_new(QUESTIONS), bot: OnceCell::const_new() }
    }
}

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    let page = |operation: Operation, status, about| operation.shows(status, HTML, about);
    let mut operation = Operation::get("/payment/success", "show_payment", success)
        .does(
            "Show the payer how the order stands",
            "The page that YooKassa leads the payer back \
            to. It asks YooKassa for news, shows the order's true state and leads back to the bot.",
        )
        .needs::<OrderId>("order", "The order's id.");
    for (status, about) in [
        (StatusCode::OK, "The order as it is."),
        (StatusCode::BAD_REQUEST, "No order is named, or not with an id."),
        (StatusCode::NOT_FOUND, "There is no such order."),
        (StatusCode::TOO_MANY_REQUESTS, "Too often; `Retry-After` says when to look again."),
        (StatusCode::INTERNAL_SERVER_ERROR, "The order cannot be read now."),
    ] {
        operation = page(operation, status, about);
    }
    vec![operation]
}

/// Shows the order, having asked the provider if that may bring news.
async fn success(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let words = shared.site.deps.words();
    let support = shared.site.deps.config.server.support.as_deref();
    if let Err(pause) = shared.limits.admit(Class::Payer, shared.caller(peer, &headers)) {
        // Whoever asks too often costs neither a read nor a word with anybody.
        return page::too_many(pause, Ways { words, bot: shared.payers.bot.get(), support });
    }
    let id = order_id(query.as_deref().unwrap_or_default());
    let look = async {
        match id {
            Some(id) => look(&shared, id).await,
            None => Ok(None),
        }
    };
    let (bot, found) = tokio::join!(sales_bot(&shared), look);
    let ways = Ways { words, bot, support };
    let Some(id) = id else {
        return page::without_order(StatusCode::BAD_REQUEST, &texts::malformed(words), ways);
    };
    match found {
        Ok(Some(order)) => page::order(&order, ways),
        Ok(None) => page::without_order(StatusCode::NOT_FOUND, &texts::unknown(words), ways),
        Err(err) => {
            let error = &err as &dyn std::error::Error;
            tracing::error!(event = "http.failed", order = %id, error, "an order cannot be read");
            page::without_order(StatusCode::INTERNAL_SERVER_ERROR, &texts::failed(words), ways)
        }
    }
}

fn order_id(query: &str) -> Option<OrderId> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, id) = pairs.find(|(name, _)| name == "order")?;
    id.parse().ok()
}

async fn look(shared: &Shared, id: OrderId) -> Result<Option<Order>, StoreError> {
    let store = &shared.site.deps.store;
    let Some(order) = store.read(|snap| orders::get(snap, id))? else { return Ok(None) };
    if order.state != OrderState::Open {
        return Ok(Some(order));
    }
    ask(shared, &order).await;
    store.read(|snap| orders::get(snap, id))
}

/// Asks the provider for its word. Whatever keeps it from answering, the page is shown.
async fn ask(shared: &Shared, order: &Order) {
    let deps = &shared.site.deps;
    let (Some(till), Some(payment)) = (&deps.till, &order.payment) else { return };
    let Ok(_place) = shared.payers.questions.try_acquire() else { return };
    match tokio::time::timeout(BUDGET, settle(deps, till, payment)).await {
        Ok(Ok(_)) => {}
        Ok(Err(err)) => {
            tracing::info!(
                event = "success.unasked", order = %order.id, error = %err,
                "the page shows what is known"
            );
        }
        Err(_) => {
            tracing::info!(
                event = "success.unasked", order = %order.id,
                "the provider is slow, the page shows what is known"
            );
        }
    }
}

/// Returns where the page leads back to; none if there is no bot, or Telegram does not answer.
async fn sales_bot(shared: &Shared) -> Option<&BotUsername> {
    let deps = &shared.site.deps;
    let token = deps.config.telegram.sales_token.as_ref()?;
    let ask = async { deps.telegram.check_token(token).await.map(|bot| bot.username) };
    let name = shared.payers.bot.get_or_try_init(|| ask);
    tokio::time::timeout(NAME_BUDGET, name).await.ok()?.ok()
}
