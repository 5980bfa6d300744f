//! The body of a call on its way to Telegram: which chat it is for, and no more of it than fits.

use std::io;

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method};
use futures::stream::{self, BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use super::answer::Refusal;
use crate::external::telegram::ForwardBody;
use crate::external::telegram::pace::PacedChat;

/// Telegram takes files of up to 50 MB; the form around the file needs a little more.
pub(super) const UPLOAD_LIMIT_BYTES: u64 = 50 * 1024 * 1024 + 64 * 1024;
/// A call without a file: the longest text with the largest keyboard is far smaller.
const CALL_LIMIT_BYTES: usize = 1024 * 1024;
/// How much of an upload is looked at for its chat; the small fields come before the file.
const HEAD_BYTES: usize = 16 * 1024;

/// A chat as a call names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Chat {
    /// A person's (positive) or a group's (negative) number.
    Id(i64),
    /// A public group or channel: `@name`, in lower case.
    Name(String),
    /// Not named, or not found; all such calls of a bot share their limits.
    Unknown,
}

impl PacedChat for Chat {
    fn is_person(&self) -> bool {
        match self {
            Self::Id(id) => *id > 0,
            Self::Name(_) => false,
            Self::Unknown => true,
        }
    }
}

impl Chat {
    fn from_text(text: &str) -> Self {
        match text.trim().parse() {
            Ok(id) => Self::Id(id),
            Err(_) if text.is_empty() || text.len() > 64 => Self::Unknown,
            Err(_) => Self::Name(text.trim().to_lowercase()),
        }
    }
}

/// A call's body, ready to be sent on.
pub(super) struct Outgoing {
    /// The headers that Telegram needs to understand the body.
    pub(super) headers: HeaderMap,
    pub(super) body: ForwardBody,
    pub(super) chat: Chat,
    /// How long a `getUpdates` shall wait, in seconds.
    pub(super) timeout_s: u64,
    /// Which updates a `getUpdates` asks for, and at most how many.
    pub(super) offset: i64,
    pub(super) limit: usize,
    /// Whether it may hold a file.
    pub(super) is_upload: bool,
}

/// What the gateway reads of a call; all else passes as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    chat_id: Option<ChatField>,
    timeout: Option<NumberField>,
    offset: Option<ChatField>,
    limit: Option<NumberField>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ChatField {
    Number(i64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NumberField {
    Number(u64),
    Text(String),
}

impl Outgoing {
    /// Takes a call's headers and body, as it came from the client's process.
    ///
    /// # Errors
    ///
    /// Returns [`Refusal`] if the body is too large, of another kind, or breaks off.
    pub(super) async fn take(headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        let Some(content_type) = headers.get(CONTENT_TYPE) else {
            return Ok(Self::small(None, whole(body).await?, Fields::default()));
        };
        let kind = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
        match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => {
                let bytes = whole(body).await?;
                let fields = if bytes.is_empty() {
                    Fields::default()
                } else {
                    serde_json::from_slice(&bytes)
                        .map_err(|_| Refusal::BadRequest("the body is not a JSON object"))?
                };
                Ok(Self::small(Some(content_type), bytes, fields))
            }
            "application/x-www-form-urlencoded" => {
                let bytes = whole(body).await?;
                let fields = form_fields(bytes.clone()).await?;
                Ok(Self::small(Some(content_type), bytes, fields))
            }
            "multipart/form-data" => Self::upload(headers, content_type, body).await,
            _ => Err(Refusal::BadRequest("the content type is not supported")),
        }
    }

    fn small(content_type: Option<&HeaderValue>, bytes: Bytes, fields: Fields) -> Self {
        let kind = content_type.map(|value| (CONTENT_TYPE, value.clone()));
        let chat = match fields.chat_id {
            Some(ChatField::Number(id)) => Chat::Id(id),
            Some(ChatField::Text(text)) => Chat::from_text(&text),
            None => Chat::Unknown,
        };
        let number = |field| match field {
            Some(NumberField::Number(number)) => number,
            Some(NumberField::Text(text)) => text.parse().unwrap_or(0),
            None => 0,
        };
        let offset = match fields.offset {
            Some(ChatField::Number(offset)) => offset,
            Some(ChatField::Text(text)) => text.parse().unwrap_or(0),
            None => 0,
        };
        let (timeout_s, limit) = (number(fields.timeout), number(fields.limit));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            headers: kind.into_iter().collect(),
            body: bytes.into(),
            chat,
            timeout_s,
            offset,
            limit,
            is_upload: false,
        }
    }

    /// Streams an upload: no more than its head is ever held here.
    async fn upload(
        headers: &HeaderMap,
        content_type: &HeaderValue,
        body: Body,
    ) -> Result<Self, Refusal> {
        let mut passed = HeaderMap::from_iter([(CONTENT_TYPE, content_type.clone())]);
        if let Some(length) = headers.get(CONTENT_LENGTH) {
            let bytes = length.to_str().ok().and_then(|text| text.parse::<u64>().ok());
            if bytes.is_none_or(|bytes| bytes > UPLOAD_LIMIT_BYTES) {
                return Err(Refusal::TooLarge);
            }
            passed.insert(CONTENT_LENGTH, length.clone());
        }
        let mut rest = limited(body.into_data_stream().map_err(io::Error::other)).boxed();
        let head = read_head(&mut rest).await?;
        let chat = chat_of_form(&head).unwrap_or(Chat::Unknown);
        let all = stream::once(async { Ok(Bytes::from(head)) }).chain(rest);
        let body = ForwardBody::wrap_stream(all);
        Ok(Self { headers: passed, body, chat, timeout_s: 0, offset: 0, limit: 0, is_upload: true })
    }
}

async fn whole(body: Body) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, CALL_LIMIT_BYTES).await.map_err(|_| Refusal::TooLarge)
}

/// Breaks the stream off once more has come than an upload may have.
fn limited(chunks: impl Stream<Item = io::Result<Bytes>>) -> impl Stream<Item = io::Result<Bytes>> {
    let mut left = UPLOAD_LIMIT_BYTES;
    chunks.map(move |chunk| {
        let chunk = chunk?;
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        left =
            left.checked_sub(length).ok_or_else(|| io::Error::other("the upload is too large"))?;
        Ok(chunk)
    })
}

/// Reads until the chat is known or the head is full.
async fn read_head(chunks: &mut BoxStream<'static, io::Result<Bytes>>) -> Result<Vec<u8>, Refusal> {
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES && chat_of_form(&head).is_none() {
        match chunks.next().await {
            Some(Ok(chunk)) => head.extend_from_slice(&chunk),
            Some(Err(_)) => return Err(Refusal::BadRequest("the upload breaks off")),
            None => break,
        }
    }
    Ok(head)
}

/// Finds the value of the part `chat_id` in the head of a multipart form.
fn chat_of_form(head: &[u8]) -> Option<Chat> {
    const NAME: &[u8] = b"name=\"chat_id\"";
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let part = &head[find(head, NAME)? + NAME.len()..];
    let value = &part[find(part, BLANK_LINE)? + BLANK_LINE.len()..];
    let end = find(value, b"\r\n")?;
    std::str::from_utf8(&value[..end]).ok().map(Chat::from_text)
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}

async fn form_fields(bytes: Bytes) -> Result<Fields, Refusal> {
    let mut request = Request::new(Body::from(bytes));
    *request.method_mut() = Method::POST;
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, kind);
    let form = Form::from_request(request, &()).await;
    form.map(|Form(fields)| fields).map_err(|_| Refusal::BadRequest("the body is not a form"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn taken(kind: &'static str, body: impl Into<Body>) -> Result<Outgoing, Refusal> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Outgoing::take(&headers, body.into()).await
    }

    async fn chat(kind: &'static str, body: &str) -> Chat {
        taken(kind, body.to_owned()).await.unwrap().chat
    }

    #[tokio::test]
    async fn the_chat_is_found_in_every_kind_of_body() {
        let json = "application/json; charset=utf-8";
        assert_eq!(chat(json, r#"{"chat_id":-42,"text":"x"}"#).await, Chat::Id(-42));
        assert_eq!(chat(json, r#"{"chat_id":"42"}"#).await, Chat::Id(42));
        assert_eq!(chat(json, r#"{"chat_id":"@Salon"}"#).await, Chat::Name("@salon".to_owned()));
        assert_eq!(chat(json, "").await, Chat::Unknown);
        let form = "application/x-www-form-urlencoded";
        assert_eq!(chat(form, "text=a%26b&chat_id=7").await, Chat::Id(7));
        let multipart = "multipart/form-data; boundary=b";
        let body = "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n9\r\n--b--\r\n";
        assert_eq!(chat(multipart, body).await, Chat::Id(9));
        assert_eq!(chat(multipart, "--b--\r\n").await, Chat::Unknown);
    }

    #[tokio::test]
    async fn the_wait_of_a_poll_is_read() {
        let outgoing = taken("application/json", r#"{"timeout":50}"#).await.unwrap();
        assert_eq!(outgoing.timeout_s, 50);
    }

    #[tokio::test]
    async fn other_bodies_are_refused() {
        let refusal = |taken: Result<Outgoing, Refusal>| taken.err().unwrap();
        let other = refusal(taken("text/plain", "chat_id=1").await);
        assert!(matches!(other, Refusal::BadRequest(_)));
        let broken = refusal(taken("application/json", "{").await);
        assert!(matches!(broken, Refusal::BadRequest(_)));
        let large = refusal(taken("application/json", vec![b' '; CALL_LIMIT_BYTES + 1]).await);
        assert_eq!(large, Refusal::TooLarge);
        let kind = HeaderValue::from_static("multipart/form-data; boundary=b");
        let length = HeaderValue::from(UPLOAD_LIMIT_BYTES + 1);
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind), (CONTENT_LENGTH, length)]);
        assert_eq!(refusal(Outgoing::take(&headers, Body::empty()).await), Refusal::TooLarge);
    }

    #[tokio::test]
    async fn an_upload_breaks_off_at_its_limit() {
        let chunk = Bytes::from(vec![0; 1024 * 1024]);
        let endless = stream::repeat(chunk).map(Ok);
        let taken =
            limited(endless).try_fold(0, |sum, chunk: Bytes| async move { Ok(sum + chunk.len()) });
        assert!(taken.await.is_err());
    }

    proptest! {
        #[test]
        fn any_head_is_read_without_harm(head: Vec<u8>, tail in ".{0,40}") {
            drop(chat_of_form(&head));
            let form = format!("name=\"chat_id\"\r\n\r\n{tail}\r\n");
            prop_assert!(chat_of_form(form.as_bytes()).is_some());
        }
    }
}
