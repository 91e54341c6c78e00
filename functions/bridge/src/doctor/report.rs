//! What the doctor's report is made of.

use std::time::Duration;

use serde::Serialize;

use function::log::milliseconds;

/// The answer to `{"porch":"doctor"}`: one finding for each hop, in the order of the way. No secret is in it.
#[derive(Debug, Serialize)]
pub struct Report {
    porch: &'static str,
    version: &'static str,
    /// As many as there are in [`Hop::ALL`], in that order.
    pub hops: Vec<Finding>,
}

/// A step of the way to Home Assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hop {
    /// The function's settings are good; with wrong ones it does not start, and cannot answer.
    Settings,
    /// The secrets, and certificates, can be read.
    Secrets,
    /// `tailscaled` runs and its node is in the tailnet.
    Tailscaled,
    /// The node that has Home Assistant's address, or routes it, is in the network map, and online.
    Netmap,
    /// Home Assistant's name has an address.
    Name,
    /// A connection through the tailnet.
    Tcp,
    /// The handshake, and the certificate that Home Assistant shows.
    Tls,
    /// An HTTP server answers.
    Http,
    /// It is Home Assistant, of which version.
    HomeAssistant,
    /// Its Alexa integration is on.
    Alexa,
    /// It accepts the token.
    Token,
}

impl Hop {
    /// All of them, in the order of the way.
    pub const ALL: [Self; 11] = [
        Self::Settings,
        Self::Secrets,
        Self::Tailscaled,
        Self::Netmap,
        Self::Name,
        Self::Tcp,
        Self::Tls,
        Self::Http,
        Self::HomeAssistant,
        Self::Alexa,
        Self::Token,
    ];

    /// The part of the time that it may take at most. Together they are more than there is, since a hop that takes all
    /// of its part has failed, and those after it are not tried.
    pub(super) fn limit(self) -> Duration {
        Duration::from_millis(match self {
            Self::Settings => 0,
            Self::Netmap => 1_000,
            Self::Tls | Self::Http | Self::HomeAssistant | Self::Alexa => 2_000,
            Self::Name => 2_500,
            Self::Secrets | Self::Token => 3_000,
            Self::Tailscaled => 4_000,
            // A stalled dial is recovered within it, as for a directive.
            Self::Tcp => 5_000,
        })
    }
}

/// What came of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Directives fail here.
    Failed,
    /// Not tried: it has no meaning here, or the hop before it failed.
    Skipped,
}

/// What was found at a hop.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Where.
    pub hop: Hop,
    /// What came of it.
    pub outcome: Outcome,
    elapsed_ms: f64,
    /// What is there, in words.
    pub found: String,
    /// What to do: always there when it failed, and now and then for what will fail some day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    pub(super) fn new(
        hop: Hop,
        outcome: Outcome,
        elapsed: Duration,
        found: String,
        advice: Option<String>,
    ) -> Self {
        Self { hop, outcome, elapsed_ms: milliseconds(elapsed), found, advice }
    }
}

impl Report {
    /// The report of these findings, every other hop skipped because of the one that failed.
    pub(super) fn of(mut findings: Vec<Finding>) -> Self {
        let skipped = || "not tried, since a hop before it failed".to_owned();
        let hops = Hop::ALL.map(|hop| match findings.iter().position(|finding| finding.hop == hop) {
            Some(index) => findings.swap_remove(index),
            None => Finding::new(hop, Outcome::Skipped, Duration::ZERO, skipped(), None),
        });
        Self { porch: "doctor", version: env!("CARGO_PKG_VERSION"), hops: hops.into() }
    }

    /// The hop that failed, if any did.
    #[must_use]
    pub fn failed(&self) -> Option<&Finding> {
        self.hops.iter().find(|finding| finding.outcome == Outcome::Failed)
    }
}
