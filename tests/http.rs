//! The HTTP doors at the wire: a real listener, a real store, and the simulated outside.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed and says where"
)]

#[path = "http/answers.rs"]
mod answers;
#[path = "http/defects.rs"]
mod defects;
#[path = "http/health.rs"]
mod health;
#[path = "http/life.rs"]
mod life;
#[path = "http/limits.rs"]
mod limits;
#[path = "http/lists.rs"]
mod lists;
#[path = "http/nonsense.rs"]
mod nonsense;
#[path = "http/page.rs"]
mod page;
#[path = "http/repeats.rs"]
mod repeats;
#[path = "http/schema.rs"]
mod schema;
#[path = "http/secrets.rs"]
mod secrets;
#[path = "http/spec.rs"]
mod spec;
#[path = "http/stage.rs"]
mod stage;
#[path = "http/webhook.rs"]
mod webhook;
