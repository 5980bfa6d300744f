//! `slotbox config`, and what needs no running host.

use std::fs;
use std::path::Path;

use super::host::{err, out, slotbox};

const TOKEN: &str = "9f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d";

/// Writes a file of settings that says `text` and returns its path.
fn settings(dir: &Path, text: &str) -> String {
    let file = dir.join("slotbox.toml");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn right_settings_are_fine() {
    let dir = tempfile::tempdir().unwrap();
    let file = settings(dir.path(), "[tls]\nmode = 'off'\n");
    let token = [("SLOTBOX__API__TOKEN", TOKEN)];
    let checked = slotbox(&["config", "check", "--config", &file], &token);
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
    assert_eq!(out(&checked), "configuration is fine\n");
    let checked = slotbox(&["config", "check", "--json", "--config", &file], &token);
    assert_eq!(out(&checked), "{\"fine\":true,\"problems\":[]}\n");
}

/// D-157: the guide's settings are taken as they stand, and what they ask for is asked for.
#[test]
fn d_157_the_settings_that_the_guide_prints_are_fine() {
    let dir = tempfile::tempdir().unwrap();
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, block) = guide.split_once("```toml\n[server]").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let text =
        format!("[server]{block}").replace("/etc/slotbox", &dir.path().display().to_string());
    let file = settings(dir.path(), &text);
    let missing = slotbox(&["config", "check", "--config", &file], &[]);
    let told = err(&missing);
    let secrets = [
        (
            "telegram.master_token_file",
            "master.token",
            "123456789:AAEhBP0av28x6d1dWwnEvXyLv5sVsm3lqEo",
        ),
        (
            "telegram.sales_token_file",
            "sales.token",
            "987654321:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8",
        ),
        (
            "yookassa.secret_key_file",
            "yookassa.key",
            "test_Gi1rIuaIMvV6l6YvIuaIMvV6l6YvIuaIMvV6l6Yv",
        ),
        ("api.token_file", "api.token", TOKEN),
    ];
    assert_eq!(told.lines().count(), secrets.len(), "{told}");
    for (key, name, secret) in secrets {
        let line = told.lines().find(|line| line.contains(key));
        assert!(line.is_some_and(|line| line.contains("No such file")), "{key}: {told}");
        fs::write(dir.path().join(name), format!("{secret}\n")).unwrap();
    }
    let checked = slotbox(&["config", "check", "--config", &file], &[]);
    assert_eq!((out(&checked).as_str(), err(&checked).as_str()), ("configuration is fine\n", ""));
}

#[test]
fn wrong_settings_are_all_told() {
    let dir = tempfile::tempdir().unwrap();
    let file =
        settings(dir.path(), &format!("[log]\nlevl = 1\n[api]\ntoken = '{}'\n", &TOKEN[..20]));
    let checked = slotbox(&["--config", &file, "config", "check"], &[("SLOTBOX__TLS__MODE", "on")]);
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(out(&checked), "");
    let told = err(&checked);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert!(lines[0].ends_with("the nearest is log.level"), "{told}");
    assert!(lines[1].starts_with(&format!("{file}:4: api.token = ***: expected")), "{told}");
    assert!(lines[2].starts_with("SLOTBOX__TLS__MODE: tls.mode = \"on\": expected"), "{told}");
    assert!(!told.contains(&TOKEN[..20]), "{told}");

    let checked = slotbox(&["--config", &file, "config", "check", "--json"], &[]);
    assert_eq!(checked.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_str(&out(&checked)).unwrap();
    assert_eq!(told["fine"], false);
    let problems = told["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 3, "{told}");
    assert_eq!((&problems[0]["file"], &problems[0]["line"]), (&file.clone().into(), &2.into()));
    assert_eq!((&problems[1]["key"], &problems[1]["value"]), (&"api.token".into(), &"***".into()));
    assert_eq!(problems[2]["key"], "server.domain");

    let shown = slotbox(&["--config", &file, "config", "show"], &[]);
    assert_eq!(shown.status.code(), Some(78));
    assert_eq!((out(&shown).as_str(), err(&shown).lines().count()), ("", 3));
}

#[test]
fn settings_are_shown_with_their_origins_and_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = settings(dir.path(), "[tls]\nmode = 'off'\n");
    let credentials = dir.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("api.token"), TOKEN).unwrap();
    let credentials = credentials.display().to_string();
    let variables =
        [("CREDENTIALS_DIRECTORY", credentials.as_str()), ("SLOTBOX__LOG__LEVEL", "warn")];

    let shown = slotbox(&["config", "show", "--config", &file], &variables);
    assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
    let text = out(&shown);
    for line in [
        format!("mode = \"off\"  # {file}:2"),
        "token = \"***\"  # credential api.token".to_owned(),
        "level = \"warn\"  # SLOTBOX__LOG__LEVEL".to_owned(),
        "pids = 64  # default".to_owned(),
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
    let shown = slotbox(&["config", "show", "--json", "--config", &file], &variables);
    let json: serde_json::Value = serde_json::from_str(&out(&shown)).unwrap();
    let token = json["settings"].as_array().unwrap().iter().find(|it| it["key"] == "api.token");
    assert_eq!(token.unwrap()["value"], "***");
    assert!(!text.contains(&TOKEN[..8]) && !out(&shown).contains(&TOKEN[..8]));
}

#[test]
fn the_version_is_told() {
    let version = env!("CARGO_PKG_VERSION");
    let told = slotbox(&["version"], &[]);
    assert_eq!((told.status.code(), out(&told)), (Some(0), format!("slotbox {version}\n")));
    let told = slotbox(&["version", "--json"], &[]);
    assert_eq!(out(&told), format!("{{\"name\":\"slotbox\",\"version\":\"{version}\"}}\n"));
    assert_eq!(out(&slotbox(&["--version"], &[])), format!("slotbox {version}\n"));
}

#[test]
fn wrong_usage_exits_with_2_and_help_with_0() {
    for arguments in
        [&[][..], &["sell"], &["config"], &["config", "check", "--jsn"], &["version", "1"]]
    {
        let told = slotbox(arguments, &[]);
        assert_eq!(told.status.code(), Some(2), "{arguments:?}");
        assert!(out(&told).is_empty() && err(&told).contains("Usage:"), "{arguments:?}");
    }
    let told = slotbox(&["config", "check", "--help"], &[]);
    assert_eq!(told.status.code(), Some(0));
    assert!(out(&told).contains("Examples:\n  slotbox config check\n"));
}
