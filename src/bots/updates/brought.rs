//! The receiving half of a bot whose updates Telegram brings: they are kept already.

use tokio::sync::{mpsc, watch};

use super::{Health, LoopEnd, Signs};
use crate::actions::arrivals::{Fresh, Standing};

/// Hands the numbers of new updates to `lines` until the end of the token.
pub(super) async fn receive(
    mut fresh: Fresh,
    mut standing: watch::Receiver<Standing>,
    signs: &Signs,
    lines: mpsc::Sender<Vec<(i64, i64)>>,
) -> LoopEnd {
    loop {
        match *standing.borrow_and_update() {
            Standing::Brought => signs.turn(Health::Webhook),
            Standing::Troubled => signs.turn(Health::Unreachable),
            Standing::Refused => {
                signs.turn(Health::Unauthorized);
                return LoopEnd::TokenRevoked;
            }
            Standing::Unknown | Standing::Asked => {}
        }
        tokio::select! {
            Some(batch) = fresh.recv() => {
                if batch.is_empty() {
                    continue;
                }
                signs.hear();
                if lines.send(batch).await.is_err() {
                    return LoopEnd::Stopped;
                }
            }
            Ok(()) = standing.changed() => {}
            else => return LoopEnd::Stopped,
        }
    }
}
