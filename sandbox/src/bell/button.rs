//! The button, played with all the bounce of a real contact.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use crate::error::{Doing, Error, Result};
use crate::layout::Layout;
use crate::parts::{Kind, doorbell};

/// How the contact bounces whenever it moves: how long it stays closed and open, before it comes to rest. Contacts close
/// and open again for some milliseconds (Ganssle, "A Guide to Debouncing").
pub(super) const BOUNCE: [Duration; 4] = [
    Duration::from_micros(600),
    Duration::from_micros(200),
    Duration::from_millis(1),
    Duration::from_micros(400),
];
/// How long the button is held.
const HELD: Duration = Duration::from_millis(200);
/// How long the daemon may take to take an edge.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy)]
enum Level {
    Pressed,
    Released,
}

/// The reading of the monotonic clock, in nanoseconds.
pub(crate) fn now_ns() -> u128 {
    Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default().as_nanos()
}

/// A button of the daemon.
pub(super) struct Button(BufReader<UnixStream>);

impl Button {
    /// The button of `bell` that `daemon` watches.
    pub(super) async fn of(layout: &Layout, daemon: &Kind, bell: &str) -> Result<Self> {
        Ok(Self(BufReader::new(doorbell::button(&doorbell::sockets(layout, daemon), bell).await?)))
    }

    /// Presses and releases it. Gives the reading of the monotonic clock, in nanoseconds, at the edge after which the
    /// contact stayed closed.
    pub(super) async fn press(&mut self) -> Result<u128> {
        let closed = self.come_to_rest(Level::Pressed, Level::Released).await?;
        sleep(HELD).await;
        self.come_to_rest(Level::Released, Level::Pressed).await?;
        Ok(closed)
    }

    /// The edges come together when the bounce is over, each with its own time, as from a kernel whose reader has other
    /// things to do. One by one, on a busy machine, a pause between two could last until it is no bounce any more.
    async fn come_to_rest(&mut self, rest: Level, other: Level) -> Result<u128> {
        let (began, mut took, mut edges) = (now_ns(), Duration::ZERO, Vec::new());
        for pause in BOUNCE {
            for level in [rest, other] {
                edges.push((level, began + took.as_nanos()));
                took += pause;
            }
        }
        sleep(took).await;
        let now = now_ns();
        edges.push((rest, now));
        self.turn(&edges).await?;
        Ok(now)
    }

    /// Edges, each at a reading of the monotonic clock.
    async fn turn(&mut self, edges: &[(Level, u128)]) -> Result<()> {
        let line = |(level, at): &(Level, u128)| match level {
            Level::Pressed => format!("pressed {at}\n"),
            Level::Released => format!("released {at}\n"),
        };
        let lines: String = edges.iter().map(line).collect();
        let exchange = async {
            self.0.get_mut().write_all(lines.as_bytes()).await?;
            let mut answers = String::new();
            for _ in edges {
                self.0.read_line(&mut answers).await?;
            }
            Ok(answers)
        };
        let exchanged = timeout(PATIENCE, exchange).await;
        let answers = exchanged.unwrap_or_else(|late| Err(late.into())).doing(|| "play the button".into())?;
        match answers.lines().find(|answer| *answer != "ok") {
            None => Ok(()),
            Some(refused) => Err(Error::Answer(format!("the daemon takes no edge of the button: {refused}"))),
        }
    }
}
