//! Lists: newest first, page by page, whatever is added meanwhile.

use proptest::prelude::*;
use serde_json::json;

use crate::stage::Stage;

fn ids(json: &serde_json::Value, field: &str) -> Vec<String> {
    let items = json["items"].as_array().unwrap();
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_show_each_client_once_while_others_are_added() {
    let stage = Stage::open().await;
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(stage.add_client().await);
        stage.hand.advance(jiff::SignedDuration::from_millis(1));
    }
    let mut seen = Vec::new();
    let mut path = "/api/clients?limit=3".to_owned();
    loop {
        let page = stage.get(&path).await.json;
        seen.extend(ids(&page, "client_id"));
        stage.hand.advance(jiff::SignedDuration::from_millis(1));
        stage.add_client().await;
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/clients?limit=3&cursor={next}");
    }
    made.reverse();
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_page_that_is_just_full_is_the_last() {
    let stage = Stage::open().await;
    for _ in 0..2 {
        stage.add_client().await;
    }
    let page = stage.get("/api/clients?limit=2").await.json;
    assert_eq!((ids(&page, "client_id").len(), &page["next"]), (2, &json!(null)));
}

#[tokio::test]
async fn payments_of_one_instant_are_all_shown() {
    let stage = Stage::open().await;
    let client = stage.add_client().await;
    for number in 0..5 {
        let body = json!({"days": 1, "amount": "1.00", "payment_id": format!("cash-{number}")});
        stage.post(&format!("/api/clients/{client}/extend"), &body).await;
    }
    for list in ["/api/payments".to_owned(), format!("/api/clients/{client}/payments")] {
        let mut seen = Vec::new();
        let mut path = format!("{list}?limit=2");
        loop {
            let page = stage.get(&path).await.json;
            seen.extend(ids(&page, "payment_id"));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("{list}?limit=2&cursor={next}");
        }
        assert_eq!(seen, ["cash-4", "cash-3", "cash-2", "cash-1", "cash-0"]);
    }
}

#[tokio::test]
async fn a_cursor_fits_its_own_list_only() {
    let stage = Stage::open().await;
    let client = stage.add_client().await;
    stage.add_client().await;
    for _ in 0..2 {
        stage.order(&client).await;
    }
    let next = stage.get("/api/clients?limit=1").await.json["next"].as_str().unwrap().to_owned();
    assert_eq!(stage.get(&format!("/api/clients?cursor={next}")).await.status, 200);
    let lists = ["/api/orders", "/api/payments", "/api/audit"].map(str::to_owned);
    for list in lists.into_iter().chain([format!("/api/clients/{client}/payments")]) {
        assert_eq!(stage.get(&format!("{list}?cursor={next}")).await.status, 400, "{list}");
    }
    for place in 0..next.len() {
        let mut other = next.clone().into_bytes();
        other[place] = if other[place] == b'0' { b'1' } else { b'0' };
        let other = String::from_utf8(other).unwrap();
        assert_eq!(stage.get(&format!("/api/clients?cursor={other}")).await.status, 400);
    }
}

/// Pages through a list while it grows, and returns what was seen.
async fn page_through(
    stage: &Stage,
    list: &str,
    field: &str,
    limit: u8,
    more: &[u8],
) -> Vec<String> {
    let (mut seen, mut cursor, mut more) = (Vec::new(), String::new(), more.iter().cycle());
    loop {
        let page = stage.get(&format!("{list}?limit={limit}{cursor}")).await.json;
        seen.extend(ids(&page, field));
        let Some(next) = page["next"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
        for _ in 0..*more.next().unwrap() {
            stage.order(&stage.add_client().await).await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_item_is_seen_twice_or_missed_while_others_are_added(
        at_first in 0_u8..9, limit in 1_u8..5, more in prop::collection::vec(0_u8..3, 1..4),
        moves in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stage = Stage::open().await;
            for _ in 0..at_first {
                stage.order(&stage.add_client().await).await;
                if moves {
                    stage.hand.advance(jiff::SignedDuration::from_millis(1));
                }
            }
            // With a clock that stands, all are of one instant.
            for (list, field) in [("/api/clients", "client_id"), ("/api/orders", "order_id")] {
                let there = ids(&stage.get(&format!("{list}?limit=200")).await.json, field);
                let seen = page_through(&stage, list, field, limit, &more).await;
                let mut once = seen.clone();
                once.sort();
                once.dedup();
                prop_assert_eq!(once.len(), seen.len());
                prop_assert!(there.iter().all(|id| seen.contains(id)));
            }
            Ok(())
        })?;
    }
}
