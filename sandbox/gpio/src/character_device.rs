//! The character device's backend and the press logic, on a chip of gpio-sim.

use std::future::poll_fn;
use std::path::Path;
use std::thread::{self, sleep};
use std::time::Duration;

use device::button::{Active, Button, ButtonError, Gpiocdev, Line, Pull};
use device::clock::Monotonic;
use device::press::{Edge, Happening, Level, PressWatch, Timings};
use tokio::time::timeout;

use crate::simulated_chip::{self, Voltage, Wire};
use crate::trial::{Wrong, tell};

const TIMINGS: Timings = Timings {
    stable: Duration::from_millis(25),
    lockout: Duration::from_millis(400),
    stuck: Duration::from_secs(30),
};
/// Longer than the stable time, shorter than the lockout.
const WHILE: Duration = Duration::from_millis(80);

/// Tries everything that this machine can show.
pub(crate) async fn try_all() {
    let chip = match simulated_chip::make() {
        Ok(chip) => chip,
        Err(error) => return tell("a chip is there", Err(error.into())),
    };
    tell("bounce is one press where low is active", bounce_is_one_press(&chip, 17, Active::Low).await);
    tell("bounce is one press where high is active", bounce_is_one_press(&chip, 18, Active::High).await);
    tell("a second press waits for the lockout", lockout(&chip).await);
    tell("a button held at the start is no press", held_at_the_start(&chip).await);
    tell("edges carry the kernel's time", kernel_time(&chip).await);
    tell("the level after too many edges is right", too_many_edges(&chip).await);
    tell("a line that cannot be had is told", unavailable(&chip));
}

async fn bounce_is_one_press(chip: &Path, gpio: u8, active: Active) -> Result<(), Wrong> {
    let (pull, pressed) = match active {
        Active::Low => (Pull::Up, Voltage::Low),
        Active::High => (Pull::Down, Voltage::High),
    };
    let button = Gpiocdev::open(None, Line { gpio, active, pull })?;
    let wire = Wire::new(chip, gpio);
    let before = Monotonic::now();
    let happenings = while_moved(button, move || {
        wire.bounce_to(pressed)?;
        sleep(WHILE);
        wire.bounce_to(pressed.other())?;
        sleep(WHILE);
        Ok(())
    });
    match happenings.await?.as_slice() {
        [Happening::Pressed { edge, stable }] => {
            ensure("the press is younger than the trial", *edge >= before)?;
            ensure("it was stable", stable.since(*edge) >= TIMINGS.stable)
        }
        other => Err(format!("found {other:?}, wanted one press").into()),
    }
}

async fn lockout(chip: &Path) -> Result<(), Wrong> {
    let button = Gpiocdev::open(None, Line { gpio: 19, active: Active::Low, pull: Pull::Up })?;
    let wire = Wire::new(chip, 19);
    let happenings = while_moved(button, move || {
        for pause in [WHILE, TIMINGS.lockout, WHILE] {
            wire.bounce_to(Voltage::Low)?;
            sleep(WHILE);
            wire.bounce_to(Voltage::High)?;
            sleep(pause);
        }
        Ok(())
    });
    let happenings = happenings.await?;
    let presses = |happening: &&Happening| matches!(happening, Happening::Pressed { .. });
    check("how many were told", &happenings.len(), &3)?;
    check("presses", &happenings.iter().filter(presses).count(), &2)?;
    check("the second one", &happenings[1], &Happening::LockedOut)
}

async fn held_at_the_start(chip: &Path) -> Result<(), Wrong> {
    let wire = Wire::new(chip, 20);
    wire.set(Voltage::Low)?;
    let mut button = Gpiocdev::open(None, Line { gpio: 20, active: Active::Low, pull: Pull::Off })?;
    check("the level at the start", &button.level()?, &Level::Pressed)?;
    let happenings = while_moved(button, move || {
        sleep(WHILE);
        wire.bounce_to(Voltage::High)?;
        sleep(WHILE);
        Ok(())
    });
    check("what was told", &happenings.await?, &Vec::new())
}

/// The edges are read long after they happened, and their times are when they did.
async fn kernel_time(chip: &Path) -> Result<(), Wrong> {
    let mut button = Gpiocdev::open(None, Line { gpio: 21, active: Active::Low, pull: Pull::Up })?;
    let wire = Wire::new(chip, 21);
    let mut windows = Vec::new();
    for voltage in [Voltage::Low, Voltage::High] {
        let before = Monotonic::now();
        wire.set(voltage)?;
        sleep(WHILE);
        windows.push(before..Monotonic::now());
    }
    sleep(WHILE);
    for (window, level) in windows.iter().zip([Level::Pressed, Level::Released]) {
        let edge = next_edge(&mut button).await?;
        check("the level", &edge.level, &level)?;
        ensure("the edge is within its time", window.contains(&edge.at))?;
    }
    Ok(())
}

/// The kernel keeps the latest edges of more than it has room for.
async fn too_many_edges(chip: &Path) -> Result<(), Wrong> {
    let mut button = Gpiocdev::open(None, Line { gpio: 22, active: Active::Low, pull: Pull::Up })?;
    let wire = Wire::new(chip, 22);
    for _ in 0..300 {
        wire.slide_to(Voltage::Low)?;
        wire.slide_to(Voltage::High)?;
    }
    wire.slide_to(Voltage::Low)?;
    let mut levels = Vec::new();
    while let Ok(edge) = timeout(Duration::ZERO, next_edge(&mut button)).await {
        levels.push(edge?.level);
    }
    check("how many were kept", &levels.len(), &256)?;
    check("the latest one", &levels.last(), &Some(&Level::Pressed))?;
    ensure("none is missing in between", levels.windows(2).all(|pair| pair[0] != pair[1]))?;
    check("the level", &button.level()?, &Level::Pressed)
}

fn unavailable(chip: &Path) -> Result<(), Wrong> {
    let line = Line { gpio: 23, active: Active::Low, pull: Pull::Up };
    let held = Gpiocdev::open(None, line)?;
    let again = Gpiocdev::open(None, line).err();
    ensure("a line in use is refused", matches!(again, Some(ButtonError::Unopened { .. })))?;
    drop(held);
    let device = chip.file_name().map(|name| Path::new("/dev").join(name));
    Gpiocdev::open(device.as_deref(), line)?;
    let none = Gpiocdev::open(None, Line { gpio: 40, ..line }).err();
    ensure("a line that is not there is refused", matches!(none, Some(ButtonError::NoLine(_))))
}

/// What the press logic says about a button while `moving` moves it, fed as the daemon feeds it.
async fn while_moved(
    mut button: Gpiocdev,
    moving: impl FnOnce() -> std::io::Result<()> + Send + 'static,
) -> Result<Vec<Happening>, Wrong> {
    let mut watch = PressWatch::new(TIMINGS, button.level()?, None, Monotonic::now());
    let mut happenings = Vec::new();
    let finger = thread::spawn(moving);
    while !finger.is_finished() {
        // Short, so that the end of the movement is noticed.
        let wait = watch.deadline().map_or(WHILE, |deadline| deadline.since(Monotonic::now()).min(WHILE));
        match timeout(wait, next_edge(&mut button)).await {
            Ok(edge) => happenings.extend(watch.on_edge(edge?)),
            Err(_) => happenings.extend(watch.on_deadline(Monotonic::now())),
        }
    }
    finger.join().map_err(|_| "the finger broke")??;
    Ok(happenings)
}

async fn next_edge(button: &mut Gpiocdev) -> Result<Edge, ButtonError> {
    poll_fn(|context| button.poll_edge(context)).await
}

/// Fails with what was found unless it is what was wanted.
fn check<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Result<(), Wrong> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: found {found:?}, wanted {wanted:?}").into()) }
}

/// Fails unless it holds.
fn ensure(what: &str, holds: bool) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(format!("it does not hold that {what}").into()) }
}
