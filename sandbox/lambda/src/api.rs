//! The runner's HTTP API: Lambda's Invoke, and what only a machine of one's own can offer.
//!
//! | request | answer |
//! |---|---|
//! | `POST /2015-03-31/functions/{name}/invocations` | the function's reply; `X-Amz-Function-Error`, `X-Amz-Executed-Version`, `X-Amz-Log-Result` (with `X-Amz-Log-Type: Tail`), `Server-Timing`. `X-Environment: NUMBER` asks one of the function's environments, 0 to 63, the first when absent |
//! | `POST /environments/{name}/retire` | `{"retired": true}` when the function had an environment; all of them end |
//! | `GET /environments` | a list of [`Listed`](crate::functions::Listed) |
//! | `GET /healthz` | `ok` |

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::environment::namespaces;
use crate::environment::number::Number;
use crate::failure::{InvokeError, LARGEST_EVENT};
use crate::functions::{Functions, Invoked, Phases};
use crate::settings::Settings;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A body larger than this is cut off instead of read to its end before the refusal.
const LARGEST_READ: usize = 64 << 20;

/// Serves until SIGTERM or Ctrl-C, then ends every environment.
pub fn run(settings: Settings) -> Result<(), AnyError> {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return Err("another TLS provider was installed already".into());
    }
    tokio::runtime::Runtime::new()?.block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<(), AnyError> {
    namespaces::try_out().await?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let address = settings.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; stop what does, or use --listen"))?;
    let functions = Arc::new(Functions::new(settings)?);
    tracing::info!(%address, "lambda-runner is ready");
    let served = tokio::select! {
        served = axum::serve(listener, router(Arc::clone(&functions))) => served,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    functions.end().await;
    Ok(served?)
}

fn router(functions: Arc<Functions>) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .route("/environments", get(list))
        .route("/environments/{name}/retire", post(retire))
        .route("/healthz", get(async || "ok\n"))
        .with_state(functions)
}

async fn invoke(
    State(functions): State<Arc<Functions>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let wants_log = request.headers().get("x-amz-log-type").is_some_and(|kind| kind == "Tail");
    match check_and_invoke(&functions, &name, request).await {
        Ok(invoked) => reply(invoked, wants_log),
        Err(error) => refuse(&error),
    }
}

async fn check_and_invoke(
    functions: &Arc<Functions>,
    name: &str,
    request: Request,
) -> Result<Invoked, InvokeError> {
    let name = function_name(name)?.to_owned();
    check_support(request.headers(), request.uri().query())?;
    let number = environment_number(request.headers())?;
    let event = read_event(request.into_body()).await?;
    let invoked = functions.invoke(&name, number, event).await;
    if let Err(error) = &invoked {
        tracing::warn!(function = name, %error, "not invoked");
    }
    invoked
}

async fn retire(State(functions): State<Arc<Functions>>, Path(name): Path<String>) -> Response {
    match function_name(&name) {
        Ok(name) => {
            let retired = functions.retire(name).await;
            answer(StatusCode::OK, json!({"retired": retired}).to_string())
        }
        Err(error) => refuse(&error),
    }
}

async fn list(State(functions): State<Arc<Functions>>) -> Response {
    answer(StatusCode::OK, json!(functions.list()).to_string())
}

fn reply(invoked: Invoked, wants_log: bool) -> Response {
    let mut response = answer(StatusCode::OK, invoked.answer.body);
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: String| {
        // Base64, numbers and Lambda's version names are all header values.
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    };
    set("x-amz-executed-version", invoked.version);
    set("server-timing", server_timing(&invoked.phases));
    if invoked.answer.is_error {
        set("x-amz-function-error", "Unhandled".to_owned());
    }
    if wants_log {
        set("x-amz-log-result", STANDARD.encode(invoked.log));
    }
    response
}

fn refuse(error: &InvokeError) -> Response {
    let (status, code) = error.code();
    let mut response = answer(status, error.body());
    response.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static(code));
    response
}

fn answer(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

/// `NAME`, or the ARN that ends in it. It becomes a part of paths, so nothing else passes.
fn function_name(text: &str) -> Result<&str, InvokeError> {
    let name = match text.strip_prefix("arn:") {
        Some(arn) => arn.rsplit_once(":function:").map_or("", |(_, name)| name),
        None => text,
    };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(is_allowed) {
        Ok(name)
    } else {
        Err(InvokeError::WrongName(text.to_owned()))
    }
}

fn check_support(headers: &HeaderMap, query: Option<&str>) -> Result<(), InvokeError> {
    match headers.get("x-amz-invocation-type").map(http::HeaderValue::as_bytes) {
        None | Some(b"RequestResponse") => {}
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            return Err(InvokeError::Unsupported(format!("invocation type {other}")));
        }
    }
    match query {
        None | Some("" | "Qualifier=$LATEST" | "Qualifier=%24LATEST") => Ok(()),
        Some(other) => Err(InvokeError::Unsupported(other.to_owned())),
    }
}

fn environment_number(headers: &HeaderMap) -> Result<Number, InvokeError> {
    let Some(header) = headers.get("x-environment") else { return Ok(Number::default()) };
    let text = String::from_utf8_lossy(header.as_bytes());
    let none =
        || InvokeError::Unsupported(format!("environment `{text}` (there are 0 to {})", Number::COUNT - 1));
    Number::parse(&text).ok_or_else(none)
}

/// The whole body, when it is JSON and not too large; nothing is `{}`, as for Lambda.
async fn read_event(body: Body) -> Result<Vec<u8>, InvokeError> {
    let (mut event, mut size) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(InvokeError::BrokenOff)?;
        size += chunk.len();
        // A caller that is still sending would miss the refusal: it is read to its end, but not kept.
        if size <= LARGEST_EVENT {
            event.extend_from_slice(&chunk);
        } else if size > LARGEST_READ {
            break;
        }
    }
    if size > LARGEST_EVENT {
        return Err(InvokeError::TooLarge);
    }
    if event.is_empty() {
        event.extend_from_slice(b"{}");
    }
    serde_json::from_slice::<IgnoredAny>(&event).map_err(InvokeError::NotJson)?;
    Ok(event)
}

/// The phases in milliseconds, as `Server-Timing` has them (W3C).
fn server_timing(phases: &Phases) -> String {
    let named = [
        ("configuration", Some(phases.configuration)),
        ("queue", Some(phases.queue)),
        ("thaw", phases.thaw),
        ("prepare", phases.prepare),
        ("start", phases.start),
        ("invoke", Some(phases.invoke)),
    ];
    let mut text = String::new();
    for (name, duration) in named {
        if let Some(duration) = duration {
            let comma = if text.is_empty() { "" } else { ", " };
            write!(text, "{comma}{name};dur={:.3}", duration.as_secs_f64() * 1000.0)
                .expect("writing to a string cannot fail");
        }
    }
    text
}
