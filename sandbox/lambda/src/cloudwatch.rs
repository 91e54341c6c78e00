//! What functions log, passed on to CloudWatch as Lambda does it: by the function's own role, into its log group.
//!
//! Nobody waits for it, least of all the caller of a function. What cannot be passed on is told in the runner's own log;
//! the whole of it is in the function's log file all the same.

use std::collections::{BTreeMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use aws::logs::{Line, create_stream, put};
use aws::{Access, Client, Credentials, Region, Service};
use http_client::{Kept, told};
use tokio::sync::mpsc;

use crate::credentials::FunctionCredentials;
use crate::settings::Settings;

/// How many invocations may wait for their log to be passed on; those of a busy minute.
const WAITING: usize = 256;

/// CloudWatch takes at most a megabyte at once (AWS, "PutLogEvents").
pub const LARGEST: u64 = 512 * 1024;

/// Passes logs on, one after the other.
pub struct CloudWatch(mpsc::Sender<Logged>);

/// What an environment logged during an invocation.
pub struct Logged {
    /// Where it goes.
    pub group: String,
    /// The environment's own part of it.
    pub stream: String,
    /// Those of the function's role.
    pub credentials: FunctionCredentials,
    /// The lines.
    pub text: String,
}

impl CloudWatch {
    /// Passes on to the emulator of `settings`, until it is dropped.
    pub fn start(settings: &Settings) -> Self {
        let (sender, mut waiting) = mpsc::channel::<Logged>(WAITING);
        let region = Region::parse(&settings.region);
        let emulator = settings.emulator.as_str().parse::<http::Uri>().ok();
        tokio::spawn(async move {
            let mut streams = HashSet::new();
            while let Some(logged) = waiting.recv().await {
                let (Some(region), Some(emulator)) = (region.clone(), emulator.clone()) else { continue };
                if let Err(error) = pass_on(&logged, region, emulator, &mut streams).await {
                    tracing::warn!(group = logged.group, error, "a log was not passed on to CloudWatch");
                }
            }
        });
        Self(sender)
    }

    /// Has `logged` passed on.
    pub fn pass_on(&self, logged: Logged) {
        if let Err(mpsc::error::TrySendError::Full(logged)) = self.0.try_send(logged) {
            tracing::warn!(group = logged.group, "too much is logged to be passed on to CloudWatch");
        }
    }
}

async fn pass_on(
    logged: &Logged,
    region: Region,
    emulator: http::Uri,
    streams: &mut HashSet<(String, String)>,
) -> Result<(), String> {
    let Logged { group, stream, credentials, text } = logged;
    let lines = lines(text, SystemTime::now());
    if lines.is_empty() {
        return Ok(());
    }
    let credentials = Credentials {
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: Some(credentials.session_token.clone()),
    };
    let access = Access { region, credentials, endpoints: BTreeMap::from([(Service::Logs, emulator)]) };
    let client = Client::new(access, Kept::Not, SystemTime::now).map_err(|error| told(&error))?;
    let key = (group.clone(), stream.clone());
    if !streams.contains(&key) {
        create_stream(&client, group, stream).await.map_err(|error| told(&error))?;
    }
    put(&client, group, stream, &lines).await.map_err(|error| {
        // The emulator may have been started anew.
        streams.remove(&key);
        told(&error)
    })?;
    streams.insert(key);
    Ok(())
}

/// The lines that Lambda would have in its log: all but those of the interface emulator itself. Nobody knows any more
/// when each was written, so that they bear the time at which they were read.
fn lines(text: &str, now: SystemTime) -> Vec<Line<'_>> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let timestamp = u64::try_from(now).unwrap_or(u64::MAX);
    let functions_own = text.lines().filter(|line| !line.is_empty() && !line.contains("] (rapid) "));
    functions_own.map(|message| Line { timestamp, message }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_emulator_s_own_lines_stay_here() {
        let text = "29 Nov 2026 09:15:07,909 [INFO] (rapid) INVOKE START(requestId: 1)\nSTART RequestId: 1\n\n\
            {\"message\":\"directive answered\"}\nEND RequestId: 1\n";
        let lines = lines(text, UNIX_EPOCH + std::time::Duration::from_millis(7));
        let messages: Vec<&str> = lines.iter().map(|line| line.message).collect();
        assert_eq!(
            messages,
            ["START RequestId: 1", "{\"message\":\"directive answered\"}", "END RequestId: 1"]
        );
        assert!(lines.iter().all(|line| line.timestamp == 7));
    }
}
