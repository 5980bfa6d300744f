//! A backup's manifest: three lines for whoever reads it, what can be checked without a key, and
//! what only the operator's key opens.

use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::id::BackupId;
use super::keys::{Name, VaultKeys, hex, unhex};
use super::proof::{HostId, Proof};

/// The format that this release writes, and the newest that it reads.
const FORMAT: u32 = 1;
const FIRST_LINE: &str = "slotbox backup";

/// A backup at a glance, as its manifest tells it to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What it is called.
    pub id: BackupId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The release that made it.
    pub version: String,
    /// How many files it holds.
    pub files: u64,
    /// How large they are.
    pub bytes: u64,
    /// How much of the place all its pieces take; most are shared with other backups.
    pub kept_bytes: u64,
    /// How much of that was new with this backup.
    pub stored_bytes: u64,
    /// Whether it opens with the operator's identity alone.
    pub encrypted: bool,
    /// How many clients' databases it holds.
    pub clients: u64,
    /// How many files were taken over from an older backup.
    pub carried: u64,
    /// The host that says that it made it.
    pub host: HostId,
    /// Tells whether another backup names its pieces alike.
    pub(super) mark: String,
}

/// A piece as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) name: Name,
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFile {
    /// What it is called: `slotbox.redb`, `clients/c_....redb`, `sealing.key`.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
    /// Of which instant it is, if it was taken over from an older backup.
    pub from: Option<Timestamp>,
    pub(super) sha256: [u8; 32],
    /// Its pieces, by their places among the manifest's objects.
    pub(super) pieces: Vec<u32>,
}

/// What only the operator's key opens.
#[derive(Clone, Debug)]
pub(super) struct Contents {
    pub(super) naming: [u8; 32],
    pub(super) files: Vec<HeldFile>,
}

/// A manifest as it was read.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) summary: Summary,
    pub(super) proof: Proof,
    pub(super) objects: Vec<Object>,
    /// The contents, for the host that made them; empty where they are not encrypted.
    pub(super) own: Vec<u8>,
    /// The contents, packed, and encrypted if the backup is.
    pub(super) contents: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Plain {
    created_at: Timestamp,
    version: String,
    host: String,
    mark: String,
    encrypted: bool,
    files: u64,
    bytes: u64,
    stored_bytes: u64,
    clients: u64,
    carried: u64,
    own_bytes: usize,
    contents_bytes: usize,
    /// Name, size and SHA-256 of each piece as it is stored.
    objects: Vec<(String, u64, String)>,
}

#[derive(Serialize, Deserialize)]
struct PlainContents {
    naming: String,
    files: Vec<PlainFile>,
}

#[derive(Serialize, Deserialize)]
struct PlainFile {
    name: String,
    bytes: u64,
    sha256: String,
    from: Option<Timestamp>,
    pieces: Vec<u32>,
}

/// What a manifest that is written holds beside what it tells everybody.
pub(super) struct Sealed {
    /// As [`Manifest::own`].
    pub(super) own: Vec<u8>,
    /// As [`Manifest::contents`].
    pub(super) contents: Vec<u8>,
}

impl Manifest {
    /// Returns the bytes to store, signed by the host of the keys.
    pub(super) fn write(
        keys: &VaultKeys,
        it: &Summary,
        objects: &[Object],
        sealed: &Sealed,
    ) -> Result<Vec<u8>, VaultError> {
        let object = |object: &Object| (hex(&object.name), object.bytes, hex(&object.sha256));
        let plain = Plain {
            created_at: it.created_at,
            version: it.version.clone(),
            host: it.host.to_string(),
            mark: it.mark.clone(),
            encrypted: it.encrypted,
            files: it.files,
            bytes: it.bytes,
            stored_bytes: it.stored_bytes,
            clients: it.clients,
            carried: it.carried,
            own_bytes: sealed.own.len(),
            contents_bytes: sealed.contents.len(),
            objects: objects.iter().map(object).collect(),
        };
        let head = format!("{FIRST_LINE}\nformat {FORMAT}\n");
        let plain = serde_json::to_vec(&plain).map_err(|_| VaultError::Panicked)?;
        let body = [&plain[..], b"\n", &sealed.own, &sealed.contents].concat();
        let tag = Proof::sign(keys, it.id, &sum(head.as_bytes(), &body));
        let rest = [format!("hmac {}\n", hex(&tag)).as_bytes(), &body].concat();
        let sum = hex(&sum(head.as_bytes(), &rest));
        Ok([format!("{head}sha256 {sum}\n").as_bytes(), &rest].concat())
    }

    /// Reads what was stored as the manifest of `id`.
    pub(super) fn read(id: BackupId, stored: &[u8]) -> Result<Self, VaultError> {
        let damaged = |how| VaultError::Damaged { what: format!("the manifest of {id}"), how };
        let head = Head::read(stored).ok_or(damaged("does not begin as a manifest"))?;
        if !head.is_whole {
            return Err(damaged("does not match its checksum"));
        }
        if head.format != FORMAT {
            return Err(VaultError::Newer { id, format: head.format });
        }
        Self::parse(id, &head).ok_or(damaged("is not as one is written"))
    }

    fn parse(id: BackupId, head: &Head<'_>) -> Option<Self> {
        let (tag, body) = line(head.rest)?;
        let tag = unhex(std::str::from_utf8(tag).ok()?.strip_prefix("hmac ")?)?;
        let (plain, parts) = line(body)?;
        let plain: Plain = serde_json::from_slice(plain).ok()?;
        let (own, contents) = parts.split_at_checked(plain.own_bytes)?;
        if contents.len() != plain.contents_bytes {
            return None;
        }
        let object = |(name, bytes, sha256): &(String, u64, String)| {
            Some(Object { name: unhex(name)?, bytes: *bytes, sha256: unhex(sha256)? })
        };
        let objects: Vec<_> = plain.objects.iter().map(object).collect::<Option<_>>()?;
        let summary = Summary {
            id,
            created_at: plain.created_at,
            version: plain.version,
            files: plain.files,
            bytes: plain.bytes,
            kept_bytes: objects.iter().map(|it| it.bytes).sum(),
            stored_bytes: plain.stored_bytes,
            encrypted: plain.encrypted,
            clients: plain.clients,
            carried: plain.carried,
            host: plain.host.parse().ok()?,
            mark: plain.mark,
        };
        let proof = Proof { id, host: summary.host.clone(), sum: sum(head.lines, body), tag };
        Some(Self { summary, proof, objects, own: own.to_vec(), contents: contents.to_vec() })
    }
}

impl Contents {
    /// Returns the contents in JSON.
    pub(super) fn write(&self) -> Result<Vec<u8>, VaultError> {
        let file = |file: &HeldFile| PlainFile {
            name: file.name.clone(),
            bytes: file.bytes,
            sha256: hex(&file.sha256),
            from: file.from,
            pieces: file.pieces.clone(),
        };
        let files = self.files.iter().map(file).collect();
        let plain = PlainContents { naming: hex(&self.naming), files };
        serde_json::to_vec(&plain).map_err(|_| VaultError::Panicked)
    }

    /// Reads contents whose files have at most `objects` pieces to name.
    pub(super) fn read(json: &[u8], objects: usize) -> Option<Self> {
        let plain: PlainContents = serde_json::from_slice(json).ok()?;
        let file = |file: PlainFile| {
            let known = |piece: &u32| usize::try_from(*piece).is_ok_and(|it| it < objects);
            let fits = is_file_name(&file.name) && file.pieces.iter().all(known);
            Some(HeldFile {
                name: file.name,
                bytes: file.bytes,
                from: file.from,
                sha256: unhex(&file.sha256)?,
                pieces: file.pieces,
            })
            .filter(|_| fits)
        };
        let files = plain.files.into_iter().map(file).collect::<Option<_>>()?;
        Some(Self { naming: unhex(&plain.naming)?, files })
    }
}

/// The first three lines, which every format begins with.
struct Head<'a> {
    /// The first two of them.
    lines: &'a [u8],
    format: u32,
    is_whole: bool,
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(stored: &'a [u8]) -> Option<Self> {
        let (first, rest) = line(stored)?;
        let (format, rest) = line(rest)?;
        let lines = stored.get(..stored.len() - rest.len())?;
        let (told, rest) = line(rest)?;
        let number = std::str::from_utf8(format).ok()?.strip_prefix("format ")?;
        let told = unhex(std::str::from_utf8(told).ok()?.strip_prefix("sha256 ")?)?;
        let is_whole = sum(lines, rest) == told;
        (first == FIRST_LINE.as_bytes()).then_some(())?;
        Some(Self { lines, format: number.parse().ok()?, is_whole, rest })
    }
}

/// Returns the SHA-256 of both.
fn sum(head: &[u8], rest: &[u8]) -> [u8; 32] {
    let mut all = Context::new(&SHA256);
    all.update(head);
    all.update(rest);
    let mut sum = [0; 32];
    sum.copy_from_slice(all.finish().as_ref());
    sum
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// Tells whether a file of a backup may be called so: where it is written to follows from its
/// name, so it leads nowhere else.
pub(super) fn is_file_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    name.len() <= 200 && name.split('/').count() <= 2 && name.split('/').all(part)
}
