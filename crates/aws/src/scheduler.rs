//! Schedules.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::access::Service;
use crate::client::Client;
use crate::error::CallError;

/// Longest time for an answer, and most bytes of it.
const LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: usize = 64 * 1024;

/// That there is a schedule `name` in the group that every account has (EventBridge Scheduler's `GetSchedule`).
///
/// # Errors
/// When the scheduler does not tell; its class is `Absent` when there is none.
pub async fn schedule(client: &Client, name: &str) -> Result<(), CallError> {
    let endpoint = client.access().endpoint(Service::Scheduler).to_string();
    let request = Request::get(format!("{}/schedules/{name}", endpoint.trim_end_matches('/')));
    let answer = client.send(Service::Scheduler, request.body(Bytes::new())?, ANSWER_LIMIT, LIMIT).await?;
    match answer.status() {
        StatusCode::OK => Ok(()),
        StatusCode::NOT_FOUND => Err(CallError::Absent(format!("schedule {name}"))),
        status => Err(CallError::refused(Service::Scheduler, status, answer.body())),
    }
}
