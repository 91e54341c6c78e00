//! A line of a Linux GPIO character device (linux/gpio.h, version 2 of its interface).

use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};

use gpiocdev::line::{Bias, EdgeDetection, EdgeEvent, EdgeKind, EventClock, Value};
use gpiocdev::{FoundLine, Request};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Active, Button, ButtonError, Line, Pull};
use crate::clock::Monotonic;
use crate::press::{Edge, Level};

/// Edges the kernel keeps until they are read: more than contacts bounce while the daemon waits for its turn. When
/// there are more it drops the oldest, so that the level after the latest is right in any case.
const KERNEL_BUFFER: u32 = 256;

/// What the kernel is told of who uses a line.
const CONSUMER: &str = "porch-doorbell";

/// A button on such a line.
pub struct Gpiocdev {
    name: String,
    offset: u32,
    request: AsyncFd<Request>,
}

impl Gpiocdev {
    /// Takes the line for input, as the kernel's consumer `porch-doorbell`. Must be called within the runtime.
    ///
    /// # Errors
    /// When there is no such line, or it is in use, or it may not be used.
    pub fn open(chip: Option<&Path>, line: Line) -> Result<Self, ButtonError> {
        let (chip, offset) = match chip {
            Some(chip) => (chip.to_owned(), line.gpio.into()),
            None => find(line.gpio)?,
        };
        let name = format!("line {offset} of {}", chip.display());
        let unopened = |source: Box<dyn std::error::Error + Send + Sync>| ButtonError::Unopened {
            button: name.clone(),
            source,
        };
        let mut request = Request::builder();
        request
            .on_chip(chip)
            .with_consumer(CONSUMER)
            .with_line(offset)
            .as_input()
            .with_bias(match line.pull {
                Pull::Up => Bias::PullUp,
                Pull::Down => Bias::PullDown,
                Pull::Off => Bias::Disabled,
            })
            .with_edge_detection(EdgeDetection::BothEdges)
            .with_event_clock(EventClock::Monotonic)
            .with_kernel_event_buffer_size(KERNEL_BUFFER);
        match line.active {
            Active::Low => request.as_active_low(),
            Active::High => request.as_active_high(),
        };
        let request = request.request().map_err(|error| unopened(error.into()))?;
        let request = registered(request).map_err(|error| unopened(error.into()))?;
        Ok(Self { name, offset, request })
    }

    /// Whether the line can be watched, or is already.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(chip: Option<&Path>, line: Line) -> Result<String, ButtonError> {
        let (chip, offset) = match chip {
            Some(chip) => (chip.to_owned(), line.gpio.into()),
            None => find(line.gpio)?,
        };
        let name = format!("line {offset} of {}", chip.display());
        let info = gpiocdev::Chip::from_path(&chip).and_then(|chip| chip.line_info(offset));
        match info {
            // By the daemon itself, which runs.
            Ok(info) if info.used && info.consumer == CONSUMER => Ok(format!("{name} is watched")),
            Ok(_) | Err(_) => {
                let mut button = Self::open(Some(&chip), line)?;
                Ok(format!("{name} is free, and the button is {}", button.level()?))
            }
        }
    }

    fn unread(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ButtonError {
        ButtonError::Unread { button: self.name.clone(), source: source.into() }
    }
}

/// Has the runtime wait for the request's edges.
#[expect(unsafe_code, reason = "the runtime asks for a promise about the file, which Request keeps")]
fn registered(request: Request) -> std::io::Result<AsyncFd<Request>> {
    // SAFETY: a Request owns one open file from when it is made until it is dropped, and as_raw_fd() is that file.
    Ok(unsafe { AsyncFd::register_with_interest(request, Interest::READABLE) }?)
}

/// The chip that has the line named after `gpio`, and the line's number there.
fn find(gpio: u8) -> Result<(PathBuf, u32), ButtonError> {
    let name = format!("GPIO{gpio}");
    match gpiocdev::find_named_line(&name) {
        Some(FoundLine { chip, info }) => Ok((chip, info.offset)),
        None => Err(ButtonError::NoLine(name)),
    }
}

impl Button for Gpiocdev {
    fn level(&mut self) -> Result<Level, ButtonError> {
        // The kernel has turned it round already where low is active.
        match self.request.get_ref().value(self.offset) {
            Ok(Value::Active) => Ok(Level::Pressed),
            Ok(Value::Inactive) => Ok(Level::Released),
            Err(error) => Err(self.unread(error)),
        }
    }

    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<Edge, ButtonError>> {
        loop {
            let mut ready =
                ready!(self.request.poll_read_ready(context)).map_err(|error| self.unread(error))?;
            let request = self.request.get_ref();
            if request.has_edge_event().map_err(|error| self.unread(error))? {
                // Not Request::read_edge_event: of gpiocdev 0.8.0 with one interface version alone it has room for eight
                // events, takes as many out of the kernel, and gives the first.
                let event =
                    request.new_edge_event_buffer(1).read_event().map_err(|error| self.unread(error))?;
                return Poll::Ready(Ok(edge(&event)));
            }
            ready.clear_ready();
        }
    }
}

fn edge(event: &EdgeEvent) -> Edge {
    let level = match event.kind {
        EdgeKind::Rising => Level::Pressed,
        EdgeKind::Falling => Level::Released,
    };
    Edge { level, at: Monotonic::from_nanos(event.timestamp_ns) }
}
