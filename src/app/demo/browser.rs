//! The demo's browser: pays on the shop's page and asks the API, over the wire like anybody else.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde::Deserialize;

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

#[derive(Deserialize)]
struct Clients {
    items: Vec<Client>,
}

#[derive(Deserialize)]
struct Client {
    bot_username: String,
    subscription_expires_at: Option<Timestamp>,
}

impl Browser {
    pub(super) fn new(serve: SocketAddr, api_token: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { http, serve, api_token })
    }

    /// Opens the page to pay, pays with a test card, and follows where the shop leads back to.
    ///
    /// # Errors
    ///
    /// Returns the page that did not come.
    pub async fn pay(&self, url: &str) -> anyhow::Result<()> {
        let page = self.http.get(url).send().await.context("the page to pay does not open")?;
        ensure!(page.status().is_success(), "the page to pay answers {}", page.status());
        let paid = self.http.post(url).form(&[("card", CARD)]).send().await?;
        ensure!(paid.status().is_success(), "after the payment comes {}", paid.status());
        Ok(())
    }

    /// Asks the API until when the client with this bot may run.
    ///
    /// # Errors
    ///
    /// Returns what the API did not answer.
    pub async fn paid_until(&self, bot: &str) -> anyhow::Result<Timestamp> {
        let url = format!("http://{}/api/clients", self.serve);
        let request = self.http.get(url).bearer_auth(&self.api_token);
        let list: Clients = request.send().await?.error_for_status()?.json().await?;
        let client = list.items.into_iter().find(|client| client.bot_username == bot);
        let until = client.and_then(|client| client.subscription_expires_at);
        until.with_context(|| format!("the API knows no end of @{bot}"))
    }
}
