//! Background work, and the notices that it brings to people.

use jiff::Timestamp;

use super::ids::{ClientId, OrderId, PaymentId, RefundId, UserId};
use super::news::NewsId;
use super::seed::SeedRefusal;

/// A durable unit of background work of `serve`. Performing one twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Ask the provider for the order's payment, until there is one.
    RequestPayment(OrderId),
    /// Read the payment from the provider and do what follows.
    Settle(PaymentId),
    /// Ask the provider for a refund, until its outcome is known.
    Refund(RefundId),
    /// Look after every order whose end at the provider is unknown.
    Reconcile,
    /// Look for refunds that nobody told us of.
    SweepRefunds,
    /// Start the client's bot and wait until it is healthy.
    Deploy(ClientId),
    /// Stop the client's bot and start it again.
    Restart(ClientId),
    /// Stop the client's bot and remove all that belongs to it.
    Remove(ClientId),
    /// Have the client's bot send a copy of its database.
    BackUp(ClientId),
    /// Back up the whole host, unless a backup was begun at this moment or since.
    BackUpHost(Timestamp),
    /// Move the data of the client's bot to the archive.
    Archive(ClientId),
    /// Move every subscription to the state that time has brought.
    Lifecycle,
    /// Forget the bot token of a client that never came to be.
    ForgetToken(ClientId),
    /// Tell one person one thing.
    Notify(UserId, Notice),
    /// Change the message that follows the client's deploy to how it stands now.
    ShowProgress(ClientId),
    /// Tell the operators how the day begins.
    Digest(Timestamp),
    /// Look for what the operators must hear of that has no other voice.
    Watch,
}

impl Job {
    /// Names the kind for programs, logs and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RequestPayment(_) => "request_payment",
            Self::Settle(_) => "settle_payment",
            Self::Refund(_) => "refund",
            Self::Reconcile => "reconcile",
            Self::SweepRefunds => "sweep_refunds",
            Self::Deploy(_) => "deploy_client",
            Self::Restart(_) => "restart_client",
            Self::Remove(_) => "remove_client",
            Self::BackUp(_) => "back_up_client",
            Self::BackUpHost(_) => "back_up_host",
            Self::Archive(_) => "archive_client",
            Self::Lifecycle => "lifecycle",
            Self::ForgetToken(_) => "forget_token",
            Self::Notify(..) => "notify",
            Self::ShowProgress(_) => "show_progress",
            Self::Digest(_) => "digest",
            Self::Watch => "watch",
        }
    }

    /// Tells whether jobs of this kind come round by the clock, wanted by nobody in particular.
    pub fn is_of_timetable(kind: &str) -> bool {
        let digest = Self::Digest(Timestamp::UNIX_EPOCH);
        let rounds = [Self::Reconcile, Self::SweepRefunds, Self::Lifecycle, Self::Watch, digest];
        rounds.iter().any(|job| job.kind() == kind)
    }

    /// Returns the client that the job is for, if it is for one.
    pub const fn client(&self) -> Option<ClientId> {
        match self {
            Self::Deploy(client)
            | Self::Restart(client)
            | Self::Remove(client)
            | Self::ShowProgress(client)
            | Self::BackUp(client)
            | Self::Archive(client)
            | Self::ForgetToken(client) => Some(*client),
            Self::RequestPayment(_)
            | Self::Settle(_)
            | Self::Refund(_)
            | Self::Reconcile
            | Self::SweepRefunds
            | Self::Lifecycle
            | Self::Digest(_)
            | Self::BackUpHost(_)
            | Self::Watch
            | Self::Notify(..) => None,
        }
    }
}

/// Something that a person must hear. Holds ids only: the words are made when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// To an operator: a plan was sold.
    NewSale(OrderId),
    /// To an operator: money came that needs a decision.
    Attention(PaymentId),
    /// To an operator: the bot answers.
    DeployDone(ClientId),
    /// To an operator: the bot could not be started.
    DeployFailed(ClientId),
    /// To an operator: the bot stays silent, and is not started anew any more.
    HandedOver(ClientId),
    /// To an operator: the bot cannot begin with the data that is held for it, and serves nobody.
    SeedRefused(ClientId, SeedRefusal),
    /// To an operator: the bot did not work in the new release, and runs in the one before.
    RollOutStopped(ClientId),
    /// To an operator: paid for, and the bot does not run.
    PaidNotDelivered(ClientId),
    /// To an operator: something keeps the bot from Telegram.
    ClientProblem(ClientId),
    /// To an operator: another program had the bot's updates sent elsewhere; they are taken back.
    Diverted(ClientId),
    /// To an operator: the refund that was asked for is done.
    RefundDone(PaymentId),
    /// To an operator: the provider will not give the money back.
    RefundRefused(PaymentId),
    /// To an operator: paid for a week ago, and the owner has not brought the bot.
    BotNotBrought(OrderId),
    /// To an operator: jobs were given up.
    JobsDead,
    /// To an operator: the provider does not accept the shop's key.
    ShopRefused,
    /// To an operator: there is no new certificate.
    CertificateTrouble,
    /// To an operator: the certificate, which ends then, should have been renewed long ago.
    CertificateLate(Timestamp),
    /// To operators: Telegram cannot bring updates.
    WebhookTrouble,
    /// To an operator: no backup of the host can be made.
    BackupTrouble,
    /// To an operator: how the day that begins then stands.
    Digest(Timestamp),
    /// To the owner: the link to pay is there.
    PayLink(OrderId),
    /// To the owner: the payment has come, and until when it lasts.
    PaymentReceived(PaymentId),
    /// To the owner: the order was canceled or has expired.
    OrderClosed(OrderId),
    /// To the owner: money was given back.
    Refunded(PaymentId),
    /// To the owner: paid for, and the bot is still to be brought.
    BringBot(OrderId),
    /// To the owner: the bot answers.
    BotReady(ClientId),
    /// To the owner: the bot is not ready yet, and an operator knows.
    BotDelayed(ClientId),
    /// To the owner: something keeps the bot from Telegram, and what to do.
    BotProblem(ClientId),
    /// To the owner: another program had the bot's updates sent elsewhere, and what to do.
    BotDiverted(ClientId),
    /// To the owner: the time granted is over, or ends soon.
    Subscription(ClientId),
    /// To the owner: the data of the paused bot leaves its place soon.
    DataEnds(ClientId),
    /// To the owner: an operator has changed how long the bot may run.
    TimeChanged(ClientId),
    /// To the owner: what an operator tells all owners.
    News(NewsId),
}

/// What a notice, or any job, is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic<'a> {
    /// One client.
    Client(ClientId),
    /// One order.
    Order(OrderId),
    /// One payment.
    Payment(&'a PaymentId),
    /// None of these.
    Host,
}

impl Notice {
    /// Returns what it is about.
    pub const fn topic(&self) -> Topic<'_> {
        match self {
            Self::DeployDone(client)
            | Self::DeployFailed(client)
            | Self::HandedOver(client)
            | Self::SeedRefused(client, _)
            | Self::RollOutStopped(client)
            | Self::PaidNotDelivered(client)
            | Self::ClientProblem(client)
            | Self::Diverted(client)
            | Self::BotReady(client)
            | Self::BotDelayed(client)
            | Self::BotProblem(client)
            | Self::BotDiverted(client)
            | Self::Subscription(client)
            | Self::DataEnds(client)
            | Self::TimeChanged(client) => Topic::Client(*client),
            Self::NewSale(order)
            | Self::PayLink(order)
            | Self::OrderClosed(order)
            | Self::BringBot(order)
            | Self::BotNotBrought(order) => Topic::Order(*order),
            Self::Attention(payment)
            | Self::PaymentReceived(payment)
            | Self::Refunded(payment)
            | Self::RefundDone(payment)
            | Self::RefundRefused(payment) => Topic::Payment(payment),
            Self::JobsDead
            | Self::ShopRefused
            | Self::CertificateTrouble
            | Self::CertificateLate(_)
            | Self::WebhookTrouble
            | Self::BackupTrouble
            | Self::Digest(_)
            | Self::News(_) => Topic::Host,
        }
    }

    /// Whether an operator hears it, from the Master Bot; owners hear from the Sales Bot.
    pub const fn is_for_operators(&self) -> bool {
        match self {
            Self::NewSale(_)
            | Self::Attention(_)
            | Self::DeployDone(_)
            | Self::DeployFailed(_)
            | Self::HandedOver(_)
            | Self::SeedRefused(..)
            | Self::RollOutStopped(_)
            | Self::PaidNotDelivered(_)
            | Self::ClientProblem(_)
            | Self::Diverted(_)
            | Self::RefundDone(_)
            | Self::RefundRefused(_)
            | Self::BotNotBrought(_)
            | Self::JobsDead
            | Self::ShopRefused
            | Self::CertificateTrouble
            | Self::CertificateLate(_)
            | Self::WebhookTrouble
            | Self::BackupTrouble
            | Self::Digest(_) => true,
            Self::PayLink(_)
            | Self::PaymentReceived(_)
            | Self::OrderClosed(_)
            | Self::Refunded(_)
            | Self::BringBot(_)
            | Self::BotReady(_)
            | Self::BotDelayed(_)
            | Self::BotProblem(_)
            | Self::BotDiverted(_)
            | Self::Subscription(_)
            | Self::DataEnds(_)
            | Self::TimeChanged(_)
            | Self::News(_) => false,
        }
    }
}
