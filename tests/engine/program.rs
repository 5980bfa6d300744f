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
    let mut rustc = Command::new(rustc());
    rustc.args(["--crate-name", "slotbox"]).arg(main);
    rustc.arg("--extern").arg(format!("slotbox={}", library.display()));
    rustc.arg("-L").arg(format!("dependency={}", deps.display()));
    compile(&mut rustc, &unfinished);
    fs::rename(unfinished, &program).unwrap();
    program
}

/// Returns the program that tries what must not work in a container; builds it once.
pub fn probe() -> PathBuf {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(build_probe).clone()
}

fn build_probe() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_slotbox")).parent().unwrap();
    let probe = built.join("slotbox-probe");
    let unfinished = built.join(format!("slotbox-probe.{}", std::process::id()));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/probe/probe.rs");
    compile(Command::new(rustc()).arg(source), &unfinished);
    fs::rename(unfinished, &probe).unwrap();
    probe
}

fn rustc() -> &'static str {
    option_env!("RUSTC").unwrap_or("rustc")
}

/// Has `rustc` make a static program.
fn compile(rustc: &mut Command, into: &Path) {
    rustc.args(["--edition", "2024", "-C", "target-feature=+crt-static"]);
    let compiled = rustc.args(["-C", "strip=symbols", "-o"]).arg(into).output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
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
