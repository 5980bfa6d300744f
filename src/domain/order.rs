//! An order: one intention to pay for a plan, ours, made before YooKassa hears of it.

use jiff::{SignedDuration, Timestamp};

use super::client::{Bot, CompanyName};
use super::ids::{ClientId, OrderId, PaymentId, UserId};
use super::plan::Plan;

/// How long an order can be paid; YooKassa closes a pending payment after the same hour.
pub const TIME_TO_PAY: SignedDuration = SignedDuration::from_hours(1);

/// What is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// More time for the client, which exists.
    Extension,
    /// The client itself: it begins when the order is paid. Its bot's token was checked and is
    /// kept, sealed, under the client's id.
    NewClient {
        /// The business.
        company: CompanyName,
        /// The bot that Telegram confirmed.
        bot: Bot,
    },
    /// The client, whose owner brings the bot later: once the order is paid, its days wait for the
    /// bot, and the client begins when that is connected.
    BotLater {
        /// The business.
        company: CompanyName,
    },
}

/// How many bots one owner may have, those that are ordered included. Enough for a chain of
/// salons, and few enough that nobody fills the host by pressing buttons; an operator may add more.
pub const BOTS_PER_OWNER: usize = 10;

/// How many orders one buyer may leave unpaid at a time: each is a payment at the provider.
pub const OPEN_ORDERS_PER_BUYER: usize = 10;

/// An open order that can be paid for so long yet is shown again when the same is asked for.
pub const WORTH_SHOWING: SignedDuration = SignedDuration::from_mins(5);

/// How long the token of an order that was not paid is kept, so that the same can be ordered again
/// without it.
pub const TOKEN_KEPT: SignedDuration = SignedDuration::from_hours(72);

/// When an owner who has paid is reminded to bring the bot, in days after the payment.
pub const BRING_BOT_DAYS: [i64; 5] = [1, 2, 3, 5, 7];

/// One intention to pay for a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Names the order everywhere, also at the provider.
    pub id: OrderId,
    /// What is paid for.
    pub subject: Subject,
    /// The client that gets the time; for a new client the id that it will have.
    pub client: ClientId,
    /// Who pays, and gets the notices.
    pub buyer: UserId,
    /// The plan as it was when it was ordered; a later change of price does not touch it.
    pub plan: Plan,
    /// How far it has come.
    pub state: OrderState,
    /// The request to the provider; replayed until its outcome is known.
    pub request: PaymentRequest,
    /// The provider's payment, once it is known.
    pub payment: Option<PaymentId>,
    /// Where the buyer pays, once it is known.
    pub confirmation_url: Option<String>,
    /// When the buyer asked for it.
    pub created_at: Timestamp,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
}

/// The exact request that makes the payment, stored before it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The provider answers two requests with the same key as one.
    pub idempotence_key: String,
    /// The bytes of the body, the same each time.
    pub body: Vec<u8>,
}

/// Shows no body: a receipt holds the buyer's address.
impl std::fmt::Debug for PaymentRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PaymentRequest({}, {} bytes)", self.idempotence_key, self.body.len())
    }
}

/// How far an order has come. Only [`OrderState::Open`] is not final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Waits for the buyer.
    Open,
    /// Paid, and its time granted.
    Paid,
    /// The provider refused or canceled the payment.
    Canceled,
    /// The buyer did not pay in time.
    Expired,
    /// Money came that was not granted: a person must decide.
    Attention(Attention),
}

/// Why a person must decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// A second payment for an order already paid.
    PaidTwice,
    /// Paid after the order was canceled or had expired.
    PaidAfterClosing,
    /// The amount or its currency differs from the order's.
    AmountDiffers,
    /// The payment went to another shop, or a test payment met a live order or the reverse.
    ShopDiffers,
    /// Another client got the bot before this order was paid.
    BotTaken,
    /// The client to be extended no longer exists.
    ClientGone,
}

impl OrderState {
    /// Names the state for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Attention(_) => "attention",
        }
    }
}

impl Attention {
    /// Names the reason for logs and for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaidTwice => "paid_twice",
            Self::PaidAfterClosing => "paid_after_closing",
            Self::AmountDiffers => "amount_differs",
            Self::ShopDiffers => "shop_differs",
            Self::BotTaken => "bot_taken",
            Self::ClientGone => "client_gone",
        }
    }
}

/// How long an order without a last word from the provider is looked after.
pub const LOOKED_AFTER: SignedDuration = SignedDuration::from_hours(8 * 24);

/// How long a request may be repeated under its key; the provider's 24 hours less a margin.
pub const KEY_REMEMBERED: SignedDuration = SignedDuration::from_hours(23);

/// When the reconciler looks at an order next: often while the buyer is likely to be paying,
/// rarely once it is old. `None` once it is looked after no longer.
pub fn next_look(created: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let age = now.duration_since(created);
    let pause = if age < SignedDuration::from_mins(5) {
        SignedDuration::from_secs(20)
    } else if age < SignedDuration::from_hours(2) {
        SignedDuration::from_mins(1)
    } else if age < SignedDuration::from_hours(24) {
        SignedDuration::from_mins(15)
    } else if age < LOOKED_AFTER {
        SignedDuration::from_hours(2)
    } else {
        return None;
    };
    Some(now + pause)
}

impl Order {
    /// Tells whether the order came with a bot, whose token is kept under the client's id.
    pub const fn has_token(&self) -> bool {
        matches!(self.subject, Subject::NewClient { .. })
    }

    /// Tells whether the bot is still to be brought when the order is paid.
    pub const fn is_without_bot(&self) -> bool {
        matches!(self.subject, Subject::BotLater { .. })
    }

    /// Returns the business that begins with this order, if one does.
    pub const fn company(&self) -> Option<&CompanyName> {
        match &self.subject {
            Subject::NewClient { company, .. } | Subject::BotLater { company } => Some(company),
            Subject::Extension => None,
        }
    }

    /// Tells whether this order, while it is open, is what somebody asks for who wants `plan` for
    /// `subject` and, if it extends one, for `client`.
    pub fn is_for(&self, subject: &Subject, client: ClientId, plan: &Plan) -> bool {
        let same_client = self.subject != Subject::Extension || self.client == client;
        self.subject == *subject && same_client && self.plan == *plan
    }
}
