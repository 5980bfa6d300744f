//! `slotbox tls`: the certificate of the public listener.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Deserialize;

use super::host::Way;
use super::{Host, answer, print};
use crate::external::control::Ask;

/// What to do with the certificate.
#[derive(Debug, Subcommand)]
pub enum TlsCommand {
    /// Tell who speaks HTTPS
    #[command(after_help = EXAMPLES)]
    Status(Status),
    /// Get a new certificate now, or read the files again
    #[command(after_help = RENEW_EXAMPLES)]
    Renew(Renew),
}

const EXAMPLES: &str = "\
Examples:
  slotbox tls status
  slotbox tls status --json";

const RENEW_EXAMPLES: &str = "\
Examples:
  slotbox tls renew && slotbox tls status";

/// Gets a new certificate now. One more failed validation in an hour than the authority bears is
/// waited for.
#[derive(Clone, Copy, Debug, Args)]
pub struct Renew {}

/// Tells who speaks HTTPS.
#[derive(Clone, Copy, Debug, Args)]
pub struct Status {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct View {
    mode: String,
    domain: Option<String>,
    certificate: Option<CertificateView>,
    trouble: Option<TroubleView>,
}

#[derive(Deserialize)]
struct CertificateView {
    names: Vec<String>,
    not_after: String,
    renewed_at: String,
}

#[derive(Deserialize)]
struct TroubleView {
    failures: u32,
    words: String,
    next_attempt_at: Option<String>,
}

impl TlsCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        match self {
            Self::Status(status) => way.run(async |host| status.run(&host).await),
            Self::Renew(_) => way.run(async |host| renew(&host).await),
        }
    }
}

async fn renew(host: &Host) -> anyhow::Result<ExitCode> {
    let view: View = serde_json::from_str(host.control.raw(Ask::get("/control/tls")).await?.get())?;
    if view.mode == "off" {
        bail!("HTTPS is off (tls.mode = \"off\"): there is no certificate here to renew");
    }
    host.control.raw(Ask::post("/control/tls/renew")).await?;
    Ok(print("asked for; \"slotbox tls status\" tells what comes of it\n"))
}

impl Status {
    async fn run(self, host: &Host) -> anyhow::Result<ExitCode> {
        let raw = host.control.raw(Ask::get("/control/tls")).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        Ok(print(&told(&serde_json::from_str(raw.get())?)))
    }
}

fn told(view: &View) -> String {
    let name = view.domain.as_deref().unwrap_or("no public name is set");
    let mut text = match view.mode.as_str() {
        "off" => {
            "HTTPS is off (tls.mode = \"off\"): a server in front has to speak it\n".to_owned()
        }
        mode => format!("HTTPS is on: tls.mode = {mode:?}\n"),
    };
    text.push_str(&format!("public name: {name}\n"));
    match &view.certificate {
        Some(it) => {
            let names = it.names.join(", ");
            text.push_str(&format!("certificate: {names}, until {}\n", it.not_after));
            if view.mode == "acme" {
                text.push_str(&format!("renewal:     {}\n", it.renewed_at));
            }
        }
        None if view.mode != "off" => text.push_str("certificate: none yet\n"),
        None => {}
    }
    if let Some(it) = &view.trouble {
        let next = it.next_attempt_at.as_deref().unwrap_or("soon");
        let (failures, words) = (it.failures, &it.words);
        text.push_str(&format!("failures:    {failures}; next attempt {next}\n{words}\n"));
    }
    text
}
