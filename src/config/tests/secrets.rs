use expect_test::expect;
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

#[test]
fn a_secret_is_given_in_one_of_three_ways() {
    let host = Host::new("[tls]\nmode = \"off\"\n[telegram]\noperators = [1]\n")
        .with_file("credentials/api.token", &format!("{API_TOKEN}\n"))
        .with_file("bot", &format!("{BOT_TOKEN}\n"));
    let path = host.path().join("bot").display().to_string();
    let host = host
        .with_variable("SLOTBOX__TELEGRAM__MASTER_TOKEN_FILE", &path)
        .with_variable("SLOTBOX__TELEGRAM__SALES_TOKEN", OTHER_BOT_TOKEN);
    let config = host.load();
    assert_eq!(config.api.token.expose_secret(), API_TOKEN);
    assert_eq!(config.telegram.master_token.unwrap().expose(), BOT_TOKEN);
    let shown = host.shown();
    assert!(shown.contains("token = \"***\"  # credential api.token\n"), "{shown}");
    let named = "master_token = \"***\"  # SLOTBOX__TELEGRAM__MASTER_TOKEN_FILE, in DIR/bot\n";
    assert!(shown.contains(named), "{shown}");
    assert!(shown.contains("sales_token = \"***\"  # SLOTBOX__TELEGRAM__SALES_TOKEN\n"), "{shown}");
}

#[test]
fn the_environment_goes_before_a_credential_and_that_before_a_file() {
    let host = Host::new(LEAST).with_file("credentials/api.token", &API_TOKEN.replace('9', "8"));
    assert!(host.load().api.token.expose_secret().starts_with('8'));
    let host = host.with_variable("SLOTBOX__API__TOKEN", &API_TOKEN.replace('9', "7"));
    assert!(host.load().api.token.expose_secret().starts_with('7'));
}

#[test]
fn a_secret_that_cannot_be_had_is_told() {
    let host = Host::new("[tls]\nmode = 'off'\n[api]\ntoken_file = 'hidden'\n[telegram]\nmaster_token_file = '/nonexistent/token'\n[yookassa]\nsecret_key = 'live_hidden'\nsecret_key_file = '/dev/null'\n")
        .with_file("credentials/telegram.sales_token", " \n");
    expect![[r"
        DIR/slotbox.toml:4: api.token_file = ***: expected a path from the root, such as /var/lib/slotbox
        DIR/slotbox.toml:6: telegram.master_token_file: /nonexistent/token cannot be read: No such file or directory (os error 2)
        DIR/slotbox.toml:9: yookassa.secret_key_file: /dev/null is empty
        credential telegram.sales_token: telegram.sales_token: DIR/credentials/telegram.sales_token is empty
        yookassa.shop_id: missing: yookassa.secret_key is set and needs it
    "]].assert_eq(&host.problems());
    let twice = Host::new(LEAST).with_file("t", API_TOKEN);
    let main = format!("{LEAST}token_file = '{}'\n", twice.path().join("t").display());
    let twice = twice.with_file("slotbox.toml", &main);
    expect![[r"
        DIR/slotbox.toml:6: api.token: given twice; keep either api.token or api.token_file
    "]]
    .assert_eq(&twice.problems());
}

/// A word that settings are made of, right or wrong.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_.\\[\\]=\"'{}, \n0-9]{0,8}",
        Just("[server]\n".to_owned()),
        Just("[telegram]\n".to_owned()),
        Just("[yookassa]\nreceipt = ".to_owned()),
        Just("[[plans]]\n".to_owned()),
        Just("[api]\ntoken = ".to_owned()),
        Just("master_token = ".to_owned()),
        Just("proxy = ".to_owned()),
        Just("operators = [1, ".to_owned()),
        Just(format!("\"{BOT_TOKEN}\"\n")),
        Just(format!("{BOT_TOKEN}\n")),
        Just(format!("{{ \"{BOT_TOKEN}\" = '''{BOT_TOKEN}''' }}\n")),
    ]
}

#[test]
fn a_secret_is_masked_before_a_long_value_is_cut() {
    let list = format!("[1, \"{BOT_TOKEN}\", [\"x\"], \"{BOT_TOKEN}\"]");
    let host = Host::new(&format!("[telegram]\noperators = {list}\n"));
    let problems = Config::load(&host.sources).unwrap_err().to_string();
    assert!(problems.contains("telegram.operators = [1, "), "{problems}");
    assert!(!problems.contains("AAH5"), "{problems}");
}

proptest! {
    #[test]
    fn no_text_panics_or_gives_a_secret_away(words in prop::collection::vec(word(), 0..20)) {
        let host = Host::new(&words.concat());
        let said = match Config::explain(&host.sources) {
            Ok((config, effective)) => format!("{config:?}{effective:?}{}", as_toml(&effective)),
            Err(problems) => format!("{problems}{problems:?}"),
        };
        prop_assert!(!said.contains("AAH5"), "{}", said);
    }

    #[test]
    fn a_planted_secret_stays_hidden(secret in "[a-zA-Z0-9]{34,40}", key in 0usize..6, wrong: bool) {
        let keys = ["telegram.proxy", "telegram.master_token", "telegram.sales_token", "yookassa.secret_key", "api.token", "yookassa.proxy"];
        let right = ["socks5://u:", "1234567:", "7654321:", "test_", "", "http://u:"];
        let end = if key == 0 || key == 5 { "@host:1" } else { "" };
        let value = if wrong { secret.clone() } else { format!("{}{secret}{end}", right[key]) };
        let host = Host::new(&format!("{} = '{value}'\n{LEAST}", keys[key]).replace("api.token = ", "api.x = "))
            .with_variable(&sources::variable(keys[key]), &value);
        let said = match Config::explain(&host.sources) {
            Ok((config, effective)) => format!("{config:?}{effective:?}{}", as_json(&effective)),
            Err(problems) => format!("{problems}{problems:?}"),
        };
        prop_assert!(!said.contains(&secret), "{}", said);
    }
}

/// Every secret in its place, as an operator would have written it.
const FULL: &str = r#"
[tls]
mode = "off"
[server]
support = "@example_support"
[telegram]
proxy = "socks5h://me:hidden4password5of6the7proxy@127.0.0.1:1080"
master_token = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"
sales_token = '654321:BBH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8'
operators = [1]
[yookassa]
shop_id = "100500"
secret_key = "test_KeyOfTheShop9-8_7Letters6"
proxy = "http://me:another8password7of6a5proxy@127.0.0.1:3128"
[api]
token = "9f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d4c6b8a1e3f5079d29f2d"
"#;

/// What must never be seen, in pieces that would give the whole away.
fn pieces() -> impl Iterator<Item = &'static str> {
    let secrets = [
        "hidden4password5of6the7proxy",
        "another8password7of6a5proxy",
        "AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8",
        "BBH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8",
        "KeyOfTheShop9-8_7Letters6",
        API_TOKEN,
    ];
    secrets.into_iter().flat_map(|secret| (0..=secret.len() - 14).map(|at| &secret[at..at + 14]))
}

/// One slip of the hand, at a place of the text.
fn slip(mut text: String, place: usize, kind: usize) -> String {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = place % text.len().max(1);
    match kind {
        0 => {
            text.remove(at);
            text
        }
        1..=5 => {
            text.insert_str(at, ["\"", "\n", "=", "[", " "][kind - 1]);
            text
        }
        // Values end up under other keys.
        _ => {
            let (one, other) = (place % lines.len(), (place / 7) % lines.len());
            let value = |line: &str| line.split_once(" = ").map(|(_, value)| value.to_owned());
            let mut moved = lines.clone();
            if let (Some(value), Some((key, _))) =
                (value(&lines[one]), lines[other].split_once(" = "))
            {
                moved[other] = format!("{key} = {value}");
            }
            moved.join("\n")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_slip_of_the_hand_gives_a_secret_away(slips in prop::collection::vec((0usize..100_000, 0usize..9), 0..4)) {
        let text = slips.into_iter().fold(FULL.to_owned(), |text, (place, kind)| slip(text, place, kind));
        let host = Host::new(&text);
        let said = match Config::explain(&host.sources) {
            Ok((config, effective)) => format!("{config:?}{effective:?}{}{}", as_toml(&effective), as_json(&effective)),
            Err(problems) => format!("{problems}{problems:?}{}", problems_as_json(&problems)),
        };
        for piece in pieces() {
            prop_assert!(!said.contains(piece), "{piece} of\n{text}\nin {said}");
        }
    }
}
