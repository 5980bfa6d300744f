use std::error::Error;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};

use expect_test::{Expect, expect};
use serde_json::Value as Json;
use tracing::subscriber::with_default;

use super::*;

const TOKEN: &str = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

/// Returns what `work` logs in the form of `line`.
fn logged(
    level: LogLevel,
    line: impl Fn(&Record<'_>) -> String + Send + Sync + 'static,
    work: impl FnOnce(),
) -> String {
    let lines = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&lines);
    let emit = move |record: &Record<'_>| *written.lock().unwrap() += &line(record);
    with_default(subscriber(level, "serve", emit), work);
    let lines = lines.lock().unwrap();
    lines.clone()
}

/// Compares lines without the time that each begins with.
fn check_json(level: LogLevel, work: impl FnOnce(), expected: &Expect) {
    let lines = logged(level, json::line, work);
    let timeless = |line: &str| {
        let line: Json = serde_json::from_str(line).unwrap();
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
        assert!(time.parse::<Timestamp>().is_ok());
        let fields = line.as_object().unwrap().iter().filter(|(name, _)| *name != "timestamp");
        fields.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join("\n")
            + "\n"
    };
    let lines: Vec<_> = lines.lines().map(timeless).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_record_inherits_the_fields_of_its_spans() {
    let work = || {
        let request =
            tracing::info_span!("request", request = "r1", client = tracing::field::Empty);
        let _request = request.enter();
        request.record("client", "c_1");
        let _job =
            tracing::info_span!("job", job = "j_7", request = "r2", job.kind = "settle").entered();
        tracing::info!(event = "payment.settled", payment = %"p-1", took_ms = 3, test = true, "settled");
    };
    check_json(
        LogLevel::Info,
        work,
        &expect![[r#"
            job.kind = "settle"
            level = "info"
            message = "settled"
            priority = 6
            slotbox_client = "c_1"
            slotbox_event = "payment.settled"
            slotbox_job = "j_7"
            slotbox_payment = "p-1"
            slotbox_request = "r2"
            slotbox_role = "serve"
            target = "slotbox::telemetry::tests"
            test = true
            took_ms = 3
        "#]],
    );
}

#[test]
fn a_field_never_takes_a_name_that_is_taken() {
    let work = || tracing::warn!(level = "x", target = "y", slotbox_client = "z", "{}", "text");
    check_json(
        LogLevel::Info,
        work,
        &expect![[r#"
            level = "warn"
            level_ = "x"
            message = "text"
            priority = 4
            slotbox_client_ = "z"
            slotbox_role = "serve"
            target = "slotbox::telemetry::tests"
            target_ = "y"
        "#]],
    );
}

#[test]
fn a_record_of_the_log_crate_speaks_for_its_own_module() {
    let work =
        || tracing::warn!(target: "log", { "log.target" = "redb::db", "log.line" = 7 }, "slow");
    let line = logged(LogLevel::Info, json::line, work);
    let record: Json = serde_json::from_str(&line).unwrap();
    assert_eq!(record["target"], "redb::db");
    assert!(!line.contains("log."), "{line}");
}

#[test]
fn levels_are_kept_and_others_are_quiet() {
    let work = || {
        tracing::error!("one");
        tracing::warn!("two");
        tracing::info!("three");
        tracing::debug!("four");
        tracing::trace!("five");
        tracing::info!(target: "hyper_util::client", "six");
        tracing::warn!(target: "teloxide_core::net", "seven");
    };
    let said = |level| {
        let line = |record: &Record<'_>| format!("{} {}\n", record.priority(), record.message());
        logged(level, line, work).replace('\n', ", ")
    };
    assert_eq!(said(LogLevel::Error), "3 one, ");
    assert_eq!(said(LogLevel::Info), "3 one, 4 two, 6 three, 4 seven, ");
    assert_eq!(said(LogLevel::Trace), "3 one, 4 two, 6 three, 7 four, 7 five, 4 seven, ");
}

#[test]
fn no_form_tells_a_secret() {
    let work = || {
        let url = format!("https://api.telegram.org/bot{TOKEN}/getMe");
        let _span =
            tracing::info_span!("call", url, key = ?Some("live_abcdefghijklmnop")).entered();
        let err = io::Error::other(format!("refused: {url}"));
        tracing::error!(error = &err as &dyn Error, shown = %err, seen = ?err, "no way to {url}");
    };
    let forms: [fn(&Record<'_>) -> String; 3] = [
        json::line,
        |record| text::line(record, text::Style::Coloured),
        |record| String::from_utf8_lossy(&journal::datagram(record, usize::MAX)).into_owned(),
    ];
    for form in forms {
        let said = logged(LogLevel::Info, form, work);
        assert!(!said.contains("AAH5") && !said.contains("abcdefgh"), "{said}");
        assert_eq!(said.matches("bot123456:***/getMe").count(), 5, "{said}");
        assert!(said.contains("live_***"), "{said}");
    }
}

#[test]
fn an_error_is_told_with_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("the settings cannot be read")]
    struct Outer(#[source] io::Error);

    let work = || {
        let err = Outer(io::Error::other("the disk is gone"));
        tracing::error!(error = &err as &dyn Error, "stopped");
    };
    let said = logged(LogLevel::Info, json::line, work);
    assert!(said.contains(r#""error":"the settings cannot be read: the disk is gone""#), "{said}");
}

#[test]
fn text_is_one_line_that_steers_no_terminal() {
    let work = || {
        tracing::info!(event = "a.b", name = "two words", empty = "", n = 1.5, "up\n\x1b[31mred");
    };
    let line = logged(LogLevel::Info, |record| text::line(record, text::Style::Plain), work);
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.parse::<Timestamp>().is_ok(), "{time}");
    let expected = r#"INFO  up\n\u{1b}[31mred event=a.b name="two words" empty="" n=1.5"#;
    assert_eq!(rest, format!("{expected}\n"));
}

#[test]
fn the_journal_gets_fields_with_lengths() {
    let work = || {
        let _span = tracing::info_span!("job", client = "c_1").entered();
        tracing::warn!(event = "deploy.failed", job.kind = "deploy", "first\nsecond");
    };
    let line = |record: &Record<'_>| fields(&journal::datagram(record, 9)).join("\n") + "\n";
    let said = logged(LogLevel::Info, line, work);
    expect![[r#"
        MESSAGE="first\nsec"
        PRIORITY="4"
        MESSAGE_ID="e0a2455d7"
        SYSLOG_IDENTIFIER="slotbox"
        SLOTBOX_ROLE="serve"
        TARGET="slotbox::"
        CODE_FILE="src/telem"
        SLOTBOX_EVENT="deploy.fa"
        SLOTBOX_CLIENT="c_1"
        SLOTBOX_JOB_KIND="deploy"
    "#]]
    .assert_eq(&said);
}

/// Reads the journal's protocol as the journal does, less the line of code.
fn fields(mut datagram: &[u8]) -> Vec<String> {
    let mut fields = Vec::new();
    while let Some(end) = datagram.iter().position(|byte| *byte == b'\n') {
        let name = std::str::from_utf8(&datagram[..end]).unwrap();
        let (length, rest) = datagram[end + 1..].split_at(8);
        let length = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
        let value = std::str::from_utf8(&rest[..length]).unwrap();
        if name != "CODE_LINE" {
            fields.push(format!("{name}={value:?}"));
        }
        assert_eq!(rest[length], b'\n');
        datagram = &rest[length + 1..];
    }
    fields
}

#[test]
fn a_record_too_long_for_a_datagram_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let listener = UnixDatagram::bind(&socket).unwrap();
    let (journal, reached) = Journal::open_at(socket).unwrap();
    reached.unwrap();
    let work = || tracing::info!(event = "a.b", "{}", "я".repeat(1 << 20));
    let line = move |record: &Record<'_>| {
        journal.send(record).unwrap();
        String::new()
    };
    logged(LogLevel::Info, line, work);
    let mut datagram = vec![0; 1 << 16];
    assert_eq!(listener.recv(&mut datagram).unwrap(), 0, "the journal is tried first");
    let length = listener.recv(&mut datagram).unwrap();
    let fields = fields(&datagram[..length]);
    assert_eq!(fields[0], format!("MESSAGE={:?}", "я".repeat(2048)));
    assert_eq!(fields.last().unwrap(), "SLOTBOX_EVENT=\"a.b\"");
}

/// D-144: whether the journal is there is not decided once.
#[test]
fn a_journal_that_comes_late_gets_the_records_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let (journal, reached) = Journal::open_at(socket.clone()).unwrap();
    assert!(reached.is_err(), "nobody listens yet");
    let sent = Arc::new(Mutex::new(Vec::new()));
    let outcomes = Arc::clone(&sent);
    let say = move |record: &Record<'_>| {
        outcomes.lock().unwrap().push(journal.send(record).is_ok());
        String::new()
    };
    let listener = Arc::new(Mutex::new(None));
    let listens = Arc::clone(&listener);
    let work = move || {
        tracing::info!("nobody hears this");
        *listens.lock().unwrap() = Some(UnixDatagram::bind(socket).unwrap());
        tracing::info!("this is heard");
    };
    logged(LogLevel::Info, say, work);
    assert_eq!(*sent.lock().unwrap(), [false, true]);
    let mut datagram = vec![0; 1 << 16];
    let length = listener.lock().unwrap().as_ref().unwrap().recv(&mut datagram).unwrap();
    assert_eq!(fields(&datagram[..length])[0], "MESSAGE=\"this is heard\"");
}

#[test]
fn a_panic_is_a_record() {
    let work = || {
        panics::log_them();
        let caught = std::panic::catch_unwind(|| panic!("lost {TOKEN}"));
        let _hook = std::panic::take_hook();
        assert!(caught.is_err());
    };
    let said = logged(LogLevel::Info, json::line, work);
    let record: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(record["slotbox_event"], "process.panicked");
    assert_eq!(record["message"], "panicked: lost 123456:***");
    assert!(record["location"].as_str().unwrap().starts_with("src/telemetry/tests.rs:"));
}
