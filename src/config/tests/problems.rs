use expect_test::{Expect, expect};

use super::*;

/// Compares the problems of one file.
fn check(main: &str, expected: &Expect) {
    expected.assert_eq(&Host::new(main).problems());
}

/// Compares the problems of one file that says the least and, on its seventh line and after,
/// `more`.
fn check_more(more: &str, expected: &Expect) {
    check(&format!("{LEAST}\n{more}"), expected);
}

#[test]
fn a_missing_file_is_fine_only_at_its_usual_place() {
    let mut host = Host::new(LEAST);
    host.sources.file = Some(host.path().join("other.toml"));
    let problems = host.problems();
    assert!(problems.starts_with("DIR/other.toml: cannot be read: No such file"), "{problems}");
    assert!(!problems.contains("api.token"), "{problems}");
}

#[test]
fn an_empty_file_lacks_two_things() {
    check(
        "",
        &expect![[r#"
        api.token: missing: every call of the API is checked against it; give it as api.token (or SLOTBOX__API__TOKEN in the environment), as a file's path in api.token_file, or as a systemd credential named api.token
        server.domain: missing: HTTPS needs the public name; if another server stands in front, write tls.mode = "off"
    "#]],
    );
}

#[test]
fn server_problems() {
    check_more(
        r#"[server]
domain = "https://bots.example.ru"
https_listen = ["[::]:443", "bad"]
local_listen = 8000
trusted_proxies = ["10.0.0.1/8"]
data_dir = "data"
timezone = "Moscow"
locale = "fr"
support = "YourSupport"
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: server.domain = "https://bots.example.ru": expected a public host name alone, such as bots.example.ru (in Latin letters: xn--.. for others)
            DIR/slotbox.toml:9: server.https_listen = ["[::]:443", "bad"]: item 2, "bad": expected an address and a port, such as "127.0.0.1:8000" or "[::]:443"
            DIR/slotbox.toml:10: server.local_listen = 8000: expected a text in quotes
            DIR/slotbox.toml:11: server.trusted_proxies = ["10.0.0.1/8"]: item 1, "10.0.0.1/8": the address has bits beyond its prefix; the network is written 10.0.0.0/8
            DIR/slotbox.toml:12: server.data_dir = "data": expected a path from the root, such as /var/lib/slotbox
            DIR/slotbox.toml:13: server.timezone = "Moscow": expected a time zone's name, such as "Europe/Moscow"
            DIR/slotbox.toml:14: server.locale = "fr": expected "ru" or "en"
            DIR/slotbox.toml:15: server.support = "YourSupport": expected a Telegram name with its @, such as "@example_support"
        "#]],
    );
    check_more(
        "[server]\nhttps_listen = ['[::]:80']\n",
        &expect![[r"
        DIR/slotbox.toml:8: server.https_listen: [::]:80 is named twice; each listener needs its own
    "]],
    );
}

#[test]
fn tls_problems() {
    let api = "[api]\ntoken_file = '/dev/null'\n";
    check(
        &format!("{api}[tls]\nmode = 'files'\ncert_file = '/etc/cert.pem'\n"),
        &expect![[r#"
            DIR/slotbox.toml:2: api.token_file: /dev/null is empty
            tls.key_file: missing: tls.mode = "files" needs it
        "#]],
    );
    check_more(
        "[tls.mode]\nx = 1\n",
        &expect![[r"
            DIR/slotbox.toml:7: not TOML: duplicate key
                [tls.mode]
                     ^
            DIR/slotbox.toml:8: tls.mode.x: there is no such key; the nearest is tls.mode
        "]],
    );
    check(
        "[tls]\nmode = 'on'\ndirectory_url = 'http://example.ru'\ncontact = 'me'\nchallenge = 'dns-01'\n",
        &expect![[r#"
            DIR/slotbox.toml:2: tls.mode = "on": expected "acme", "files" or "off"
            DIR/slotbox.toml:3: tls.directory_url = "http://example.ru": expected https (http is for this host alone: 127.0.0.1)
            DIR/slotbox.toml:4: tls.contact = "me": expected an e-mail address, such as "ops@example.ru"
            DIR/slotbox.toml:5: tls.challenge = "dns-01": expected "tls-alpn-01" or "http-01"
            api.token: missing: every call of the API is checked against it; give it as api.token (or SLOTBOX__API__TOKEN in the environment), as a file's path in api.token_file, or as a systemd credential named api.token
        "#]],
    );
}

#[test]
fn telegram_problems() {
    check_more(
        r#"[telegram]
api_url = "http://user:pass@127.0.0.1"
proxy = "ftp://me:hidden@proxy"
master_token = "12345:hidden"
sales_token = ["hidden"]
operators = [0, 1]
updates = "both"
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: telegram.api_url = "http://***@127.0.0.1": expected a URL without a name and a password
            DIR/slotbox.toml:9: telegram.proxy = ***: expected "http", "https", "socks5" or "socks5h" as the URL's scheme
            DIR/slotbox.toml:10: telegram.master_token = ***: not a bot token: expected digits, a colon and 20 to 64 letters, digits, - or _
            DIR/slotbox.toml:11: telegram.sales_token = ***: expected a text in quotes
            DIR/slotbox.toml:12: telegram.operators = [0, 1]: item 1, 0: expected a Telegram user's number, such as 111111111
            DIR/slotbox.toml:13: telegram.updates = "both": expected "polling" or "webhook"
        "#]],
    );
    check_more(
        &format!(
            "[telegram]\nmaster_token = '{BOT_TOKEN}'\nsales_token = '{BOT_TOKEN}'\nupdates = 'webhook'\n"
        ),
        &expect![[r#"
            DIR/slotbox.toml:9: telegram.sales_token: this is the bot of telegram.master_token; the Sales Bot must be another
            server.domain: missing: telegram.updates = "webhook" needs the public name
        "#]],
    );
}

/// Telegram calls four ports alone; where another server stands in front, it sees to that.
#[test]
fn webhooks_need_a_port_that_telegram_calls() {
    let settings = |mode: &str, port: u16| {
        let (cert, key) = ("cert_file = '/c.pem'", "key_file = '/k.pem'");
        format!(
            "[server]\ndomain = 'b.example.ru'\nhttps_listen = ['127.0.0.1:{port}']\n\
             [telegram]\nupdates = 'webhook'\n[tls]\nmode = '{mode}'\n{cert}\n{key}\n\
             [api]\ntoken = '{API_TOKEN}'\n"
        )
    };
    let base = |mode, port| Host::new(&settings(mode, port)).load().webhook_base().unwrap();
    assert_eq!(base("files", 443), "https://b.example.ru");
    assert_eq!(base("files", 88), "https://b.example.ru:88");
    assert_eq!(base("off", 4443), "https://b.example.ru");
    expect![[r#"
        DIR/slotbox.toml:3: server.https_listen: telegram.updates = "webhook" needs one of the ports that Telegram calls: 443, 8443, 88 or 80
    "#]]
    .assert_eq(&Host::new(&settings("files", 4443)).problems());
}

#[test]
fn yookassa_problems() {
    check_more(
        r#"[yookassa]
api_url = "http://example.com/v3?x=1"
shop_id = "test_hidden"
secret_key = "prod_hidden"
trusted_networks = "185.71.76.0/27"
receipt = { enabled = "yes", vat_code = 13, payment_mode = "cash", inn = 1 }
autopay = 1
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: yookassa.api_url = "http://example.com/v3?x=1": expected a URL that ends with its path
            DIR/slotbox.toml:9: yookassa.shop_id = "test_hidden": expected the shop's number, digits only
            DIR/slotbox.toml:10: yookassa.secret_key = ***: expected a key that begins with live_ or test_
            DIR/slotbox.toml:11: yookassa.trusted_networks = "185.71.76.0/27": expected a list in brackets
            DIR/slotbox.toml:12: yookassa.receipt.enabled = "yes": expected true or false, without quotes
            DIR/slotbox.toml:12: yookassa.receipt.vat_code = 13: expected a whole number from 1 to 12
            DIR/slotbox.toml:12: yookassa.receipt.payment_mode = "cash": expected "full_prepayment", "partial_prepayment", "advance", "full_payment", "partial_payment", "credit" or "credit_payment"
            DIR/slotbox.toml:12: yookassa.receipt.inn: there is no such key; [yookassa.receipt] has enabled, payment_mode, payment_subject, tax_system_code, vat_code
            DIR/slotbox.toml:13: yookassa.autopay = 1: expected true or false, without quotes
        "#]],
    );
    check_more(
        "[yookassa]\nshop_id = 100500\n",
        &expect![[r"
        yookassa.secret_key: missing: yookassa.shop_id is set and needs it; give it as yookassa.secret_key (or SLOTBOX__YOOKASSA__SECRET_KEY in the environment), as a file's path in yookassa.secret_key_file, or as a systemd credential named yookassa.secret_key
    "]],
    );
    check_more(
        "[yookassa]\nsecret_key = 'live_hidden'\n",
        &expect![[r"
        yookassa.shop_id: missing: yookassa.secret_key is set and needs it
    "]],
    );
}

#[test]
fn api_problems() {
    for token in
        ["hidden", "change-me-change-me-change-me-change-me", "hid den hid den hid den hid den hid"]
    {
        let host = Host::new(&format!("[tls]\nmode = 'off'\n[api]\ntoken = '{token}'\n"));
        let problems = host.problems();
        assert!(problems.starts_with("DIR/slotbox.toml:4: api.token = ***: "), "{problems}");
        assert_eq!(problems.lines().count(), 1, "{problems}");
        assert!(!problems.contains("hid") && !problems.contains("change-me"), "{problems}");
    }
}

#[test]
fn number_and_length_problems() {
    check_more(
        r#"[runtime]
kind = "podman"
memory_mib = 1
cpus = 0
pids = 64.0
[billing]
trial_days = -1
grace_days = "3"
warn_days = [1, 3]
retention_days = 99999999999999999999
[backup]
every = "1 day"
keep = 0
destination = "backups"
[log]
format = "xml"
level = 1979-05-27
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: runtime.kind = "podman": expected "docker" or "process"
            DIR/slotbox.toml:9: runtime.memory_mib = 1: expected a whole number from 16 to 65536
            DIR/slotbox.toml:10: runtime.cpus = 0: expected a number from 0.01 to 64
            DIR/slotbox.toml:11: runtime.pids = 64.0: expected a whole number from 8 to 4096
            DIR/slotbox.toml:13: billing.trial_days = -1: expected a whole number from 0 to 365
            DIR/slotbox.toml:14: billing.grace_days = "3": expected a whole number from 0 to 365
            DIR/slotbox.toml:15: billing.warn_days = [1, 3]: expected days from 60 down to 1, each once
            DIR/slotbox.toml:16: billing.retention_days = 99999999999999999999: expected a whole number of days
            DIR/slotbox.toml:18: backup.every = "1 day": expected a length of time, such as "24h" or "90m"
            DIR/slotbox.toml:19: backup.keep = 0: expected a whole number from 1 to 10000
            DIR/slotbox.toml:20: backup.destination = "backups": expected a directory's path from the root, or s3://bucket/prefix
            DIR/slotbox.toml:22: log.format = "xml": expected "auto", "journald", "json" or "text"
            DIR/slotbox.toml:23: log.level = 1979-05-27: expected "error", "warn", "info", "debug" or "trace"
        "#]],
    );
}

/// The secret half of a key, written where the public one belongs, is not repeated.
#[test]
fn recipient_problems() {
    check_more(
        r#"[backup]
recipients = ["age1", "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE"]
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: backup.recipients = ["age1", "***..: item 1, "age1": expected the public key of an age identity, as age-keygen prints it: age1...
        "#]],
    );
    check_more(
        r#"[backup]
recipients = ["AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE"]
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: backup.recipients = ["***"]: item 1, "***": this is an identity, a secret; give the recipient, which begins with age1
        "#]],
    );
}

#[test]
fn plan_problems() {
    check_more(
        r#"[[plans]]
id = "1 m"
name = ""
days = 0
price = 299.0
[[plans]]
id = "3m"
nam = "Standard"
"#,
        &expect![[r#"
            DIR/slotbox.toml:8: plans[1].id = "1 m": a plan's id is 1 to 16 of a-z, 0-9 and _
            DIR/slotbox.toml:9: plans[1].name = "": expected a text of one line, not blank
            DIR/slotbox.toml:10: plans[1].days = 0: days are a whole number from 1 to 3650
            DIR/slotbox.toml:11: plans[1].price = 299.0: expected an amount in quotes, such as "299.00"
            DIR/slotbox.toml:12: plans[2].name: missing
            DIR/slotbox.toml:12: plans[2].days: missing
            DIR/slotbox.toml:12: plans[2].price: missing
            DIR/slotbox.toml:14: plans[2].nam: there is no such key; the nearest is plans[2].name
        "#]],
    );
    check_more(
        "plans = []\n[log]\n",
        &expect![[r"
        DIR/slotbox.toml:7: api.plans: there is no such key; the nearest is plans
    "]],
    );
    let twice = "[[plans]]\nid = 'a'\nname = 'A'\ndays = 1\nprice = 5\n".repeat(2);
    check_more(
        &twice,
        &expect![[r"
            DIR/slotbox.toml:13: plans[2].id: another plan has the id a; each needs its own
        "]],
    );
    let host = Host::new(LEAST).with_variable("SLOTBOX__PLANS", "1m,3m");
    expect![[r#"
        SLOTBOX__PLANS: plans = "1m,3m": expected a list of tables, each under [[plans]]
    "#]]
    .assert_eq(&host.problems());
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_known_one() {
    let host = Host::new(&format!("port = 1\n\"a.b\" = 2\n{LEAST}[server]\ndomian = 1\nmaster_token = \"hidden\"\n[serber]\nlocale = 1\n[empty]\n[log]\n"))
        .with_variable("SLOTBOX__API__TOKN", "hidden")
        .with_variable("SLOTBOX__SERVER", "hidden");
    expect![[r#"
        DIR/slotbox.toml:1: port: there is no such key or section; there are api, backup, billing, log, plans, runtime, server, telegram, tls, yookassa
        DIR/slotbox.toml:2: "a.b": there is no such key or section; there are api, backup, billing, log, plans, runtime, server, telegram, tls, yookassa
        DIR/slotbox.toml:9: server.domian: there is no such key; the nearest is server.domain
        DIR/slotbox.toml:10: server.master_token: there is no such key; the nearest is telegram.master_token
        DIR/slotbox.toml:12: serber.locale: there is no such key; the nearest is server.locale
        DIR/slotbox.toml:13: empty: there is no such key or section; there are api, backup, billing, log, plans, runtime, server, telegram, tls, yookassa
        SLOTBOX__API__TOKN: api.tokn: there is no such key; the nearest is api.token, as SLOTBOX__API__TOKEN
        SLOTBOX__SERVER: server: this is a section: write [server] and its keys below
    "#]].assert_eq(&host.problems());
}

#[test]
fn a_file_that_is_not_toml_is_told_by_line() {
    let host = Host::new("[server]\nlocale = ru\n\n[tls\nmode = \"off\"\n[api]\ntoken = hidden\n")
        .with_file("conf.d/a.toml", "[log]\nlevel = 'info'\nlevel = 'warn'\n");
    expect![[r"
        DIR/slotbox.toml:2: not TOML: string values must be quoted, expected literal string
            locale = ru
                     ^
        DIR/slotbox.toml:4: not TOML: unclosed table, expected `]`
            [tls
                ^
        DIR/slotbox.toml:7: not TOML: string values must be quoted, expected literal string
            token = ******
                    ^
        DIR/conf.d/a.toml:3: not TOML: duplicate key
            level = 'warn'
            ^
    "]]
    .assert_eq(&host.problems());
}

/// D-042: what a guide prints is no secret.
#[test]
fn placeholders_are_no_secrets() {
    let host = Host::new(
        "[tls]\nmode = 'off'\n[api]\ntoken = 'abababababababababababababababababab'\n\
         [telegram]\nsales_token = '123456:your_sales_bot_token_goes_here'\n\
         [yookassa]\nshop_id = 1\nsecret_key = 'live_CHANGE_ME'\n",
    );
    expect![[r"
        DIR/slotbox.toml:4: api.token = ***: this is a placeholder that anyone can guess; make one with: openssl rand -hex 32
        DIR/slotbox.toml:6: telegram.sales_token = ***: this is a placeholder; @BotFather gives the token
        DIR/slotbox.toml:9: yookassa.secret_key = ***: this is a placeholder; the shop's cabinet gives the key
    "]].assert_eq(&host.problems());
}

#[test]
fn near_misses_of_names_are_told() {
    let host = Host::new(LEAST)
        .with_variable("SLOTBOX_LOG_LEVEL", "debug")
        .with_variable("SLOTBOX_CHAOS_SEED", "1")
        .with_file("credentials/telegram.mastertoken", BOT_TOKEN)
        .with_file("credentials/sealing.key", "x");
    expect![[r"
        SLOTBOX_LOG_LEVEL: this sets nothing: log.level is set by SLOTBOX__LOG__LEVEL
        credential telegram.mastertoken: there is no such key; the nearest is telegram.master_token
    "]]
    .assert_eq(&host.problems());
}

#[test]
fn a_plan_that_cannot_be_sold_is_told_where_it_stands() {
    let plan = |id: &str, price: &str| {
        format!("[[plans]]\nid = '{id}'\nname = 'A'\ndays = 1\nprice = '{price}'\n")
    };
    check_more(
        &[plan("a", "5.00"), plan("b", "0"), plan("a", "7.001"), plan("a", "8")].concat(),
        &expect![[r#"
            DIR/slotbox.toml:16: plans[2].price: a plan that costs nothing cannot be sold; see billing.trial_days
            DIR/slotbox.toml:18: plans[3].id: another plan has the id a; each needs its own
            DIR/slotbox.toml:21: plans[3].price = "7.001": an amount is digits with at most two decimals, such as 299.00
            DIR/slotbox.toml:23: plans[4].id: another plan has the id a; each needs its own
        "#]],
    );
}

#[test]
fn a_socket_needs_a_short_path() {
    let long = "x".repeat(60);
    check_more(
        &format!("[server]\nruntime_dir = '/run/{long}'\n"),
        &expect![[r#"
        DIR/slotbox.toml:8: server.runtime_dir = "/run/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": expected a path of at most 57 bytes: the system lets no socket have a longer one
    "#]],
    );
}
