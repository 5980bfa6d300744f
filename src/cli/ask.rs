//! What a person is asked at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;

use super::Usage;

/// The longest secret that is read.
const LONGEST: u64 = 4096;

/// Where a secret comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Secret<'a> {
    /// A file; `-` is the standard input.
    File(&'a Path),
    /// A person, who is asked without an echo.
    Person,
}

/// Reads a secret. It never stands in an argument: every user of a host sees those.
///
/// # Errors
///
/// Returns why it cannot be read.
pub(super) fn secret(
    from: Secret<'_>,
    question: &str,
    option: &str,
) -> anyhow::Result<SecretString> {
    let text = match from {
        Secret::File(path) if path == Path::new("-") => {
            bounded(io::stdin().lock()).context("cannot read the standard input")?
        }
        Secret::File(path) => File::open(path)
            .and_then(bounded)
            .with_context(|| format!("cannot read {}", path.display()))?,
        Secret::Person => without_echo(question, option)?,
    };
    let text = text.trim();
    if text.is_empty() {
        bail!("nothing was given where a secret was expected");
    }
    Ok(text.into())
}

/// Asks for a secret without an echo; `None` if nothing is entered.
///
/// # Errors
///
/// Returns why nobody can be asked.
pub(super) fn secret_or_nothing(
    question: &str,
    option: &str,
) -> anyhow::Result<Option<SecretString>> {
    let text = without_echo(question, option)?;
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.into()))
}

fn bounded(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn without_echo(question: &str, option: &str) -> anyhow::Result<String> {
    let terminal = terminal().ok_or_else(|| {
        Usage(format!(
            "nobody can be asked here: give {option} FILE, or {option} - to read the standard input"
        ))
    })?;
    let before = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    silent.local_modes.insert(LocalModes::ECHONL);
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    let restore = Restore { terminal: &terminal, before: &before };
    write!(&terminal, "{question}: ")?;
    let line = line(&terminal);
    drop(restore);
    Ok(line?)
}

/// Gives the terminal its echo back, whatever happens.
struct Restore<'a> {
    terminal: &'a File,
    before: &'a Termios,
}

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        tcsetattr(self.terminal, OptionalActions::Flush, self.before).ok();
    }
}

/// Asks until a line is entered; `None` without a terminal.
pub(super) fn question(words: &str) -> anyhow::Result<Option<String>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let Some(terminal) = terminal() else { return Ok(None) };
    write!(&terminal, "{words}")?;
    Ok(Some(line(&terminal)?.trim().to_owned()))
}

fn line(terminal: &File) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(terminal.take(LONGEST)).read_line(&mut line)?;
    Ok(line)
}

/// Opens the terminal that this process belongs to.
fn terminal() -> Option<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty").ok()
}
