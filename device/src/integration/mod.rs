//! What the house does when somebody rings, besides Alexa.
//!
//! An integration is told of a press and does one thing: it lets lights flash, takes a picture, runs a command. All else
//! is done for it by [`crate::fanout`] and the hands: each telling runs as a task of its own, on threads that have
//! nothing to do with the button; it has a deadline, is tried again if it says so, is left alone for a while if it keeps
//! failing, and has its line in the history. One that hangs or panics holds back neither a press nor another one.
//!
//! # One of your own
//!
//! Without code: `[[command]]` runs a program, `[[webhook]]` calls a URL. In code: a file in this folder with a type that
//! implements [`Integration`], its settings in [`IntegrationKind`], and a table for them in `settings/integrations`.
//! [`command`] is the smallest example.

#[cfg(feature = "camera")]
pub mod camera;
pub mod command;
pub mod hue;
pub mod mqtt;
mod name;
pub mod sound;
mod template;
pub mod webhook;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use alexa::EndpointId;
use tokio::sync::watch;

pub use name::IntegrationName;
pub use template::Template;

use crate::announce::PressId;
use crate::core::Health;

/// What an integration answers with, when it is through.
pub type Told = Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>>;

/// How long an integration may take to leave.
pub const LEAVING: Duration = Duration::from_secs(1);

/// Something that is told of visitors.
pub trait Integration: Debug + Send + Sync + 'static {
    /// Does what it is for. The future is dropped when its time is over, at any point at which it waits, and whatever it
    /// has begun has to end then: a process that is started is killed, a light that was switched is switched back by a
    /// task of its own.
    fn tell(self: Arc<Self>, occasion: Occasion) -> Told;

    /// Puts back what it has begun, within [`LEAVING`]: it will be told nothing more.
    fn leave(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {})
    }
}

/// What an integration is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody rang.
    Press(Visit),
    /// There is a picture of who rang. Only those are told that have asked for it with [`Terms::wants_pictures`].
    Picture(Visit, Picture),
}

/// Somebody at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The press.
    pub press: PressId,
    /// What people call the bell.
    pub bell: String,
    /// When it was; none while the clock is not set.
    pub at: Option<SystemTime>,
    /// Whether somebody only tries the bell.
    pub is_trial: bool,
}

/// A picture of a visitor.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// A JPEG file.
    pub jpeg: Arc<[u8]>,
    /// How long after the press it was; negative before it.
    pub offset_ms: i64,
}

/// What an integration has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// That in a few words, for the history.
    pub told: String,
    /// The pictures it has taken; the first is the one that others are told of.
    pub pictures: Vec<Picture>,
}

/// Why it was not done; in words that say what went wrong and where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may work in a moment.
    Passing(String),
    /// It will not.
    Lasting(String),
}

/// On which terms an integration is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// `bells`: those whose presses it is told of; none for all.
    pub bells: Option<BTreeSet<EndpointId>>,
    /// `deadline_s`: how long one try may take.
    pub deadline: Duration,
    /// `tries`: how often it is tried.
    pub tries: u32,
    /// Whether it is told of pictures.
    pub wants_pictures: bool,
}

/// An integration as the settings have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationSettings {
    /// On which terms it is told.
    pub terms: Terms,
    /// What it does.
    pub kind: IntegrationKind,
}

/// What an integration does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntegrationKind {
    /// `[[camera]]`: takes pictures of the visitor.
    #[cfg(feature = "camera")]
    Camera(camera::CameraSettings),
    /// `[[command]]`: runs a program.
    Command(command::CommandSettings),
    /// `[[hue]]`: lets lamps flash.
    Hue(hue::HueSettings),
    /// `[mqtt]`: publishes to a broker.
    Mqtt(mqtt::MqttSettings),
    /// `[[sound]]`: plays a file.
    Sound(sound::SoundSettings),
    /// `[[webhook]]`: calls a URL.
    Webhook(webhook::WebhookSettings),
}

impl IntegrationKind {
    /// The integration that does it. How the daemon is comes through `health`, for whoever tells of it.
    ///
    /// # Errors
    /// When it cannot even begin; why, for people.
    pub fn begin(&self, health: &watch::Receiver<Health>) -> Result<Arc<dyn Integration>, String> {
        match self {
            #[cfg(feature = "camera")]
            Self::Camera(settings) => {
                Ok(Arc::new(camera::Camera::new(settings.clone(), camera::this_program())))
            }
            Self::Command(settings) => Ok(Arc::new(command::Command::new(settings.clone()))),
            Self::Hue(settings) => Ok(Arc::new(hue::Hue::new(settings.clone())?)),
            Self::Mqtt(settings) => {
                let node = mqtt::Node::of_this_machine()?;
                Ok(Arc::new(mqtt::Mqtt::begin(settings, node, health.clone())?))
            }
            Self::Sound(settings) => Ok(Arc::new(settings.command())),
            Self::Webhook(settings) => Ok(Arc::new(webhook::Webhook::new(settings.clone())?)),
        }
    }

    /// Whether it could do it now, without ringing, and without disturbing one that is at work: what was found, or what
    /// is wrong and what to do about it.
    ///
    /// # Errors
    /// When it could not.
    pub async fn check(&self) -> Result<String, String> {
        match self {
            #[cfg(feature = "camera")]
            Self::Camera(settings) => settings.check(camera::this_program()).await,
            Self::Command(settings) => settings.check(),
            Self::Hue(settings) => settings.check().await,
            Self::Mqtt(settings) => settings.check().await,
            Self::Sound(settings) => settings.check(),
            Self::Webhook(settings) => settings.check().await,
        }
    }
}

impl Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({} bytes, {} ms)", self.jpeg.len(), self.offset_ms)
    }
}

impl Occasion {
    /// Who is at the door.
    pub fn visit(&self) -> &Visit {
        match self {
            Self::Press(visit) | Self::Picture(visit, _) => visit,
        }
    }
}

impl Done {
    /// It was done, in a few words.
    pub fn new(told: impl Into<String>) -> Self {
        Self { told: told.into(), pictures: Vec::new() }
    }
}

impl Failure {
    /// The words.
    pub fn told(&self) -> &str {
        let (Self::Passing(told) | Self::Lasting(told)) = self;
        told
    }
}
