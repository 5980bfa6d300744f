//! `slotbox completions`: what a shell needs to complete this command.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, print};

/// Prints the completions for a shell.
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Completions {
    /// The shell
    #[arg(value_parser = clap::value_parser!(Shell))]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  slotbox completions bash > /etc/bash_completion.d/slotbox
  slotbox completions zsh > /usr/local/share/zsh/site-functions/_slotbox
  slotbox completions fish > ~/.config/fish/completions/slotbox.fish";

impl Completions {
    /// Does it.
    pub fn run(self) -> ExitCode {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "slotbox", &mut script);
        print(&String::from_utf8_lossy(&script))
    }
}
