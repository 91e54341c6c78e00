//! What functions log, in CloudWatch: read by group, and written as Lambda writes it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEvent {
    /// Milliseconds since 1970.
    pub timestamp: u64,
    /// The line, with the newline it may end with.
    pub message: String,
    /// The same for the same line, whenever it is read.
    #[serde(rename = "eventId")]
    pub id: String,
}

/// A part of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Lines, those of one environment in their order. A page may be empty and yet not the last.
    #[serde(default)]
    pub events: Vec<LogEvent>,
    /// Asks for the next part; there is none after the last.
    pub next_token: Option<String>,
}

/// A line to be written.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Line<'a> {
    /// Milliseconds since 1970.
    pub timestamp: u64,
    /// The line.
    pub message: &'a str,
}

/// The lines of the log `group` since `since`, in milliseconds since 1970: CloudWatch's `FilterLogEvents`. `token` is that
/// of the page before.
///
/// # Errors
/// When CloudWatch does not give them; its class is `Absent` when there is no such log.
pub async fn page(client: &Client, group: &str, since: u64, token: Option<&str>) -> Result<Page, CallError> {
    let mut wanted = json!({ "logGroupName": group, "startTime": since });
    if let Some(token) = token {
        wanted["nextToken"] = token.into();
    }
    let answer = call(client, "Logs_20140328.FilterLogEvents", &wanted).await?;
    serde_json::from_slice(&answer).map_err(|_| CallError::Malformed(Service::Logs))
}

/// Whether there is a log `group` (CloudWatch's `DescribeLogGroups`; of the groups whose names begin so, it tells this one
/// first, since it sorts them).
///
/// # Errors
/// When CloudWatch does not tell.
pub async fn has_group(client: &Client, group: &str) -> Result<bool, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        log_groups: Vec<Group>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Group {
        log_group_name: String,
    }
    let answer =
        call(client, "Logs_20140328.DescribeLogGroups", &json!({ "logGroupNamePrefix": group })).await?;
    let Answer { log_groups } =
        serde_json::from_slice(&answer).map_err(|_| CallError::Malformed(Service::Logs))?;
    Ok(log_groups.iter().any(|found| found.log_group_name == group))
}

/// Makes the stream `stream` in `group`, if it is not there already.
///
/// # Errors
/// When CloudWatch does not make it.
pub async fn create_stream(client: &Client, group: &str, stream: &str) -> Result<(), CallError> {
    let wanted = json!({ "logGroupName": group, "logStreamName": stream });
    match call(client, "Logs_20140328.CreateLogStream", &wanted).await {
        Err(CallError::Refused { kind, .. }) if kind == "ResourceAlreadyExistsException" => Ok(()),
        made => made.map(drop),
    }
}

/// Writes lines, the oldest first, at most 10,000 and 1 MB of them (CloudWatch's `PutLogEvents`).
///
/// # Errors
/// When CloudWatch does not take them.
pub async fn put(client: &Client, group: &str, stream: &str, lines: &[Line<'_>]) -> Result<(), CallError> {
    let wanted = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": lines });
    call(client, "Logs_20140328.PutLogEvents", &wanted).await.map(drop)
}

async fn call(client: &Client, target: &'static str, wanted: &Value) -> Result<Bytes, CallError> {
    client.call(Call { service: Service::Logs, target: Some(target), body: wanted.to_string() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_whether_or_not_it_is_the_last() {
        let answer = r#"{"events": [{"logStreamName": "2026/11/29/[$LATEST]1", "timestamp": 1764000000123,
            "message": "START\n", "ingestionTime": 1764000000200, "eventId": "38"}],
            "searchedLogStreams": [], "nextToken": "more"}"#;
        let read: Page = serde_json::from_str(answer).expect("a page");
        let event = LogEvent { timestamp: 1_764_000_000_123, message: "START\n".into(), id: "38".into() };
        assert_eq!(read, Page { events: vec![event], next_token: Some("more".into()) });
        let last: Page = serde_json::from_str(r#"{"searchedLogStreams": []}"#).expect("a page");
        assert_eq!(last, Page { events: Vec::new(), next_token: None });
    }
}
