//! YooKassa API v3: payments, refunds and the shop itself.
//!
//! Every call ends in one of the few ways that callers treat differently, see [`YooKassaError`].
//! Nothing here decides about money: answers are read tolerantly, and whoever grants time
//! compares them with the stored order.

mod answer;
mod error;
#[cfg(test)]
mod fixtures;
mod key;
mod notification;
mod payment;
mod refund;
mod request;
mod shop;
mod transport;

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;

use super::way::{Way, WayError};
use crate::domain::ids::PaymentId;

pub use answer::{Amount, Page};
pub use error::{Unclear, YooKassaError};
pub use key::{IdempotenceKey, InvalidKey};
pub use notification::{NotANotification, Notification, parse_notification};
pub use payment::{Cancellation, PaymentStatus, ProviderPayment};
pub use refund::{InvalidRefundId, ProviderRefund, RefundId, RefundStatus};
pub use request::{NewPayment, NewRefund, Receipt, payment_request, receipt_email, refund_request};
pub use shop::Me;
pub use transport::Limits;

use answer::Tree;
use transport::Transport;

/// How many payments or refunds one page of a list holds; the most that YooKassa gives.
const PAGE_SIZE: &str = "100";

/// Where YooKassa is, and as which shop to speak to it. `Debug` shows the shop's number only.
#[derive(Clone)]
pub struct Settings {
    /// The API's base address, without a slash at the end: `https://api.yookassa.ru/v3`.
    pub api_url: String,
    /// The shop's number.
    pub shop_id: String,
    /// The shop's key; begins with `live_` or `test_`.
    pub secret_key: SecretString,
}

/// Why there is no way to YooKassa. Holds no address.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address cannot be used.
    #[error(transparent)]
    Address(reqwest::Error),
    /// The way cannot be gone.
    #[error(transparent)]
    Way(#[from] WayError),
}

impl SetupError {
    fn address(err: reqwest::Error) -> Self {
        Self::Address(err.without_url())
    }
}

/// A client of YooKassa's API with its own connections; cheap to clone.
#[derive(Clone)]
pub struct YooKassa {
    transport: Transport,
}

impl YooKassa {
    /// Makes a client with the usual [`Limits`]; sends nothing yet.
    ///
    /// # Errors
    ///
    /// Returns the error of an address that cannot be used, without the address.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        Self::with_limits(settings, Limits::default())
    }

    /// Makes a client with the usual [`Limits`] that goes this way.
    ///
    /// # Errors
    ///
    /// See [`YooKassa::new`].
    pub fn through(settings: Settings, way: &Way) -> Result<Self, SetupError> {
        Ok(Self { transport: Transport::new(settings, Limits::default(), way)? })
    }

    /// Makes a client that waits and queues within `limits`.
    ///
    /// # Errors
    ///
    /// See [`YooKassa::new`].
    pub fn with_limits(settings: Settings, limits: Limits) -> Result<Self, SetupError> {
        Ok(Self { transport: Transport::new(settings, limits, &Way::default())? })
    }

    /// Creates the payment that `body` asks for, or finds the one that `key` has made.
    ///
    /// Sends exactly these bytes under this key, so a repetition within 24 hours, after whatever
    /// ending, never makes a second payment. It gets the first answer, however the payment stands
    /// by then.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`]; only [`Rejected`](YooKassaError::Rejected) proves that there is
    /// no payment.
    pub async fn create_payment(
        &self,
        key: &IdempotenceKey,
        body: &[u8],
    ) -> Result<ProviderPayment, YooKassaError> {
        let answer = self.transport.post("payments", key, body).await?;
        ProviderPayment::read(&Tree::parse(&answer)?)
    }

    /// Reads a payment.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError::NotFound`] for another shop's payment too.
    pub async fn payment(&self, id: &PaymentId) -> Result<ProviderPayment, YooKassaError> {
        let answer = self.transport.get(&format!("payments/{id}"), &[]).await?;
        ProviderPayment::read(&Tree::parse(&answer)?)
    }

    /// Reads a page of the payments created in `created_from..created_to`, newest first; the
    /// bounds count in whole milliseconds.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`].
    pub async fn payments(
        &self,
        created_from: Timestamp,
        created_to: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<ProviderPayment>, YooKassaError> {
        let from = format!("{created_from:.3}");
        let to = format!("{created_to:.3}");
        let mut query = vec![
            ("created_at.gte", from.as_str()),
            ("created_at.lt", to.as_str()),
            ("limit", PAGE_SIZE),
        ];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let answer = self.transport.get("payments", &query).await?;
        Page::read(&Tree::parse(&answer)?, cursor, ProviderPayment::read)
    }

    /// Gives money back, or finds the refund that `key` has made; see
    /// [`create_payment`](Self::create_payment).
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`]; only [`Rejected`](YooKassaError::Rejected) proves that there is
    /// no refund.
    pub async fn create_refund(
        &self,
        key: &IdempotenceKey,
        body: &[u8],
    ) -> Result<ProviderRefund, YooKassaError> {
        let answer = self.transport.post("refunds", key, body).await?;
        ProviderRefund::read(&Tree::parse(&answer)?)
    }

    /// Reads a refund. A pending one must be asked for again: no notification tells of its refusal.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`].
    pub async fn refund(&self, id: &RefundId) -> Result<ProviderRefund, YooKassaError> {
        let answer = self.transport.get(&format!("refunds/{id}"), &[]).await?;
        ProviderRefund::read(&Tree::parse(&answer)?)
    }

    /// Reads a page of a payment's refunds, newest first.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`].
    pub async fn refunds(
        &self,
        payment: &PaymentId,
        cursor: Option<&str>,
    ) -> Result<Page<ProviderRefund>, YooKassaError> {
        let mut query = vec![("payment_id", payment.as_str()), ("limit", PAGE_SIZE)];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let answer = self.transport.get("refunds", &query).await?;
        Page::read(&Tree::parse(&answer)?, cursor, ProviderRefund::read)
    }

    /// Reads a page of the refunds made in `made_from..made_to`, newest first.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`].
    pub async fn refunds_made(
        &self,
        made_from: Timestamp,
        made_to: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<ProviderRefund>, YooKassaError> {
        let from = format!("{made_from:.3}");
        let to = format!("{made_to:.3}");
        let mut query = vec![
            ("created_at.gte", from.as_str()),
            ("created_at.lt", to.as_str()),
            ("limit", PAGE_SIZE),
        ];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let answer = self.transport.get("refunds", &query).await?;
        Page::read(&Tree::parse(&answer)?, cursor, ProviderRefund::read)
    }

    /// Tells whether YooKassa's last word was that the shop's key is not accepted.
    pub fn is_refused(&self) -> bool {
        self.transport.is_refused()
    }

    /// Reads the shop's own settings; the natural check of the credentials.
    ///
    /// # Errors
    ///
    /// Returns [`YooKassaError`]. Only [`Unauthorized`](YooKassaError::Unauthorized) says that the
    /// key is wrong: ordinary shops may be refused here with 403 or 404.
    pub async fn me(&self) -> Result<Me, YooKassaError> {
        let answer = self.transport.get("me", &[]).await?;
        Ok(Me::read(&Tree::parse(&answer)?))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("shop_id", &self.shop_id).finish_non_exhaustive()
    }
}

/// Shows the shop's number only.
impl fmt::Debug for YooKassa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YooKassa")
            .field("shop_id", &self.transport.shop_id())
            .finish_non_exhaustive()
    }
}
