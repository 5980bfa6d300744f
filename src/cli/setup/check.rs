//! What is asked of Telegram and YooKassa before anything is written.

use anyhow::{Context, bail};

use crate::app::parts;
use crate::config::Config;
use crate::external::telegram::CheckError;
use crate::external::yookassa::YooKassaError;
use crate::metrics::BotRole;

/// What came of the checks.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) told: String,
    /// Whether somebody did not answer.
    pub(super) unchecked: bool,
}

/// Asks Telegram for both bots and YooKassa for the shop.
///
/// # Errors
///
/// Returns which token or key is refused.
pub(super) async fn check(config: &Config) -> anyhow::Result<Checks> {
    let mut checks = Checks::default();
    let its = &config.telegram;
    let telegram = parts::telegram(config)?;
    let bots = [
        ("Master Bot", "telegram.master_token", BotRole::Master, &its.master_token),
        ("Sales Bot", "telegram.sales_token", BotRole::Sales, &its.sales_token),
    ];
    for (name, key, role, token) in bots {
        let Some(token) = token else {
            checks.tell(name, "none: no token is set");
            continue;
        };
        match telegram.check(role, token).await {
            Ok(bot) => checks.tell(name, &format!("@{}", bot.username)),
            Err(CheckError::Unauthorized) => bail!(
                "Telegram does not know {key}; nothing was written: copy the token from @BotFather again"
            ),
            Err(CheckError::Mismatch) => {
                bail!("Telegram answers with another bot than {key} names; nothing was written")
            }
            Err(CheckError::Unreachable(err)) => {
                checks.unchecked = true;
                checks.tell(name, &format!("not checked: Telegram cannot be asked: {err}"));
            }
        }
    }
    checks.shop(config).await?;
    Ok(checks)
}

impl Checks {
    async fn shop(&mut self, config: &Config) -> anyhow::Result<()> {
        let Some(till) = parts::till(config).context("cannot set up the way to YooKassa")? else {
            self.tell("YooKassa", "none: only manual receipts count");
            return Ok(());
        };
        let money = if till.shop.test { "play money" } else { "REAL money" };
        match till.yookassa.me().await {
            Ok(me) if me.test.is_some_and(|test| test != till.shop.test) => bail!(
                "YooKassa says that the shop is of the other kind than yookassa.secret_key \
                 (test_ or live_); nothing was written"
            ),
            Ok(me) if me.account_id.as_ref().is_some_and(|id| *id != till.shop.account) => {
                bail!("the key belongs to another shop than yookassa.shop_id; nothing was written")
            }
            Ok(_) => self.tell("YooKassa", &format!("shop {}, {money}", till.shop.account)),
            Err(YooKassaError::Unauthorized) => bail!(
                "YooKassa does not accept yookassa.shop_id with yookassa.secret_key; nothing was \
                 written: the shop's cabinet gives both"
            ),
            // Ordinary shops may be refused this one question.
            Err(YooKassaError::NotFound | YooKassaError::Rejected { .. }) => {
                let told =
                    format!("shop {}, {money}; it tells nothing of itself", till.shop.account);
                self.tell("YooKassa", &told);
            }
            Err(
                err @ (YooKassaError::Later { .. }
                | YooKassaError::OutcomeUnknown(_)
                | YooKassaError::Malformed(_)),
            ) => {
                self.unchecked = true;
                self.tell("YooKassa", &format!("not checked: it cannot be asked: {err}"));
            }
        }
        Ok(())
    }

    fn tell(&mut self, what: &str, how: &str) {
        self.told.push_str(&format!("{what:<10} {how}\n"));
    }
}
