//! The static program that clients run, linked from what the tests are built with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// Returns the program; links it once for all tests, and not again while it is newer than the
/// library.
pub fn static_program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(link).clone()
}

fn link() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_slotbox")).parent().unwrap();
    let (deps, program) = (built.join("deps"), built.join("slotbox-client"));
    let library = newest_library(&deps);
    if modified(&program).is_some_and(|at| Some(at) > modified(&library)) {
        return program;
    }
    let unfinished = built.join(format!("slotbox-client.{}", std::process::id()));
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs");
    let mut rustc = Command::new(option_env!("RUSTC").unwrap_or("rustc"));
    rustc.args(["--edition", "2024", "--crate-name", "slotbox"]).arg(main);
    rustc.arg("--extern").arg(format!("slotbox={}", library.display()));
    rustc.arg("-L").arg(format!("dependency={}", deps.display()));
    rustc.args(["-C", "target-feature=+crt-static", "-C", "strip=symbols", "-o"]).arg(&unfinished);
    let linked = rustc.output().unwrap();
    assert!(linked.status.success(), "{}", String::from_utf8_lossy(&linked.stderr));
    fs::rename(unfinished, &program).unwrap();
    program
}

/// The one that these tests are linked with: it was built last.
fn newest_library(deps: &Path) -> PathBuf {
    let entries = fs::read_dir(deps).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("libslotbox-") && path.extension().is_some_and(|it| it == "rlib")
    };
    entries.filter(is_ours).max_by_key(|path| modified(path)).unwrap()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}
