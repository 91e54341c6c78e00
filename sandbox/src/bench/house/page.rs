//! The daemon's page, where it tells what there is.

use std::time::{Duration, Instant};

use reqwest::{Client, Response, StatusCode};
use tokio::time::sleep;

use crate::bell::now_ns;
use crate::error::{Error, Result};
use crate::http;
use crate::parts::doorbell::MEASURED_URL;

/// How long a picture is waited for, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(10);
/// How a JPEG file begins.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

/// The page of a daemon that was started just now, so that its pictures are numbered from 1.
pub(super) struct Page {
    client: Client,
    pictures: u32,
}

impl Page {
    /// Nothing was asked for yet.
    pub(super) fn new() -> Result<Self> {
        Ok(Self { client: http::client(None, PATIENCE)?, pictures: 0 })
    }

    /// When the next picture could be had from the page: a reading of the monotonic clock, in nanoseconds.
    pub(super) async fn next_picture(&mut self) -> Result<u128> {
        self.pictures += 1;
        let (path, until) = (format!("/pictures/{}", self.pictures), Instant::now() + PATIENCE);
        loop {
            let answer = self.get(&path).await?;
            if answer.status() == StatusCode::OK {
                let picture = answer.bytes().await.map_err(|error| Error::Answer(http::reason(&error)))?;
                let at = now_ns();
                let is_jpeg = picture.starts_with(&JPEG);
                return if is_jpeg { Ok(at) } else { Err(Error::Answer(format!("{path} is no JPEG"))) };
            }
            if Instant::now() > until {
                return Err(Error::Answer(format!("the daemon's page has no {path}")));
            }
            sleep(GLANCE).await;
        }
    }

    /// Whether each of `names` has done what it is for at every press.
    pub(super) async fn all_have_done_their_part(&self, names: &[&str]) -> Result<()> {
        let answer = self.get("/metrics").await?;
        let text = answer.text().await.map_err(|error| Error::Answer(http::reason(&error)))?;
        let outcomes: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("porch_outcomes_total")).collect();
        let said = |name: &str, outcome: &str| {
            let labels = format!("{{integration=\"{name}\",outcome=\"{outcome}\"}}");
            outcomes.iter().any(|line| line.starts_with(&labels))
        };
        let is_good = |name: &&str| said(name, "done") && !said(name, "failed") && !said(name, "skipped");
        match names.iter().find(|name| !is_good(name)) {
            None => Ok(()),
            Some(name) => {
                Err(Error::Answer(format!("{name} has not done its part at every press: {outcomes:?}")))
            }
        }
    }

    async fn get(&self, path: &str) -> Result<Response> {
        let answer = self.client.get(format!("{MEASURED_URL}{path}")).send().await;
        answer.map_err(|error| Error::Answer(http::reason(&error)))
    }
}
