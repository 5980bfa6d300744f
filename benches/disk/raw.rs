//! The pace of the disk itself.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Returns how many appends of 4 KiB, each synced, the disk under `dir` takes in a second.
pub fn syncs_per_second(dir: &Path) -> f64 {
    let mut file = File::create(dir.join("raw")).unwrap();
    let (began, mut syncs) = (Instant::now(), 0.0);
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        syncs += 1.0;
    }
    syncs / began.elapsed().as_secs_f64()
}
