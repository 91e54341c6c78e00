//! The server.

use std::io;
use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response, StatusCode, request};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::form_urlencoded;

use super::customers::Refused;
use super::{Shared, State, Told};
use crate::event::AlexaEvent;

type Answer = Response<Full<bytes::Bytes>>;

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        let service = service_fn(move |request| answer(request, shared.clone()));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(async { drop(connection.await) });
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Answer, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let mut state = shared.state();
    let told = state.next.pop_front();
    let (status, answer) = match told {
        Some(Told::Answer(status, answer)) => {
            state.asked.push(head.uri.path().to_owned());
            (status, answer)
        }
        Some(Told::LostAnswer) => {
            own_answer(&mut state, &head, &body);
            // What ends the connection without an answer.
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        None => own_answer(&mut state, &head, &body),
    };
    let mut response = Response::new(Full::from(answer));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    Ok(response)
}

fn own_answer(state: &mut State, head: &request::Parts, body: &[u8]) -> (u16, String) {
    let bearer = text(&head.headers, "authorization").strip_prefix("Bearer ").unwrap_or_default();
    let path = head.uri.path();
    if head.uri.query().is_some() {
        // So Amazon answers parameters that are not in the body.
        return (500, "{}".to_owned());
    }
    match (&head.method, path) {
        (&Method::POST, "/auth/o2/token") => {
            let form = form_urlencoded::parse(body).into_owned().collect();
            state.asked.push(format!("{path} {}", text_of(&form, "grant_type")));
            let content_type = text(&head.headers, "content-type");
            if content_type != "application/x-www-form-urlencoded;charset=UTF-8" {
                return oauth(Err((400, "invalid_request", "unexpected content type")));
            }
            oauth(state.customers.tokens(&form))
        }
        (&Method::GET, "/user/profile") => {
            state.asked.push(path.to_owned());
            oauth(state.customers.profile(bearer))
        }
        (&Method::POST, "/v3/events") => {
            state.asked.push(path.to_owned());
            event(state, head, bearer, body)
        }
        _ => (404, String::new()),
    }
}

/// Takes an event of porch's, by a token that is good, which stands in the event's scope as well.
fn event(state: &mut State, head: &request::Parts, bearer: &str, body: &[u8]) -> (u16, String) {
    if state.customers.owner(bearer).is_none() {
        return (401, exception("INVALID_ACCESS_TOKEN_EXCEPTION"));
    }
    let event: Value = serde_json::from_slice(body).unwrap_or_default();
    let scopes = ["/event/endpoint/scope/token", "/event/payload/scope/token"];
    let scoped = scopes.iter().filter_map(|scope| event.pointer(scope)).any(|token| token == bearer);
    let json = text(&head.headers, "content-type") == "application/json";
    if !scoped || !json || serde_json::from_value::<AlexaEvent>(event.clone()).is_err() {
        return (400, exception("INVALID_REQUEST_EXCEPTION"));
    }
    state.events.push(event);
    (202, String::new())
}

/// The body of the gateway's errors.
pub(super) fn exception(code: &str) -> String {
    json!({
        "header": {"namespace": "System", "name": "Exception", "messageId": "90c3fc62-4b2d-460c-9c8b-77251f1698a0"},
        "payload": {"code": code, "description": "The request was refused."},
    })
    .to_string()
}

fn oauth(outcome: Result<Value, Refused>) -> (u16, String) {
    match outcome {
        Ok(answer) => (200, answer.to_string()),
        Err((status, error, description)) => {
            (status, json!({ "error": error, "error_description": description }).to_string())
        }
    }
}

fn text_of<'a>(form: &'a std::collections::HashMap<String, String>, name: &str) -> &'a str {
    form.get(name).map(String::as_str).unwrap_or_default()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
