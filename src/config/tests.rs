use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

mod documented;
mod problems;
mod reading;
mod secrets;

/// A token as `openssl rand -hex 32` makes it.
const API_TOKEN: &str = "9f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d";
const BOT_TOKEN: &str = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const OTHER_BOT_TOKEN: &str = "654321:BBH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

/// The least that the settings must say.
const LEAST: &str = r#"
[tls]
mode = "off"
[api]
token = "9f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d"
"#;

/// A directory of settings, and what is beside them.
struct Host {
    dir: TempDir,
    sources: Sources,
}

impl Host {
    fn new(main: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("slotbox.toml");
        fs::write(&file, main).unwrap();
        let sources = Sources {
            file: Some(file),
            environment: BTreeMap::new(),
            credentials: Some(dir.path().join("credentials")),
        };
        Self { dir, sources }
    }

    fn with_file(self, name: &str, text: &str) -> Self {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.into(), value.into());
        self
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn load(&self) -> Config {
        Config::load(&self.sources).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Returns all problems, with `DIR` for the directory.
    fn problems(&self) -> String {
        let problems = Config::load(&self.sources).unwrap_err().to_string();
        problems.replace(&self.path().display().to_string(), "DIR") + "\n"
    }

    /// Returns the settings in force as TOML, with `DIR` for the directory.
    fn shown(&self) -> String {
        let (_, effective) = Config::explain(&self.sources).unwrap();
        as_toml(&effective).replace(&self.path().display().to_string(), "DIR")
    }
}
