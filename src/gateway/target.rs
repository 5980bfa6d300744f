//! What a request's path asks for. Nothing of the path is sent on but what is named here.

use axum::http::{Method as HttpMethod, Uri};

use super::answer::Refusal;
use super::method::Method;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    Call(&'static Method),
    File(FilePath),
}

/// The path of a file as Telegram gives it, such as `documents/file_7.pdf`.
///
/// Invariant: up to 8 segments of letters, digits, `_`, `-` and `.`, none of which begins with a
/// dot; so it cannot lead to another bot's files, nor to another host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FilePath(String);

impl FilePath {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(path: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let fits = |segment: &str| {
            !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain)
        };
        let short = path.len() <= 200 && path.split('/').count() <= 8;
        (short && path.split('/').all(fits)).then(|| Self(path.to_owned()))
    }
}

impl Target {
    /// Reads `/bot<anything>/<Method>` and `/file/bot<anything>/<path>`. What stands for the token
    /// is not looked at: the socket says whose bot it is.
    pub(super) fn of(method: &HttpMethod, uri: &Uri) -> Result<Self, Refusal> {
        if uri.query().is_some() {
            return Err(Refusal::BadRequest("parameters belong into the body"));
        }
        let path = uri.path();
        if let Some(rest) = path.strip_prefix("/file/bot") {
            let path = rest.split_once('/').and_then(|(_, path)| FilePath::parse(path));
            let path = path.filter(|_| *method == HttpMethod::GET);
            return path.map(Self::File).ok_or(Refusal::NoSuchPath);
        }
        let rest = path.strip_prefix("/bot").ok_or(Refusal::NoSuchPath)?;
        let (_, name) = rest.split_once('/').ok_or(Refusal::NoSuchPath)?;
        if *method != HttpMethod::POST || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(Refusal::NoSuchPath);
        }
        Method::find(name).map(Self::Call).ok_or(Refusal::MethodNotAllowed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn post(path: &str) -> Result<Target, Refusal> {
        Target::of(&HttpMethod::POST, &path.parse().unwrap())
    }

    fn get(path: &str) -> Result<Target, Refusal> {
        Target::of(&HttpMethod::GET, &path.parse().unwrap())
    }

    #[test]
    fn calls_and_files_are_told_apart() {
        assert_eq!(
            post("/bot0:gateway/SendMessage"),
            Ok(Target::Call(Method::find("sendMessage").unwrap()))
        );
        let file = FilePath("photos/file_0.jpg".to_owned());
        assert_eq!(get("/file/bot0:gateway/photos/file_0.jpg"), Ok(Target::File(file)));
        assert_eq!(post("/bot0:gateway/setWebhook"), Err(Refusal::MethodNotAllowed));
    }

    #[test]
    fn forged_paths_lead_nowhere() {
        for path in [
            "/",
            "/bot",
            "/bot1:AA",
            "/bot1:AA/",
            "/bot1:AA/getMe/..",
            "/bot1:AA/../getMe",
            "/bot1:AA/getMe%2f..",
            "/bot1:AA/%67etMe",
            "/bot1:AA//getMe",
            "/bot1:AA/getMe;x",
            "/x/bot1:AA/getMe",
            "http://evil.example/getMe",
            "/bot1:AA/test/getMe",
        ] {
            let refused = post(path);
            assert!(
                matches!(refused, Err(Refusal::NoSuchPath | Refusal::MethodNotAllowed)),
                "{path}"
            );
        }
        for path in [
            "/file/bot1:AA/../bot2:BB/x",
            "/file/bot1:AA/a/../../x",
            "/file/bot1:AA/%2e%2e/x",
            "/file/bot1:AA//x",
            "/file/bot1:AA/.hidden",
            "/file/bot1:AA/a%2f..%2fb",
            "/file/bot1:AA/",
            "/file/bot1:AA",
            "/file/bot1:AA/a:b@evil.example/x",
        ] {
            assert_eq!(get(path), Err(Refusal::NoSuchPath), "{path}");
        }
        assert_eq!(get("/bot1:AA/getMe"), Err(Refusal::NoSuchPath));
        assert!(matches!(post("/bot1:AA/getMe?x=1"), Err(Refusal::BadRequest(_))));
    }

    proptest! {
        #[test]
        fn a_path_never_climbs(text in "[a-z/.%:@_-]{0,60}") {
            if let Some(path) = FilePath::parse(&text) {
                prop_assert!(!path.as_str().contains("..") || !path.as_str().contains("/.."));
                prop_assert!(!path.as_str().starts_with('/') && !path.as_str().starts_with('.'));
                prop_assert!(!path.as_str().contains(['%', ':', '@']));
            }
        }
    }
}
