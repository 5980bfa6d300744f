//! The demo's browser: pays on the shop's page and asks the API, over the wire like anybody else.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A documented test card that pays.
const CARD: &str = "5555555555554444";
/// How long a page may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Opens pages of the simulated shop and of `serve`.
pub struct Browser {
    http: reqwest::Client,
    serve: SocketAddr,
    api_token: String,
}

/// What the API tells of the whole.
pub struct Facts {
    /// How many clients' bots run.
    pub running: usize,
    /// How many payments were settled.
    pub settled: usize,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Payment {
    state: String,
}

#[derive(Deserialize)]
struct Client {
    bot_username: String,
    runtime: String,
    subscription_expires_at: Option<Timestamp>,
}

impl Browser {
    pub(super) fn new(serve: SocketAddr, api_token: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, serve, api_token })
    }

    /// Opens the page to pay and pays with a test card; the window is closed then, so nobody comes
    /// back to our own page.
    ///
    /// # Errors
    ///
    /// Returns the page that did not come.
    pub async fn pay(&self, url: &str) -> anyhow::Result<()> {
        let page = self.http.get(url).send().await.context("the page to pay does not open")?;
        ensure!(page.status().is_success(), "the page to pay answers {}", page.status());
        let paid = self.http.post(url).form(&[("card", CARD)]).send().await?;
        ensure!(paid.status().is_redirection(), "after the payment comes {}", paid.status());
        Ok(())
    }

    /// Opens the page that the shop leads the payer back to, and tells whether it says so.
    ///
    /// # Errors
    ///
    /// Returns the page that did not come, or does not say what it should.
    pub async fn come_back(&self, order: &str, says: &str) -> anyhow::Result<()> {
        let url = format!("http://{}/payment/success?order={order}", self.serve);
        let page = self.http.get(url).send().await?.error_for_status()?.text().await?;
        ensure!(page.contains(says), "the page after the payment does not say {says:?}");
        Ok(())
    }

    /// Asks the API until when the client with this bot may run.
    ///
    /// # Errors
    ///
    /// Returns what the API did not answer.
    pub async fn paid_until(&self, bot: &str) -> anyhow::Result<Timestamp> {
        let clients: Vec<Client> = self.list("clients").await?;
        let client = clients.into_iter().find(|client| client.bot_username == bot);
        let until = client.and_then(|client| client.subscription_expires_at);
        until.with_context(|| format!("the API knows no end of @{bot}"))
    }

    /// Asks the API how the whole stands.
    ///
    /// # Errors
    ///
    /// Returns what the API did not answer.
    pub async fn facts(&self) -> anyhow::Result<Facts> {
        let clients: Vec<Client> = self.list("clients").await?;
        let payments: Vec<Payment> = self.list("payments").await?;
        Ok(Facts {
            running: clients.iter().filter(|client| client.runtime == "running").count(),
            settled: payments.iter().filter(|payment| payment.state == "settled").count(),
        })
    }

    async fn list<T: DeserializeOwned>(&self, what: &str) -> anyhow::Result<Vec<T>> {
        let list: List<T> = self.ask(what).await?;
        Ok(list.items)
    }

    /// Asks the API.
    ///
    /// # Errors
    ///
    /// Returns what it did not answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, what: &str) -> anyhow::Result<T> {
        let url = format!("http://{}/api/{what}", self.serve);
        let request = self.http.get(url).bearer_auth(&self.api_token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
