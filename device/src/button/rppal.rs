//! A pin of a Raspberry Pi's header, through rppal.

use std::task::{Context, Poll};

use rppal::gpio::{Event, Gpio, InputPin, Trigger};
use tokio::sync::mpsc;

use super::{Active, Button, ButtonError, Line, Pull};
use crate::clock::Monotonic;
use crate::press::{Edge, Level};

/// Edges that wait while the daemon has no turn; of more, the later ones are dropped.
const WAITING: usize = 256;

/// A button on such a pin. rppal reads its edges in a thread of its own.
pub struct Rppal {
    name: String,
    active: Active,
    pin: InputPin,
    edges: mpsc::Receiver<Edge>,
}

impl Rppal {
    /// Takes the pin for input.
    ///
    /// # Errors
    /// When this is no Raspberry Pi, or the pin is in use, or it may not be used.
    pub fn open(line: Line) -> Result<Self, ButtonError> {
        let name = format!("GPIO{}", line.gpio);
        let unopened =
            |error: rppal::gpio::Error| ButtonError::Unopened { button: name.clone(), source: error.into() };
        let pin = Gpio::new().and_then(|gpio| gpio.get(line.gpio)).map_err(unopened)?;
        let mut pin = match line.pull {
            Pull::Up => pin.into_input_pullup(),
            Pull::Down => pin.into_input_pulldown(),
            Pull::Off => pin.into_input(),
        };
        let (sender, edges) = mpsc::channel(WAITING);
        let tell = move |event| {
            if let Some(edge) = edge(&event, line.active) {
                let _ = sender.try_send(edge);
            }
        };
        pin.set_async_interrupt(Trigger::Both, None, tell).map_err(unopened)?;
        Ok(Self { name, active: line.active, pin, edges })
    }
}

impl Button for Rppal {
    fn level(&mut self) -> Result<Level, ButtonError> {
        Ok(level(self.pin.is_high(), self.active))
    }

    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<Edge, ButtonError>> {
        self.edges.poll_recv(context).map(|edge| edge.ok_or_else(|| ButtonError::Ended(self.name.clone())))
    }
}

/// The edge that an event tells of. rppal passes on the kernel's stamp, of `CLOCK_MONOTONIC`.
fn edge(event: &Event, active: Active) -> Option<Edge> {
    let is_high = match event.trigger {
        Trigger::RisingEdge => true,
        Trigger::FallingEdge => false,
        Trigger::Both | Trigger::Disabled => return None,
    };
    let nanoseconds = u64::try_from(event.timestamp.as_nanos()).ok()?;
    Some(Edge { level: level(is_high, active), at: Monotonic::from_nanos(nanoseconds) })
}

fn level(is_high: bool, active: Active) -> Level {
    match (is_high, active) {
        (true, Active::High) | (false, Active::Low) => Level::Pressed,
        (false, Active::High) | (true, Active::Low) => Level::Released,
    }
}
