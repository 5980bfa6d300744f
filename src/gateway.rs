//! The door that the clients' bots come in through: one unix socket for each client.
//!
//! Who is calling, the socket says and nothing else. Behind it are Telegram, under the client's
//! own token ([`telegram`]), and the little that a bot must know or say of itself ([`own`]).

mod answer;
mod body;
mod held;
mod method;
mod own;
mod problems;
mod profile;
mod rooms;
mod seed;
mod socket;
mod starts;
mod target;
mod telegram;
mod tenant;

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::rooms::Rooms;
use crate::actions::gateways::{GatewayOrder, GatewayOrders};
use crate::deps::Deps;
use crate::external::containers::Layout;
use crate::external::telegram::Forwarder;

/// Changes are looked for at least so often, should nobody have told of one.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Changes that come together are looked for once.
const GATHER: Duration = Duration::from_millis(50);

/// Opens and closes clients' sockets as it is asked to, until `stop`; then closes all of them.
///
/// Sockets lie in the client's directory of `layout`, and calls go on through `forwarder`.
pub async fn run(
    deps: Deps,
    layout: Layout,
    forwarder: Forwarder,
    mut orders: GatewayOrders,
    stop: CancellationToken,
) {
    let changes = deps.changes.watch();
    let rooms = Rooms::new(deps, layout, forwarder);
    let looking = rooms.clone().keep_looking(changes);
    let learning = async {
        rooms.learn_sales_bot().await;
        std::future::pending::<()>().await;
    };
    let ordered = async {
        while let Some(order) = orders.recv().await {
            match order {
                GatewayOrder::Open(client, done) => {
                    done.send(rooms.open(client)).ok();
                }
                GatewayOrder::Close(client, done) => {
                    rooms.close(client).await;
                    done.send(()).ok();
                }
            }
        }
    };
    tokio::select! {
        () = ordered => {}
        () = looking => {}
        () = learning => {}
        () = stop.cancelled() => {}
    }
    rooms.close_all().await;
}

impl Rooms {
    /// Looks again at what clients are told whenever something may have changed. Most changes to
    /// a client queue a job, so those wake it too.
    async fn keep_looking(self, mut changes: watch::Receiver<()>) {
        let mut jobs = self.pushed_jobs();
        loop {
            let told = async {
                tokio::select! {
                    Ok(()) = changes.changed() => {}
                    Ok(()) = jobs.changed() => {}
                    else => std::future::pending().await,
                }
            };
            timeout(LOOK_EVERY, told).await.ok();
            self.look_again();
            sleep(GATHER).await;
        }
    }
}

#[cfg(test)]
mod tests;
