//! What a removal of the package needs: silence, without the engine's own command line.

use std::path::Path;

use futures::{StreamExt as _, TryStreamExt as _};

use super::engine::{Engine, EngineError};

/// How many containers are stopped at a time.
const AT_ONCE: usize = 16;

/// Stops every container of the instance, and returns how many there are. Data and containers stay.
///
/// # Errors
///
/// Returns [`EngineError`] if the engine does not answer or does not stop one; it may be done again.
pub async fn stop_all(engine: &Path, instance: &str) -> Result<usize, EngineError> {
    let engine = Engine::new(engine)?;
    let ids: Vec<_> =
        engine.containers(instance).await?.into_iter().filter_map(|it| it.id).collect();
    let stop = async |id: String| engine.stop(&id).await;
    let stopping = futures::stream::iter(ids.iter().cloned()).map(stop);
    stopping.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(ids.len())
}
