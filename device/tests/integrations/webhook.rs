//! URLs that are told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use device::integration::webhook::{Webhook, WebhookSettings};
use device::integration::{Done, Failure, Integration, Template};
use ring::hmac;
use serde_json::{Value, json};

use crate::{picture, press};

/// What was received, and what is answered.
#[derive(Clone)]
struct Receiver {
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answer: StatusCode,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.received.lock().expect("a lock").push((headers, body));
    receiver.answer
}

/// A webhook, and what it calls.
async fn webhook(answer: StatusCode, json: Template) -> (Arc<Webhook>, Receiver) {
    let receiver = Receiver { received: Arc::default(), answer };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let router = Router::new().route("/rung", axum::routing::post(receive)).with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (at(&format!("http://127.0.0.1:{port}/rung?token=1"), json), receiver)
}

fn at(url: &str, json: Template) -> Arc<Webhook> {
    let settings = WebhookSettings { url: url.parse().expect("a url"), json, key: Some("made-up".into()) };
    Arc::new(Webhook::new(settings).expect("a webhook"))
}

#[tokio::test]
async fn a_press_is_delivered_as_json_with_a_signature() {
    let template = Template::parse(json!({"text": "{bell_name}!", "at": "{time}"})).expect("a template");
    let (webhook, receiver) = webhook(StatusCode::NO_CONTENT, template).await;
    let done = webhook.tell(press()).await;
    assert_eq!(done, Ok(Done::new("127.0.0.1 answered 204 No Content")));
    let (headers, body) = receiver.received.lock().expect("a lock").remove(0);
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["porch-event"], "press");
    assert_eq!(headers["porch-delivery"], "front-door-7-press");
    let value: Value = serde_json::from_slice(&body).expect("json");
    assert_eq!(value, json!({"text": "Front door!", "at": "2026-12-01T08:15:30Z"}));
    let signature = headers["porch-signature"].to_str().expect("text");
    let (time, digits) = signature.strip_prefix("t=").expect("a time").split_once(",v1=").expect("two parts");
    let digits: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits"))
        .collect();
    let signed = [format!("{time}.").as_bytes(), &body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"made-up");
    hmac::verify(&key, &signed, &digits).expect("it is from here");
}

#[tokio::test]
async fn a_picture_is_delivered_as_it_is() {
    let (webhook, receiver) = webhook(StatusCode::OK, Template::everything()).await;
    webhook.tell(picture(1000)).await.expect("it is delivered");
    let (headers, body) = receiver.received.lock().expect("a lock").remove(0);
    assert_eq!((&headers["content-type"], body.len()), (&"image/jpeg".parse().expect("a value"), 1000));
}

#[tokio::test]
async fn only_what_has_not_arrived_is_worth_another_try() {
    for (status, is_passing) in
        [(400, false), (404, false), (429, true), (500, false), (502, false), (503, true)]
    {
        let answer = StatusCode::from_u16(status).expect("a status");
        let (webhook, _) = webhook(answer, Template::everything()).await;
        let failure = webhook.tell(press()).await.expect_err("it is refused");
        assert_eq!(matches!(failure, Failure::Passing(_)), is_passing, "{status}");
        assert_eq!(failure.told(), format!("127.0.0.1 answered {answer}"));
    }
    // Nobody listens on a port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let webhook = at(&url, Template::everything());
    assert!(matches!(webhook.tell(press()).await, Err(Failure::Passing(_))));
}

#[test]
fn its_key_is_shown_nowhere() {
    let webhook = at("https://example.org/", Template::everything());
    assert!(!format!("{webhook:?}").contains("made-up"));
}
