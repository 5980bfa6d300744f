//! `slotbox clients remove`.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::life::Begun;
use super::{Which, find};
use crate::cli::look::{Tone, one_line};
use crate::cli::shape::Client;
use crate::cli::{Host, Usage, answer, ask, complain, print, tasks};
use crate::clock::Clock;
use crate::external::control::Ask;

/// Removes a client.
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Remove {
    #[command(flatten)]
    which: Which,
    /// Remove it though its bot still serves customers
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Wait until it is gone
    #[arg(long)]
    wait: bool,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
What is lost is named, and the client's name has to be typed, unless --yes is given.

Examples:
  slotbox clients remove @salon_bot
  slotbox clients remove @salon_bot --force --yes --wait";

impl Remove {
    pub(super) async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.which.client).await?;
        let serves = matches!(client.state.as_str(), "trial" | "active" | "grace");
        if serves && !self.force {
            bail!(
                "@{} still serves customers ({}): suspend it first (slotbox clients suspend {}), \
                 or remove it with --force",
                client.bot_username,
                client.state,
                client.client_id
            );
        }
        if !self.yes && !confirmed(host, &client)? {
            bail!("that is not the name; nothing was removed");
        }
        let path = format!("/api/clients/{}", client.client_id);
        let ask = Ask::delete(&path);
        let ask = if self.force { ask.with("force", &true) } else { ask };
        let raw = host.control.raw(ask).await?;
        let begun: Begun = serde_json::from_str(raw.get())?;
        if self.wait {
            tasks::follow(host, &begun.task_id, &format!("removing @{}", client.bot_username))
                .await?;
        }
        if self.json {
            return Ok(answer(&raw));
        }
        let told = if self.wait { "is removed" } else { "is being removed" };
        Ok(print(&format!("@{} {told}\n", client.bot_username)))
    }
}

/// Names what is lost, and asks for the client's name.
fn confirmed(host: &Host, client: &Client) -> anyhow::Result<bool> {
    let name = one_line(&client.company_name);
    complain(&loss(host, client));
    let words = format!("Type the name to confirm ({name}): ");
    let Some(typed) = ask::question(&words)? else {
        let usage = "nobody can be asked here: give --yes to remove the client without a question";
        return Err(Usage(usage.to_owned()).into());
    };
    Ok(typed == name || typed == client.company_name)
}

fn loss(host: &Host, client: &Client) -> String {
    let name = host.look.paint(Tone::Strong, &one_line(&client.company_name));
    let unused = client.subscription_expires_at.filter(|until| *until > Clock::system().now());
    let unused = unused.map_or_else(String::new, |until| {
        let when = host.look.time(Some(until));
        format!("\n  the time that is granted until {when}")
    });
    format!(
        "{name} (@{}, {}) loses for ever:\n  its bookings, services, hours and settings\n  \
         the bot's token{unused}\nIts payments and the audit log stay.",
        client.bot_username, client.client_id
    )
}
