//! The demo's page: three phones, the facts, and the means to break things, in a browser.
//!
//! It is drawn by the server, and each change is sent as the part of the page that has changed. All
//! that is done on it goes through the simulators or the system, as anybody else would do it.

mod damage;
mod facts;
mod journal;
mod live;
mod people;
mod processes;
mod routes;
mod scene;
mod stage;
mod story;
mod view;
mod visits;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::narrator::Heard;
use super::transcript::print_line;
use super::{DemoWorld, Telling, WorldOptions};
use crate::domain::locale::Locale;

use crate::texts::Words;
use stage::Stage;

/// Where the page is if nobody says otherwise and the port is free.
const USUAL_PORT: u16 = 4780;
/// How long requests in hand may take once a stop is asked for.
const CLOSING: Duration = Duration::from_secs(10);

/// How the page is shown.
#[derive(Clone, Debug)]
pub struct PageOptions {
    /// Where it listens.
    pub listen: Option<SocketAddr>,
    /// The world behind it; the page begins in its language.
    pub world: WorldOptions,
    /// Whether a browser is opened.
    pub open: bool,
}

/// Starts the world and shows its page until it is stopped.
///
/// # Errors
///
/// Returns what keeps the page or the world from starting, or why `serve` failed.
pub async fn show(options: PageOptions, telling: Telling) -> anyhow::Result<()> {
    let Telling { journal, stop } = telling;
    let listener = listen(options.listen).await?;
    let address = listener.local_addr()?;
    let world = DemoWorld::start(&options.world, stop.clone()).await?;
    print_line(&welcome(&world, address));
    if options.open {
        open(address);
    }
    serve(&world, listener, options.world.locale, journal, stop).await;
    world.close().await
}

async fn serve(
    world: &DemoWorld,
    listener: TcpListener,
    locale: Locale,
    journal: tokio::sync::mpsc::UnboundedReceiver<Heard>,
    stop: CancellationToken,
) {
    let stage = Stage::of(world, Words::new(locale));
    let router =
        routes::router(routes::Shared { stage: stage.clone(), locale, stop: stop.clone() });
    tokio::join!(listen_to_browsers(listener, router, stop.clone()), stage.follow(journal, stop));
}

/// Serves the page, whose streams of news may last as long as the demo, until `stop`.
async fn listen_to_browsers(listener: TcpListener, router: Router, stop: CancellationToken) {
    let server =
        axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(CLOSING).await;
    };
    tokio::select! {
        ended = server => {
            if let Err(err) = ended {
                let error = &err as &dyn std::error::Error;
                tracing::error!(event = "http.listener_failed", error, "a listener failed");
            }
        }
        () = overdue => {
            tracing::warn!(event = "http.left", "requests were still in hand at the stop");
        }
    }
}

/// Opens the page's port. Whoever reaches it can do everything, so it is only for this machine.
async fn listen(wanted: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    let Some(address) = wanted else {
        let usual = SocketAddr::from(([127, 0, 0, 1], USUAL_PORT));
        if let Ok(listener) = TcpListener::bind(usual).await {
            return Ok(listener);
        }
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        return TcpListener::bind(any).await.context("no port is free for the page");
    };
    ensure!(
        address.ip().is_loopback(),
        "the page is for this machine alone: name a loopback address such as 127.0.0.1:{}, and \
         reach it from elsewhere through ssh -L",
        address.port()
    );
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on {address}; name another one with --listen"))
}

fn welcome(world: &DemoWorld, page: SocketAddr) -> String {
    format!(
        "Open http://{page}/ in a browser. Ctrl-C ends the demo and removes its data.\n\n\
         Telegram and YooKassa are simulated; everything else is real:\n\
         \x20 the business  http://{business}  (API, webhook, payer's page)\n\
         \x20 its data      {dir}\n\
         \x20 its API       curl -H \"Authorization: Bearer $(cat {dir}/api-token)\" http://{business}/api/clients",
        business = world.address(),
        dir = world.dir().display(),
    )
}

/// Asks the desktop to open the page; a machine without one has its address all the same.
fn open(address: SocketAddr) {
    let opened = tokio::process::Command::new("xdg-open")
        .arg(format!("http://{address}/"))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if opened.is_err() {
        print_line("There is no xdg-open here: open the address yourself.");
    }
}
