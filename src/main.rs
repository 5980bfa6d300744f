//! The binary: picks the command and what it runs on.

use std::process::ExitCode;

use clap::Parser;
use slotbox::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Command::Config(command) => command.run(&cli.sources()),
        Command::Version(command) => command.run(),
    }
}
