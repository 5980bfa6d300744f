//! The business in numbers, as the API shows it.

use jiff::Timestamp;

use super::{ClientState, MoneyView, QueueView};
use crate::actions::stats::{Revenue, Stats, WINDOWS};
use crate::http::shape::view;

view! {
    /// The business in numbers, at one moment.
    StatsView("Stats") {
        /// The moment.
        timestamp: Timestamp,
        /// Clients by state.
        clients: ClientsView,
        /// Clients' bots by what is known of them.
        bots: BotsView,
        /// Orders that can still be paid.
        orders: OrdersView,
        /// Payments that wait for a person.
        payments: PaymentsView,
        /// Money that granted time.
        revenue: RevenueView,
        /// The queue, as `GET /api/queue` shows it.
        queue: QueueView,
    }

    /// Clients in numbers.
    ClientsView("StatsOfClients") {
        /// All of them.
        total: u64,
        /// Those in each state.
        by_state: ByState,
    }

    /// How many clients are in each state.
    ByState("ClientsByState") {
        /// Run without payment, for the first days.
        trial: u64,
        /// Run and are paid for.
        active: u64,
        /// Still run though their paid time is over.
        grace: u64,
        /// Are paused.
        suspended: u64,
        /// Have given up; their data is kept for a while.
        cancelled: u64,
        /// Are gone; their data was archived.
        archived: u64,
    }

    /// Bots in numbers.
    BotsView("StatsOfBots") {
        /// Were reported healthy.
        running: u64,
        /// Could not be started.
        failed: u64,
        /// Are kept from Telegram by something that their owner must mend.
        with_problem: u64,
    }

    /// Orders in numbers.
    OrdersView("StatsOfOrders") {
        /// Wait for their buyer.
        open: u64,
    }

    /// Payments in numbers.
    PaymentsView("StatsOfPayments") {
        /// Wait for a person, and are no revenue yet.
        attention: u64,
    }

    /// Money that granted time.
    RevenueView("Revenue") {
        /// What was taken in the last 24 hours, 7 days and 30 days.
        windows: Vec<WindowView>,
        /// What was taken since the first payment.
        all_time: SumView,
    }

    /// What was taken in the last days.
    WindowView("RevenueWindow") {
        /// How many days of 24 hours, up to now.
        days: u16,
        /// How many payments.
        payments: u64,
        /// What was paid.
        received: MoneyView,
        /// What of it was given back since.
        refunded: MoneyView,
        /// What was kept.
        net: MoneyView,
    }

    /// What was taken.
    SumView("RevenueSum") {
        /// How many payments.
        payments: u64,
        /// What was paid.
        received: MoneyView,
        /// What of it was given back.
        refunded: MoneyView,
        /// What was kept.
        net: MoneyView,
    }
}

impl StatsView {
    pub(in crate::http::api) fn new(now: Timestamp, active: bool, stats: Stats) -> Self {
        let windows = WINDOWS.into_iter().zip(stats.windows);
        Self {
            timestamp: now,
            clients: ClientsView {
                total: stats.clients.values().sum(),
                by_state: by_state(&stats),
            },
            bots: BotsView {
                running: stats.bots_running,
                failed: stats.bots_failed,
                with_problem: stats.bots_with_problem,
            },
            orders: OrdersView { open: stats.orders_open },
            payments: PaymentsView { attention: stats.payments_in_attention },
            revenue: RevenueView {
                windows: windows.map(|(days, revenue)| window(days, revenue)).collect(),
                all_time: sum(stats.all_time),
            },
            queue: QueueView::new(active, stats.jobs),
        }
    }
}

fn by_state(stats: &Stats) -> ByState {
    let of = |state: ClientState| stats.clients.get(state.word()).copied().unwrap_or(0);
    ByState {
        trial: of(ClientState::Trial),
        active: of(ClientState::Active),
        grace: of(ClientState::Grace),
        suspended: of(ClientState::Suspended),
        cancelled: of(ClientState::Cancelled),
        archived: of(ClientState::Archived),
    }
}

fn window(days: u16, revenue: Revenue) -> WindowView {
    let SumView { payments, received, refunded, net } = sum(revenue);
    WindowView { days, payments, received, refunded, net }
}

fn sum(revenue: Revenue) -> SumView {
    SumView {
        payments: revenue.payments,
        received: revenue.received.into(),
        refunded: revenue.refunded.into(),
        net: revenue.net().into(),
    }
}
