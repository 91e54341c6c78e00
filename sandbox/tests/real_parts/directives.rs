//! Events through the deployed function and the tailnet, and what is answered when they cannot be.

use std::time::{Duration, Instant};

use sandbox::parts::headscale::Headscale;
use sandbox::parts::home_assistant;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::rig::{Deployed, Stopped, deployed, reply, rig, turn_on};

/// An error's type as Alexa is told it, or `none` when the reply is no error.
fn error_type(event: &Value) -> &str {
    match event["event"]["header"]["name"].as_str() {
        Some("ErrorResponse") => event["event"]["payload"]["type"].as_str().unwrap(),
        _ => "none",
    }
}

async fn check(deployed: &Deployed, event: impl Into<Vec<u8>>, wanted: &str) {
    let invocation = deployed.invoke(event).await;
    let event = reply(&invocation);
    assert_eq!(error_type(&event), wanted, "{event}\n{}", invocation.log);
}

#[tokio::test]
async fn what_is_no_directive_is_answered_as_such() {
    let (rig, deployed) = (rig().await, deployed().await);
    for event in ["null", "{}", "[1]", "\"text\"", r#"{"directive":{"header":{"namespace":7}}}"#] {
        check(deployed, event, "INVALID_DIRECTIVE").await;
    }
    let mut huge = turn_on(&rig.running.access.token);
    huge["directive"]["payload"]["padding"] = json!("x".repeat(1 << 20));
    check(deployed, huge.to_string(), "INVALID_DIRECTIVE").await;
    // Lambda itself takes only JSON.
    assert_eq!(deployed.invoke("not json").await.status, 400);
}

#[tokio::test]
async fn a_token_that_home_assistant_does_not_know_is_a_credential_error() {
    let deployed = deployed().await;
    check(deployed, turn_on(&"made-up".into()).to_string(), "INVALID_AUTHORIZATION_CREDENTIAL").await;
}

#[tokio::test]
async fn a_new_environment_and_a_thawed_one_answer() {
    let (rig, deployed) = (rig().await, deployed().await);
    let event = turn_on(&rig.running.access.token).to_string();
    deployed.lambda.retire(&deployed.function()).await.unwrap();
    check(deployed, event.clone(), "none").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let environment = deployed.lambda.environment(&deployed.function(), 0).await.unwrap().unwrap();
    assert!(environment.frozen_since.is_some(), "between directives it is frozen");
    check(deployed, event, "none").await;
}

#[tokio::test]
async fn an_environment_that_ends_leaves_no_node_in_the_tailnet() {
    let (rig, deployed) = (rig().await, deployed().await);
    let server = Headscale::new(&rig.sandbox.layout, &rig.tools);
    let nodes = async || server.count_nodes("porch-bridge").await.unwrap();
    deployed.lambda.retire(&deployed.function()).await.unwrap();
    let before = nodes().await;
    check(deployed, turn_on(&rig.running.access.token).to_string(), "none").await;
    assert_eq!(nodes().await, before + 1);
    deployed.lambda.retire(&deployed.function()).await.unwrap();
    let until = Instant::now() + Duration::from_secs(5);
    while nodes().await > before {
        assert!(Instant::now() < until, "its node is still there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn whatever_home_assistant_does_alexa_is_answered_in_time() {
    let (rig, deployed) = (rig().await, deployed().await);
    let event = turn_on(&rig.running.access.token).to_string();
    check(deployed, event.clone(), "none").await;
    let stopped = Stopped::stop(rig);
    check(deployed, event.clone(), "BRIDGE_UNREACHABLE").await;

    let status = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    };
    for (answer, then, wanted) in [
        (status("401 Unauthorized", ""), Then::Close, "INVALID_AUTHORIZATION_CREDENTIAL"),
        (status("500 Internal Server Error", "oops"), Then::Close, "INTERNAL_ERROR"),
        (status("200 OK", "<!DOCTYPE html><html></html>"), Then::Close, "INTERNAL_ERROR"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"event\"".into(),
            Then::Close,
            "BRIDGE_UNREACHABLE",
        ),
        (String::new(), Then::KeepSilent, "BRIDGE_UNREACHABLE"),
    ] {
        let listener = TcpListener::bind(("127.0.0.1", home_assistant::PORT)).await.unwrap();
        let server = tokio::spawn(pretend(listener, answer, then));
        let began = Instant::now();
        check(deployed, event.clone(), wanted).await;
        // Lambda would have ended it after 8 s, and Alexa would have given up.
        assert!(began.elapsed() < Duration::from_secs(8));
        server.abort();
        let _ = server.await;
    }
    stopped.start_again().await;
    check(deployed, event, "none").await;
}

/// What a pretender does after its answer.
#[derive(Clone, Copy)]
enum Then {
    Close,
    KeepSilent,
}

/// Takes each request, answers with `answer`, whatever was asked, and then does what `then` says.
async fn pretend(listener: TcpListener, answer: String, then: Then) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let answer = answer.clone();
        tokio::spawn(async move {
            let _ = stream.read(&mut [0; 16384]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            if let Then::KeepSilent = then {
                tokio::time::sleep(Duration::from_secs(20)).await;
            }
        });
    }
}
