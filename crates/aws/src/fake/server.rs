//! The server: it looks at the signature first, then at who is asked.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header, request};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use time::PrimitiveDateTime;
use time::format_description::parse_borrowed;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{FakeAws, Refusal, Shared, State, account, identity, objects, parameters, tables};
use crate::access::{Credentials, Region, Service};
use crate::call::sign_request;

/// `X-Amz-Date`.
const DATE: &str = "[year][month][day]T[hour][minute][second]Z";

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.state().connections += 1;
        let shared = shared.clone();
        let service = service_fn(move |request| answer(request, shared.clone()));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(async { drop(connection.await) });
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let service = service(&head);
    let mut state = shared.state();
    let told = state.next.pop_front();
    if let Some(told) = told.as_ref().filter(|told| **told != Refusal::LostAnswer) {
        return Ok(refusal(service, told));
    }
    let answered = own_answer(&mut state, service, &head, &body);
    if told.is_some() {
        // What ends the connection without an answer.
        return Err(std::io::ErrorKind::ConnectionReset.into());
    }
    Ok(answered)
}

/// The service that the request is signed for.
fn service(head: &request::Parts) -> Option<Service> {
    let signed = text(&head.headers, "authorization");
    Service::ALL.into_iter().find(|service| signed.contains(&format!("/{}/aws4_request", service.name())))
}

fn refusal(service: Option<Service>, refusal: &Refusal) -> Response<Full<Bytes>> {
    response(if service == Some(Service::S3) { refusal.xml() } else { refusal.json() })
}

fn response((status, body): (StatusCode, String)) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}

/// Refuses what is not signed for the service that is asked.
fn own_answer(
    state: &mut State,
    service: Option<Service>,
    head: &request::Parts,
    body: &Bytes,
) -> Response<Full<Bytes>> {
    let Some(service) = service else { return response((StatusCode::FORBIDDEN, String::new())) };
    if signature(head, service, body).is_none() {
        return refusal(Some(service), &Refusal::WrongSignature);
    }
    if service == Service::S3 {
        return objects::answer(state, head, body);
    }
    if service == Service::Lambda {
        return response(account::functions(state, head.uri.path()));
    }
    if service == Service::Scheduler {
        return response(account::schedules(state, head.uri.path()));
    }
    response(operation(state, service, head, &String::from_utf8_lossy(body)))
}

/// What services answer whose every call is a POST to the same place.
fn operation(state: &mut State, service: Service, head: &request::Parts, body: &str) -> (StatusCode, String) {
    if head.method != Method::POST || head.uri != "/" {
        return Refusal::WrongSignature.json();
    }
    let (target, content_type) = (text(&head.headers, "x-amz-target"), text(&head.headers, "content-type"));
    let answered = match (service, content_type) {
        (Service::DynamoDb, "application/x-amz-json-1.0") => tables::answer(state, target, body),
        (Service::Ssm, "application/x-amz-json-1.1") => parameters::answer(state, target, body),
        (Service::Ecr, "application/x-amz-json-1.1") => account::repositories(state, target, body),
        (Service::Logs, "application/x-amz-json-1.1") => account::log_groups(state, target, body),
        (Service::Iam, "application/x-www-form-urlencoded") => return account::principals(state, body),
        (Service::Sts, "application/x-www-form-urlencoded") => return identity::answer(state, body),
        (_, _) => Err(Refusal::Invalid(format!("unexpected content type {content_type}"))),
    };
    match answered {
        Ok(answer) => (StatusCode::OK, answer.to_string()),
        Err(refusal) => refusal.json(),
    }
}

/// `Some` if the request has the signature that it should.
fn signature(head: &request::Parts, service: Service, body: &Bytes) -> Option<()> {
    let host = text(&head.headers, "host");
    let mut again = Request::builder().method(&head.method).uri(format!("http://{host}{}", head.uri));
    for name in ["content-type", "x-amz-checksum-mode", "x-amz-checksum-sha256", "x-amz-target"] {
        if let Some(value) = head.headers.get(name) {
            again = again.header(name, value);
        }
    }
    let mut again = again.body(body.clone()).ok()?;
    let format = parse_borrowed::<2>(DATE).ok()?;
    let date = PrimitiveDateTime::parse(text(&head.headers, "x-amz-date"), &format).ok()?;
    let session_token = Some(text(&head.headers, "x-amz-security-token")).filter(|token| !token.is_empty());
    let credentials = Credentials {
        access_key_id: FakeAws::ACCESS_KEY_ID.to_owned(),
        secret_access_key: FakeAws::SECRET_ACCESS_KEY.into(),
        session_token: session_token.map(Into::into),
    };
    let region = Region::parse(FakeAws::REGION)?;
    sign_request(&mut again, service, &region, &credentials, SystemTime::from(date.assume_utc())).ok()?;
    let same = again.headers().get(header::AUTHORIZATION) == head.headers.get(header::AUTHORIZATION);
    same.then_some(())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
