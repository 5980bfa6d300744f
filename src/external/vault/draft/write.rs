//! How a file becomes pieces in the place.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use ring::digest::{Context, SHA256};
use tokio::sync::mpsc;

use super::{Draft, DraftFile, Source, object_name};
use crate::external::vault::books::blocking;
use crate::external::vault::error::VaultError;
use crate::external::vault::keys::{Name, Naming, VaultKeys};
use crate::external::vault::manifest::Object;
use crate::external::vault::{Place, piece};

/// How many pieces are packed and put at once.
const AT_ONCE: usize = 8;
/// How many pieces wait to be.
const WAITING: usize = 4;

/// A piece as it was cut.
struct Cut {
    name: Name,
    plain: Vec<u8>,
}

impl Draft {
    /// Stores what is new of the file.
    pub(super) async fn store(
        &mut self,
        name: &str,
        from: Source,
    ) -> Result<DraftFile, VaultError> {
        self.settle().await;
        let (cuts, mut coming) = mpsc::channel(WAITING);
        let naming = self.keys.naming().clone();
        let reading = tokio::task::spawn_blocking(move || read(&from, &naming, &cuts));
        let (mut pieces, mut under_way) = (Vec::new(), HashSet::new());
        while let Some(Cut { name, plain }) = coming.recv().await {
            pieces.push(name);
            if self.kept.contains_key(&name) || !under_way.insert(name) {
                continue;
            }
            if self.puts.len() == AT_ONCE {
                self.take_one().await?;
            }
            let (place, keys) = (Arc::clone(&self.books.place), Arc::clone(&self.keys));
            self.puts.spawn(put(place, keys, name, plain));
        }
        while !self.puts.is_empty() {
            self.take_one().await?;
        }
        let (bytes, sha256) = reading.await.map_err(|_| VaultError::Panicked)??;
        Ok(DraftFile { name: name.to_owned(), bytes, sha256, from: None, pieces })
    }

    /// Waits for what is still on its way of a file that could not be added.
    pub(super) async fn settle(&mut self) {
        while let Some(put) = self.puts.join_next().await {
            if let Ok(Ok(object)) = put {
                self.note(object);
            }
        }
    }

    /// Waits for a piece to be put.
    async fn take_one(&mut self) -> Result<(), VaultError> {
        if let Some(put) = self.puts.join_next().await {
            self.note(put.map_err(|_| VaultError::Panicked)??);
        }
        self.claim.renew().await
    }

    fn note(&mut self, object: Object) {
        self.stored_bytes += object.bytes;
        self.kept.insert(object.name, object);
        self.distrusted.lock().unwrap_or_else(PoisonError::into_inner).remove(&object.name);
    }
}

/// Cuts the file, and returns its size and its SHA-256.
fn read(
    from: &Source,
    naming: &Naming,
    cuts: &mpsc::Sender<Cut>,
) -> Result<(u64, [u8; 32]), VaultError> {
    let path = if let Source::File(path) = from { path.as_path() } else { Path::new("memory") };
    let failed = |source| VaultError::File { action: "read", path: path.to_owned(), source };
    let bytes_of: Box<dyn Read> = match from {
        Source::File(path) => Box::new(File::open(path).map_err(failed)?),
        Source::Memory(bytes) => Box::new(bytes.as_slice()),
    };
    let (mut bytes, mut sum) = (0, Context::new(&SHA256));
    for plain in piece::cut(bytes_of, naming) {
        let plain = plain.map_err(failed)?;
        bytes += plain.len() as u64;
        sum.update(&plain);
        let cut = Cut { name: naming.name(&plain), plain };
        if cuts.blocking_send(cut).is_err() {
            break; // The draft was dropped, or putting failed, and nobody looks at the sum.
        }
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(sum.finish().as_ref());
    Ok((bytes, sha256))
}

/// Packs a piece and puts it into the place.
async fn put(
    place: Arc<dyn Place>,
    keys: Arc<VaultKeys>,
    name: Name,
    plain: Vec<u8>,
) -> Result<Object, VaultError> {
    let packed = blocking(move || {
        let packed = piece::pack(keys.recipients(), &plain)?;
        Ok::<_, VaultError>((piece::sha256(&packed), packed))
    });
    let (sha256, packed) = packed.await??;
    let bytes = packed.len() as u64;
    let put = place.put(&object_name(&name), Bytes::from(packed)).await;
    put.map_err(VaultError::place("write a piece of the backup"))?;
    Ok(Object { name, bytes, sha256 })
}
