//! The binary: reads the arguments and does what they say.

use std::process::ExitCode;

use clap::Parser;
use slotbox::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}
