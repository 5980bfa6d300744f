//! The settings come back from a backup, before the data: they tell where that belongs.

use std::path::PathBuf;

use crate::cli::setup::{Fate, Place, put_back};
use crate::config::{KeptSettings, Sources};

/// What happens to settings that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// They stay, and what differs is told.
    Stay,
    /// Those of the backup take their place.
    Replaced,
}

/// What became of the settings of a backup.
#[derive(Debug)]
pub(super) enum BroughtBack {
    /// The backup holds none, or they were not wanted.
    Nothing,
    /// This host has been set up, and keeps what it has.
    HasOwn(PathBuf),
    /// Only root may write them.
    NotRoot,
    /// Each file, and what became of it.
    Files(Vec<(PathBuf, Fate)>),
}

/// Puts the settings of a backup where `serve` reads them.
///
/// # Errors
///
/// Returns what cannot be written; a second run finishes.
pub(super) fn bring_back(
    sources: &Sources,
    kept: Option<&KeptSettings>,
    standing: Standing,
) -> anyhow::Result<BroughtBack> {
    let Some(kept) = kept else { return Ok(BroughtBack::Nothing) };
    let place = Place::of(sources)?;
    if place.must_be_root().is_err() {
        return Ok(BroughtBack::NotRoot);
    }
    if standing == Standing::Stay && place.file.exists() {
        // A second run of a restore that broke off finds what the first has put there.
        let same = kept.files().any(|(name, text)| {
            place.path(name) == place.file
                && std::fs::read_to_string(&place.file).is_ok_and(|it| it == text)
        });
        if !same {
            return Ok(BroughtBack::HasOwn(place.file));
        }
    }
    put_back(&place, kept, standing == Standing::Replaced).map(BroughtBack::Files)
}

impl BroughtBack {
    /// Tells a person what became of them, a line each.
    pub(super) fn told(&self) -> String {
        let line = |text: String| format!("settings: {text}\n");
        match self {
            Self::Nothing => String::new(),
            Self::HasOwn(file) => line(format!(
                "this host has its own in {}; --replace-settings takes those of the backup",
                file.display()
            )),
            Self::NotRoot => line("not put back; run this as root for that".to_owned()),
            Self::Files(files) => files
                .iter()
                .map(|(path, fate)| {
                    let path = path.display();
                    line(match fate {
                        Fate::Written => format!("wrote {path}"),
                        Fate::Unchanged => format!("unchanged {path}"),
                        Fate::Left => format!(
                            "left {path}, which differs from the backup's; --replace-settings takes that"
                        ),
                    })
                })
                .collect(),
        }
    }

    /// Tells whether any of them is new here.
    pub(super) fn has_written(&self) -> bool {
        matches!(self, Self::Files(files) if files.iter().any(|(_, fate)| *fate == Fate::Written))
    }

    /// Returns the files and what became of them, by the word that JSON has for it.
    pub(super) fn files(&self) -> Vec<(&PathBuf, &'static str)> {
        let Self::Files(files) = self else { return Vec::new() };
        let word = |fate: &Fate| match fate {
            Fate::Written => "written",
            Fate::Unchanged => "unchanged",
            Fate::Left => "left",
        };
        files.iter().map(|(path, fate)| (path, word(fate))).collect()
    }
}
