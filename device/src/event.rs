//! All that can happen to the daemon, and all that it can do.

use alexa::grant::{Ended, Grant};
use alexa::heartbeat::Heartbeat;
use alexa::lwa::UserId;
use alexa::{AlexaEvent, BearerToken, EndpointId, Region};

use crate::announce::{Answer, KeptPress, PressId, Read, Refreshed};
use crate::button::ButtonSettings;
use crate::clock::Monotonic;
use crate::fanout::{Errand, JobId};
use crate::integration::{Done, Failure, IntegrationKind, IntegrationName};
use crate::press::{Edge, Level};
use crate::quiet::Quiet;
use crate::record::Record;
use crate::report::Report;
use crate::settings::{Doorbell, WrongSettings};
use crate::update::News;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A bell's button is watched; at first it is at this level.
    Watched(EndpointId, Level),
    /// A bell's button cannot be watched, or not any more; why, for people.
    Unwatched(EndpointId, String),
    /// The line of a bell's button changed.
    Edge(EndpointId, Edge),
    /// The core's deadline came.
    Deadline,
    /// The table was read.
    Read(Read),
    /// A grant was refreshed, or not.
    Refreshed(UserId, Refreshed),
    /// A try to announce a press ended.
    Answered(PressId, UserId, Answer),
    /// A heartbeat was written, or why not.
    Beaten(EndpointId, Result<(), String>),
    /// A try to tell an integration ended.
    Told(IntegrationName, JobId, Result<Done, Failure>),
    /// It was looked for a newer package, which needs the key to take packages by; or why it could not be.
    Looked(Result<Option<News>, String>),
    /// These are the quiet hours from now on.
    Quiet(Vec<Quiet>),
    /// Somebody tries a bell, from the page.
    Trial(EndpointId),
    /// The settings were read anew.
    Reloaded(Result<Doorbell, WrongSettings>),
    /// The daemon is to end.
    Shutdown,
}

/// What is to be done. None of it is waited for: what comes of it is an [`Event`].
#[derive(Debug)]
pub enum Effect {
    /// Watch the button of a bell, in the place of what was watched there before.
    Watch(EndpointId, ButtonSettings),
    /// Watch the button of a bell no more.
    Unwatch(EndpointId),
    /// Keep these presses for the next process, before anything that follows is done.
    Keep(Vec<KeptPress>),
    /// Read the grants.
    ReadGrants,
    /// See to the access token of a grant.
    Refresh(Box<Grant>, Renewal),
    /// Mark a grant as over, so that nobody tries it any more.
    EndGrant(Box<Grant>, Ended),
    /// Tell a user of a press.
    Send(Box<Try>),
    /// Write a sign of life.
    Beat(Heartbeat),
    /// Begin an integration, in the place of one of the same name.
    Equip(IntegrationName, Box<IntegrationKind>),
    /// Use an integration no more.
    Unequip(IntegrationName),
    /// Tell an integration.
    Tell(Box<Errand>),
    /// Look for a newer package.
    LookForUpdate,
    /// Remember it.
    Record(Record),
    /// Tell the service manager.
    Notify(Notice),
    /// Write to the log.
    Report(Report),
}

/// One try to tell one user of a press.
#[derive(Debug)]
pub struct Try {
    /// Of which press.
    pub press: PressId,
    /// Whom.
    pub user: UserId,
    /// Where his gateway is.
    pub region: Region,
    /// The message.
    pub event: AlexaEvent,
    /// What lets it in.
    pub access_token: BearerToken,
    /// When it has to have ended.
    pub deadline: Monotonic,
}

/// What a grant needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// New tokens, if its access token ends soon.
    IfDue,
    /// New tokens, because the gateway does not take its access token.
    Anyway,
    /// To be written to the table.
    Save,
}

/// What the service manager is told (sd_notify(3)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The daemon does what it is for, and in which words to say so.
    Ready(String),
    /// The settings are being read anew.
    Reloading,
    /// The daemon is about to end.
    Stopping,
}
