//! Functions: what one is, who may call it, and a call.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde::Deserialize;

use crate::access::Service;
use crate::client::Client;
use crate::error::CallError;

/// Lambda's API has a version of its own for most that came later.
const VERSION: &str = "2015-03-31";
const URL_VERSION: &str = "2021-10-31";

/// Longest time for an answer: a function of porch's has its own within 8 s, and before that its image may have to be
/// fetched.
const LIMIT: Duration = Duration::from_secs(30);

/// Most bytes of an answer: Lambda passes on replies of up to 6 MB (AWS, "Lambda quotas").
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;

/// Most bytes of an answer about who may call a function: a policy has 20 KB at most (AWS, "Lambda quotas").
const POLICY_LIMIT: usize = 256 * 1024;

/// How a function is set up and whether it can be called, as `GetFunctionConfiguration` tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Configuration {
    /// The one instruction set, in Lambda's words.
    pub architectures: Vec<String>,
    /// `Image` or `Zip`, for ever.
    pub package_type: String,
    /// Memory in MB.
    pub memory_size: u32,
    /// `Active`, or `Failed` when it cannot be called.
    pub state: String,
    /// Why it is in that state.
    pub state_reason: String,
    /// `Successful`, or `Failed` when the former one is called still.
    pub last_update_status: String,
    /// Why that is so.
    pub last_update_status_reason: String,
}

/// What a function has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// `Handled` or `Unhandled` when it failed instead of replying.
    pub function_error: Option<String>,
    /// The reply, or a description of the failure.
    pub payload: Bytes,
    /// The end of its log for this event, at most 4 KB.
    pub log: String,
}

/// Lambda's `GetFunctionConfiguration`.
///
/// # Errors
/// When Lambda does not tell; [`CallError::Absent`] when there is no such function.
pub async fn configuration(client: &Client, function: &str) -> Result<Configuration, CallError> {
    let answer = get(client, function, "configuration", ANSWER_LIMIT).await?;
    serde_json::from_slice(answer.body()).map_err(|_| CallError::Malformed(Service::Lambda))
}

/// Who may call the function, or its version or alias `qualifier`; the text of a policy: Lambda's `GetPolicy`.
///
/// # Errors
/// When Lambda does not tell; [`CallError::Absent`] when nobody may, or there is no such function.
pub async fn policy(client: &Client, function: &str, qualifier: Option<&str>) -> Result<String, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        policy: String,
    }
    let of = qualifier.map_or_else(|| "policy".into(), |name| format!("policy?Qualifier={name}"));
    let answer = get(client, function, &of, POLICY_LIMIT).await?;
    let answer = serde_json::from_slice(answer.body());
    answer.map(|Answer { policy }| policy).map_err(|_| CallError::Malformed(Service::Lambda))
}

/// That the function has a URL of its own: Lambda's `GetFunctionUrlConfig`.
///
/// # Errors
/// When Lambda does not tell; [`CallError::Absent`] when it has none, or there is no such function.
pub async fn url(client: &Client, function: &str) -> Result<(), CallError> {
    let request = Request::builder().uri(of(client, URL_VERSION, function, "url"));
    send(client, request.body(Bytes::new())?, function, ANSWER_LIMIT).await.map(drop)
}

/// Has the function answer `event`: Lambda's `Invoke`, of which the caller waits for the end.
///
/// # Errors
/// When the function was not called; that it failed is in the answer.
pub async fn invoke(client: &Client, function: &str, event: Vec<u8>) -> Result<Invocation, CallError> {
    let request = request(client, Method::POST, function, "invocations").header("x-amz-log-type", "Tail");
    let answer = send(client, request.body(event.into())?, function, ANSWER_LIMIT).await?;
    Ok(Invocation {
        function_error: text(answer.headers(), "x-amz-function-error"),
        log: log(answer.headers()),
        payload: answer.into_body(),
    })
}

async fn get(client: &Client, function: &str, of: &str, limit: usize) -> Result<Response<Bytes>, CallError> {
    send(client, request(client, Method::GET, function, of).body(Bytes::new())?, function, limit).await
}

fn request(client: &Client, method: Method, function: &str, of: &str) -> http::request::Builder {
    Request::builder().method(method).uri(self::of(client, VERSION, function, of))
}

fn of(client: &Client, version: &str, function: &str, of: &str) -> String {
    let endpoint = client.access().endpoint(Service::Lambda).to_string();
    format!("{}/{version}/functions/{function}/{of}", endpoint.trim_end_matches('/'))
}

async fn send(
    client: &Client,
    request: Request<Bytes>,
    function: &str,
    limit: usize,
) -> Result<Response<Bytes>, CallError> {
    let answer = client.send(Service::Lambda, request, limit, LIMIT).await?;
    match answer.status() {
        StatusCode::OK => Ok(answer),
        StatusCode::NOT_FOUND => {
            Err(CallError::Absent(format!("function {function}, or nothing of the kind")))
        }
        status => Err(CallError::refused(Service::Lambda, status, answer.body())),
    }
}

fn log(headers: &HeaderMap) -> String {
    let log = headers.get("x-amz-log-result").and_then(|log| STANDARD.decode(log).ok());
    String::from_utf8_lossy(&log.unwrap_or_default()).into_owned()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_with_what_it_leaves_out() {
        let answer = r#"{"FunctionName": "porch-dev-bridge", "Architectures": ["arm64"], "MemorySize": 512,
            "PackageType": "Image",
            "State": "Active", "StateReason": "", "LastUpdateStatus": "Successful"}"#;
        let read: Configuration = serde_json::from_str(answer).expect("a configuration");
        let wanted = Configuration {
            architectures: vec!["arm64".into()],
            package_type: "Image".into(),
            memory_size: 512,
            state: "Active".into(),
            last_update_status: "Successful".into(),
            ..Configuration::default()
        };
        assert_eq!(read, wanted);
    }

    #[test]
    fn the_log_is_decoded_and_a_broken_one_is_none() {
        let log_of = |header: &'static str| {
            log(&HeaderMap::from_iter([(
                http::HeaderName::from_static("x-amz-log-result"),
                http::HeaderValue::from_static(header),
            )]))
        };
        assert_eq!(log_of("U1RBUlQKRU5E"), "START\nEND");
        assert_eq!((log_of("%"), log(&HeaderMap::new())), (String::new(), String::new()));
    }
}
