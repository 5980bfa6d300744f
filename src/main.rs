//! The binary: reads the arguments and does what they say.

use std::process::ExitCode;

fn main() -> ExitCode {
    slotbox::cli::main()
}
