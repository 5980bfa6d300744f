//! The business in numbers, as the API shows it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{ClientState, MoneyView, QueueView};
use crate::actions::stats::{Revenue, Stats, WINDOWS};

#[derive(Serialize)]
pub(in crate::http::api) struct StatsView {
    timestamp: Timestamp,
    clients: ClientsView,
    bots: BotsView,
    orders: OrdersView,
    payments: PaymentsView,
    revenue: RevenueView,
    queue: QueueView,
}

#[derive(Serialize)]
struct ClientsView {
    total: u64,
    by_state: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct BotsView {
    running: u64,
    failed: u64,
    with_problem: u64,
}

#[derive(Serialize)]
struct OrdersView {
    open: u64,
}

#[derive(Serialize)]
struct PaymentsView {
    attention: u64,
}

#[derive(Serialize)]
struct RevenueView {
    windows: Vec<WindowView>,
    all_time: SumView,
}

#[derive(Serialize)]
struct WindowView {
    days: u16,
    #[serde(flatten)]
    sum: SumView,
}

#[derive(Serialize)]
struct SumView {
    payments: u64,
    received: MoneyView,
    refunded: MoneyView,
    net: MoneyView,
}

impl StatsView {
    pub(in crate::http::api) fn new(now: Timestamp, active: bool, stats: Stats) -> Self {
        let of = |state: &ClientState| stats.clients.get(state.word()).copied().unwrap_or(0);
        let windows = WINDOWS.into_iter().zip(stats.windows);
        Self {
            timestamp: now,
            clients: ClientsView {
                total: stats.clients.values().sum(),
                by_state: ClientState::ALL.iter().map(|it| (it.word(), of(it))).collect(),
            },
            bots: BotsView {
                running: stats.bots_running,
                failed: stats.bots_failed,
                with_problem: stats.bots_with_problem,
            },
            orders: OrdersView { open: stats.orders_open },
            payments: PaymentsView { attention: stats.payments_in_attention },
            revenue: RevenueView {
                windows: windows.map(|(days, it)| WindowView { days, sum: it.into() }).collect(),
                all_time: stats.all_time.into(),
            },
            queue: QueueView::new(active, stats.jobs),
        }
    }
}

impl From<Revenue> for SumView {
    fn from(revenue: Revenue) -> Self {
        Self {
            payments: revenue.payments,
            received: revenue.received.into(),
            refunded: revenue.refunded.into(),
            net: revenue.net().into(),
        }
    }
}
