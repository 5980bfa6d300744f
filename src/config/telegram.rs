//! `[telegram]`: the operator's two bots and the way to Telegram.

use std::path::PathBuf;

use secrecy::SecretString;

use super::reader::Reader;
use super::secret::is_placeholder;
use super::setting::choice;
use super::url;
use crate::domain::ids::UserId;
use crate::domain::network::Network;
use crate::domain::token::{BotToken, InvalidToken};

/// The operator's two bots and the way to Telegram.
#[derive(Clone, Debug)]
pub struct Telegram {
    /// The Bot API's base URL without a slash at its end.
    pub api_url: String,
    /// The URL of the proxy to Telegram, possibly with a name and a password in it.
    pub proxy: Option<SecretString>,
    /// A root certificate to trust the Bot API by besides the usual ones, in PEM.
    pub api_ca_file: Option<PathBuf>,
    /// The Master Bot's token; without one there is no Master Bot.
    pub master_token: Option<BotToken>,
    /// The Sales Bot's token; without one there is no Sales Bot.
    pub sales_token: Option<BotToken>,
    /// Who may use the Master Bot, beside those who came by a link.
    pub operators: Vec<UserId>,
    /// How updates come.
    pub updates: Updates,
}

/// Where Telegram says that its webhooks come from. No right follows from it but a place among the
/// connections: who calls, the secret tells.
const NETWORKS: [&str; 2] = ["149.154.160.0/20", "91.108.4.0/22"];

/// How updates come from Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// They are asked for.
    Polling,
    /// Telegram brings them to the public listener.
    Webhook,
}

choice!(Updates { "polling" => Polling, "webhook" => Webhook });

impl Telegram {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let api_url = "https://api.telegram.org".to_owned();
        let telegram = Self {
            api_url: reader.value_with("telegram.api_url", api_url, url::service),
            proxy: reader.secret("telegram.proxy", url::proxy),
            api_ca_file: reader.optional("telegram.api_ca_file"),
            master_token: reader.secret("telegram.master_token", token),
            sales_token: reader.secret("telegram.sales_token", token),
            operators: reader.value("telegram.operators", Vec::new()),
            updates: reader.value("telegram.updates", Updates::Polling),
        };
        telegram.check(reader);
        telegram
    }

    /// Returns where Telegram's own calls come from, if it is asked to make any.
    pub fn callers(&self) -> Vec<Network> {
        match self.updates {
            Updates::Polling => Vec::new(),
            Updates::Webhook => NETWORKS.iter().filter_map(|it| it.parse().ok()).collect(),
        }
    }

    /// Returns the tokens of the operator's own bots.
    pub fn tokens(&self) -> impl Iterator<Item = &BotToken> {
        self.master_token.iter().chain(&self.sales_token)
    }

    fn check(&self, reader: &mut Reader) {
        let bot = |token: &Option<BotToken>| token.as_ref().map(BotToken::bot);
        let (master, sales) = (bot(&self.master_token), bot(&self.sales_token));
        if master.is_some() && master == sales {
            let wrong = "this is the bot of telegram.master_token; the Sales Bot must be another";
            reader.complain("telegram.sales_token", wrong);
        }
    }
}

fn token(text: &str) -> Result<BotToken, String> {
    if is_placeholder(text) {
        return Err("this is a placeholder; @BotFather gives the token".to_owned());
    }
    text.parse().map_err(|err: InvalidToken| err.to_string())
}
