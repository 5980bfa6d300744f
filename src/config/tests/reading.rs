use expect_test::expect_file;
use secrecy::ExposeSecret;

use super::*;

#[test]
fn the_least_is_enough_and_brings_the_defaults() {
    let config = Host::new(LEAST).load();
    assert!(matches!(config.tls, Tls::Off));
    assert_eq!(config.server.https_listen, ["[::]:443".parse().unwrap()]);
    assert_eq!(config.server.local_listen, "127.0.0.1:8000".parse().unwrap());
    assert_eq!(config.server.timezone.iana_name(), Some("Europe/Moscow"));
    assert_eq!(config.telegram.api_url, "https://api.telegram.org");
    assert!(config.telegram.master_token.is_none() && config.yookassa.shop.is_none());
    assert_eq!(config.yookassa.trusted_networks.len(), 7);
    assert_eq!(config.yookassa.receipt, None);
    assert_eq!(config.plans.plans().len(), 4);
    assert_eq!(config.backup.every, jiff::SignedDuration::from_hours(24));
}

#[test]
fn every_key_is_read_from_a_file() {
    let host = Host::new(include_str!("every_key.toml"));
    expect_file!["every_key_shown.toml"].assert_eq(&host.shown());
    assert!(!host.shown().contains("# default"));
    check_every_key(&host.load());
}

/// What [`every_key_is_read_from_a_file`] reads, as types.
fn check_every_key(config: &Config) {
    let Tls::Acme(acme) = &config.tls else { panic!("{:?}", config.tls) };
    assert_eq!(acme.challenge, Challenge::Http01);
    assert_eq!(config.telegram.api_url, "http://127.0.0.1:9000");
    assert_eq!(config.telegram.operators.len(), 2);
    assert_eq!(config.telegram.updates, Updates::Webhook);
    assert_eq!(config.webhook_base().as_deref(), Some("https://bots.example.ru:8443"));
    assert_eq!(config.telegram.callers().len(), 2);
    let proxy = config.yookassa.proxy.as_ref().map(ExposeSecret::expose_secret);
    assert_eq!(proxy, Some("http://me:word@127.0.0.1:3128"));
    assert!(config.telegram.master_token.is_some() && config.telegram.sales_token.is_some());
    let shop = config.yookassa.shop.as_ref().unwrap();
    assert_eq!((shop.id.as_str(), shop.kind), ("100500", ShopKind::Test));
    assert_eq!(shop.secret_key.expose_secret(), "test_abcdefgh");
    assert_eq!(config.yookassa.receipt.as_ref().unwrap().vat_code, 11);
    assert_eq!(config.billing.trial_days, None);
    assert_eq!(config.billing.warn_days.len(), 2);
    assert_eq!(config.plans.plans()[0].price.kopecks(), 9950);
    let (bucket, prefix) = ("bucket".to_owned(), "some/prefix".to_owned());
    assert_eq!(config.backup.destination, Some(Destination::S3 { bucket, prefix }));
    assert_eq!(config.backup.recipients.len(), 1);
    assert_eq!((config.log.format, config.log.level), (LogFormat::Json, LogLevel::Debug));
}

#[test]
fn the_sample_names_every_key_and_lacks_only_the_token() {
    let host = Host::new(include_str!("sample.toml"));
    let problems = host.problems();
    assert!(problems.starts_with("DIR/slotbox.toml:43: api.token: missing"), "{problems}");
    assert_eq!(problems.lines().count(), 1, "{problems}");

    let shown = host.with_variable("SLOTBOX__API__TOKEN", API_TOKEN).shown();
    assert!(!shown.contains("# default"), "{shown}");
}

#[test]
fn what_is_shown_is_read_again_as_the_same() {
    let host = Host::new(LEAST).with_variable("SLOTBOX__RUNTIME__CPUS", "0.5");
    let unmasked = host.shown().replace("\"***\"", &format!("{API_TOKEN:?}"));
    let again = Host::new(&unmasked);
    let values = |host: &Host| {
        let (_, effective) = Config::explain(&host.sources).unwrap();
        effective.into_iter().map(|it| (it.key, it.value)).collect::<Vec<_>>()
    };
    assert_eq!(values(&host), values(&again));
}

#[test]
fn the_environment_goes_before_the_files_and_the_last_file_before_the_first() {
    let host = Host::new(&format!("{LEAST}[runtime]\npids = 10\nmemory_mib = 20\ncpus = 0.1\n"))
        .with_file("conf.d/20-b.toml", "[runtime]\npids = 12\nmemory_mib = 22\n")
        .with_file("conf.d/10-a.toml", "[runtime]\npids = 11\nmemory_mib = 21\n[[plans]]\nid='a'\nname='A'\ndays=1\nprice='1'\n")
        .with_file("conf.d/30-c.conf", "this is no file of settings")
        .with_variable("SLOTBOX__RUNTIME__PIDS", "13");
    let config = host.load();
    assert_eq!((config.runtime.pids, config.runtime.memory_mib), (13, 22));
    assert!((config.runtime.cpus - 0.1).abs() < f64::EPSILON);
    assert_eq!(config.plans.plans().len(), 1);
    let shown = host.shown();
    assert!(shown.contains("pids = 13  # SLOTBOX__RUNTIME__PIDS\n"), "{shown}");
    assert!(shown.contains("memory_mib = 22  # DIR/conf.d/20-b.toml:3\n"), "{shown}");
    assert!(shown.contains("cpus = 0.1  # DIR/slotbox.toml:9\n"), "{shown}");
}

#[test]
fn the_environment_alone_is_enough() {
    let mut host = Host::new("")
        .with_variable("SLOTBOX__TLS__MODE", "off")
        .with_variable("SLOTBOX__API__TOKEN", API_TOKEN)
        .with_variable("SLOTBOX__TELEGRAM__MASTER_TOKEN", BOT_TOKEN)
        .with_variable("SLOTBOX__TELEGRAM__OPERATORS", "111, 222")
        .with_variable("SLOTBOX__SERVER__HTTP_LISTEN", r#"["127.0.0.1:80", "[::1]:80"]"#)
        .with_variable("SLOTBOX__SERVER__TRUSTED_PROXIES", "")
        .with_variable("SLOTBOX__YOOKASSA__AUTOPAY", "true")
        .with_variable("SLOTBOX__YOOKASSA__SHOP_ID", "100500")
        .with_variable("SLOTBOX__YOOKASSA__SECRET_KEY", "live_abcdefgh")
        .with_variable("SLOTBOX__YOOKASSA__RECEIPT__ENABLED", "true")
        .with_variable("SLOTBOX__BACKUP__EVERY", "12h")
        .with_variable("SLOTBOX__BILLING__WARN_DAYS", "5,1")
        .with_variable("SLOTBOX__PLANS", r#"[{ id = "x", name = "X", days = 9, price = "5.00" }]"#)
        .with_variable("SLOTBOX_OTHER", "is no setting");
    host.sources.file = None;
    let config = host.load();
    assert_eq!(config.telegram.operators.len(), 2);
    assert_eq!(config.server.http_listen.len(), 2);
    assert!(config.server.trusted_proxies.is_empty());
    assert!(config.yookassa.autopay && config.yookassa.receipt.is_some());
    assert_eq!(config.yookassa.shop.as_ref().unwrap().kind, ShopKind::Live);
    assert_eq!(config.plans.plans()[0].days.get(), 9);
    assert_eq!(config.backup.every, jiff::SignedDuration::from_hours(12));
    assert!(host.shown().contains("price = \"5.00\"  # SLOTBOX__PLANS\n"));
}
