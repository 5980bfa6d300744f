//! A notice as a job carries it.

use serde::{Deserialize, Serialize};

use super::TABLE;
use crate::domain::ids::{ClientId, OrderId};
use crate::domain::job::Notice;
use crate::domain::news::NewsId;
use crate::domain::seed::SeedRefusal;
use crate::store::StoreError;
use crate::store::rows::{instant, valid};

/// A notice's part of the payload. A new one is a new variant at the end; a released one never
/// changes.
#[derive(Serialize, Deserialize)]
pub(super) enum NoticeRow {
    NewSale(u128),
    Attention(String),
    DeployDone(u128),
    DeployFailed(u128),
    PaidNotDelivered(u128),
    ClientProblem(u128),
    PayLink(u128),
    PaymentReceived(String),
    OrderClosed(u128),
    Refunded(String),
    BotReady(u128),
    BotDelayed(u128),
    BotProblem(u128),
    Subscription(u128),
    RefundDone(String),
    RefundRefused(String),
    BringBot(u128),
    BotNotBrought(u128),
    DataEnds(u128),
    JobsDead,
    ShopRefused,
    Digest(i64),
    TimeChanged(u128),
    News(u64),
    RollOutStopped(u128),
    CertificateTrouble,
    CertificateLate(i64),
    WebhookTrouble,
    HandedOver(u128),
    BackupTrouble,
    /// The reason by its name.
    SeedRefused(u128, String),
    Diverted(u128),
    BotDiverted(u128),
}

impl From<&Notice> for NoticeRow {
    fn from(notice: &Notice) -> Self {
        match notice {
            Notice::NewSale(order) => Self::NewSale(order.bits()),
            Notice::Attention(payment) => Self::Attention(payment.as_str().to_owned()),
            Notice::DeployDone(client) => Self::DeployDone(client.bits()),
            Notice::DeployFailed(client) => Self::DeployFailed(client.bits()),
            Notice::HandedOver(client) => Self::HandedOver(client.bits()),
            Notice::SeedRefused(client, why) => {
                Self::SeedRefused(client.bits(), why.name().to_owned())
            }
            Notice::RollOutStopped(client) => Self::RollOutStopped(client.bits()),
            Notice::PaidNotDelivered(client) => Self::PaidNotDelivered(client.bits()),
            Notice::ClientProblem(client) => Self::ClientProblem(client.bits()),
            Notice::Diverted(client) => Self::Diverted(client.bits()),
            Notice::BotDiverted(client) => Self::BotDiverted(client.bits()),
            Notice::PayLink(order) => Self::PayLink(order.bits()),
            Notice::PaymentReceived(payment) => Self::PaymentReceived(payment.as_str().to_owned()),
            Notice::OrderClosed(order) => Self::OrderClosed(order.bits()),
            Notice::Refunded(payment) => Self::Refunded(payment.as_str().to_owned()),
            Notice::BotReady(client) => Self::BotReady(client.bits()),
            Notice::BotDelayed(client) => Self::BotDelayed(client.bits()),
            Notice::BotProblem(client) => Self::BotProblem(client.bits()),
            Notice::Subscription(client) => Self::Subscription(client.bits()),
            Notice::RefundDone(id) => Self::RefundDone(id.as_str().to_owned()),
            Notice::RefundRefused(id) => Self::RefundRefused(id.as_str().to_owned()),
            Notice::BringBot(order) => Self::BringBot(order.bits()),
            Notice::BotNotBrought(order) => Self::BotNotBrought(order.bits()),
            Notice::DataEnds(client) => Self::DataEnds(client.bits()),
            Notice::JobsDead => Self::JobsDead,
            Notice::ShopRefused => Self::ShopRefused,
            Notice::Digest(day) => Self::Digest(day.as_millisecond()),
            Notice::TimeChanged(client) => Self::TimeChanged(client.bits()),
            Notice::News(news) => Self::News(news.0),
            Notice::CertificateTrouble => Self::CertificateTrouble,
            Notice::CertificateLate(until) => Self::CertificateLate(until.as_millisecond()),
            Notice::WebhookTrouble => Self::WebhookTrouble,
            Notice::BackupTrouble => Self::BackupTrouble,
        }
    }
}

impl NoticeRow {
    pub(super) fn parse(self) -> Result<Notice, StoreError> {
        let client = ClientId::from_bits;
        let order = OrderId::from_bits;
        Ok(match self {
            Self::NewSale(id) => Notice::NewSale(order(id)),
            Self::Attention(id) => Notice::Attention(valid(TABLE, id.parse())?),
            Self::DeployDone(id) => Notice::DeployDone(client(id)),
            Self::DeployFailed(id) => Notice::DeployFailed(client(id)),
            Self::PaidNotDelivered(id) => Notice::PaidNotDelivered(client(id)),
            Self::ClientProblem(id) => Notice::ClientProblem(client(id)),
            Self::Diverted(id) => Notice::Diverted(client(id)),
            Self::BotDiverted(id) => Notice::BotDiverted(client(id)),
            Self::PayLink(id) => Notice::PayLink(order(id)),
            Self::PaymentReceived(id) => Notice::PaymentReceived(valid(TABLE, id.parse())?),
            Self::OrderClosed(id) => Notice::OrderClosed(order(id)),
            Self::Refunded(id) => Notice::Refunded(valid(TABLE, id.parse())?),
            Self::BotReady(id) => Notice::BotReady(client(id)),
            Self::BotDelayed(id) => Notice::BotDelayed(client(id)),
            Self::BotProblem(id) => Notice::BotProblem(client(id)),
            Self::Subscription(id) => Notice::Subscription(client(id)),
            Self::RefundDone(id) => Notice::RefundDone(valid(TABLE, id.parse())?),
            Self::RefundRefused(id) => Notice::RefundRefused(valid(TABLE, id.parse())?),
            Self::BringBot(id) => Notice::BringBot(order(id)),
            Self::BotNotBrought(id) => Notice::BotNotBrought(order(id)),
            Self::DataEnds(id) => Notice::DataEnds(client(id)),
            Self::JobsDead => Notice::JobsDead,
            Self::ShopRefused => Notice::ShopRefused,
            Self::Digest(day) => Notice::Digest(instant(TABLE, day)?),
            Self::TimeChanged(id) => Notice::TimeChanged(client(id)),
            Self::News(id) => Notice::News(NewsId(id)),
            Self::HandedOver(id) => Notice::HandedOver(client(id)),
            Self::SeedRefused(id, why) => {
                let why = SeedRefusal::named(&why).ok_or("unknown refusal");
                Notice::SeedRefused(client(id), valid(TABLE, why)?)
            }
            Self::RollOutStopped(id) => Notice::RollOutStopped(client(id)),
            Self::CertificateTrouble => Notice::CertificateTrouble,
            Self::CertificateLate(until) => Notice::CertificateLate(instant(TABLE, until)?),
            Self::WebhookTrouble => Notice::WebhookTrouble,
            Self::BackupTrouble => Notice::BackupTrouble,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::ids::PaymentId;
    use crate::store::row::{decode, encode};

    #[test]
    fn every_notice_survives_the_trip() {
        let (client, order) = (ClientId::from_bits(7), OrderId::from_bits(8));
        let payment: PaymentId = "2f1c-9".parse().unwrap();
        let notices = [
            Notice::NewSale(order),
            Notice::Attention(payment.clone()),
            Notice::DeployDone(client),
            Notice::DeployFailed(client),
            Notice::PaidNotDelivered(client),
            Notice::ClientProblem(client),
            Notice::PayLink(order),
            Notice::PaymentReceived(payment.clone()),
            Notice::OrderClosed(order),
            Notice::Refunded(payment.clone()),
            Notice::BotReady(client),
            Notice::BotDelayed(client),
            Notice::BotProblem(client),
            Notice::Diverted(client),
            Notice::BotDiverted(client),
            Notice::Subscription(client),
            Notice::RefundDone(payment.clone()),
            Notice::RefundRefused(payment),
            Notice::BringBot(order),
            Notice::BotNotBrought(order),
            Notice::DataEnds(client),
            Notice::JobsDead,
            Notice::ShopRefused,
            Notice::Digest(Timestamp::UNIX_EPOCH),
            Notice::TimeChanged(client),
            Notice::News(NewsId(11)),
            Notice::RollOutStopped(client),
            Notice::HandedOver(client),
            Notice::CertificateTrouble,
            Notice::CertificateLate(Timestamp::UNIX_EPOCH),
            Notice::WebhookTrouble,
            Notice::BackupTrouble,
        ];
        let refused = SeedRefusal::ALL.map(|why| Notice::SeedRefused(client, why));
        for notice in notices.into_iter().chain(refused) {
            let row = encode(TABLE, &NoticeRow::from(&notice)).unwrap();
            let row: NoticeRow = decode(TABLE, &row).unwrap();
            assert_eq!(row.parse().unwrap(), notice);
        }
        let unknown = NoticeRow::SeedRefused(7, "tired".to_owned());
        assert!(matches!(unknown.parse(), Err(StoreError::Corrupt { .. })));
    }
}
