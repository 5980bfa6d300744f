//! No token and no key may lie in the clear: not in a database, not in a log.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::owner::Story;
use super::world::World;

/// Looks for every secret in every byte of every file.
pub fn check(world: &World, stories: &[Story]) -> anyhow::Result<()> {
    let secrets = world.secrets().iter().chain(stories.iter().map(|story| &story.token));
    // The part before the colon is the bot's public number.
    let secrets: Vec<&str> =
        secrets.map(|it| it.split_once(':').map_or(it.as_str(), |(_, secret)| secret)).collect();
    let mut found = Vec::new();
    for place in world.open_places() {
        for file in files(&place)? {
            let bytes = fs::read(&file)?;
            let known = |secret: &&&str| contains(&bytes, secret.as_bytes());
            let times = secrets.iter().filter(known).count();
            if times > 0 {
                found.push(format!("{times} in {}", file.display()));
            }
        }
    }
    ensure!(found.is_empty(), "secrets in the clear: {found:#?}");
    Ok(())
}

fn files(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(place)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() || kind.is_file() {
            all.extend(files(&entry.path())?);
        }
    }
    Ok(all)
}

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret)
}
