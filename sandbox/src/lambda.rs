//! Client of the Lambda runner: Lambda's Invoke API, and what the runner adds to see and end environments.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::http;
use crate::parts::lambda_runner::{URL, URL_ABROAD};
use crate::procfs;

/// A function answers within 8 s; the first invocation of a new image also pulls and unpacks it.
const INVOCATION: Duration = Duration::from_secs(120);

/// The running Lambda runner.
#[derive(Clone, Debug)]
pub struct Lambda {
    client: reqwest::Client,
    url: &'static str,
}

/// What came back for one event.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The HTTP status: 200 also when the function failed, 400 when the event was refused.
    pub status: u16,
    /// `Handled` or `Unhandled` when the function failed instead of replying.
    pub function_error: Option<String>,
    /// The reply, or the description of the failure.
    pub payload: Vec<u8>,
    /// The end of the function's log for this event.
    pub log: String,
}

impl From<aws::lambda::Invocation> for Invocation {
    fn from(invocation: aws::lambda::Invocation) -> Self {
        let aws::lambda::Invocation { function_error, payload, log } = invocation;
        Self { status: 200, function_error, payload: payload.into(), log }
    }
}

impl Invocation {
    /// Reads the runner's answer.
    async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let function_error = header(&response, "X-Amz-Function-Error");
        let log = header(&response, "X-Amz-Log-Result").and_then(|text| STANDARD.decode(text).ok());
        let log = String::from_utf8_lossy(&log.unwrap_or_default()).into_owned();
        let status = response.status().as_u16();
        let payload = response.bytes().await?.to_vec();
        Ok(Self { status, function_error, payload, log })
    }

    /// The bridge's log line about the directive.
    #[must_use]
    pub fn answered(&self) -> Option<Value> {
        let mut lines = self.log.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line["message"] == "directive answered")
    }
}

/// One execution environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The function that runs in it.
    pub function: String,
    /// Which of the function's environments it is; the first, if nothing else was asked for, is 0.
    pub number: u8,
    /// The digest of the image that it runs, like `sha256:...`.
    pub image_digest: String,
    /// Since when it is frozen, in milliseconds since 1970; absent while it answers.
    pub frozen_since: Option<u64>,
    /// The process above all others of it; absent once it has ended.
    pub pid: Option<i32>,
}

/// Where the runner says that the time of one invocation went, in milliseconds by phase, as in its `Server-Timing`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timing(BTreeMap<String, f64>);

impl Timing {
    /// How long `phase` took; `None` when it did not happen.
    #[must_use]
    pub fn of(&self, phase: &str) -> Option<f64> {
        self.0.get(phase).copied()
    }

    /// Reads `start;dur=31.200, invoke;dur=170.004`; a metric without a duration is left out.
    fn read(header: &str) -> Self {
        let metric = |metric: &str| {
            let (name, parameters) = metric.trim().split_once(';')?;
            let duration =
                parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("dur="))?;
            Some((name.to_string(), duration.parse().ok()?))
        };
        Self(header.split(',').filter_map(metric).collect())
    }
}

impl Environment {
    /// For how long it has been frozen at `now`.
    #[must_use]
    pub fn frozen_for(&self, now: SystemTime) -> Duration {
        let since = self.frozen_since.map(|since| UNIX_EPOCH + Duration::from_millis(since));
        since.and_then(|since| now.duration_since(since).ok()).unwrap_or_default()
    }

    /// The processes in it that run this program, like `tailscaled`.
    #[must_use]
    pub fn processes(&self, program: &str) -> Vec<i32> {
        let all = self.pid.map(procfs::descendants).unwrap_or_default();
        all.into_iter().filter(|pid| procfs::program(*pid).as_deref() == Some(program)).collect()
    }
}

impl Lambda {
    /// A client of the runner.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new() -> Result<Self> {
        Ok(Self { client: http::client(None, INVOCATION)?, url: URL })
    }

    /// A client of the runner of another region.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn abroad() -> Result<Self> {
        Ok(Self { url: URL_ABROAD, ..Self::new()? })
    }

    /// Sends `event` to `function` as it is.
    ///
    /// # Errors
    /// When the runner cannot be reached.
    pub async fn invoke(&self, function: &str, event: Vec<u8>) -> Result<Invocation> {
        self.timed(function, 0, event).await.map(|(invocation, _)| invocation)
    }

    /// The same in the function's environment of this number, with where the runner says that the time went.
    ///
    /// # Errors
    /// When the runner cannot be reached.
    pub async fn timed(
        &self,
        function: &str,
        environment: u8,
        event: Vec<u8>,
    ) -> Result<(Invocation, Timing)> {
        let request = self
            .client
            .post(format!("{}/2015-03-31/functions/{function}/invocations", self.url))
            .header("X-Amz-Log-Type", "Tail")
            .header("X-Environment", u16::from(environment))
            .body(event);
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let timing = Timing::read(&header(&response, "Server-Timing").unwrap_or_default());
        let invocation = Invocation::read(response).await.map_err(|error| self.unreachable(&error))?;
        Ok((invocation, timing))
    }

    /// Ends the function's execution environments, so that the next invocation starts a new one.
    ///
    /// # Errors
    /// When the runner cannot be reached or does not know such a name.
    pub async fn retire(&self, function: &str) -> Result<()> {
        let request = self.client.post(format!("{}/environments/{function}/retire", self.url));
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(());
        }
        Err(Error::Answer(format!("the Lambda runner does not retire {function}: {}", response.status())))
    }

    /// The execution environment of `function` that has this number, if there is one.
    ///
    /// # Errors
    /// When the runner cannot be reached.
    pub async fn environment(&self, function: &str, number: u8) -> Result<Option<Environment>> {
        let request = self.client.get(format!("{}/environments", self.url));
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let all: Vec<Environment> = response.json().await.map_err(|error| {
            Error::Answer(format!("the Lambda runner's list cannot be read: {}", http::reason(&error)))
        })?;
        let is_it =
            |environment: &Environment| environment.function == function && environment.number == number;
        Ok(all.into_iter().find(is_it))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Error {
        let (url, reason) = (self.url, http::reason(error));
        Error::Answer(format!("the Lambda runner at {url} does not answer ({reason}); run `cargo xtask up`"))
    }
}

fn header(response: &reqwest::Response, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_about_a_directive_is_found_in_the_log() {
        let answered = |log: &str| {
            let log = log.to_string();
            Invocation { status: 200, function_error: None, payload: Vec::new(), log }.answered()
        };
        let log = "START\n{\"message\":\"directive answered\",\"name\":\"old\"}\nnot json {\n\
                   {\"message\":\"directive answered\",\"name\":\"new\"}\n{\"message\":\"other\"}\nEND";
        assert_eq!(answered(log).unwrap()["name"], "new");
        assert_eq!(answered("nothing"), None);
    }

    #[test]
    fn the_phases_are_read_from_the_runner_s_header() {
        let timing =
            Timing::read("queue;dur=0.004, start;desc=\"a\";dur=31.2,invoke;dur=170.004, miss, bad;dur=x");
        assert_eq!((timing.of("start"), timing.of("invoke")), (Some(31.2), Some(170.004)));
        assert_eq!((timing.of("thaw"), timing.of("miss"), timing.of("bad")), (None, None, None));
        assert_eq!(Timing::read(""), Timing::default());
    }

    #[test]
    fn the_time_frozen_is_read_from_the_runner_s_list() {
        let list = r#"[{"function":"f","number":0,"pid":1,"imageDigest":"sha256:0","started":1,"frozenSince":1500,"invocations":2},
            {"function":"g","number":1,"pid":2,"imageDigest":"sha256:0","started":1,"frozenSince":null,"invocations":2}]"#;
        let environments: Vec<Environment> = serde_json::from_str(list).unwrap();
        let now = UNIX_EPOCH + Duration::from_millis(4000);
        assert_eq!(environments[0].frozen_for(now), Duration::from_millis(2500));
        assert_eq!(environments[1].frozen_for(now), Duration::ZERO);
    }
}
