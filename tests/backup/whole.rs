//! The whole host.

use serde_json::json;

use crate::house::{House, files};

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_backed_up_with_all_its_clients() {
    let mut house = House::open(&[]).await;
    let salon = house.add_salon("salon_bot", 301).await;
    house.extend(&salon).await;
    let first = house.back_up().await;
    assert_eq!(first["clients"], json!(1), "{first}");
    assert_eq!(first["clients_carried"], json!(0));
    // The database, the client's.
    let second = house.back_up().await;
    assert_ne!(second["id"], first["id"]);
    let shown = house.backups().await;
    assert_eq!(shown["last"], second);
    assert_eq!(shown["trouble"], json!(null));
    assert!(files(&house.path("data/backups/passing")).is_empty());
    house.end().await;
    house.begin().await;
    assert_eq!(house.backups().await["last"], second);
    house.shut().await;
}
