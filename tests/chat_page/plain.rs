//! The page without a script: it can be read, its forms work, and no other site can use them.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_SECURITY_POLICY, HOST, LOCATION, ORIGIN};
use reqwest::{Client, StatusCode, redirect};

use super::browser::PATIENCE;
use super::demo::Demo;

fn client() -> Client {
    let client = Client::builder().no_proxy().redirect(redirect::Policy::none());
    client.timeout(PATIENCE).build().unwrap()
}

async fn page(client: &Client, url: &str) -> String {
    client.get(url).send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
}

/// Loads the page until it contains `needle`.
async fn page_with(client: &Client, url: &str, needle: &str) -> String {
    let began = Instant::now();
    loop {
        let page = page(client, url).await;
        if page.contains(needle) {
            return page;
        }
        assert!(began.elapsed() < PATIENCE, "{needle:?} is not in:\n{page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn the_page_is_read_and_used_without_a_script() {
    let demo = Demo::start(&["--locale", "en"]);
    let client = client();
    let first = client.get(&demo.url).send().await.unwrap();
    let policy = first.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    let first = first.text().await.unwrap();
    for name in ["Ivan", "Olga", "Anna", "What to try", "Nobody has bought anything yet."] {
        assert!(first.contains(name), "{name} is not in:\n{first}");
    }
    assert!(page(&client, &format!("{}?lang=ru", demo.url)).await.contains("Что попробовать"));

    let say =
        [("phone", "owner"), ("bot", "slotbox_sales_bot"), ("lang", "en"), ("text", "/start")];
    let said = client.post(format!("{}say", demo.url)).form(&say).send().await.unwrap();
    assert_eq!(said.status(), StatusCode::SEE_OTHER);
    let back = said.headers()[LOCATION].to_str().unwrap();
    let url = format!("{}{}", demo.url.trim_end_matches('/'), back);
    page_with(&client, &url, "class=\"keyboard\"").await;
    demo.end();
}

#[tokio::test]
async fn no_other_site_can_use_the_page() {
    let demo = Demo::start(&[]);
    let client = client();
    let post = |path: &str| client.post(format!("{}{path}", demo.url)).form(&[("by", "day")]);
    let foreign = post("clock").header(ORIGIN, "https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let elsewhere = post("clock").header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
    let rebound = client.get(&demo.url).header(HOST, "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::FORBIDDEN);
    assert_eq!(post("clock").send().await.unwrap().status(), StatusCode::SEE_OTHER);
    let nothing = client.post(format!("{}break", demo.url)).form(&[("what", "kill:c_x")]);
    assert_eq!(nothing.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    demo.end();
}
