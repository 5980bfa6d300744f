//! The control socket of a running `serve`, as the command line uses it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::net::UnixStream;

/// The host's name in addresses; every connection goes to the socket.
const BASE: &str = "http://slotbox";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// As long as a request may wait for what is outside, and some more.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Why `serve` did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no socket, or nobody listens on it.
    #[error("no slotbox serve answers on {0}: is the service running? systemctl status slotbox")]
    NotRunning(PathBuf),
    /// This user may not open the socket.
    #[error(
        "{0} is not open to this user: run this as root or as a member of the group slotbox \
         (usermod -aG slotbox USER, then log in again)"
    )]
    Denied(PathBuf),
    /// The connection cannot be made or broke off.
    #[error("slotbox serve cannot be asked on {path}: {why}")]
    Broken {
        /// The socket.
        path: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// `serve` did not answer in time. What was asked for may have been done.
    #[error("slotbox serve did not answer in time; what was asked for may have been done")]
    TooSlow,
    /// `serve` is of another version, or it is not `serve`.
    #[error("the answer is not of slotbox serve {}: is an older version running?", env!("CARGO_PKG_VERSION"))]
    Strange,
    /// `serve` refused.
    #[error("{}", .0.told())]
    Refused(Box<Refusal>),
}

/// Why `serve` refused, as its problem document says.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    /// The kind of problem, for programs.
    pub r#type: String,
    /// The kind of problem, for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// More words.
    #[serde(default)]
    pub detail: Option<String>,
    /// What is wrong with which field.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// What the log knows the request by.
    #[serde(default)]
    pub request_id: String,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldError {
    /// The field's name in the API.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Refusal {
    /// Tells whether the problem is of this kind, such as `not-found`.
    pub fn is(&self, kind: &str) -> bool {
        self.r#type.rsplit(':').next() == Some(kind)
    }

    fn told(&self) -> String {
        let mut told = self.detail.clone().unwrap_or_else(|| self.title.clone());
        for error in &self.errors {
            told += &format!("\n  {}: {}", error.field, error.message);
        }
        if self.status >= 500 {
            told += &format!("; see journalctl -u slotbox SLOTBOX_REQUEST={}", self.request_id);
        }
        told
    }
}

/// What is asked for.
#[derive(Debug)]
pub struct Ask<'a> {
    method: Method,
    path: &'a str,
    query: Vec<(&'a str, String)>,
    body: Option<serde_json::Value>,
    key: Option<String>,
}

impl<'a> Ask<'a> {
    /// Asks to see something.
    pub const fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, query: Vec::new(), body: None, key: None }
    }

    /// Asks to do something.
    pub const fn post(path: &'a str) -> Self {
        Self { method: Method::POST, path, query: Vec::new(), body: None, key: None }
    }

    /// Asks to remove something.
    pub const fn delete(path: &'a str) -> Self {
        Self { method: Method::DELETE, path, query: Vec::new(), body: None, key: None }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: &impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds the body.
    #[must_use]
    pub fn body(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Makes it one request, however often it is sent with this key.
    #[must_use]
    pub fn key(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }
}

/// The way to a running `serve`; cheap to clone.
#[derive(Clone, Debug)]
pub struct ControlClient {
    path: PathBuf,
    http: reqwest::Client,
}

impl ControlClient {
    /// Makes sure that somebody listens on the socket.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`].
    pub async fn open(path: &Path) -> Result<Self, ControlError> {
        let broken = |why: String| ControlError::Broken { path: path.to_owned(), why };
        match tokio::time::timeout(CONNECT_TIMEOUT, UnixStream::connect(path)).await {
            Ok(Ok(_)) => {}
            Ok(Err(err)) => return Err(refused(path, &err)),
            Err(_) => return Err(ControlError::TooSlow),
        }
        let http = reqwest::Client::builder()
            .unix_socket(path)
            .tls_built_in_root_certs(false)
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(|_| broken("this system gives no HTTP client".to_owned()))?;
        Ok(Self { path: path.to_owned(), http })
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`].
    pub async fn ask<T: DeserializeOwned>(&self, ask: Ask<'_>) -> Result<T, ControlError> {
        let text = self.text(ask).await?;
        serde_json::from_str(&text).map_err(|_| ControlError::Strange)
    }

    /// Asks, and returns the answer as it was written.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`].
    pub async fn raw(&self, ask: Ask<'_>) -> Result<Box<RawValue>, ControlError> {
        let text = self.text(ask).await?;
        let text = if text.is_empty() { "null".to_owned() } else { text };
        RawValue::from_string(text).map_err(|_| ControlError::Strange)
    }

    async fn text(&self, ask: Ask<'_>) -> Result<String, ControlError> {
        let mut request = self.http.request(ask.method, format!("{BASE}{}", ask.path));
        if !ask.query.is_empty() {
            request = request.query(&ask.query);
        }
        if let Some(key) = ask.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|err| self.unsent(&err))?;
        let status = response.status();
        let text = response.text().await.map_err(|err| self.unsent(&err))?;
        if status.is_success() { Ok(text) } else { Err(refusal(status, &text)) }
    }

    fn unsent(&self, err: &reqwest::Error) -> ControlError {
        if err.is_timeout() {
            return ControlError::TooSlow;
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(err);
        while let Some(err) = cause {
            if let Some(err) = err.downcast_ref::<io::Error>() {
                return refused(&self.path, err);
            }
            cause = err.source();
        }
        let why = "the connection broke off".to_owned();
        ControlError::Broken { path: self.path.clone(), why }
    }
}

fn refused(path: &Path, err: &io::Error) -> ControlError {
    let path = path.to_owned();
    match err.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            ControlError::NotRunning(path)
        }
        io::ErrorKind::PermissionDenied => ControlError::Denied(path),
        _ => ControlError::Broken { path, why: err.to_string() },
    }
}

fn refusal(status: StatusCode, text: &str) -> ControlError {
    match serde_json::from_str::<Refusal>(text) {
        Ok(refusal) if refusal.status == status.as_u16() => {
            ControlError::Refused(Box::new(refusal))
        }
        _ => ControlError::Strange,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_each_field_and_where_to_look() {
        let invalid = r#"{"type":"urn:slotbox:problem:invalid-body","title":"The body has invalid fields",
            "status":422,"request_id":"r_1","errors":[{"field":"days","message":"required"}]}"#;
        let err = refusal(StatusCode::UNPROCESSABLE_ENTITY, invalid);
        assert_eq!(err.to_string(), "The body has invalid fields\n  days: required");
        let internal = r#"{"type":"urn:slotbox:problem:internal","title":"Something went wrong here",
            "status":500,"request_id":"r_2"}"#;
        let err = refusal(StatusCode::INTERNAL_SERVER_ERROR, internal);
        let told = "Something went wrong here; see journalctl -u slotbox SLOTBOX_REQUEST=r_2";
        assert_eq!(err.to_string(), told);
        assert!(matches!(refusal(StatusCode::BAD_GATEWAY, "<html>"), ControlError::Strange));
    }

    #[tokio::test]
    async fn nobody_there_is_told_as_such() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("control.sock");
        let missing = ControlClient::open(&path).await.unwrap_err();
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let dead = ControlClient::open(&path).await.unwrap_err();
        let told = format!(
            "no slotbox serve answers on {}: is the service running? systemctl status slotbox",
            path.display()
        );
        assert_eq!((missing.to_string(), dead.to_string()), (told.clone(), told));
    }
}
