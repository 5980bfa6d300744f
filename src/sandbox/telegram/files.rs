//! Files: what bots and people send, and what a bot may fetch again.

use std::collections::HashMap;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::bot::BotId;
use super::message::AttachmentKind;

/// The most that a bot may download.
pub(super) const MAX_DOWNLOAD_BYTES: usize = 20 * 1024 * 1024;

/// The most that a bot may upload.
pub(super) const MAX_UPLOAD_BYTES: usize = 50 * 1024 * 1024;

/// A file that was sent; its id is good for one bot.
#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub(super) id: String,
    pub(super) unique_id: String,
    pub(super) bot: BotId,
    pub(super) kind: AttachmentKind,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
    pub(super) path: String,
}

/// A file before it has an id.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
}

/// All files that were sent.
#[derive(Debug, Default)]
pub(super) struct Files {
    by_id: HashMap<String, StoredFile>,
    paths: HashMap<String, String>,
}

impl Files {
    /// Keeps a file and gives it its ids.
    pub(super) fn store(
        &mut self,
        bot: BotId,
        kind: AttachmentKind,
        upload: &Upload,
    ) -> StoredFile {
        let number = self.by_id.len();
        let (prefix, folder) = match kind {
            AttachmentKind::Photo => ("AgACAgIAAxk", "photos"),
            AttachmentKind::Document => ("BQACAgIAAxk", "documents"),
        };
        let extension = upload.name.rsplit_once('.').map_or("bin", |(_, extension)| extension);
        let file = StoredFile {
            id: format!("{prefix}{:x}x{number:08x}", bot.0),
            unique_id: format!("AQAD{number:08x}"),
            bot,
            kind,
            name: upload.name.clone(),
            mime: upload.mime.clone(),
            bytes: upload.bytes.clone(),
            path: format!("{folder}/file_{number}.{extension}"),
        };
        self.paths.insert(file.path.clone(), file.id.clone());
        self.by_id.insert(file.id.clone(), file.clone());
        file
    }

    /// Returns the file that `bot` knows under `id`.
    pub(super) fn get(&self, bot: BotId, id: &str) -> Option<&StoredFile> {
        self.by_id.get(id).filter(|file| file.bot == bot)
    }

    /// Returns the file that `bot` may download from `path`.
    pub(super) fn at(&self, bot: BotId, path: &str) -> Option<&StoredFile> {
        let file = self.get(bot, self.paths.get(path)?)?;
        (file.bytes.len() <= MAX_DOWNLOAD_BYTES).then_some(file)
    }
}

impl StoredFile {
    /// Returns the file as the `photo` or `document` of a message.
    pub(super) fn json(&self) -> Value {
        match self.kind {
            AttachmentKind::Photo => {
                let (width, height) = png_size(&self.bytes).unwrap_or((640, 480));
                json!([{
                    "file_id": self.id, "file_unique_id": self.unique_id,
                    "width": width, "height": height, "file_size": self.bytes.len(),
                }])
            }
            AttachmentKind::Document => json!({
                "file_id": self.id, "file_unique_id": self.unique_id,
                "file_name": self.name, "mime_type": self.mime, "file_size": self.bytes.len(),
            }),
        }
    }

    /// Returns the file as a `File`.
    pub(super) fn file(&self) -> Value {
        json!({
            "file_id": self.id, "file_unique_id": self.unique_id,
            "file_size": self.bytes.len(), "file_path": self.path,
        })
    }
}

/// Returns whether Telegram would take the bytes for a picture.
pub(super) fn is_picture(bytes: &[u8]) -> bool {
    let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    png_size(bytes).is_some() || bytes.starts_with(&[0xff, 0xd8, 0xff]) || webp
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    Some((number(8)?, number(12)?))
}
