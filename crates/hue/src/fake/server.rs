//! The server.

use std::io;
use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response, StatusCode, request};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::house::Refused;
use super::{FakeBridge, Shared, State};

pub(super) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(stream, acceptor.clone(), Arc::clone(&shared)));
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    // Whoever does not like the certificate leaves.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    drop(connection.await);
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<bytes::Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let now = shared.clock.now();
    let mut state = shared.state();
    state.house.settle(now);
    let line = format!("{} {} {}", head.method, head.uri, String::from_utf8_lossy(&body));
    state.asked.push(line.trim_end().to_owned());
    let is_change = head.method == Method::PUT;
    let told = state.next.pop_front().or_else(|| state.next_change.pop_front_if(|_| is_change));
    let (status, answer) = match told.map(super::Refusal::answer) {
        Some(Some(answer)) => answer,
        Some(None) => {
            own_answer(&mut state, &head, &body, now);
            // What ends the connection without an answer.
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        None => own_answer(&mut state, &head, &body, now),
    };
    let mut response = Response::new(Full::from(answer));
    *response.status_mut() = status;
    Ok(response)
}

fn own_answer(
    state: &mut State,
    head: &request::Parts,
    body: &[u8],
    now: std::time::Instant,
) -> (StatusCode, String) {
    if head.uri.query().is_some() {
        return faults(StatusCode::BAD_REQUEST, &["unexpected query".into()], &json!([]));
    }
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/api/config") => (StatusCode::OK, config().to_string()),
        (&Method::POST, "/api") => (StatusCode::OK, new_key(state, head, body, now).to_string()),
        (method, path) => match path.strip_prefix("/clip/v2/resource/") {
            None => faults(StatusCode::NOT_FOUND, &["Not Found".into()], &json!([])),
            Some(_) if !state.keys.iter().any(|key| key == text(&head.headers, "hue-application-key")) => {
                faults(StatusCode::FORBIDDEN, &["forbidden".into()], &json!([]))
            }
            Some(resource) => resource_answer(state, method, resource, head, body, now),
        },
    }
}

fn resource_answer(
    state: &mut State,
    method: &Method,
    resource: &str,
    head: &request::Parts,
    body: &[u8],
    now: std::time::Instant,
) -> (StatusCode, String) {
    match (method, resource.split_once('/')) {
        (&Method::GET, None) => match state.house.all(resource) {
            Some(data) => faults(StatusCode::OK, &[], &data),
            None => faults(StatusCode::NOT_FOUND, &["Not Found".into()], &json!([])),
        },
        (&Method::PUT, Some((kind, id))) => {
            let change: Option<Value> = serde_json::from_slice(body).ok();
            let change = change.filter(|_| text(&head.headers, "content-type") == "application/json");
            let changed = match change {
                Some(change) => state.house.change(kind, id, &change, now),
                None => Err(Refused::Bad("invalid json".into())),
            };
            match changed {
                Ok(doubts) => {
                    let status = if doubts.is_empty() { StatusCode::OK } else { StatusCode::MULTI_STATUS };
                    faults(status, &doubts, &json!([{ "rid": id, "rtype": kind }]))
                }
                Err(Refused::Bad(why)) => faults(StatusCode::BAD_REQUEST, &[why], &json!([])),
                Err(Refused::Unknown) => faults(StatusCode::NOT_FOUND, &["Not Found".into()], &json!([])),
                Err(Refused::TooMany) => {
                    faults(StatusCode::TOO_MANY_REQUESTS, &["too many requests".into()], &json!([]))
                }
            }
        }
        _ => faults(StatusCode::METHOD_NOT_ALLOWED, &["method not allowed".into()], &json!([])),
    }
}

/// The envelope of every v2 answer.
fn faults(status: StatusCode, faults: &[String], data: &Value) -> (StatusCode, String) {
    let errors: Vec<Value> = faults.iter().map(|fault| json!({ "description": fault })).collect();
    (status, json!({ "errors": errors, "data": data }).to_string())
}

/// What the v1 API tells everybody.
fn config() -> Value {
    json!({
        "name": "Hue Bridge",
        "datastoreversion": "176",
        "swversion": "1975170000",
        "apiversion": "1.75.0",
        "mac": "00:17:88:23:bf:c2",
        "bridgeid": FakeBridge::ID.to_ascii_uppercase(),
        "factorynew": false,
        "replacesbridgeid": null,
        "modelid": "BSB002",
        "starterkitid": "",
    })
}

/// `POST /api`: a key for whoever says who he is while the button counts as pressed.
fn new_key(state: &mut State, head: &request::Parts, body: &[u8], now: std::time::Instant) -> Value {
    let error = |r#type: u32, address: &str, description: &str| json!([{ "error": { "type": r#type, "address": address, "description": description } }]);
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let names = ["devicetype", "generateclientkey"];
    let is_documented =
        body.as_object().is_some_and(|fields| fields.keys().all(|name| names.contains(&name.as_str())));
    if !is_documented || text(&head.headers, "content-type") != "application/json" {
        return error(2, "/", "body contains invalid json");
    }
    let device_type = body["devicetype"].as_str().and_then(|text| text.split_once('#'));
    let fits = |(application, device): &(&str, &str)| {
        (1..=20).contains(&application.len()) && (1..=19).contains(&device.len())
    };
    if device_type.filter(fits).is_none() {
        return error(7, "/devicetype", "invalid value for parameter, devicetype");
    }
    if state.pressed.is_none_or(|until| until < now) {
        return error(101, "/", "link button not pressed");
    }
    state.pressed = None;
    let key = format!("made-up-key-{}", state.keys.len());
    state.keys.push(key.clone());
    json!([{ "success": { "username": key } }])
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
