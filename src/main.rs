//! The binary: picks the command.

use std::process::ExitCode;

use clap::Parser;
use slotbox::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Command::Serve(command) => command.run(cli.sources()),
        Command::Client(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Config(command) => command.run(&cli.sources()),
        Command::Version(command) => command.run(),
    }
}
