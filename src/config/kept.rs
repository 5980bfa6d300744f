//! The settings as an encrypted backup holds them: the files as they lie, and the secrets that lie
//! beside them.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::answers::SECRETS;
use super::problem::{Problem, Problems};
use super::raw::Origin;
use super::reader::Reader;
use super::sources::{Sources, Staged, read_text};

/// What the main file is called.
const MAIN: &str = "slotbox.toml";
/// The folder of the other files.
const MORE: &str = "conf.d";

/// Files of settings, and secrets by the names of their settings. There is no `Debug`: a file may hold
/// secrets too.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeptSettings {
    files: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Plain {
    files: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

impl KeptSettings {
    /// Reads the files as they lie now, and the secrets that are given as credentials, as files or as
    /// variables. What else the environment says is not among them.
    ///
    /// # Errors
    ///
    /// Returns what cannot be read.
    pub fn gather(sources: &Sources) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut files = BTreeMap::new();
        for path in sources.files(&Staged::default(), &mut problems) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_main = sources.file.as_ref() == Some(&path);
            let name = if is_main { MAIN.to_owned() } else { format!("{MORE}/{name}") };
            match read_text(&path) {
                Ok(text) => drop(files.insert(name, text)),
                Err(err) => {
                    let wrong = format!("cannot be read: {err}");
                    problems.push(Problem::with_source(Origin::File(path), wrong));
                }
            }
        }
        let mut reader = Reader::new(sources, &Staged::default());
        let found = |key: &&str| Some(((*key).to_owned(), reader.secret_apart(key)?));
        let secrets = SECRETS.iter().filter_map(found).collect();
        if problems.is_empty() { Ok(Self { files, secrets }) } else { Err(problems) }
    }

    /// Returns the bytes to keep, which hold secrets.
    pub fn write(&self) -> Vec<u8> {
        let Self { files, secrets } = self.clone();
        serde_json::to_vec(&Plain { files, secrets }).unwrap_or_default()
    }

    /// Reads what was kept; `None` if it is none, or names files or settings that there are not: what
    /// it names is written to `/etc`.
    pub fn read(kept: &[u8]) -> Option<Self> {
        let Plain { files, secrets } = serde_json::from_slice(kept).ok()?;
        let fits = files.keys().all(|name| is_name(name))
            && secrets.keys().all(|key| SECRETS.contains(&key.as_str()));
        fits.then_some(Self { files, secrets })
    }

    /// Returns the files by their names below the directory of the settings, and their texts.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Returns the secrets by the names of their settings.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, SecretString)> {
        self.secrets.iter().map(|(key, text)| (key.as_str(), text.as_str().into()))
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let Some(name) = name.strip_prefix(MORE).and_then(|name| name.strip_prefix('/')) else {
        return name == MAIN;
    };
    name.strip_suffix(".toml").is_some() && !name.starts_with('.') && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn what_is_kept_is_all_that_the_files_and_credentials_say() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for folder in ["conf.d", "credentials"] {
            fs::create_dir(path(folder)).unwrap();
        }
        fs::write(path("slotbox.toml"), "# mine\n[api]\ntoken = 'in the file'\n").unwrap();
        let named = format!("[telegram]\nsales_token_file = '{}'\n", path("sales").display());
        fs::write(path("conf.d/50-setup.toml"), &named).unwrap();
        fs::write(path("conf.d/notes.txt"), "no settings").unwrap();
        fs::write(path("sales"), "a sales token\n").unwrap();
        fs::write(path("credentials/yookassa.secret_key"), "a key\n").unwrap();
        fs::write(path("credentials/sealing.key"), [7; 32]).unwrap();
        let variable = ("SLOTBOX__TELEGRAM__MASTER_TOKEN".into(), "a master token".into());
        let sources = Sources {
            file: Some(path("slotbox.toml")),
            environment: [variable].into(),
            credentials: Some(path("credentials")),
        };
        let kept = KeptSettings::gather(&sources).unwrap_or_else(|err| panic!("{err}"));
        assert!(KeptSettings::read(&kept.write()) == Some(kept.clone()));
        let files: Vec<_> = kept.files().collect();
        let main = "# mine\n[api]\ntoken = 'in the file'\n";
        assert_eq!(files, [("conf.d/50-setup.toml", named.as_str()), ("slotbox.toml", main)]);
        let secrets: Vec<_> = kept.secrets().collect();
        let secrets: Vec<_> =
            secrets.iter().map(|(key, text)| (*key, text.expose_secret())).collect();
        let apart = [
            ("telegram.master_token", "a master token"),
            ("telegram.sales_token", "a sales token"),
            ("yookassa.secret_key", "a key"),
        ];
        assert_eq!(secrets, apart);
    }

    #[test]
    fn nothing_is_read_that_leads_elsewhere() {
        let read = |files: &str, secrets: &str| {
            let text = format!(r#"{{"files":{{{files}}},"secrets":{{{secrets}}}}}"#);
            KeptSettings::read(text.as_bytes()).is_some()
        };
        assert!(read(r#""slotbox.toml":"","conf.d/a-1.toml":"""#, r#""api.token":"x""#));
        for name in ["passwd", "conf.d/../x.toml", "conf.d/.x.toml", "conf.d/x", "/etc/x.toml", ""]
        {
            assert!(!read(&format!(r#""{name}":"""#), ""), "{name}");
        }
        for key in ["sealing.key", "../x", "server.domain"] {
            assert!(!read("", &format!(r#""{key}":"x""#)), "{key}");
        }
        assert!(KeptSettings::read(b"{}").is_none());
    }
}
