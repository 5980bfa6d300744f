//! `slotbox demo`: the whole business on one machine, with simulated Telegram and YooKassa.

use clap::Args;

/// Runs the whole business on this machine with a simulated Telegram and a simulated shop.
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Play the whole story without anyone's help, print it and exit
    #[arg(long)]
    pub play: bool,
    /// The port of the page on 127.0.0.1 that shows the chats; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
}

const EXAMPLES: &str = "\
Examples:
  slotbox demo
  slotbox demo --port 9000
  slotbox demo --play";
