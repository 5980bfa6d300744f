//! Writes what a package ships beside the program: man pages, completions, the journal's catalog.
//!
//! `cargo run --example pages -- DIRECTORY`

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::CommandFactory as _;
use clap_complete::Shell;
use slotbox::cli::Cli;
use slotbox::telemetry::message_id;

const EVENTS: &str = include_str!("../docs/events.md");

fn main() -> anyhow::Result<()> {
    let dir = std::env::args_os().nth(1).context("where to? give a directory")?;
    let dir = Path::new(&dir);
    let (man, completions) = (dir.join("man"), dir.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(Cli::command(), &man)?;
    for (shell, file) in
        [(Shell::Bash, "slotbox"), (Shell::Zsh, "_slotbox"), (Shell::Fish, "slotbox.fish")]
    {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "slotbox", &mut script);
        fs::write(completions.join(file), script)?;
    }
    fs::write(dir.join("slotbox.catalog"), catalog())?;
    Ok(())
}

/// Returns what `journalctl -x` tells of each warning and error.
fn catalog() -> String {
    let mut text = String::from("# Made of docs/events.md.\n");
    for line in EVENTS.lines().filter_map(|line| line.strip_prefix("| `")) {
        let cells: Vec<_> = line.trim_end_matches(" |").split(" | ").collect();
        let [event, level, meaning, cure] = cells[..] else { continue };
        let event = event.trim_end_matches('`');
        if level == "error" || level.contains("warn") {
            let plain = |text: &str| text.replace('`', "");
            write!(
                text,
                "\n-- {}\nSubject: Slotbox: {event}\nDefined-By: Slotbox\nDocumentation: \
                 file:///usr/share/doc/slotbox/events.md\n\n{}\n\nWhat to do: {}\n",
                message_id(event),
                plain(meaning),
                plain(cure),
            )
            .unwrap_or_default();
        }
    }
    text
}
