//! The page itself: one document that needs nothing from anywhere.

use std::fmt::Write;
use std::time::Duration;

use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use crate::domain::client::BotUsername;
use crate::domain::order::{Order, OrderState};
use crate::http::limits::whole_seconds;
use crate::texts;
use crate::texts::Words;
use crate::texts::page::{self, Standing};

const STYLE: &str = include_str!("page.css");
/// The page carries its style with it, asks nobody for anything and runs no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// How often a page that waits looks again, in seconds.
const LOOK_AGAIN_S: u64 = 4;

/// Where the page leads to.
#[derive(Clone, Copy)]
pub(super) struct Ways<'a> {
    pub(super) words: Words,
    pub(super) bot: Option<&'a BotUsername>,
    pub(super) support: Option<&'a str>,
}

/// Shows an order.
pub(super) fn order(order: &Order, ways: Ways<'_>) -> Response {
    let words = ways.words;
    let standing = page::order(words, order);
    let open = order.state == OrderState::Open;
    let mut middle = format!(
        "<p class=\"what\">{} · {}</p>",
        escaped(&texts::payment_description(words, &order.plan)),
        words.money(order.plan.price),
    );
    let pay = order.confirmation_url.as_deref().filter(|url| open && is_link(url));
    if let Some(url) = pay {
        button(&mut middle, "button", url, &page::pay(words));
    }
    let class = if pay.is_some() { "button second" } else { "button" };
    lead_back(&mut middle, class, ways);
    let foot = format!("<p class=\"small\">{} {}</p>", page::number(words), order.id);
    let refresh = if open { Some(LOOK_AGAIN_S) } else { None };
    let body = document(words, order.state.name(), &standing, refresh, &(middle + &foot));
    respond(StatusCode::OK, body)
}

/// Says why there is no order to show.
pub(super) fn without_order(status: StatusCode, standing: &Standing, ways: Ways<'_>) -> Response {
    let mut middle = String::new();
    lead_back(&mut middle, "button", ways);
    respond(status, document(ways.words, "error", standing, None, &middle))
}

/// Says that the page was asked for too often; it looks again by itself.
pub(super) fn too_many(pause: Duration, ways: Ways<'_>) -> Response {
    let seconds = whole_seconds(pause);
    let mut middle = String::new();
    lead_back(&mut middle, "button", ways);
    let (standing, refresh) = (page::too_many(ways.words), Some(seconds.max(LOOK_AGAIN_S)));
    let body = document(ways.words, "open", &standing, refresh, &middle);
    let mut response = respond(StatusCode::TOO_MANY_REQUESTS, body);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn lead_back(html: &mut String, class: &str, ways: Ways<'_>) {
    if let Some(bot) = ways.bot {
        button(html, class, &format!("https://t.me/{bot}"), &page::back_to_bot(ways.words));
    }
    if let Some(support) = ways.support {
        let name = escaped(support);
        let link = escaped(support.trim_start_matches('@'));
        let said = page::support(ways.words);
        html.push_str(&format!(
            "<p class=\"small\">{said} <a href=\"https://t.me/{link}\">{name}</a></p>"
        ));
    }
}

fn button(html: &mut String, class: &str, url: &str, text: &str) {
    html.push_str(&format!("<a class=\"{class}\" href=\"{}\">{text}</a>", escaped(url)));
}

/// Tells whether an address is one that a browser opens and nothing else.
fn is_link(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn document(
    words: Words,
    state: &str,
    standing: &Standing,
    refresh: Option<u64>,
    rest: &str,
) -> String {
    let language = words.locale().code();
    let Standing { title, text } = standing;
    let refresh = refresh.map_or_else(String::new, |seconds| {
        format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n")
    });
    let sign = match state {
        "paid" => "✓",
        "open" => "…",
        "attention" => "!",
        _ => "×",
    };
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n{refresh}<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main class=\"{state}\">\n\
         <div class=\"sign\" aria-hidden=\"true\">{sign}</div>\n<h1>{title}</h1>\n\
         <p role=\"status\">{text}</p>\n{rest}\n</main>\n</body>\n</html>\n"
    )
}

fn respond(status: StatusCode, body: String) -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(body)).into_response()
}

/// Makes a text harmless anywhere in HTML, in quotes too.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a text cannot fail.
                write!(html, "&#{};", u32::from(letter)).ok();
            }
            _ => html.push(letter),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_escaped_text_holds_no_markup(text in ".*") {
            let html = escaped(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
        }
    }

    #[test]
    fn only_web_links_are_offered() {
        assert!(is_link("https://yoomoney.ru/checkout"));
        assert!(!is_link("javascript:alert(1)"));
        assert!(!is_link("string"));
    }
}
