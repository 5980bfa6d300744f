//! Each route with what it must not take, and how it says so.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use slotbox::sandbox::telegram::Fault;

use crate::stage::{Answer, Stage, TOKEN};

const NOBODY: &str = "/api/clients/c_00000000000000000000000000";

/// Checks a problem document and returns the fields that it names.
fn problem(answer: &Answer, status: u16, kind: &str) -> Vec<String> {
    let what = &answer.text;
    assert_eq!(answer.status.as_u16(), status, "{what}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert_eq!(answer.json["type"], json!(format!("urn:slotbox:problem:{kind}")), "{what}");
    assert_eq!(answer.json["status"], json!(status), "{what}");
    assert!(answer.json["title"].is_string(), "{what}");
    assert_eq!(answer.json["request_id"], json!(answer.header("x-request-id")), "{what}");
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn whoever_has_no_token_learns_nothing() {
    let stage = Stage::open().await;
    let paths = ["/api/clients", NOBODY, "/api/orders", "/api/queue", "/api", "/api/nothing"];
    let wrong = format!("Bearer {TOKEN}0");
    let basic = format!("Basic {TOKEN}");
    let schemes =
        [None, Some("Bearer"), Some("Bearer "), Some(&*wrong), Some(&*basic), Some(TOKEN)];
    for path in paths {
        for scheme in schemes {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let request = stage.bare(method, path);
                let request = match scheme {
                    Some(scheme) => request.header("Authorization", scheme),
                    None => request,
                };
                let answer = Answer::of(request).await;
                problem(&answer, 401, "unauthorized");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
        }
    }
    let lower = stage.bare(Method::GET, "/api/clients");
    let lower = lower.header("Authorization", format!("bearer {TOKEN}"));
    assert_eq!(Answer::of(lower).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ids_that_are_malformed_or_unknown_are_told_apart() {
    let stage = Stage::open().await;
    let (client, order) = (NOBODY, "/api/orders/o_00000000000000000000000000");
    let payments = format!("{NOBODY}/payments");
    for unknown in [client, &payments, order, "/api/payments/2f1c0000", "/api/tasks/j_999"] {
        problem(&stage.get(unknown).await, 404, "not-found");
    }
    let odd = [
        "7",
        "c_1",
        "C_00000000000000000000000000",
        "c_0000000000000000000000000I",
        "%20",
        "%FF",
        "a%2Fb",
        "j_-1",
        "j_+1",
        "j_18446744073709551616",
    ];
    for wrong in odd {
        for (before, after) in
            [("clients", ""), ("clients", "/payments"), ("orders", ""), ("tasks", "")]
        {
            let answer = stage.get(&format!("/api/{before}/{wrong}{after}")).await;
            problem(&answer, 400, "malformed-request");
        }
    }
    for wrong in ["%20", "%FF", "a%2Fb", "j_+1", &"a".repeat(65)] {
        let answer = stage.get(&format!("/api/payments/{wrong}")).await;
        problem(&answer, 400, "malformed-request");
    }
    let body = json!({"days": 30});
    problem(&stage.post(&format!("{NOBODY}/extend"), &body).await, 404, "not-found");
    problem(&stage.post("/api/clients/c_1/extend", &body).await, 400, "malformed-request");
    let order = json!({"client_id": NOBODY.rsplit('/').next(), "plan_id": "1m"});
    problem(&stage.post("/api/orders", &order).await, 404, "not-found");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused() {
    let stage = Stage::open().await;
    for path in ["/api", "/api/", "/api/nothing", "/api/clients/", "/nothing", "/"] {
        problem(&stage.get(path).await, 404, "not-found");
    }
    for (method, path, allowed) in [
        (Method::PUT, "/api/clients", "GET,HEAD,POST"),
        (Method::POST, "/api/queue", "GET,HEAD"),
        (Method::GET, "/api/clients/c_1/extend", "POST"),
        (Method::POST, "/health", "GET,HEAD"),
        (Method::POST, "/payment/success", "GET,HEAD"),
    ] {
        let answer = Answer::of(stage.request(method, path)).await;
        problem(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn queries_are_checked() {
    let stage = Stage::open().await;
    let lists = ["/api/clients", "/api/orders", "/api/payments", "/api/audit"];
    for list in lists {
        for query in [
            "limit=0",
            "limit=201",
            "limit=",
            "limit=x",
            "limit=-1",
            "limit=1e1",
            "limit=%2B1",
            "cursor=",
            "cursor=zz",
            "cursor=00",
            "cursor=0000000000",
            "limit=1&limit=1",
            "other=1",
            "Limit=1",
        ] {
            let answer = stage.get(&format!("{list}?{query}")).await;
            problem(&answer, 400, "malformed-request");
        }
        for query in ["limit=1", "limit=200", ""] {
            assert_eq!(stage.get(&format!("{list}?{query}")).await.status, 200, "{query}");
        }
    }
}

#[tokio::test]
async fn each_wrong_field_is_named_at_once() {
    let stage = Stage::open().await;
    let token = stage.client()["bot_token"].clone();
    let good = json!({"bot_token": token, "admin_telegram_id": 1, "company_name": "A"});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let table: Vec<(Value, &[&str])> = vec![
        (json!({}), &["bot_token", "admin_telegram_id", "company_name"]),
        (json!([]), &[""]),
        (json!("text"), &[""]),
        (json!(null), &[""]),
        (
            json!({"bot_token": 1, "admin_telegram_id": "1", "company_name": [], "subscription_days": 0,
                "paid_amount": "1,5", "payment_id": "a b"}),
            &[
                "bot_token",
                "admin_telegram_id",
                "company_name",
                "subscription_days",
                "paid_amount",
                "payment_id",
            ],
        ),
        (with("bot_token", json!("12:short")), &["bot_token"]),
        (with("bot_token", json!("")), &["bot_token"]),
        (with("admin_telegram_id", json!(0)), &["admin_telegram_id"]),
        (with("admin_telegram_id", json!(-5)), &["admin_telegram_id"]),
        (with("admin_telegram_id", json!(1.5)), &["admin_telegram_id"]),
        (with("admin_telegram_id", json!(1_u64 << 60)), &["admin_telegram_id"]),
        (with("admin_telegram_id", json!(true)), &["admin_telegram_id"]),
        (with("company_name", json!("")), &["company_name"]),
        (with("company_name", json!("a\nb")), &["company_name"]),
        (with("company_name", json!("x".repeat(65))), &["company_name"]),
        (with("subscription_days", json!(3651)), &["subscription_days"]),
        (with("subscription_days", json!("30")), &["subscription_days"]),
        (with("paid_amount", json!(-1)), &["paid_amount"]),
        (with("paid_amount", json!(1.001)), &["paid_amount"]),
        (with("paid_amount", json!({})), &["paid_amount"]),
        (with("payment_id", json!("")), &["payment_id"]),
        (with("days", json!(30)), &["days"]),
    ];
    for (body, fields) in table {
        let answer = stage.post("/api/clients", &body).await;
        assert_eq!(problem(&answer, 422, "invalid-body"), fields, "{body}");
    }
    let unknown = with("bot_token", json!("999:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"));
    let answer = stage.post("/api/clients", &unknown).await;
    assert_eq!(problem(&answer, 422, "invalid-body"), ["bot_token"]);
    assert_eq!(stage.get("/api/clients").await.json["items"], json!([]));
}

#[tokio::test]
async fn each_wrong_field_of_orders_and_of_time_is_named_too() {
    let stage = Stage::open().await;
    let id = stage.add_client().await;
    let (order, extend) = ("/api/orders", &*format!("/api/clients/{id}/extend"));
    let table: [(&str, Value, &[&str]); 8] = [
        (order, json!({}), &["client_id", "plan_id"]),
        (order, json!({"client_id": "c_1", "plan_id": "1 m"}), &["client_id", "plan_id"]),
        (order, json!({"client_id": id, "plan_id": "9m"}), &["plan_id"]),
        (order, json!({"client_id": id, "plan_id": "1m", "email": "a@b"}), &["email"]),
        (extend, json!({}), &["days"]),
        (
            extend,
            json!({"days": "1", "amount": "x", "payment_id": 7}),
            &["days", "amount", "payment_id"],
        ),
        (extend, json!({"days": 30, "amount": 0.005}), &["amount"]),
        (extend, json!({"days": 30, "client_id": id}), &["client_id"]),
    ];
    for (path, body, fields) in table {
        let answer = stage.post(path, &body).await;
        assert_eq!(problem(&answer, 422, "invalid-body"), fields, "{body}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let stage = Stage::open().await;
    let post = || stage.request(Method::POST, "/api/orders");
    let json = |body: &'static [u8]| post().header("Content-Type", "application/json").body(body);
    for body in [&b""[..], b"{", b"{\"a\":}", b"{\"a\":1}x", b"\xff", b"{'a':1}", b"{\"a\":NaN}"] {
        problem(&Answer::of(json(body)).await, 400, "malformed-request");
    }
    let other = |kind: &'static str| post().header("Content-Type", kind).body("{}");
    let kinds: [RequestBuilder; 3] = [post().body("{}"), other("text/plain"), other("text/json")];
    for request in kinds {
        problem(&Answer::of(request).await, 415, "unsupported-media-type");
    }
    let charset = post().header("Content-Type", "Application/JSON; charset=utf-8").body("{}");
    problem(&Answer::of(charset).await, 422, "invalid-body");
    let large = vec![b' '; 64 * 1024 + 1];
    let told = post().header("Content-Type", "application/json").body(large);
    problem(&Answer::of(told).await, 413, "body-too-large");
    let untold = post().header("Content-Type", "application/json");
    let untold = untold.body(reqwest::Body::wrap_stream(chunks(9)));
    problem(&Answer::of(untold).await, 413, "body-too-large");
}

fn chunks(number: usize) -> impl futures::Stream<Item = std::io::Result<Vec<u8>>> {
    futures::stream::iter((0..number).map(|_| Ok(vec![b' '; 16 * 1024])))
}

#[tokio::test]
async fn what_the_actions_refuse_has_a_name() {
    let stage = Stage::open().await;
    let mut client = stage.client();
    client["payment_id"] = json!("cash-1");
    assert_eq!(stage.post("/api/clients", &client).await.status, 202);
    problem(&stage.post("/api/clients", &client).await, 409, "bot-taken");
    let mut second = stage.client();
    second["payment_id"] = json!("cash-1");
    problem(&stage.post("/api/clients", &second).await, 409, "payment-of-another-client");
    let other = stage.add_client().await;
    let more = json!({"days": 1, "payment_id": "cash-1"});
    let answer = stage.post(&format!("/api/clients/{other}/extend"), &more).await;
    problem(&answer, 409, "payment-of-another-client");

    stage.telegram.faults().always("getMe", Fault::RetryAfter(17));
    let answer = stage.post("/api/clients", &stage.client()).await;
    problem(&answer, 503, "telegram-unavailable");
    assert_eq!(answer.header("retry-after"), "17");
    stage.telegram.faults().clear();
    stage.telegram.faults().always("getMe", Fault::CutBefore);
    let answer = stage.post("/api/clients", &stage.client()).await;
    problem(&answer, 503, "telegram-unavailable");
    assert_eq!(answer.header("retry-after"), "5");

    let without = [("YOOKASSA__SHOP_ID", ""), ("YOOKASSA__SECRET_KEY", "")];
    let stage = Stage::open_with(&without).await;
    let order = json!({"client_id": stage.add_client().await, "plan_id": "1m"});
    problem(&stage.post("/api/orders", &order).await, 409, "no-shop");

    stage.deps.store.clone().close();
    let answer = stage.get("/api/clients").await;
    problem(&answer, 500, "internal");
    assert_eq!(answer.json["detail"], Value::Null);
}
