//! The words that stand for states in the API; none changes once released.

use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::domain::client::RuntimeState;
use crate::domain::order::OrderState;
use crate::domain::payment::{PaymentState, Source};
use crate::domain::refund::RefundState as Refund;
use crate::domain::subscription::Subscription;
use crate::http::shape::{Parts, Shape};
use crate::store::queue::JobState;

/// Declares an enum and the words that it is written with.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident($title:literal) { $($case:ident = $word:literal),* $(,)? })*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::http::api) enum $name {
            $($case,)*
        }

        impl $name {
            /// All of them.
            pub(in crate::http::api) const ALL: &'static [Self] = &[$(Self::$case),*];

            /// The one that examples show.
            const SAMPLE: usize = (Self::ALL.len() > 5) as usize;

            /// Returns the word.
            pub(in crate::http::api) const fn word(self) -> &'static str {
                match self { $(Self::$case => $word,)* }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl Shape for $name {
            fn schema(parts: &mut Parts) -> Value {
                let about = concat!($($doc),+);
                let words = [$($word),*];
                parts.named($title, |_| {
                    json!({"type": "string", "description": about.trim(), "enum": words})
                })
            }

            fn sample() -> Value {
                json!(Self::ALL[Self::SAMPLE].word())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|it| it.word() == text).copied();
                found.ok_or_else(|| concat!("expected one of", $(" ", $word),*).to_owned())
            }
        }
    )*};
}

words! {
    /// A client's right to run.
    ClientState("ClientState") {
        Trial = "trial",
        Active = "active",
        Grace = "grace",
        Suspended = "suspended",
        Cancelled = "cancelled",
        Archived = "archived",
    }

    /// What is known of a client's bot.
    RuntimeWord("RuntimeState") {
        None = "none",
        Starting = "starting",
        Running = "running",
        Stopped = "stopped",
        Failed = "failed",
    }

    /// How far an order has come; in `attention` a person must decide.
    OrderWord("OrderState") {
        Open = "open",
        Paid = "paid",
        Canceled = "canceled",
        Expired = "expired",
        Attention = "attention",
    }

    /// Who took the money.
    SourceWord("PaymentSource") {
        YooKassa = "yookassa",
        Manual = "manual",
    }

    /// How far a payment has come; in `attention` it has granted nothing and a person must decide,
    /// and `dismissed` says that one has: it grants nothing and stays where it is.
    PaymentWord("PaymentState") {
        Settled = "settled",
        Refunded = "refunded",
        Attention = "attention",
        Dismissed = "dismissed",
    }

    /// How far a refund has come; only `asked` is not final.
    RefundWord("RefundState") {
        Asked = "asked",
        Done = "done",
        Refused = "refused",
    }

    /// Where a task stands; `dead` is given up and may be tried again by hand.
    TaskState("TaskState") {
        Queued = "queued",
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Dead = "dead",
    }
}

impl From<Subscription> for ClientState {
    fn from(subscription: Subscription) -> Self {
        match subscription {
            Subscription::Trial { .. } => Self::Trial,
            Subscription::Active { .. } => Self::Active,
            Subscription::Grace { .. } => Self::Grace,
            Subscription::Suspended { .. } => Self::Suspended,
            Subscription::Cancelled { .. } => Self::Cancelled,
            Subscription::Archived { .. } => Self::Archived,
        }
    }
}

impl From<RuntimeState> for RuntimeWord {
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

impl From<OrderState> for OrderWord {
    fn from(state: OrderState) -> Self {
        match state {
            OrderState::Open => Self::Open,
            OrderState::Paid => Self::Paid,
            OrderState::Canceled => Self::Canceled,
            OrderState::Expired => Self::Expired,
            OrderState::Attention(_) => Self::Attention,
        }
    }
}

impl From<Source> for SourceWord {
    fn from(source: Source) -> Self {
        match source {
            Source::YooKassa => Self::YooKassa,
            Source::Manual => Self::Manual,
        }
    }
}

impl From<PaymentState> for PaymentWord {
    fn from(state: PaymentState) -> Self {
        match state {
            PaymentState::Settled => Self::Settled,
            PaymentState::Refunded => Self::Refunded,
            PaymentState::Attention(_) => Self::Attention,
            PaymentState::Dismissed(_) => Self::Dismissed,
        }
    }
}

impl From<Refund> for RefundWord {
    fn from(state: Refund) -> Self {
        match state {
            Refund::Asked => Self::Asked,
            Refund::Done => Self::Done,
            Refund::Refused => Self::Refused,
        }
    }
}

impl From<JobState> for TaskState {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued => Self::Queued,
            JobState::Waiting => Self::Waiting,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Dead => Self::Dead,
        }
    }
}
