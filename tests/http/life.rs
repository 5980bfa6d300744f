//! What is done to clients, payments and tasks that are there already.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use slotbox::actions::settle::settle;
use slotbox::domain::ids::JobId;
use slotbox::sandbox::yookassa::Card;
use slotbox::store::queue::cycle::{Cycle, Outcome, Room};
use slotbox::store::{StoreError, audit};

use crate::stage::{Answer, Stage};

fn kind(answer: &Answer) -> (u16, String) {
    let kind = answer.json["type"].as_str().unwrap_or_default();
    (answer.status.as_u16(), kind.replace("urn:slotbox:problem:", ""))
}

fn is(status: u16, kind: &str) -> (u16, String) {
    (status, kind.to_owned())
}

/// Has every job that is queued given up.
async fn give_all_up(stage: &Stage) {
    let now = stage.deps.clock.now();
    let cycle =
        move |ended| Cycle { ended, room: Room::of(99), orphans: false, check: |_| Ok(()), now };
    let write = stage.deps.store.write::<_, StoreError>(move |txn| {
        let claimed = cycle(Vec::new()).run(txn)?.claimed;
        let failed = || Outcome::Failed { error: "no luck".to_owned(), retry_at: None };
        cycle(claimed.iter().map(|job| (job.id, failed())).collect()).run(txn)?;
        Ok(())
    });
    write.await.unwrap();
}

fn audited(stage: &Stage) -> Vec<String> {
    let lines = stage.deps.store.read(|snap| audit::list(snap, None, 50)).unwrap();
    lines.into_iter().rev().map(|(_, line)| format!("{} {}", line.actor, line.action)).collect()
}

#[tokio::test]
async fn a_client_is_paused_brought_back_restarted_and_removed() {
    let stage = Stage::open().await;
    let id = stage.add_client().await;
    let path = format!("/api/clients/{id}");
    let act =
        async |verb: &str| Answer::of(stage.request(Method::POST, &format!("{path}/{verb}"))).await;

    assert_eq!(act("suspend").await.json["state"], json!("suspended"));
    assert_eq!(act("suspend").await.status, 200);
    let resumed = act("resume").await;
    assert_eq!((resumed.status.as_u16(), &resumed.json["state"]), (200, &json!("active")));
    let restarted = act("restart").await;
    assert_eq!(restarted.status, 202);
    let task = format!("/api/tasks/{}", restarted.json["task_id"].as_str().unwrap());
    assert_eq!(restarted.header("location"), task);
    assert_eq!(stage.get(&task).await.json["kind"], json!("restart_client"));

    let delete = async |query: &str| {
        Answer::of(stage.request(Method::DELETE, &format!("{path}{query}"))).await
    };
    assert_eq!(kind(&delete("").await), is(409, "client-still-serves"));
    assert_eq!(kind(&delete("?force=false").await), is(409, "client-still-serves"));
    assert_eq!(kind(&delete("?force=yes").await), is(400, "malformed-request"));
    assert_eq!(kind(&delete("?forse=true").await), is(400, "malformed-request"));
    let removed = delete("?force=true").await;
    assert_eq!((removed.status.as_u16(), &removed.json["client_id"]), (202, &json!(id)));
    assert_eq!(stage.get(&path).await.json["state"], json!("cancelled"));
    assert_eq!(kind(&act("restart").await), is(409, "nothing-to-run"));
    stage.hand.advance(SignedDuration::from_hours(60 * 24));
    assert_eq!(kind(&act("resume").await), is(409, "nothing-paid"));
    assert_eq!(
        audited(&stage),
        [
            "api client.added",
            "api client.suspended",
            "api client.resumed",
            "api client.restarted",
            "api client.removed"
        ]
    );
}

#[tokio::test]
async fn a_suspended_client_is_removed_without_force() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}", stage.add_client().await);
    Answer::of(stage.request(Method::POST, &format!("{path}/suspend"))).await;
    assert_eq!(Answer::of(stage.request(Method::DELETE, &path)).await.status, 202);
}

#[tokio::test]
async fn acts_take_no_body_or_an_empty_object() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}/suspend", stage.add_client().await);
    assert_eq!(stage.post(&path, &json!({})).await.status, 200);
    let unknown = stage.post(&path, &json!({"why": "unpaid"})).await;
    assert_eq!(kind(&unknown), is(422, "invalid-body"));
    assert_eq!(unknown.json["errors"][0], json!({"field": "why", "message": "unknown"}));
    let plain = stage.request(Method::POST, &path).body("now");
    assert_eq!(kind(&Answer::of(plain).await), is(415, "unsupported-media-type"));
    for nobody in ["suspend", "resume", "restart"] {
        let path = format!("/api/clients/c_00000000000000000000000000/{nobody}");
        assert_eq!(kind(&stage.post(&path, &json!({})).await), is(404, "not-found"));
    }
}

#[tokio::test]
async fn a_client_is_changed_in_part() {
    let stage = Stage::open().await;
    let client = format!("/api/clients/{}", stage.add_client().await);
    let patch =
        async |body: Value| Answer::of(stage.request(Method::PATCH, &client).json(&body)).await;
    let changed = patch(json!({"company_name": "Барбер"})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json["company_name"], json!("Барбер"));
    assert_eq!(changed.json["admin_telegram_id"], json!(111));
    let changed = patch(json!({"admin_telegram_id": 222, "company_name": null})).await;
    assert_eq!(changed.json, stage.get(&client).await.json);
    assert_eq!(changed.json["admin_telegram_id"], json!(222));
    for nothing in [json!({}), json!({"company_name": null})] {
        assert_eq!(patch(nothing).await.json, changed.json);
    }
    for (body, field) in [
        (json!({"company_name": "a\nb"}), "company_name"),
        (json!({"admin_telegram_id": 0}), "admin_telegram_id"),
        (json!({"state": "active"}), "state"),
    ] {
        let refused = patch(body).await;
        assert_eq!(kind(&refused), is(422, "invalid-body"));
        assert_eq!(refused.json["errors"][0]["field"], json!(field), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_payment_is_given_back_in_part_and_then_the_rest() {
    let stage = Stage::open().await;
    let order = stage.order(&stage.add_client().await).await;
    let payment = order["payment_id"].as_str().unwrap();
    let path = format!("/api/payments/{payment}/refund");
    assert_eq!(kind(&stage.post(&path, &json!({})).await), is(404, "not-found"));
    stage.shop.pay(payment, Card::Ok).unwrap();
    let deps = &stage.deps;
    settle(deps, deps.till.as_ref().unwrap(), &payment.parse().unwrap()).await.unwrap();

    let part = stage.post_with_key(&path, "r-1", &json!({"amount": "99.00"})).await;
    assert_eq!(part.status, 202, "{}", part.text);
    assert_eq!(part.json["amount"], json!({"value": "99.00", "currency": "RUB"}));
    assert_eq!(part.json["state"], json!("asked"));
    let task = format!("/api/tasks/{}", part.json["task_id"].as_str().unwrap());
    assert_eq!(stage.get(&task).await.json["kind"], json!("refund"));
    let again = stage.post_with_key(&path, "r-1", &json!({"amount": "99.00"})).await;
    assert_eq!(again.json, part.json);

    let much = stage.post(&path, &json!({"amount": "200.01"})).await;
    assert_eq!(kind(&much), is(409, "more-than-left"));
    assert_eq!(much.json["detail"], json!("only 200.00 is left to give back"));
    assert_eq!(stage.post(&path, &json!({"amount": 0})).await.status, 422);
    let rest = Answer::of(stage.request(Method::POST, &path)).await;
    assert_eq!(rest.json["amount"]["value"], json!("200.00"));
    assert_eq!(kind(&stage.post(&path, &json!({})).await), is(409, "nothing-left"));
}

#[tokio::test]
async fn money_taken_by_hand_is_not_given_back_by_the_shop() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}/extend", stage.add_client().await);
    stage.post(&path, &json!({"days": 1, "amount": 5, "payment_id": "cash-1"})).await;
    let refused = stage.post("/api/payments/cash-1/refund", &json!({})).await;
    assert_eq!(kind(&refused), is(409, "taken-by-hand"));
    let refused = stage.post("/api/payments/cash-2/refund", &json!({})).await;
    assert_eq!(kind(&refused), is(404, "not-found"));
}

/// D-166: what became of a task is visible, and a dead one is tried again.
#[tokio::test]
async fn d_166_a_dead_task_is_seen_and_tried_again_once() {
    let stage = Stage::open().await;
    let task = stage.post("/api/clients", &stage.client()).await.json["task_id"].clone();
    let task = format!("/api/tasks/{}", task.as_str().unwrap());
    let retry = format!("{task}/retry");
    assert_eq!(kind(&stage.post(&retry, &json!({})).await), is(409, "task-not-dead"));
    give_all_up(&stage).await;
    let dead = stage.get(&task).await.json;
    assert_eq!((&dead["state"], &dead["error"]), (&json!("dead"), &json!("no luck")));
    stage.hand.advance(SignedDuration::from_secs(60));
    let nothing = json!({});
    let (one, other) = tokio::join!(
        stage.post_with_key(&retry, "a", &nothing),
        stage.post_with_key(&retry, "b", &nothing),
    );
    let mut kinds = [kind(&one), kind(&other)];
    kinds.sort();
    assert_eq!(kinds, [is(200, ""), is(409, "task-not-dead")]);
    let queued = stage.get(&task).await.json;
    assert_eq!((&queued["state"], &queued["attempts"]), (&json!("queued"), &json!(0)));
    assert_eq!(audited(&stage), ["api client.added", "api task.retried"]);
    let unknown = stage.post(&format!("/api/tasks/{}/retry", JobId(99)), &json!({})).await;
    assert_eq!(kind(&unknown), is(404, "not-found"));
}

#[tokio::test]
async fn lists_are_filtered() {
    let stage = Stage::open().await;
    let mut ids = Vec::new();
    for name in ["Салон Алёна", "Barber", "Салон 2"] {
        let mut client = stage.client();
        client["company_name"] = json!(name);
        ids.push(stage.post("/api/clients", &client).await.json["client_id"].clone());
        stage.hand.advance(SignedDuration::from_millis(1));
    }
    let id = |n: usize| ids[n].as_str().unwrap();
    stage.post(&format!("/api/clients/{}/suspend", id(1)), &json!({})).await;
    let found = async |query: &str, field: &str| -> Vec<String> {
        let page = stage.get(&format!("/api/{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let items = page.json["items"].as_array().unwrap();
        items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
    };
    let clients = async |query: &str| found(&format!("clients?{query}"), "client_id").await;
    assert_eq!(clients("state=suspended").await, [id(1)]);
    assert_eq!(clients("q=%D1%81%D0%B0%D0%BB%D0%BE%D0%BD").await, [id(2), id(0)]);
    assert_eq!(clients("q=алена").await, [id(0)]);
    assert_eq!(clients("q=BARBER&state=active").await, [""; 0]);
    assert_eq!(clients(&format!("q={}", id(2))).await, [id(2)]);
    assert_eq!(clients("q=@salon1_bot").await, [id(1)]);
    let first = stage.get("/api/clients?q=салон&limit=1").await.json;
    let rest = format!("q=салон&cursor={}", first["next"].as_str().unwrap());
    assert_eq!(clients(&rest).await, [id(0)]);

    let order = stage.order(id(0)).await;
    assert_eq!(found("orders?state=open", "order_id").await, [order["order_id"].as_str().unwrap()]);
    assert_eq!(found("orders?state=attention", "order_id").await, [""; 0]);
    assert_eq!(found("payments?state=attention", "payment_id").await, [""; 0]);
    for wrong in ["clients?state=dead", "orders?state=", "payments?state=Settled"] {
        let refused = stage.get(&format!("/api/{wrong}")).await;
        assert_eq!(kind(&refused), is(400, "malformed-request"), "{wrong}");
    }
    let long = stage.get(&format!("/api/clients?q={}", "x".repeat(65))).await;
    assert_eq!(kind(&long), is(400, "malformed-request"));
}

#[tokio::test]
async fn the_business_is_counted() {
    let stage = Stage::open().await;
    let client = stage.add_client().await;
    stage.order(&client).await;
    let more = json!({"days": 30, "amount": "299.00", "payment_id": "cash-1"});
    stage.post(&format!("/api/clients/{client}/extend"), &more).await;
    let stats = stage.get("/api/stats").await.json;
    assert_eq!(stats["clients"]["total"], json!(1));
    assert_eq!(stats["clients"]["by_state"]["active"], json!(1));
    assert_eq!(stats["clients"]["by_state"]["archived"], json!(0));
    assert_eq!(stats["orders"]["open"], json!(1));
    assert_eq!(stats["payments"]["attention"], json!(0));
    assert_eq!(stats["revenue"]["windows"][0]["days"], json!(1));
    assert_eq!(stats["revenue"]["windows"][0]["net"]["value"], json!("299.00"));
    assert_eq!(stats["revenue"]["all_time"]["payments"], json!(1));
    assert_eq!(stats["queue"], stage.get("/api/queue").await.json);
}
