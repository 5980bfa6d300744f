//! Reads `src/` as the borders see it: without comments, texts and test code.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What begins code that is built for tests alone.
const FOR_TESTS: &str = "#[cfg(test)]";

/// A file of `src/`; blanks stand for what was taken out, so lines keep their numbers.
pub struct Source {
    /// Where it lies, as in `src/bots/sales.rs`.
    pub path: String,
    /// The module that it is, as in `["bots", "sales"]`.
    pub modules: Vec<String>,
    /// Whether it is built for tests alone.
    pub for_tests: bool,
    /// How many lines it has, tests and comments with them.
    pub length: usize,
    /// Its code without comments, texts and tests.
    pub code: String,
    /// Its code without comments and tests.
    pub code_with_texts: String,
}

impl Source {
    /// Returns the room that the file belongs to.
    pub fn room(&self) -> &str {
        self.modules.first().map_or("lib", String::as_str)
    }

    /// Returns each path such as `crate::domain::ids`, with its line.
    pub fn names(&self) -> impl Iterator<Item = (usize, Vec<&str>)> {
        self.code.lines().enumerate().flat_map(|(index, line)| {
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let imported = line.trim_start().starts_with("use ");
            words
                .filter(move |word| word.contains("::") || imported)
                .map(move |word| (index + 1, word.split("::").collect()))
        })
    }

    /// Returns the room of this crate that a path leads to, if it leaves its own.
    pub fn room_named<'a>(&self, name: &[&'a str]) -> Option<&'a str> {
        let up = name.iter().take_while(|part| **part == "super").count();
        let room = match name.first() {
            Some(&("crate" | "slotbox")) => name.get(1),
            Some(&"super") if up >= self.modules.len() => name.get(up),
            _ => None,
        };
        room.copied().filter(|room| *room != self.room())
    }
}

/// Returns all files of `src/`.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("src"), &mut paths);
    paths.sort();
    let mut all = Vec::new();
    let mut for_tests = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let inside = path.strip_prefix(root).unwrap().with_extension("");
        let mut modules: Vec<_> = inside.iter().map(|part| part.to_str().unwrap().into()).collect();
        modules.remove(0);
        modules.retain(|part| part != "lib");
        let (source, tests) = read(format!("{}.rs", inside.display()), modules, &text);
        for_tests.extend(tests);
        all.push(source);
    }
    for source in &mut all {
        source.for_tests = for_tests.iter().any(|tests| source.modules.starts_with(tests));
    }
    all
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

/// Returns the file, and the modules that it declares for tests alone.
fn read(path: String, modules: Vec<String>, text: &str) -> (Source, Vec<Vec<String>>) {
    let mut code_with_texts = blanked(text, |piece| piece == Piece::Comment);
    let mut code = blanked(text, |piece| piece != Piece::Code);
    let mut for_tests = Vec::new();
    while let Some(range) = test_item(&code) {
        if let Some(name) = declared(&code[range.clone()]) {
            let mut module = modules.clone();
            module.push(name.to_owned());
            for_tests.push(module);
        }
        code = without(&code, range.clone());
        code_with_texts = without(&code_with_texts, range);
    }
    let length = text.lines().count();
    let source = Source { path, modules, for_tests: false, length, code, code_with_texts };
    (source, for_tests)
}

/// Returns where the first item lies that is built for tests alone.
fn test_item(code: &str) -> Option<Range<usize>> {
    let start = code.find(FOR_TESTS)?;
    let mut open = 0_usize;
    for (index, byte) in code.bytes().enumerate().skip(start + FOR_TESTS.len()) {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b'}' if open == 1 => return Some(start..index + 1),
            b')' | b']' | b'}' => open -= 1,
            b';' if open == 0 => return Some(start..index + 1),
            _ => {}
        }
    }
    Some(start..code.len())
}

/// Returns the name of `mod name;`.
fn declared(item: &str) -> Option<&str> {
    let (_, name) = item.strip_suffix(';')?.rsplit_once("mod ")?;
    Some(name.trim())
}

fn without(code: &str, range: Range<usize>) -> String {
    let middle: String = blanks(&code[range.clone()]).collect();
    format!("{}{middle}{}", &code[..range.start], &code[range.end..])
}

/// Returns as many bytes as `text` has, and as many lines.
fn blanks(text: &str) -> impl Iterator<Item = char> {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Code,
    Comment,
    Text,
}

/// Returns `text` with blanks for what `out` takes out.
fn blanked(text: &str, out: impl Fn(Piece) -> bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, length) = piece(rest);
        let (this, next) = rest.split_at(length);
        if out(piece) {
            result.extend(blanks(this));
        } else {
            result.push_str(this);
        }
        rest = next;
    }
    result
}

/// Returns what `rest` begins with, and its length.
fn piece(rest: &str) -> (Piece, usize) {
    let first = rest.chars().next().unwrap();
    if rest.starts_with("//") {
        return (Piece::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Piece::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(length) = raw_text(rest) {
        return (Piece::Text, length);
    }
    if first.is_alphanumeric() || first == '_' {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        return (Piece::Code, end.unwrap_or(rest.len()));
    }
    match first {
        '"' => (Piece::Text, closed_by(rest, '"')),
        '\'' if is_character(rest) => (Piece::Text, closed_by(rest, '\'')),
        _ => (Piece::Code, first.len_utf8()),
    }
}

/// Returns the length of a raw text such as `r#".."#`.
fn raw_text(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        rest.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['"', '#']))
    })?;
    let hashes = rest[prefix.len()..].chars().take_while(|c| *c == '#').count();
    let start = prefix.len() + hashes;
    let body = rest[start..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end).map(|length| start + 1 + length + end.len())
}

/// Tells `'a'` from the lifetime `'a`.
fn is_character(rest: &str) -> bool {
    let mut characters = rest.chars().skip(1);
    characters.next() == Some('\\') || characters.next() == Some('\'')
}

/// Returns the length of a text that `quote` opens and closes.
fn closed_by(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn comments_texts_and_tests_are_not_code() {
    let text = r##"
use crate::domain::ids; // not crate::http
const A: &str = "crate::bots \" {"; const B: char = '{';
const C: &str = r#"crate::jobs" {"#;
fn keeps<'a>(b: [u8; 2]) { super::super::store::get() }
#[cfg(test)]
mod tests { use crate::sandbox; const D: &str = "}"; fn e() {} }
#[cfg(test)]
mod rig;
fn last() { crate::texts::last() }
"##;
    let modules = vec!["external".to_owned(), "yookassa".to_owned()];
    let (source, for_tests) = read("src/external/yookassa.rs".into(), modules, text);
    let rooms: Vec<_> = source
        .names()
        .filter_map(|(line, name)| source.room_named(&name).map(|room| (line, room)))
        .collect();
    assert_eq!(rooms, [(2, "domain"), (5, "store"), (10, "texts")]);
    assert_eq!(for_tests, [["external", "yookassa", "rig"]]);
    assert!(source.code_with_texts.contains("crate::bots"), "texts are kept where they count");
}
