//! Where settings are read from: files, the environment, credentials.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use secrecy::SecretString;
use toml::de::DeTable;

use super::excerpt::Excerpt;
use super::problem::{Problem, Problems};
use super::raw::{Node, Origin, Raw, Source, Values};

/// Where settings are read from. The values of the environment may be secrets, so there is no
/// `Debug`.
#[derive(Clone)]
pub struct Sources {
    /// The main file, with a directory `conf.d` beside it; `None` reads no files. Only the one at
    /// its usual place may be missing.
    pub file: Option<PathBuf>,
    /// The environment; only names that begin with `SLOTBOX__` count.
    pub environment: BTreeMap<OsString, OsString>,
    /// The directory in which systemd puts credentials, or else [`CREDSTORE`].
    pub credentials: Option<PathBuf>,
}

/// What is still to be written: a file of settings and credentials, in place of those that lie there.
#[derive(Clone, Default)]
pub struct Staged {
    /// A file and its text.
    pub file: Option<(PathBuf, String)>,
    /// Credentials by the settings' names.
    pub credentials: BTreeMap<String, SecretString>,
}

/// The main file's usual place.
pub const USUAL_FILE: &str = "/etc/slotbox/slotbox.toml";

/// Where the package's units take credentials from, each in a file that bears the setting's name. Who
/// may read them there has the settings that `serve` has, so that a command can check them.
pub const CREDSTORE: &str = "/etc/slotbox/credentials";
/// What systemd puts before the names of credentials that come from a directory.
const PREFIX: &str = "slotbox_";

/// What the name of a variable begins with.
const VARIABLE_PREFIX: &str = "SLOTBOX__";
/// What a file of settings or a secret may hold at most.
const LONGEST_FILE: u64 = 1 << 20;
/// How many errors of one file's form are told.
const MOST_ERRORS: usize = 10;
/// The layers above all files.
pub(super) const CREDENTIAL_LAYER: usize = usize::MAX - 1;
const VARIABLE_LAYER: usize = usize::MAX;

impl Sources {
    /// Returns what this process is given; `file` goes before the usual place.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let environment: BTreeMap<_, _> = std::env::vars_os().collect();
        let handed = environment.get::<OsString>(&"CREDENTIALS_DIRECTORY".into());
        let stored = || fs::read_dir(CREDSTORE).is_ok().then(|| CREDSTORE.into());
        Self {
            credentials: handed.map(PathBuf::from).or_else(stored),
            file: Some(file.unwrap_or_else(|| USUAL_FILE.into())),
            environment,
        }
    }

    /// Returns where the credential `name` lies, if it is given.
    pub fn credential(&self, name: &str) -> Option<PathBuf> {
        let path = credential(self.credentials.as_ref()?, name);
        path.exists().then_some(path)
    }

    /// Makes sure that the main file can be read, if it is not the usual one.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be read.
    pub(super) fn check_file(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        if let Some(file) = self.file.as_ref().filter(|file| *file != Path::new(USUAL_FILE))
            && let Err(err) = read_text(file)
        {
            let wrong = format!("cannot be read: {err}");
            problems.push(Problem::with_source(Origin::File(file.clone()), wrong));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Reads the files and the environment, the later over the earlier.
    pub(super) fn read(&self, staged: &Staged, problems: &mut Problems) -> Values {
        let mut values = Values::new();
        for (layer, path) in self.files(staged, problems).into_iter().enumerate() {
            match staged.file.as_ref().filter(|(file, _)| *file == path) {
                Some((_, text)) => read_settings(&path, text, layer, &mut values, problems),
                None => read_file(&path, layer, &mut values, problems),
            }
        }
        for (name, value) in &self.environment {
            read_variable(name, value, &mut values, problems);
        }
        values
    }

    /// Returns the variables that begin with `SLOTBOX_` and not with `SLOTBOX__`.
    pub(super) fn strangers(&self) -> Vec<String> {
        let names = self.environment.keys().filter_map(|name| name.to_str());
        let ours = |name: &&str| name.starts_with("SLOTBOX_") && !name.starts_with(VARIABLE_PREFIX);
        names.filter(ours).map(str::to_owned).collect()
    }

    /// Returns the main file and what lies in `conf.d`, in the order of names.
    pub(super) fn files(&self, staged: &Staged, problems: &mut Problems) -> Vec<PathBuf> {
        let Some(main) = &self.file else { return Vec::new() };
        let mut files = Vec::new();
        if main != Path::new(USUAL_FILE) || main.exists() {
            files.push(main.clone());
        }
        let more = main.with_file_name("conf.d");
        let mut inside = match directory(&more) {
            Ok(inside) => inside,
            Err(err) if err.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(err) => {
                let wrong = format!("cannot be read: {err}");
                problems.push(Problem::with_source(Origin::File(more), wrong));
                Vec::new()
            }
        };
        inside.extend(staged.file.as_ref().map(|(file, _)| file.clone()));
        inside.retain(|path| path.extension().is_some_and(|end| end == "toml"));
        inside.sort();
        inside.dedup();
        files.extend(inside);
        files
    }
}

fn directory(path: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect()
}

fn read_file(path: &Path, layer: usize, values: &mut Values, problems: &mut Problems) {
    let text = match read_text(path) {
        Ok(text) => text,
        Err(err) => {
            let wrong = format!("cannot be read: {err}");
            return problems.push(Problem::with_source(Origin::File(path.to_owned()), wrong));
        }
    };
    read_settings(path, &text, layer, values, problems);
}

fn read_settings(
    path: &Path,
    text: &str,
    layer: usize,
    values: &mut Values,
    problems: &mut Problems,
) {
    let shared: Arc<Path> = Arc::from(path);
    let origin = |line| Origin::Line(Arc::clone(&shared), line);
    let source = Source { text, layer, origin: &origin };
    let (table, errors) = DeTable::parse_recoverable(text);
    let line = |err: &toml::de::Error| source.line(err.span().map_or(0, |span| span.start));
    for err in errors.iter().take(MOST_ERRORS) {
        let excerpt = Excerpt::new(text, err.span().map_or(0, |span| span.start));
        let wrong = format!("not TOML: {}", understandable(err.message()));
        problems.push(Problem::with_source(origin(line(err)), wrong).with_excerpt(excerpt));
    }
    let mut read = Values::new();
    source.flatten(table.into_inner(), "", &mut read);
    let broken: Vec<_> = errors.iter().map(|err| origin(line(err))).collect();
    read.retain(|_, node| !broken.contains(&node.origin)); // What is left there is a guess.
    values.append(&mut read);
}

/// Says what is meant where the parser takes a text without quotes for a number.
fn understandable(message: &str) -> String {
    let number = ["float", "integer"].iter().any(|kind| message.contains(kind));
    let message = message.replace('\n', ", ");
    if number && message.contains("expected nothing") {
        "neither a number nor a text in quotes".to_owned()
    } else {
        message
    }
}

fn read_variable(name: &OsString, value: &OsString, values: &mut Values, problems: &mut Problems) {
    let Some(path) = name.to_str().and_then(|name| name.strip_prefix(VARIABLE_PREFIX)) else {
        return;
    };
    let path = path.to_ascii_lowercase().replace("__", ".");
    let origin = Origin::Variable(name.to_string_lossy().into_owned());
    let Some(value) = value.to_str() else {
        return problems.push(Problem::with_key(&path, Some(origin), "not UTF-8"));
    };
    let raw = Raw::Written(value.to_owned());
    values.insert(path, Node { raw, origin, layer: VARIABLE_LAYER });
}

/// Returns where the credential `name` lies in `dir`, or would lie.
pub(super) fn credential(dir: &Path, name: &str) -> PathBuf {
    let prefixed = dir.join(format!("{PREFIX}{name}"));
    if prefixed.exists() { prefixed } else { dir.join(name) }
}

/// Returns the names of the credentials in `dir`.
pub(super) fn credentials(dir: &Path) -> Vec<String> {
    let paths = directory(dir).unwrap_or_default();
    let name = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        Some(name.strip_prefix(PREFIX).unwrap_or(name).to_owned())
    };
    paths.iter().filter_map(name).collect()
}

/// Returns the variable that sets `key`.
pub(super) fn variable(key: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// Reads a file of settings or a secret.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|length| length > LONGEST_FILE) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more than 1 MiB"));
    }
    Ok(text)
}
