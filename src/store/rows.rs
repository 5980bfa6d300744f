//! Plain shapes that several tables share: how domain values lie on disk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::client::{BotProblem, RuntimeState};
use crate::domain::order::{Attention, OrderState};
use crate::domain::plan::{Days, Plan};

/// Turns a stored value back into the domain's; what cannot be is a damaged row.
pub(super) fn valid<T, E: std::fmt::Display>(
    table: &'static str,
    value: Result<T, E>,
) -> Result<T, StoreError> {
    value.map_err(|err| StoreError::Corrupt { table, reason: err.to_string() })
}

/// Reads an instant in milliseconds since 1970, UTC.
pub(super) fn instant(table: &'static str, millis: i64) -> Result<Timestamp, StoreError> {
    valid(table, Timestamp::from_millisecond(millis))
}

/// A [`Plan`] as it was when it was ordered.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PlanRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) days: u16,
    pub(super) kopecks: i64,
}

impl From<&Plan> for PlanRow {
    fn from(plan: &Plan) -> Self {
        Self {
            id: plan.id.as_str().to_owned(),
            name: plan.name.clone(),
            days: plan.days.get(),
            kopecks: plan.price.kopecks(),
        }
    }
}

impl PlanRow {
    pub(super) fn parse(self, table: &'static str) -> Result<Plan, StoreError> {
        Ok(Plan {
            id: valid(table, self.id.parse())?,
            name: self.name,
            days: valid(table, Days::new(i64::from(self.days)))?,
            price: valid(table, crate::domain::money::Money::from_kopecks(self.kopecks))?,
        })
    }
}

/// A [`RuntimeState`].
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum RuntimeRow {
    None,
    Starting,
    Running,
    Stopped,
    Failed,
}

impl From<RuntimeState> for RuntimeRow {
    fn from(state: RuntimeState) -> Self {
        match state {
            RuntimeState::None => Self::None,
            RuntimeState::Starting => Self::Starting,
            RuntimeState::Running => Self::Running,
            RuntimeState::Stopped => Self::Stopped,
            RuntimeState::Failed => Self::Failed,
        }
    }
}

impl From<RuntimeRow> for RuntimeState {
    fn from(row: RuntimeRow) -> Self {
        match row {
            RuntimeRow::None => Self::None,
            RuntimeRow::Starting => Self::Starting,
            RuntimeRow::Running => Self::Running,
            RuntimeRow::Stopped => Self::Stopped,
            RuntimeRow::Failed => Self::Failed,
        }
    }
}

/// A [`BotProblem`].
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum ProblemRow {
    TokenRevoked,
    Conflict,
    OwnerUnreachable,
}

impl From<BotProblem> for ProblemRow {
    fn from(problem: BotProblem) -> Self {
        match problem {
            BotProblem::TokenRevoked => Self::TokenRevoked,
            BotProblem::Conflict => Self::Conflict,
            BotProblem::OwnerUnreachable => Self::OwnerUnreachable,
        }
    }
}

impl From<ProblemRow> for BotProblem {
    fn from(row: ProblemRow) -> Self {
        match row {
            ProblemRow::TokenRevoked => Self::TokenRevoked,
            ProblemRow::Conflict => Self::Conflict,
            ProblemRow::OwnerUnreachable => Self::OwnerUnreachable,
        }
    }
}

/// An [`Attention`].
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum AttentionRow {
    PaidTwice,
    PaidAfterClosing,
    AmountDiffers,
    ShopDiffers,
    BotTaken,
    ClientGone,
}

impl From<Attention> for AttentionRow {
    fn from(why: Attention) -> Self {
        match why {
            Attention::PaidTwice => Self::PaidTwice,
            Attention::PaidAfterClosing => Self::PaidAfterClosing,
            Attention::AmountDiffers => Self::AmountDiffers,
            Attention::ShopDiffers => Self::ShopDiffers,
            Attention::BotTaken => Self::BotTaken,
            Attention::ClientGone => Self::ClientGone,
        }
    }
}

impl From<AttentionRow> for Attention {
    fn from(row: AttentionRow) -> Self {
        match row {
            AttentionRow::PaidTwice => Self::PaidTwice,
            AttentionRow::PaidAfterClosing => Self::PaidAfterClosing,
            AttentionRow::AmountDiffers => Self::AmountDiffers,
            AttentionRow::ShopDiffers => Self::ShopDiffers,
            AttentionRow::BotTaken => Self::BotTaken,
            AttentionRow::ClientGone => Self::ClientGone,
        }
    }
}

/// An [`OrderState`].
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum OrderStateRow {
    Open,
    Paid,
    Canceled,
    Expired,
    Attention(AttentionRow),
}

impl From<OrderState> for OrderStateRow {
    fn from(state: OrderState) -> Self {
        match state {
            OrderState::Open => Self::Open,
            OrderState::Paid => Self::Paid,
            OrderState::Canceled => Self::Canceled,
            OrderState::Expired => Self::Expired,
            OrderState::Attention(why) => Self::Attention(why.into()),
        }
    }
}

impl From<OrderStateRow> for OrderState {
    fn from(row: OrderStateRow) -> Self {
        match row {
            OrderStateRow::Open => Self::Open,
            OrderStateRow::Paid => Self::Paid,
            OrderStateRow::Canceled => Self::Canceled,
            OrderStateRow::Expired => Self::Expired,
            OrderStateRow::Attention(why) => Self::Attention(why.into()),
        }
    }
}
