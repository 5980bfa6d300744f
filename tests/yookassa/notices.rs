//! Notifications: what is posted, how often, and how it goes wrong.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::SignedDuration;
use serde_json::Value;
use slotbox::external::yookassa::{Notification, parse_notification};
use slotbox::sandbox::yookassa::{Card, NoticeFault, ShopEvent};
use tokio::net::TcpListener;

use crate::{Stage, until};

/// Takes notifications, first with these answers, then with 200.
#[derive(Clone, Default)]
struct Receiver {
    answers: Arc<Mutex<VecDeque<u16>>>,
    bodies: Arc<Mutex<Vec<Bytes>>>,
}

impl Receiver {
    async fn of(stage: &Stage, answers: &[u16]) -> Self {
        let receiver = Self::default();
        receiver.answers.lock().unwrap().extend(answers);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stage.shop.notify_url(Some(format!("http://{address}/hook")));
        receiver
    }

    fn events(&self) -> Vec<String> {
        let bodies = self.bodies.lock().unwrap();
        let event = |body: &Bytes| serde_json::from_slice::<Value>(body).unwrap()["event"].clone();
        bodies.iter().map(|body| event(body).as_str().unwrap().to_owned()).collect()
    }

    async fn has(&self, events: &[&str]) {
        until(&format!("{events:?}"), || self.events().len() >= events.len()).await;
        assert_eq!(self.events(), events);
    }
}

async fn take(State(receiver): State<Receiver>, body: Bytes) -> StatusCode {
    receiver.bodies.lock().unwrap().push(body);
    let answer = receiver.answers.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap()
}

const SUCCEEDED: &str = "payment.succeeded";

async fn paid(stage: &Stage, number: u8) -> String {
    let id = stage.order(number).await.id.to_string();
    stage.shop.pay(&id, Card::Ok).unwrap();
    id
}

#[tokio::test]
async fn a_payment_and_its_refund_are_told() {
    let stage = Stage::set().await;
    let receiver = Receiver::of(&stage, &[]).await;
    let id = paid(&stage, 1).await;
    receiver.has(&[SUCCEEDED]).await;
    let refund = stage.shop.refund_in_cabinet(&id, None).unwrap();
    receiver.has(&[SUCCEEDED, "refund.succeeded"]).await;
    let bodies = receiver.bodies.lock().unwrap().clone();
    let payment = id.parse().unwrap();
    assert_eq!(parse_notification(&bodies[0]), Ok(Notification::Payment(payment)));
    let (refund, payment) = (refund.parse().unwrap(), id.parse().ok());
    assert_eq!(parse_notification(&bodies[1]), Ok(Notification::Refund { refund, payment }));
}

#[tokio::test]
async fn an_hour_without_payer_is_told_unasked() {
    let stage = Stage::set().await;
    let receiver = Receiver::of(&stage, &[]).await;
    stage.order(1).await;
    tokio::task::yield_now().await;
    stage.hand.advance(SignedDuration::from_hours(1));
    receiver.has(&["payment.canceled"]).await;
}

#[tokio::test]
async fn a_notification_comes_again_until_it_is_taken() {
    let stage = Stage::set().await;
    let receiver = Receiver::of(&stage, &[500, 404, 301, 202, 400, 503, 429]).await;
    paid(&stage, 1).await;
    let mut expected = vec![SUCCEEDED];
    receiver.has(&expected).await;
    for gap in [10, 42, 84, 168, 672, 5_376, 86_016] {
        let answered = expected.len();
        until("the answer", || notified(&stage) == answered).await;
        let_pass().await;
        stage.hand.advance(SignedDuration::from_secs(gap - 1));
        let_pass().await;
        assert_eq!(receiver.events(), expected, "not before its time");
        stage.hand.advance(SignedDuration::from_secs(1));
        expected.push(SUCCEEDED);
        receiver.has(&expected).await;
    }
    stage.hand.advance(SignedDuration::from_hours(100));
    let_pass().await;
    assert_eq!(receiver.events(), expected, "not once it is taken");
}

fn notified(stage: &Stage) -> usize {
    let events = stage.shop.events();
    events.iter().filter(|event| matches!(event, ShopEvent::Notified { .. })).count()
}

/// Lets the shop's tasks do what they would do now.
async fn let_pass() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

#[tokio::test]
async fn notifications_go_wrong_as_told() {
    let stage = Stage::set().await;
    let receiver = Receiver::of(&stage, &[]).await;
    let faults = stage.shop.faults();
    faults.notice_once(NoticeFault::Lose);
    paid(&stage, 1).await;
    assert!(matches!(stage.shop.events().last(), Some(ShopEvent::NoticeLost { .. })));
    faults.notice_once(NoticeFault::Duplicate);
    paid(&stage, 2).await;
    receiver.has(&[SUCCEEDED; 2]).await;
    faults.notice_once(NoticeFault::Stale);
    paid(&stage, 3).await;
    let late = "payment.waiting_for_capture";
    receiver.has(&[SUCCEEDED, SUCCEEDED, SUCCEEDED, late]).await;
    faults.notice_once(NoticeFault::Late(SignedDuration::from_mins(5)));
    paid(&stage, 4).await;
    let_pass().await;
    assert_eq!(receiver.events().len(), 4);
    stage.hand.advance(SignedDuration::from_mins(5));
    receiver.has(&[SUCCEEDED, SUCCEEDED, SUCCEEDED, late, SUCCEEDED]).await;
}

#[tokio::test]
async fn notifications_overtake_each_other() {
    let stage = Stage::set().await;
    let receiver = Receiver::of(&stage, &[]).await;
    stage.shop.faults().notice_once(NoticeFault::AfterNext);
    let id = paid(&stage, 1).await;
    stage.shop.refund_in_cabinet(&id, None).unwrap();
    receiver.has(&["refund.succeeded", SUCCEEDED]).await;
}

#[tokio::test]
async fn nothing_is_posted_where_no_address_is_set() {
    let stage = Stage::set().await;
    paid(&stage, 1).await;
    let receiver = Receiver::of(&stage, &[]).await;
    paid(&stage, 2).await;
    receiver.has(&[SUCCEEDED]).await;
}
