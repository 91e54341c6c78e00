//! What the history is told: who rang, and what everybody who was to know of it did.

use std::time::{Duration, SystemTime};

use crate::announce::PressId;
use crate::integration::Picture;

/// The name under which Alexa stands beside the integrations, in the history and in quiet hours.
pub const ALEXA: &str = "alexa";

/// Something to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Somebody rang.
    Visit {
        /// Which press that was.
        press: PressId,
        /// What people call the bell.
        bell: String,
        /// When it was; none while the clock is not set.
        at: Option<SystemTime>,
        /// Whether somebody only tries the bell.
        is_trial: bool,
    },
    /// The clock is set, and it turns out when somebody rang.
    Dated {
        /// Which press.
        press: PressId,
        /// When it was.
        at: SystemTime,
    },
    /// Somebody who was to know of a press is through with it.
    Outcome {
        /// Which press.
        press: PressId,
        /// The integration, or [`ALEXA`].
        who: String,
        /// What came of it.
        outcome: Outcome,
        /// What was done or went wrong, for people.
        told: String,
        /// From the edge to here.
        took: Duration,
    },
    /// There is a picture of the visitor.
    Picture {
        /// At which press.
        press: PressId,
        /// The integration that took it.
        who: String,
        /// The picture.
        picture: Picture,
    },
}

/// What came of telling somebody of a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not, and is not tried any more.
    Failed,
    /// It was not to be done, because of quiet hours.
    Quiet,
    /// It was not tried, because it has failed too often of late or there is too much to do.
    Skipped,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Quiet, Self::Skipped];

    /// How it is called in the history and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Quiet => "quiet",
            Self::Skipped => "skipped",
        }
    }

    /// The outcome that is called so.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}
