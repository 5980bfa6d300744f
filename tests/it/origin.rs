//! The defects of the system that Slotbox replaces: each has a test that would find it here, or a
//! decision in ARCHITECTURE.md that leaves it no place.
//!
//! A test says which defect it is about in its doc comment, by number: `/// D-018: ...`.

use std::fs;
use std::path::{Path, PathBuf};

/// Money (1 to 34) and security (35 to 60), and what concerned operators, buyers and the API.
fn rows() -> Vec<u16> {
    let others = [
        95, 96, 97, 134, 136, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152,
        153, 154, 155, 156, 157, 158, 159, 160, 161, 164, 166, 167, 168, 172,
    ];
    (1..=60).chain(others).collect()
}

#[test]
fn every_defect_of_the_original_has_a_test_or_a_decision() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    collect(&root.join("tests"), &mut files);
    let tested: Vec<_> = files.iter().flat_map(|path| numbers_of_tests(&read(path))).collect();
    let decided = numbers(&read(&root.join("ARCHITECTURE.md")));
    assert!(files.len() > 200, "the sources were read");
    let open: Vec<_> = rows()
        .into_iter()
        .filter(|row| !tested.contains(row) && !decided.contains(row))
        .map(|row| format!("D-{row:03}"))
        .collect();
    assert!(open.is_empty(), "neither a test nor a decision: {}", open.join(", "));
}

/// Returns the defects that doc comments of tests name: comments which a test attribute follows.
fn numbers_of_tests(text: &str) -> Vec<u16> {
    let mut found = Vec::new();
    let mut waiting = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("///") {
            waiting.extend(numbers(line));
        } else if line.starts_with("#[") || line.starts_with("reason") || line == ")]" {
            if ["#[test]", "#[tokio::test"].iter().any(|mark| line.starts_with(mark)) {
                found.append(&mut waiting);
            }
        } else {
            waiting.clear();
        }
    }
    found
}

/// Returns each number such as `D-001` in a text.
fn numbers(text: &str) -> Vec<u16> {
    text.match_indices("D-")
        .filter_map(|(at, mark)| text.get(at + mark.len()..at + mark.len() + 3)?.parse().ok())
        .collect()
}

fn collect(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_number_counts_only_on_a_test() {
    let text = "/// D-001: a fault.\n#[tokio::test]\nasync fn a() {}\n/// D-002\nfn b() {}\n\
                /// D-003, D-004\n/// more\n#[test]\nfn c() {}";
    assert_eq!(numbers_of_tests(text), [1, 3, 4]);
}
