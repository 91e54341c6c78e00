//! The Pi's own registers: the machine's owner moves the pins from outside, and this end tells what it sees.

use std::time::Duration;

use device::button::{Active, Button, Line, Pull, Rppal};
use device::press::Level;
use tokio::time::{Instant, sleep};

use crate::trial::{Wrong, tell};

/// The pins that are moved, and what pressing does to each.
const PINS: [(u8, Active, Pull); 2] = [(27, Active::High, Pull::Down), (17, Active::Low, Pull::Up)];
/// How long the owner may take for one move.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries what an emulated Pi can show: levels, but no edges, since its registers raise no interrupt.
pub(crate) async fn try_all() {
    for (gpio, active, pull) in PINS {
        tell(&format!("a press of GPIO{gpio} is seen"), press_is_seen(Line { gpio, active, pull }).await);
    }
}

/// Asks for each level in turn, and waits for it.
async fn press_is_seen(line: Line) -> Result<(), Wrong> {
    let mut button = Rppal::open(line)?;
    for wanted in [Level::Released, Level::Pressed, Level::Released] {
        let is_high = (wanted == Level::Pressed) == (line.active == Active::High);
        ask(line.gpio, is_high);
        let until = Instant::now() + PATIENCE;
        while button.level()? != wanted {
            if Instant::now() >= until {
                return Err(format!("it never became {wanted:?}").into());
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}

/// Asks the machine's owner to move a pin.
#[expect(clippy::print_stdout, reason = "the console is the way out of the machine")]
fn ask(gpio: u8, is_high: bool) {
    println!("move {gpio} {}", if is_high { "high" } else { "low" });
}
