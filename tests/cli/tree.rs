//! Every command says what it does, with examples.

use clap::{Command, CommandFactory};
use slotbox::cli::Cli;

use super::host::{out, slotbox};

#[test]
fn every_command_says_what_it_does_with_examples() {
    let mut root = Cli::command();
    root.clone().debug_assert();
    root.build();
    let mut seen = Vec::new();
    walk(&root, &mut seen);
    for command in ["clients add", "queue retry", "status", "audit tail", "config check"] {
        assert!(seen.iter().any(|it| it == &format!("slotbox {command}")), "{seen:?}");
    }
}

fn walk(command: &Command, seen: &mut Vec<String>) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    assert!(command.get_about().is_some(), "{name} does not say what it does");
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let shown = examples.split_once("Examples:\n").map(|(_, examples)| examples);
    let shown = shown.unwrap_or_else(|| panic!("{name} has no examples"));
    assert!(shown.contains("slotbox"), "{name}: {shown}");
    for argument in command.get_arguments().filter(|it| !it.is_hide_set()) {
        assert!(argument.get_help().is_some(), "{name}: {} has no help", argument.get_id());
    }
    seen.push(name);
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        walk(below, seen);
    }
}

/// D-095, D-096: every role and command starts far enough to explain itself.
#[test]
fn every_command_starts() {
    for command in [
        "setup",
        "serve",
        "demo",
        "client",
        "status",
        "doctor",
        "clients",
        "queue",
        "payments",
        "orders",
        "operators",
        "audit",
        "backup",
        "database",
        "tls",
        "config",
        "completions",
        "version",
    ] {
        let told = slotbox(&[command, "--help"], &[]);
        assert_eq!(told.status.code(), Some(0), "{command}");
        assert!(out(&told).contains("Usage: slotbox"), "{command}: {}", out(&told));
    }
}

#[test]
fn shells_can_complete() {
    for shell in ["bash", "zsh", "fish"] {
        let told = slotbox(&["completions", shell], &[]);
        assert_eq!(told.status.code(), Some(0));
        let script = out(&told);
        for word in ["clients", "retry", "token-file"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(slotbox(&["completions", "tcsh"], &[]).status.code(), Some(2));
}
