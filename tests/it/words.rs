//! The catalogue under `locales/` against the code that speaks from it: no message is missing in a
//! language, none is left over, and each is given just the arguments that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast;

use crate::borders::source::sources;

const LANGUAGES: [&str; 2] = ["ru", "en"];

/// What a macro around `say!` adds to the arguments of each message that it says.
const WRAPPERS: &[(&str, &[&str])] = &[("say!", &[]), ("say_of!", &["company", "bot", "client"])];

/// The messages of one language: each with what it names, of arguments and of other messages.
type Catalogue = BTreeMap<String, Named>;

#[derive(Default)]
struct Named {
    arguments: BTreeSet<String>,
    messages: BTreeSet<String>,
}

#[test]
fn every_message_is_there_in_every_language_and_is_said() {
    let said = said();
    assert!(said.len() > 40, "the sources were read: {}", said.len());
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let catalogue = catalogue(language);
        let mut reached = BTreeSet::new();
        for (id, calls) in &said {
            if !catalogue.contains_key(id) {
                wrong.push(format!("{language}: {id} is said and not there"));
                continue;
            }
            let needed = arguments(&catalogue, id, &mut reached);
            for (place, given) in calls {
                if !needed.is_subset(given) {
                    let missing: Vec<_> = needed.difference(given).collect();
                    wrong.push(format!("{place}: {language} {id} is not given {missing:?}"));
                }
            }
        }
        let unused = catalogue.keys().filter(|id| !reached.contains(*id));
        wrong.extend(unused.map(|id| format!("{language}: {id} is never said")));
    }
    wrong.extend(idle_arguments(&said));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Finds the arguments that are given to a message and used in no language. What a wrapper adds
/// is there for whoever wants it.
fn idle_arguments(said: &Said) -> Vec<String> {
    let catalogues = LANGUAGES.map(catalogue);
    let mut idle = Vec::new();
    for (id, calls) in said {
        let used = |name: &String| {
            catalogues.iter().any(|it| arguments(it, id, &mut BTreeSet::new()).contains(name))
        };
        for (place, given) in calls {
            let wrapped = WRAPPERS.iter().flat_map(|(_, added)| *added);
            let added: BTreeSet<_> = wrapped.map(|name| (*name).to_owned()).collect();
            let names = given.difference(&added).filter(|name| !used(name));
            idle.extend(names.map(|name| format!("{place}: {id} does nothing with {name:?}")));
        }
    }
    idle
}

/// Returns all arguments that a message needs, with those of the messages that it names.
fn arguments(catalogue: &Catalogue, id: &str, reached: &mut BTreeSet<String>) -> BTreeSet<String> {
    reached.insert(id.to_owned());
    let Some(named) = catalogue.get(id) else { return BTreeSet::new() };
    let mut all = named.arguments.clone();
    for other in &named.messages {
        assert!(catalogue.contains_key(other), "{id} names {other}, which is not there");
        all.extend(arguments(catalogue, other, reached));
    }
    all
}

/// Where each message is said, and with which arguments.
type Said = BTreeMap<String, Vec<(String, BTreeSet<String>)>>;

fn said() -> Said {
    let mut said = Said::new();
    for source in sources() {
        let code = &source.code_with_texts;
        for (start, _) in code.match_indices("say") {
            let Some((added, inside)) = call(&code[start..]) else { continue };
            let Some((id, rest)) = message(inside) else { continue };
            let mut given: BTreeSet<_> = added.iter().map(|name| (*name).to_owned()).collect();
            given.extend(given_names(rest));
            let line = code[..start].lines().count();
            said.entry(id.to_owned()).or_default().push((format!("{}:{line}", source.path), given));
        }
    }
    said
}

/// Returns what stands between the brackets of a call that says something, and what its macro adds.
fn call(code: &str) -> Option<(&'static [&'static str], &str)> {
    let (name, added) = WRAPPERS.iter().find(|(name, _)| code.starts_with(name))?;
    let inside = code[name.len()..].trim_start().strip_prefix('(')?;
    let mut open = 1_usize;
    let mut quoted = false;
    for (index, letter) in inside.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((added, &inside[..index]));
        }
    }
    None
}

/// Returns the message's id and what follows it. A macro's own definition names none.
fn message(inside: &str) -> Option<(&str, &str)> {
    let (_, rest) = inside.split_once('"')?;
    let (id, rest) = rest.split_once('"')?;
    let is_id = id.contains('-') && id.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'));
    is_id.then_some((id, rest))
}

/// Returns the names before each `=` of `, name = value, name = value`.
fn given_names(rest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = 0_i32;
    let mut piece = String::new();
    for letter in rest.chars().chain([',']) {
        match letter {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open -= 1,
            ',' if open == 0 => {
                if let Some((name, _)) = piece.split_once('=') {
                    names.push(name.trim().to_owned());
                }
                piece.clear();
                continue;
            }
            _ => {}
        }
        piece.push(letter);
    }
    names
}

/// Reads all files of a language.
fn catalogue(language: &str) -> Catalogue {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
    let mut catalogue = Catalogue::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let part = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let parsed = fluent_syntax::parser::parse(text).unwrap_or_else(|(_, errors)| {
            panic!("{}: {errors:?}", path.display());
        });
        for entry in parsed.body {
            let ast::Entry::Message(message) = entry else { continue };
            let id = message.id.name;
            assert!(id.starts_with(&format!("{part}-")), "{language}: {id} stands in {part}.ftl");
            let mut named = Named::default();
            read_pattern(&message.value.expect("a message has a text"), &mut named);
            assert!(catalogue.insert(id.clone(), named).is_none(), "{language}: {id} twice");
        }
    }
    catalogue
}

fn read_pattern(pattern: &ast::Pattern<String>, named: &mut Named) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            read_expression(expression, named);
        }
    }
}

fn read_expression(expression: &ast::Expression<String>, named: &mut Named) {
    match expression {
        ast::Expression::Inline(inline) => read_inline(inline, named),
        ast::Expression::Select { selector, variants } => {
            read_inline(selector, named);
            for variant in variants {
                read_pattern(&variant.value, named);
            }
        }
    }
}

fn read_inline(inline: &ast::InlineExpression<String>, named: &mut Named) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            named.arguments.insert(id.name.clone());
        }
        ast::InlineExpression::MessageReference { id, .. } => {
            named.messages.insert(id.name.clone());
        }
        ast::InlineExpression::Placeable { expression } => read_expression(expression, named),
        ast::InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|it| read_inline(it, named));
            arguments.named.iter().for_each(|it| read_inline(&it.value, named));
        }
        ast::InlineExpression::StringLiteral { .. }
        | ast::InlineExpression::NumberLiteral { .. }
        | ast::InlineExpression::TermReference { .. } => {}
    }
}
