//! `[gpio]` and `[[bell]]`: which buttons there are.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use alexa::EndpointId;
use toml::Table;

use super::BellSettings;
use super::section::Section;
use super::values::{self, Backend};
use super::wrong::{Found, WrongSettings};
use crate::button::{Active, ButtonSettings, Line, Pull};
use crate::environment::Environment;
use crate::press::Timings;

/// How buttons are reached.
struct Gpio {
    backend: Option<Backend>,
    chip: Option<PathBuf>,
}

pub(super) fn read(
    gpio: &Table,
    bells: &[Table],
    environment: &Environment,
    wrong: &mut WrongSettings,
) -> Option<BTreeMap<EndpointId, BellSettings>> {
    let gpio = read_gpio(gpio, wrong);
    let mut found = BTreeMap::new();
    let mut buttons = Vec::new();
    for (index, table) in bells.iter().enumerate() {
        let prefix = format!("bell {}: ", index + 1);
        let Some((id, bell)) = read_bell(&prefix, table, &gpio, environment, wrong) else { continue };
        if buttons.contains(&bell.button) {
            let twice = Found::Twice("the button of another bell".into());
            wrong.report(format!("{prefix}gpio"), twice, "a button of its own for each bell");
        }
        buttons.push(bell.button.clone());
        if found.insert(id.clone(), bell).is_some() {
            let twice = Found::Twice(format!("\"{id}\""));
            wrong.report(format!("{prefix}id"), twice, "another id for each bell");
        }
    }
    (found.len() == bells.len()).then_some(found)
}

fn read_gpio(table: &Table, wrong: &mut WrongSettings) -> Gpio {
    let mut section = Section::new("gpio.", table, wrong);
    let backend = match section.value("backend") {
        Some(_) => section.optional("backend", &values::BACKEND),
        None => values::DEFAULT_BACKEND,
    };
    if backend.is_none() && section.value("backend").is_none() {
        section.report("backend", Found::Nothing, values::BACKEND.expected);
    }
    let chip = section.optional("chip", &values::PATH);
    if chip.is_some() && backend.is_some_and(|backend| backend != Backend::Gpiocdev) {
        section.report(
            "chip",
            Found::Described("a device".into()),
            "nothing, unless backend is \"gpiocdev\"",
        );
    }
    section.finish();
    Gpio { backend, chip }
}

fn read_bell(
    prefix: &str,
    table: &Table,
    gpio: &Gpio,
    environment: &Environment,
    wrong: &mut WrongSettings,
) -> Option<(EndpointId, BellSettings)> {
    let mut section = Section::new(prefix, table, wrong);
    let id = section.required("id", &values::ENDPOINT_ID);
    let name = section.optional("name", &values::NAME);
    let line = read_line(&mut section, gpio.backend);
    let (millisecond, second) = (Duration::from_millis(1), Duration::from_secs(1));
    let stable = section.time("stable_ms", 20..=30, millisecond);
    let lockout = section.time("lockout_ms", 1000..=30_000, millisecond);
    let stuck = section.time("stuck_s", 10..=3600, second);
    section.finish();

    let (id, backend) = (id?, gpio.backend?);
    let timings = Timings {
        stable: stable.unwrap_or(millisecond * 25),
        lockout: lockout.unwrap_or(second * 3),
        stuck: stuck.unwrap_or(second * 60),
    };
    let button = match backend {
        Backend::Gpiocdev => ButtonSettings::Gpiocdev { chip: gpio.chip.clone(), line: line? },
        Backend::Rppal => ButtonSettings::Rppal(line?),
        Backend::Simulated => ButtonSettings::Simulated(environment.runtime.join(format!("{id}.button"))),
    };
    Some((id.clone(), BellSettings { name: name.unwrap_or_else(|| id.to_string()), button, timings }))
}

/// Where the button is wired to; a simulated one is wired to nothing, and may keep the settings of the real one.
fn read_line(section: &mut Section<'_>, backend: Option<Backend>) -> Option<Line> {
    let gpio = section.number("gpio", 0..=255);
    let active = section.optional("active", &values::ACTIVE).unwrap_or(Active::Low);
    let pull = section.optional("pull", &values::PULL).unwrap_or(match active {
        Active::Low => Pull::Up,
        Active::High => Pull::Down,
    });
    if section.value("gpio").is_none() && backend != Some(Backend::Simulated) {
        section.report("gpio", Found::Nothing, "the number of the button's GPIO, like 17");
    }
    let gpio = u8::try_from(gpio?).ok()?;
    Some(Line { gpio, active, pull })
}
