//! `openapi.json` and the router are one, and the page shows all of it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::schema::{check, mistake, operation};
use crate::stage::{Answer, Stage};

/// Returns each path with its methods, as the document has them.
fn told(document: &Value) -> Vec<(String, BTreeSet<String>)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |it: &Value| it.as_object().unwrap().keys().map(|it| it.to_uppercase()).collect();
    paths.iter().map(|(path, it)| (path.clone(), methods(it))).collect()
}

#[tokio::test]
async fn the_router_and_the_document_have_the_same_routes() {
    let stage = Stage::open().await;
    let document = stage.get("/openapi.json").await.json;
    let told = told(&document);
    for (path, mut methods) in told.clone() {
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        let answer = Answer::of(stage.request(Method::OPTIONS, &path.replace("{id}", "x"))).await;
        assert_eq!(answer.status, 204, "{path}");
        let allowed = answer.header("allow").split(',').map(str::to_owned).collect();
        assert_eq!(methods, allowed, "{path}");
    }
    // What design.md promises, and nothing that it does not know.
    let mut routes: Vec<_> = told
        .iter()
        .flat_map(|(path, methods)| methods.iter().map(move |method| format!("{method} {path}")))
        .collect();
    routes.sort();
    expect_test::expect_file!["./answers/routes.txt"].assert_eq(&(routes.join("\n") + "\n"));
}

#[tokio::test]
async fn every_example_is_what_its_schema_tells() {
    let stage = Stage::open().await;
    let document = stage.get("/openapi.json").await.json;
    let mut checked = 0;
    let mut check = |content: &Value| {
        for media in content.as_object().into_iter().flatten().map(|(_, media)| media) {
            if let Some(example) = media.get("example") {
                assert_eq!(mistake(&document, &media["schema"], example, ""), None, "{media}");
                checked += 1;
            }
        }
    };
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            check(&operation["requestBody"]["content"]);
            for response in operation["responses"].as_object().unwrap().values() {
                check(&response["content"]);
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

#[tokio::test]
async fn every_link_leads_to_an_operation() {
    let stage = Stage::open().await;
    let document = stage.get("/openapi.json").await.json;
    let all = || {
        let paths = document["paths"].as_object().unwrap().values();
        paths.flat_map(|methods| methods.as_object().unwrap().values())
    };
    let ids: Vec<_> = all().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    let mut links = 0;
    for operation in all() {
        for response in operation["responses"].as_object().unwrap().values() {
            for link in response["links"].as_object().into_iter().flatten().map(|(_, link)| link) {
                assert!(ids.contains(&link["operationId"].as_str().unwrap()), "{link}");
                links += 1;
            }
        }
    }
    assert!(links > 20, "{links}");
}

#[tokio::test]
async fn the_document_knows_the_plans_that_are_sold() {
    let stage = Stage::open().await;
    let document = stage.get("/openapi.json").await.json;
    let plans = &document["components"]["schemas"]["NewOrder"]["properties"]["plan_id"]["enum"];
    assert_eq!(plans, &json!(["1m", "3m", "6m", "12m"]));
    let stage = Stage::open_with(&[("YOOKASSA__RECEIPT__ENABLED", "true")]).await;
    let document = stage.get("/openapi.json").await.json;
    let required = &document["components"]["schemas"]["NewOrder"]["required"];
    assert_eq!(required, &json!(["client_id", "plan_id", "email"]));
}

#[tokio::test]
async fn an_answer_that_is_not_told_of_is_noticed() {
    let stage = Stage::open().await;
    let document = stage.get("/openapi.json").await.json;
    let plans = operation(&document, &Method::GET, "/api/plans").unwrap();
    let schema = &plans["responses"]["200"]["content"]["application/json"]["schema"];
    let good = stage.get("/api/plans").await.json;
    assert_eq!(mistake(&document, schema, &good, ""), None);
    for (place, value) in [
        ("/next", json!(5)),
        ("/items/0/days", json!("30")),
        ("/items/0/price/currency", json!("USD")),
        ("/items/0/price", json!({"value": "1.00"})),
        ("/items/0", json!({"more": true})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = value;
        assert!(mistake(&document, schema, &bad, "").is_some(), "{place}");
    }
    check(&document, &Method::GET, "/api/plans", &stage.get("/api/plans").await);
}

#[tokio::test]
async fn the_page_shows_every_operation_and_asks_nobody() {
    let stage = Stage::open().await;
    let document = stage.get("/openapi.json").await;
    assert_eq!(document.header("content-type"), "application/json");
    let page = Answer::of(stage.bare(Method::GET, "/docs")).await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    for methods in document.json["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.text.contains(&format!("<article id=\"{id}\"")), "{id}");
        }
    }
    for name in document.json["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    for (path, kind) in [("/docs/page.css", "text/css"), ("/docs/page.js", "text/javascript")] {
        assert!(page.text.contains(&format!("\"{path}\"")), "{path}");
        let file = Answer::of(stage.bare(Method::GET, path)).await;
        assert_eq!(file.header("content-type"), format!("{kind}; charset=utf-8"));
        assert!(!file.text.contains("://") && !file.text.contains("url("), "{path}");
    }
    assert!(!page.text.contains("://") && !page.text.contains("<style"), "an address outside");
}
