//! Starts the services, waits until they are well, and says what is left to do.

use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::place::Place;
use crate::app::serve::CONTROL_SOCKET;
use crate::cli::look::Look;
use crate::cli::operators::LinkView;
use crate::cli::{answer, complain, print};
use crate::config::{Config, RuntimeKind, Tls};
use crate::external::control::{Ask, ControlClient, ControlError};

/// The units of the public side; if TLS is off, a server in front has their ports.
const PUBLIC: [&str; 2] = ["slotbox-https.socket", "slotbox-http.socket"];
const OWN: [&str; 2] = ["slotbox-control.socket", "slotbox-deployer.socket"];
const SERVE: &str = "slotbox.service";
const DEPLOYER: &str = "slotbox-deployer.service";
/// How long a start may take: the database may have to be repaired.
const SYSTEMCTL_WITHIN: Duration = Duration::from_mins(10);
const WELL_WITHIN: Duration = Duration::from_mins(1);
const ASK_WITHIN: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Status {
    database: String,
    worker: String,
    problems: Vec<Trouble>,
    webhook_url: Option<String>,
}

#[derive(Deserialize)]
struct Trouble {
    what: String,
    cure: String,
}

#[derive(Deserialize)]
struct Operators {
    items: Vec<serde_json::Value>,
}

/// Starts what the settings ask for.
pub(super) async fn start(
    place: &Place,
    config: &Config,
    wants_link: bool,
) -> anyhow::Result<ExitCode> {
    let managed = place.is_usual() && Path::new("/run/systemd/system").exists();
    if managed {
        start_units(config).await?;
    }
    let socket = config.server.runtime_dir.join(CONTROL_SOCKET);
    let (control, status) = match well(&socket, managed).await {
        Ok(found) => found,
        Err(_) if !managed => {
            return Ok(print(
                "the settings are written; no systemd runs them here: start slotbox serve, then run \
                 slotbox setup --yes for the rest\n",
            ));
        }
        Err(err) => {
            return Err(err.context(
                "the settings are written, but slotbox does not get well; run slotbox doctor, \
                 then slotbox setup --yes",
            ));
        }
    };
    print("slotbox is up\n");
    for Trouble { what, cure } in &status.problems {
        complain(&format_args!("look at: {what}: {cure}"));
    }
    if config.yookassa.shop.is_some() {
        tell_webhook(&status);
    }
    let operators: Operators = control.ask(Ask::get("/control/operators")).await?;
    if config.telegram.master_token.is_some() && (wants_link || operators.items.is_empty()) {
        tell_link(&control).await?;
    }
    Ok(print("\nWhat stands: slotbox status; what may be wrong: slotbox doctor\n"))
}

fn tell_webhook(status: &Status) {
    let Some(url) = &status.webhook_url else {
        complain(
            &"look at: there is no public name, so YooKassa cannot tell of payments; they are asked for",
        );
        return;
    };
    print(&format!(
        "\nEnter in YooKassa's cabinet (Integration, HTTP notifications), for payment.succeeded,\n\
         payment.canceled and refund.succeeded:\n  {url}\n"
    ));
}

async fn tell_link(control: &ControlClient) -> anyhow::Result<()> {
    let link: LinkView = control
        .ask(Ask::post("/control/operators/link"))
        .await
        .context("there is no link for an operator yet; run: slotbox operators link")?;
    let until = Look::of_output().time(Some(link.expires_at));
    answer(&format_args!(
        "\nOpen this once in Telegram: it makes you an operator (until {until}).\n  {}",
        link.url
    ));
    Ok(())
}

async fn start_units(config: &Config) -> anyhow::Result<()> {
    let off = matches!(config.tls, Tls::Off);
    systemctl(&[&["unmask", "--quiet"][..], &PUBLIC].concat()).await?;
    systemctl(&["enable", "--quiet", SERVE, DEPLOYER]).await?;
    if off {
        // The service asks for its sockets, and would bring back one that is only disabled.
        systemctl(&[&["mask", "--now", "--quiet"][..], &PUBLIC].concat()).await?;
    }
    let public: &[&str] = if off { &[] } else { &PUBLIC };
    let sockets = [&OWN[..], public].concat();
    let all_open = systemctl(&[&["is-active", "--quiet"][..], &sockets].concat()).await.is_ok();
    if !all_open {
        // A socket cannot be opened for a service that runs already.
        systemctl(&["stop", SERVE]).await?;
        systemctl(&[&["start"][..], &sockets].concat()).await?;
    }
    systemctl(&["reset-failed", SERVE, DEPLOYER]).await.ok();
    if config.runtime.kind == RuntimeKind::Docker {
        let started = systemctl(&["restart", DEPLOYER]).await;
        if let Err(err) = started {
            complain(&format_args!("look at: {err:#}; bots wait for it, money does not"));
        }
    }
    systemctl(&["restart", SERVE]).await
}

async fn systemctl(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("systemctl");
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let told = format!("systemctl {}", arguments.join(" "));
    let ended = timeout(SYSTEMCTL_WITHIN, command.output()).await;
    let output = ended.with_context(|| format!("{told} does not end"))?;
    let output = output.with_context(|| format!("{told} cannot be run"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    bail!("{told}: {}", words.trim().lines().next().unwrap_or("failed"))
}

/// Waits until `serve` says that it works; if nobody has started it, not at all.
async fn well(socket: &Path, managed: bool) -> anyhow::Result<(ControlClient, Status)> {
    let deadline = Instant::now() + WELL_WITHIN;
    loop {
        let asked = timeout(ASK_WITHIN, async {
            let control = ControlClient::open(socket).await?;
            let status: Status = control.ask(Ask::get("/control/status")).await?;
            Ok::<_, ControlError>((control, status))
        });
        let why = match asked.await {
            Ok(Ok((control, status))) if status.database == "ok" && status.worker == "ok" => {
                return Ok((control, status));
            }
            Ok(Ok((_, status))) => {
                format!("database {}, worker {}", status.database, status.worker)
            }
            Ok(Err(err @ ControlError::NotRunning(_))) if !managed => return Err(err.into()),
            Ok(Err(err)) => err.to_string(),
            Err(_) => "slotbox serve does not answer".to_owned(),
        };
        if Instant::now() >= deadline {
            bail!("{why}; see: journalctl -u slotbox -n 20");
        }
        sleep(Duration::from_millis(200)).await;
    }
}
