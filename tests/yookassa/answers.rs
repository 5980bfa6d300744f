//! Answers that no YooKassa should give, and what never shows in an error.

use std::fmt::Write as _;
use std::time::Duration;

use slotbox::external::yookassa::{Settings, Unclear, YooKassa, YooKassaError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{body, key};

/// Answers every request with these bytes and closes the connection; returns its address.
async fn canned(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 8_192];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(&answer).await.ok(); // The client may have seen enough.
        }
    });
    address.to_string()
}

fn client(authority: &str) -> YooKassa {
    let settings = Settings {
        api_url: format!("http://{authority}/v3"),
        shop_id: "100500".to_owned(),
        secret_key: "live_very-secret-key".to_owned().into(),
    };
    YooKassa::new(settings).unwrap()
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into()
}

async fn outcome(bytes: Vec<u8>) -> YooKassaError {
    let authority = canned(bytes).await;
    client(&authority).create_payment(&key(1), &body(1)).await.unwrap_err()
}

#[tokio::test]
async fn strange_answers_are_malformed() {
    for strange in [
        answer("200 OK", "<html>maintenance</html>"),
        answer("200 OK", "{}"),
        answer("200 OK", r#"{"id":"../../etc","status":"succeeded"}"#),
        answer("200 OK", &format!("\"{}\"", "x".repeat(2 * 1024 * 1024))),
        answer("302 Found", ""),
        answer("204 No Content", ""),
    ] {
        let shown = String::from_utf8_lossy(&strange[..30]).into_owned();
        let err = outcome(strange).await;
        assert!(matches!(err, YooKassaError::Malformed(_)), "{shown}: {err}");
    }
}

#[tokio::test]
async fn a_status_of_tomorrow_is_read() {
    let authority = canned(answer("200 OK", r#"{"id":"1","status":"on_the_moon"}"#)).await;
    let payment = client(&authority).create_payment(&key(1), &body(1)).await.unwrap();
    assert_eq!(format!("{:?}", payment.status), r#"Unknown("on_the_moon")"#);
}

#[tokio::test]
async fn an_answer_cut_in_the_middle_is_unclear() {
    let mut half = answer("200 OK", r#"{"id":"1","status":"succeeded"}"#);
    half.truncate(half.len() - 5);
    assert_eq!(outcome(half).await, YooKassaError::OutcomeUnknown(Unclear::Cut));
    assert_eq!(outcome(Vec::new()).await, YooKassaError::OutcomeUnknown(Unclear::Cut));
    let not_http = b"SSH-2.0-OpenSSH_9.2\r\n".to_vec();
    assert_eq!(outcome(not_http).await, YooKassaError::OutcomeUnknown(Unclear::Cut));
}

#[tokio::test]
async fn the_header_tells_when_to_come_again() {
    let busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n";
    let later = YooKassaError::Later { after: Duration::from_secs(3) };
    assert_eq!(outcome(busy.to_vec()).await, later);
}

#[tokio::test]
async fn nothing_secret_is_ever_shown() {
    let mut shown = String::new();
    let echo = r#"{"code":"live_very-secret-key!","description":"oops","parameter":"amount"}"#;
    for (status, body) in [
        ("400 Bad Request", echo),
        ("401 Unauthorized", echo),
        ("404 Not Found", echo),
        ("429 Too Many Requests", echo),
        ("500 Internal Server Error", echo),
        ("302 Found", echo),
        ("200 OK", echo),
    ] {
        let authority = canned(answer(status, body)).await;
        let client = client(&format!("operator:url-password@{authority}"));
        let err = client.me().await.err();
        let posted = client.create_payment(&key(1), b"{\"name\":\"anna\"}").await.err();
        write!(shown, "{client:?} {err:?} {posted:?}").unwrap();
        shown.extend(err.iter().chain(&posted).map(ToString::to_string));
    }
    let gone = client("operator:url-password@127.0.0.1:1");
    let err = gone.me().await.unwrap_err();
    write!(shown, "{err} {err:?}").unwrap();
    let settings = Settings {
        api_url: "no address with url-password".to_owned(),
        shop_id: "100500".to_owned(),
        secret_key: "live_very-secret-key".to_owned().into(),
    };
    write!(shown, "{settings:?}").unwrap();
    let wrong = YooKassa::new(settings).unwrap_err();
    write!(shown, "{wrong} {wrong:?}").unwrap();
    for secret in ["very-secret", "url-password", "anna", "Basic"] {
        assert!(!shown.contains(secret), "{secret} shows in {shown}");
    }
}
