//! Clients, their payments and their jobs, from the first to the last command.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use expect_test::expect;
use serde_json::Value;
use slotbox::sandbox::yookassa::Card;

use super::host::{Host, OWNER, err, out, tidy};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{err}: {text}"))
}

#[expect(clippy::too_many_lines, reason = "a story is told at once")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_lives_at_the_command_line() {
    let host = Host::start().await;
    let dir = host.dir.path().to_owned();
    let nothing = host.run(&["clients", "list"]).await;
    assert_eq!((out(&nothing).as_str(), err(&nothing).as_str()), ("", "nothing to show\n"));

    let file = host.token_file("yolka_bot");
    let told = host
        .ok(&[
            "clients",
            "add",
            "--name",
            "Салон «Ёлка»",
            "--owner",
            OWNER,
            "--token-file",
            &file,
            "--days",
            "30",
            "--amount",
            "299.00",
            "--payment-id",
            "receipt-17",
            "--wait",
        ])
        .await;
    expect![[r"
        added c_xxxxxxxxxxxxxxxxxxxxxxxxxx: @yolka_bot until YYYY-MM-DD HH:HH; its bot is started by j_N
        @yolka_bot is up
    "]]
    .assert_eq(&tidy(&told, &dir));
    add_from_standard_input(&host).await;

    let listed = host.ok(&["clients", "list"]).await;
    expect![[r"
        CLIENT                        NAME          BOT         STATE   RUNTIME  PLAN  UNTIL
        c_xxxxxxxxxxxxxxxxxxxxxxxxxx  💇 Hair       @hair_bot   active  running  -     YYYY-MM-DD HH:HH
        c_xxxxxxxxxxxxxxxxxxxxxxxxxx  Салон «Ёлка»  @yolka_bot  active  running  -     YYYY-MM-DD HH:HH
    "]].assert_eq(&tidy(&listed, &dir));
    let shown = host.ok(&["clients", "show", "ёлка"]).await;
    expect![[r"
        Салон «Ёлка»
          client   c_xxxxxxxxxxxxxxxxxxxxxxxxxx
          bot      @yolka_bot
          owner    222222222
          state    active
          runtime  running
          health   well
          updates  0 handled
          plan     -
          until    YYYY-MM-DD HH:HH
          added    YYYY-MM-DD HH:HH

          PAYMENT     SOURCE      AMOUNT  DAYS  STATE    AT
          receipt-17  manual  299.00 RUB    30  settled  YYYY-MM-DD HH:HH
    "]]
    .assert_eq(&tidy(&shown, &dir));
    let ambiguous = host.fails(1, &["clients", "show", "bot"]).await;
    expect![[r#"
        slotbox: "bot" fits 2 clients; name one by its id or @bot:
          CLIENT                        NAME          BOT
          c_xxxxxxxxxxxxxxxxxxxxxxxxxx  💇 Hair       @hair_bot
          c_xxxxxxxxxxxxxxxxxxxxxxxxxx  Салон «Ёлка»  @yolka_bot
    "#]]
    .assert_eq(&tidy(&ambiguous, &dir));

    pages_and_filters(&host).await;
    extends_once(&host).await;
    pauses_and_comes_back(&host).await;
    records(&host).await;
    leaves(&host).await;
    audit(&host).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_paid_and_given_back() {
    let host = Host::start().await;
    let dir = host.dir.path();
    host.add("Салон", "salon_bot").await;
    let unknown = host.fails(1, &["orders", "create", "@salon_bot", "9m"]).await;
    expect![[r"
        slotbox: the plan: there is no such plan
    "]]
    .assert_eq(&unknown);
    let made = host.ok(&["orders", "create", "@salon_bot", "1m"]).await;
    let (first, link) = made.trim_end().split_once('\n').unwrap();
    assert!(first.ends_with(": 299.00 RUB for @salon_bot"), "{made}");
    assert!(link.starts_with("http"), "{made}");
    let open = json(&host.ok(&["orders", "list", "--state", "open", "--json"]).await);
    let payment = open["items"][0]["payment_id"].as_str().unwrap().to_owned();
    host.shop.pay(&payment, Card::Ok).unwrap();

    let settled = ["payments", "list", "--state", "settled", "--search", &payment];
    until(&host, &settled, |out| out.contains(&payment)).await;
    let listed = host.ok(&["orders", "list"]).await.replace(&payment, &"x".repeat(payment.len()));
    expect![[r"
        ORDER                         CLIENT                        PLAN      AMOUNT  STATE  PAYMENT                               MADE              EXPIRES
        o_xxxxxxxxxxxxxxxxxxxxxxxxxx  c_xxxxxxxxxxxxxxxxxxxxxxxxxx  1m    299.00 RUB  paid   xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  YYYY-MM-DD HH:HH  YYYY-MM-DD HH:HH
    "]].assert_eq(&tidy(&listed, dir));
    let told = host.ok(&["payments", "refund", &payment, "--yes"]).await;
    assert_eq!(told, "a refund of all that is left is asked for: see slotbox payments list\n");
    let refunded = ["payments", "list", "--state", "refunded", "--client", "@salon_bot"];
    let listed = until(&host, &refunded, |out| out.contains(&payment)).await;
    let listed = listed.replace(&payment, &"x".repeat(payment.len()));
    expect![[r"
        PAYMENT                               SOURCE    CLIENT                            AMOUNT    REFUNDED  DAYS  STATE     AT
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  yookassa  c_xxxxxxxxxxxxxxxxxxxxxxxxxx  299.00 RUB  299.00 RUB    30  refunded  YYYY-MM-DD HH:HH
    "]].assert_eq(&tidy(&listed, dir));
}

/// Runs a command until what it prints fits.
async fn until(host: &Host, arguments: &[&str], fits: impl Fn(&str) -> bool) -> String {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let told = host.ok(arguments).await;
        if fits(&told) {
            return told;
        }
        assert!(Instant::now() < deadline, "{arguments:?}: {told}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn add_from_standard_input(host: &Host) {
    let token = host.telegram.add_bot("Hair", "hair_bot");
    let add = [
        "clients",
        "add",
        "--name",
        "💇 Hair",
        "--owner",
        OWNER,
        "--token-file",
        "-",
        "--wait",
        "--json",
    ];
    let mut command = host.command(&add);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{token}").unwrap();
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    assert!(output.status.success(), "{}", err(&output));
    let added = json(&out(&output));
    assert_eq!(added["bot_username"], "hair_bot");
    assert!(added["task_id"].as_str().is_some_and(|task| task.starts_with("j_")), "{added}");
}

async fn pages_and_filters(host: &Host) {
    let first = host.run(&["clients", "list", "--limit", "1", "--json"]).await;
    let first = json(&out(&first));
    assert_eq!(first["items"][0]["bot_username"], "hair_bot");
    let next = first["next"].as_str().unwrap();
    let second = json(&host.ok(&["clients", "list", "--cursor", next, "--json"]).await);
    assert_eq!(second["items"][0]["bot_username"], "yolka_bot");
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
    let more = host.run(&["clients", "list", "--limit", "1"]).await;
    assert!(err(&more).contains("there are more"), "{}", err(&more));
    let found = json(&host.ok(&["clients", "list", "--search", "ЁЛКА", "--json"]).await);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let found = json(&host.ok(&["clients", "list", "--state", "suspended", "--json"]).await);
    assert_eq!(found.to_string(), r#"{"items":[],"next":null}"#);
}

async fn extends_once(host: &Host) {
    let extend = [
        "clients",
        "extend",
        "@yolka_bot",
        "--days",
        "90",
        "--amount",
        "799.00",
        "--payment-id",
        "receipt-18",
    ];
    let first = host.ok(&extend).await;
    let again = host.ok(&extend).await;
    let dir = host.dir.path();
    expect![[r"
        @yolka_bot is extended until YYYY-MM-DD HH:HH
        this payment was counted before; @yolka_bot runs until YYYY-MM-DD HH:HH
    "]]
    .assert_eq(&tidy(&(first + &again), dir));
    let wrong = host
        .fails(1, &["clients", "extend", "@yolka_bot", "--days", "0", "--amount", "1.2.3"])
        .await;
    expect![[r#"
        slotbox: nothing was changed:
          --days: days are a whole number from 1 to 3650
          --amount: expected an amount as text, such as "299.00"
    "#]]
    .assert_eq(&wrong);
}

async fn pauses_and_comes_back(host: &Host) {
    let told = host.ok(&["clients", "suspend", "@yolka_bot"]).await;
    assert_eq!(told, "@yolka_bot is suspended: it answers that it is paused\n");
    let listed = json(&host.ok(&["clients", "list", "--state", "suspended", "--json"]).await);
    assert_eq!(listed["items"][0]["bot_username"], "yolka_bot");
    assert_eq!(host.ok(&["clients", "resume", "@yolka_bot"]).await, "@yolka_bot is resumed\n");
    let told = host.ok(&["clients", "restart", "@yolka_bot", "--wait"]).await;
    assert_eq!(told, "@yolka_bot has been restarted\n");
}

async fn records(host: &Host) {
    let dir = host.dir.path();
    let listed = host.ok(&["payments", "list"]).await;
    expect![[r"
        PAYMENT     SOURCE  CLIENT                            AMOUNT  REFUNDED  DAYS  STATE    AT
        receipt-18  manual  c_xxxxxxxxxxxxxxxxxxxxxxxxxx  799.00 RUB         -    90  settled  YYYY-MM-DD HH:HH
        receipt-17  manual  c_xxxxxxxxxxxxxxxxxxxxxxxxxx  299.00 RUB         -    30  settled  YYYY-MM-DD HH:HH
    "]].assert_eq(&tidy(&listed, dir));
    let of_client = host.ok(&["payments", "list", "--client", "@hair_bot", "--json"]).await;
    assert_eq!(of_client, "{\"items\":[],\"next\":null}\n");
    let refused = host.fails(1, &["payments", "refund", "receipt-17", "--yes"]).await;
    expect![[r"
        slotbox: The payment was taken by hand
    "]]
    .assert_eq(&refused);
    let jobs =
        json(&host.ok(&["queue", "list", "--all", "--kind", "restart_client", "--json"]).await);
    assert_eq!(jobs["items"][0]["state"], "done", "{jobs}");
    let task = jobs["items"][0]["task_id"].as_str().unwrap();
    let refused = host.fails(1, &["queue", "retry", task]).await;
    expect![[r"
        slotbox: j_N: The task was not given up
    "]]
    .assert_eq(&tidy(&refused, dir));
    assert_eq!(host.ok(&["queue", "retry", "--all", "--json"]).await, "[]\n");
}

async fn leaves(host: &Host) {
    let dir = host.dir.path();
    let serves = host.fails(1, &["clients", "remove", "@hair_bot"]).await;
    expect![[r"
        slotbox: @hair_bot still serves customers (active): suspend it first (slotbox clients suspend c_xxxxxxxxxxxxxxxxxxxxxxxxxx), or remove it with --force
    "]].assert_eq(&tidy(&serves, dir));
    let alone = host.fails(2, &["clients", "remove", "@hair_bot", "--force"]).await;
    expect![[r"
        💇 Hair (@hair_bot, c_xxxxxxxxxxxxxxxxxxxxxxxxxx) loses for ever:
          its bookings, services, hours and settings
          the bot's token
          the time that is granted until YYYY-MM-DD HH:HH
        Its payments and the audit log stay.
        slotbox: nobody can be asked here: give --yes to remove the client without a question
    "]]
    .assert_eq(&tidy(&alone, dir));
    let told = host.ok(&["clients", "remove", "@hair_bot", "--force", "--yes", "--wait"]).await;
    assert_eq!(told, "@hair_bot is removed\n");
    let unknown = host.fails(1, &["clients", "show", "@hair_bot"]).await;
    assert_eq!(unknown, "slotbox: no client is named \"@hair_bot\"; see: slotbox clients list\n");
}

/// What was done at the command line is in the audit log, by the user who did it.
async fn audit(host: &Host) {
    let uid = rustix::process::getuid().as_raw();
    let tail = host.ok(&["audit", "tail", "-n", "3", "--json"]).await;
    let entries: Vec<Value> = tail.lines().map(json).collect();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["client.resumed", "client.restarted", "client.removed"], "{tail}");
    for entry in &entries {
        assert_eq!(entry["actor"], format!("cli:{uid}"), "{entry}");
    }
    let of_client = host.ok(&["audit", "tail", "--client", "@yolka_bot"]).await;
    assert_eq!(of_client.lines().filter(|line| line.contains("client.extended")).count(), 1);
    assert!(!of_client.contains("client.removed"), "{of_client}");
}
