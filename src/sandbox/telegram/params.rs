//! What a request carries: JSON, a form, a query, or parts with files.

use std::collections::HashMap;

use axum::Form;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::files::{MAX_UPLOAD_BYTES, Upload};

/// A file as a request names it.
pub(super) enum InputFile<'a> {
    New(&'a Upload),
    Known(String),
}

/// The parameters of one call.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Upload>,
}

impl Params {
    /// Reads all parameters; those of the body replace those of the query.
    pub(super) async fn read(request: Request) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
            params.extend(pairs);
        }
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("application/json") {
            params.read_json(request).await?;
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
            let Form(pairs) = form.map_err(|_| Refusal::bad_request("can't parse parameters"))?;
            params.extend(pairs);
        } else if kind.starts_with("multipart/form-data") {
            params.read_parts(request).await?;
        }
        Ok(params)
    }

    /// Takes the members of a JSON object as parameters.
    pub(super) fn from_object(values: Map<String, Value>) -> Self {
        Self { values, files: HashMap::new() }
    }

    async fn read_json(&mut self, request: Request) -> Result<(), Refusal> {
        let limit = MAX_UPLOAD_BYTES + 1024 * 1024;
        let body = to_bytes(request.into_body(), limit).await.map_err(|_| Refusal::too_large())?;
        if body.is_empty() {
            return Ok(());
        }
        match serde_json::from_slice(&body) {
            Ok(Value::Object(values)) => self.values.extend(values),
            _ => return Err(Refusal::bad_request("can't parse JSON object")),
        }
        Ok(())
    }

    async fn read_parts(&mut self, request: Request) -> Result<(), Refusal> {
        let malformed = || Refusal::bad_request("can't parse multipart form data");
        let parts = Multipart::from_request(request, &()).await;
        let mut parts = parts.map_err(|_| malformed())?;
        while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let mime = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = part.bytes().await.map_err(|_| Refusal::too_large())?;
            if bytes.len() > MAX_UPLOAD_BYTES {
                return Err(Refusal::too_large());
            }
            if let Some(file) = file {
                self.files.insert(name, Upload { name: file, mime, bytes });
            } else {
                let text = String::from_utf8(bytes.into());
                let text =
                    text.map_err(|_| Refusal::bad_request("strings must be encoded in UTF-8"))?;
                self.values.insert(name, text.into());
            }
        }
        Ok(())
    }

    fn extend(&mut self, pairs: Vec<(String, String)>) {
        self.values.extend(pairs.into_iter().map(|(name, value)| (name, value.into())));
    }

    /// Returns a text; an absent one is empty, as for Telegram.
    pub(super) fn text(&self, name: &str) -> String {
        match self.values.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// Returns a text that was given and is not empty.
    pub(super) fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Returns a whole number.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    /// Returns a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        }
    }

    /// Returns whether a flag is set.
    pub(super) fn flag(&self, name: &str) -> bool {
        let text = self.text(name).trim().to_ascii_lowercase();
        matches!(text.as_str(), "true" | "yes" | "1")
    }

    /// Returns an object or an array, which outside a JSON body comes as text.
    pub(super) fn json(&self, name: &str, what: &str) -> Result<Option<Value>, Refusal> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Refusal::bad_request(format!("can't parse {what}"))),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// Returns a file: one in this request, or one that Telegram should have.
    pub(super) fn file(&self, name: &str) -> Option<InputFile<'_>> {
        if let Some(upload) = self.files.get(name) {
            return Some(InputFile::New(upload));
        }
        let given = self.given(name)?;
        match given.strip_prefix("attach://") {
            Some(part) => self.files.get(part).map(InputFile::New),
            None => Some(InputFile::Known(given)),
        }
    }
}
