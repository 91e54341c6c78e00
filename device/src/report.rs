//! What is told of what happened, and how it reads in the log.

use std::time::Duration;

use alexa::EndpointId;
use uuid::Uuid;

use crate::announce::PressId;
use crate::clock::Monotonic;
use crate::integration::IntegrationName;
use crate::log::{Line, Priority};
use crate::record::{ALEXA, Outcome, Record};
use crate::settings::WrongSettings;
use crate::update::News;

/// Something worth a line. No token, and no user but by the id of a message to him, is in any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// A bell's button is watched.
    Watched(EndpointId),
    /// A bell's button cannot be watched; why, and when that is tried again.
    Unwatched(EndpointId, String, Duration),
    /// Somebody rang.
    Pressed(PressId),
    /// Somebody rang within the lockout.
    LockedOut(EndpointId),
    /// A button is stuck.
    Stuck(EndpointId),
    /// It is no longer.
    Freed(EndpointId),
    /// A press was accepted for a user.
    Accepted {
        /// Which.
        press: PressId,
        /// In which message.
        message_id: Uuid,
        /// In how many tries of this process.
        tries: u32,
        /// How long it took.
        stages: Stages,
    },
    /// A press is not known to be accepted, and will be sent again.
    NotYetAccepted {
        /// Which.
        press: PressId,
        /// In which message.
        message_id: Uuid,
        /// What the gateway said, or why it said nothing.
        why: String,
    },
    /// A press is not sent any more.
    GivenUp {
        /// Which.
        press: PressId,
        /// In which message; none if it was not known whom to tell.
        message_id: Option<Uuid>,
        /// Why not.
        why: String,
    },
    /// There is nobody to tell of a press.
    NobodyLinked {
        /// Which.
        press: PressId,
    },
    /// An integration is through with a press, or with its picture.
    Told {
        /// Of which press.
        press: PressId,
        /// Which.
        who: IntegrationName,
        /// What came of it.
        outcome: Outcome,
        /// What was done or went wrong.
        told: String,
        /// In how many tries.
        tries: u32,
        /// From the edge to here.
        took: Duration,
    },
    /// The grants can be read again, or cannot be read.
    GrantsRead(Result<(), String>),
    /// A grant can be refreshed again, or cannot be refreshed.
    Refreshed(Result<(), String>),
    /// A grant is over.
    GrantOver(String),
    /// A bell's heartbeats can be written again, or cannot be written.
    Beaten(EndpointId, Result<(), String>),
    /// There is a newer package.
    UpdateAvailable(News),
    /// It cannot be seen whether there is one.
    UpdateUnseen(String),
    /// The new settings are used, or the old ones still are.
    Reloaded(Result<(), WrongSettings>),
}

/// When the stages of a press ended, each counted from the edge after which the button stayed pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages {
    /// It was sure that the button stays pressed.
    pub stable: Duration,
    /// The press was taken up.
    pub queued: Duration,
    /// The try began that was accepted.
    pub sent: Duration,
    /// The gateway said so.
    pub accepted: Duration,
}

impl Report {
    /// The line of the log.
    pub fn line(&self) -> Line {
        use Priority::{Debug, Error, Info, Warning};
        match self {
            Self::Watched(bell) => Line::new(Info, "the button is watched").field("bell", bell),
            Self::Unwatched(bell, why, pause) => {
                let line =
                    Line::new(Error, "the button cannot be watched, and is tried again").field("bell", bell);
                line.field("why", why).field("pause_ms", pause.as_millis())
            }
            Self::Pressed(press) => of_press(Info, "somebody rang", press),
            Self::LockedOut(bell) => Line::new(Debug, "somebody rang once more at once").field("bell", bell),
            Self::Stuck(bell) => {
                Line::new(Warning, "the button is stuck: nothing is heard of it before it is released")
                    .field("bell", bell)
            }
            Self::Freed(bell) => Line::new(Info, "the button is no longer stuck").field("bell", bell),
            Self::Accepted { press, message_id, tries, stages } => {
                of_press(Info, "a press was announced", press)
                    .field("message_id", message_id)
                    .field("tries", tries)
                    .field("stable_ms", milliseconds(stages.stable))
                    .field("queued_ms", milliseconds(stages.queued))
                    .field("sent_ms", milliseconds(stages.sent))
                    .field("accepted_ms", milliseconds(stages.accepted))
            }
            Self::NotYetAccepted { press, message_id, why } => {
                let line = of_press(Warning, "a press is not announced yet, and is sent again", press);
                line.field("message_id", message_id).field("why", why)
            }
            Self::GivenUp { press, message_id, why } => {
                let line = of_press(Error, "a press is not announced", press);
                let line = match message_id {
                    Some(message_id) => line.field("message_id", message_id),
                    None => line,
                };
                line.field("why", why)
            }
            Self::NobodyLinked { press } => {
                of_press(Warning, "a press is not announced: nobody has linked the skill", press)
            }
            Self::Told { press, who, outcome, told, tries, took } => {
                let (priority, message, why) = match outcome {
                    Outcome::Done => (Info, "an integration has done its part", "did"),
                    Outcome::Failed => (Warning, "an integration has failed", "why"),
                    Outcome::Quiet | Outcome::Skipped => (Info, "an integration is left out", "why"),
                };
                of_press(priority, message, press)
                    .field("integration", who)
                    .field(why, told)
                    .field("tries", tries)
                    .field("took_ms", milliseconds(*took))
            }
            Self::GrantsRead(result) => {
                turned("the grants can be read again", "the grants cannot be read", result)
            }
            Self::Refreshed(result) => turned("a grant is refreshed", "a grant cannot be refreshed", result),
            Self::GrantOver(why) => Line::new(Warning, "a user is told no more").field("why", why),
            Self::Beaten(bell, result) => {
                turned("heartbeats are written again", "no heartbeat can be written", result)
                    .field("bell", bell)
            }
            Self::UpdateAvailable(News { installed, published }) => {
                let line =
                    Line::new(Info, "there is a newer package, which `porch-doorbell update` installs");
                line.field("installed", installed).field("published", published)
            }
            Self::UpdateUnseen(why) => {
                Line::new(Warning, "it cannot be seen whether there is a newer package").field("why", why)
            }
            Self::Reloaded(Ok(())) => Line::new(Info, "the new settings are used"),
            Self::Reloaded(Err(wrong)) => {
                Line::new(Error, format!("the settings stay as they were, because of the new ones {wrong}"))
            }
        }
    }
}

impl Report {
    /// What the history is to keep of it: what became of telling Alexa.
    pub fn record(&self, now: Monotonic) -> Option<Record> {
        let (press, outcome, told) = match self {
            Self::Accepted { press, tries: 1, .. } => (press, Outcome::Done, "announced".to_owned()),
            Self::Accepted { press, tries, .. } => {
                (press, Outcome::Done, format!("announced at the {tries}. try"))
            }
            Self::GivenUp { press, why, .. } => (press, Outcome::Failed, why.clone()),
            Self::NobodyLinked { press } => {
                (press, Outcome::Failed, "nobody has linked the skill".to_owned())
            }
            Self::Watched(_)
            | Self::Unwatched(..)
            | Self::Pressed(_)
            | Self::LockedOut(_)
            | Self::Stuck(_)
            | Self::Freed(_)
            | Self::NotYetAccepted { .. }
            | Self::Told { .. }
            | Self::GrantsRead(_)
            | Self::Refreshed(_)
            | Self::GrantOver(_)
            | Self::Beaten(..)
            | Self::UpdateAvailable(_)
            | Self::UpdateUnseen(_)
            | Self::Reloaded(_) => return None,
        };
        let (press, took) = (press.clone(), now.since(press.edge));
        Some(Record::Outcome { press, who: ALEXA.to_owned(), outcome, told, took })
    }
}

impl Stages {
    /// The stages of a press at `id`'s edge.
    pub fn of(
        id: &PressId,
        stable: Monotonic,
        queued: Monotonic,
        sent: Monotonic,
        accepted: Monotonic,
    ) -> Self {
        let [stable, queued, sent, accepted] =
            [stable, queued, sent, accepted].map(|stage| stage.since(id.edge));
        Self { stable, queued, sent, accepted }
    }
}

fn of_press(priority: Priority, message: &str, press: &PressId) -> Line {
    Line::new(priority, message).field("bell", &press.bell).field("edge_ns", press.edge.as_nanos())
}

fn turned(good: &str, bad: &str, result: &Result<(), String>) -> Line {
    match result {
        Ok(()) => Line::new(Priority::Info, good),
        Err(why) => Line::new(Priority::Warning, bad).field("why", why),
    }
}

/// With three digits after the point.
fn milliseconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64() * 1000.0)
}
