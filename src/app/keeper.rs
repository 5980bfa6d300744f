//! Keeps the clients' bots as they shall be: moves them to this release when the program has
//! started, and looks each minute whether what runs is what
//! should, and is well.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::actions::heal::Healer;
use crate::actions::roll_out::roll_out;
use crate::actions::tend::Tender;
use crate::deps::Deps;

/// How often what runs is compared with what should.
const EVERY: Duration = Duration::from_mins(1);

/// Keeps the bots from when they were `booted` until `stop`.
pub(super) async fn keep(deps: Deps, booted: CancellationToken, stop: CancellationToken) {
    let keeping = async {
        booted.cancelled().await;
        if let Err(err) = roll_out(&deps).await {
            tracing::error!(event = "rollout.failed", error = %err,
                "could not see which bots are to move to this release");
        }
        let (mut tender, mut healer) = (Tender::default(), Healer::default());
        loop {
            tender.look(&deps).await.ok(); // It has told what kept it from looking.
            tokio::time::sleep(EVERY).await;
            if let Err(err) = healer.look(&deps).await {
                tracing::warn!(event = "runtime.unseen", error = %err,
                    "could not see which bots are well");
            }
        }
    };
    stop.run_until_cancelled(keeping).await;
}
