//! The port to a button: a line with two levels, whose edges carry the time at which they happened.

#[cfg(feature = "gpiocdev")]
mod gpiocdev;
#[cfg(feature = "rppal")]
mod rppal;
mod simulated;

use std::error::Error;
use std::path::PathBuf;
use std::task::{Context, Poll};

use crate::press::{Edge, Level};

#[cfg(feature = "gpiocdev")]
pub use self::gpiocdev::Gpiocdev;
#[cfg(feature = "rppal")]
pub use self::rppal::Rppal;
pub use self::simulated::{Refusal, Simulated, read_edge};

/// A button that is being watched; dropping it ends that.
pub trait Button: Send {
    /// The level now.
    ///
    /// # Errors
    /// When the line cannot be read.
    fn level(&mut self) -> Result<Level, ButtonError>;

    /// The next edge, in the order in which they happened.
    ///
    /// # Errors
    /// When the line is gone. It has to be opened anew then.
    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<Edge, ButtonError>>;
}

/// Where a button is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ButtonSettings {
    /// On a line of a Linux GPIO character device.
    Gpiocdev {
        /// The device, like `/dev/gpiochip0`. Without it, the line named `GPIO` and the number, which is how the
        /// Raspberry Pi's kernel names the pins of its header on every model.
        chip: Option<PathBuf>,
        /// The line.
        line: Line,
    },
    /// On a pin of a Raspberry Pi's header.
    Rppal(Line),
    /// Played by whoever writes to the socket of this path.
    Simulated(PathBuf),
}

/// A line, and how the button is wired to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of the line; on a Raspberry Pi the BCM number of its GPIO.
    pub gpio: u8,
    /// What a press does to it.
    pub active: Active,
    /// What holds it while nobody presses.
    pub pull: Pull,
}

/// The voltage of a pressed button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Active {
    /// The button connects the line to ground.
    Low,
    /// The button connects the line to 3.3 V.
    High,
}

/// The resistor inside the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// To 3.3 V.
    Up,
    /// To ground.
    Down,
    /// None: there is one outside.
    Off,
}

/// Starts to watch a button. Must be called within the runtime.
///
/// # Errors
/// When there is no such line, or it is in use, or it may not be used.
pub fn open(settings: &ButtonSettings) -> Result<Box<dyn Button>, ButtonError> {
    Ok(match settings {
        #[cfg(feature = "gpiocdev")]
        ButtonSettings::Gpiocdev { chip, line } => Box::new(Gpiocdev::open(chip.as_deref(), *line)?),
        #[cfg(not(feature = "gpiocdev"))]
        ButtonSettings::Gpiocdev { .. } => return Err(ButtonError::LeftOut("gpiocdev")),
        #[cfg(feature = "rppal")]
        ButtonSettings::Rppal(line) => Box::new(Rppal::open(*line)?),
        #[cfg(not(feature = "rppal"))]
        ButtonSettings::Rppal(_) => return Err(ButtonError::LeftOut("rppal")),
        ButtonSettings::Simulated(path) => Box::new(Simulated::open(path)?),
    })
}

/// Whether a button can be watched, or is already; without taking it from the daemon that watches it. What was found, for
/// people. Must be called within the runtime.
///
/// # Errors
/// When it cannot.
pub fn check(settings: &ButtonSettings) -> Result<String, ButtonError> {
    match settings {
        #[cfg(feature = "gpiocdev")]
        ButtonSettings::Gpiocdev { chip, line } => Gpiocdev::check(chip.as_deref(), *line),
        #[cfg(not(feature = "gpiocdev"))]
        ButtonSettings::Gpiocdev { .. } => Err(ButtonError::LeftOut("gpiocdev")),
        // Its registers can be read by many.
        ButtonSettings::Rppal(_) => {
            open(settings).and_then(|mut button| Ok(format!("the button is {}", button.level()?)))
        }
        ButtonSettings::Simulated(path) => Ok(format!("it is played, at {}", path.display())),
    }
}

/// Why a button cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum ButtonError {
    /// The program was built without what it takes.
    #[error("this program was built without {0}")]
    LeftOut(&'static str),
    /// It cannot be opened.
    #[error("{button} cannot be opened: {source}")]
    Unopened {
        /// The button, by where it is.
        button: String,
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There is no line of this name.
    #[error("no GPIO device has a line named {0}; `gpioinfo` lists those that there are")]
    NoLine(String),
    /// It was opened, and tells nothing any more.
    #[error("{button} cannot be read: {source}")]
    Unread {
        /// The button, by where it is.
        button: String,
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Whoever brought its edges has ended.
    #[error("{0} tells nothing any more")]
    Ended(String),
}
