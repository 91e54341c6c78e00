//! The tables of the integrations: what is the same for all of them, and whose file has the rest.

#[cfg(feature = "camera")]
mod camera;
mod command;
mod hue;
mod mqtt;
mod sound;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alexa::EndpointId;
use toml::Table;

use super::secrets::{Secrets, SecretsOf};
use super::section::Section;
use super::values;
use super::wrong::{Found, WrongSettings};
use crate::integration::{IntegrationKind, IntegrationName, IntegrationSettings, Terms};

/// How the tables of one kind of integration are read.
struct Kind {
    /// The table's name, which is that of an integration without one.
    table: &'static str,
    /// Whether there can be several.
    number: Number,
    /// How long a try may take, in seconds, if nothing is said.
    deadline: u32,
    /// How often it is tried, if nothing is said.
    tries: u32,
    /// Who is told of pictures: nobody, those that ask for it, or all.
    pictures: Pictures,
    /// Reads what is special about it.
    read: fn(&mut Section<'_>, &mut SecretsOf<'_>, &Bells) -> Option<IntegrationKind>,
}

/// How many integrations of one kind there can be, which shows in the brackets around its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// `[mqtt]`
    One,
    /// `[[webhook]]`
    Several,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pictures {
    Never,
    IfAsked,
    Always,
}

/// The bells that an integration is told of, and what people call them.
type Bells = BTreeMap<EndpointId, String>;

const KINDS: &[Kind] = &[
    #[cfg(feature = "camera")]
    Kind {
        table: "camera",
        number: Number::Several,
        deadline: 20,
        // It waits for a frame that is not there yet by itself.
        tries: 1,
        pictures: Pictures::Never,
        read: camera::read,
    },
    Kind {
        table: "command",
        number: Number::Several,
        deadline: 10,
        // Nobody knows whether it does harm to run it twice.
        tries: 1,
        pictures: Pictures::IfAsked,
        read: command::read,
    },
    Kind {
        table: "hue",
        number: Number::Several,
        deadline: 15,
        tries: 2,
        pictures: Pictures::Never,
        read: hue::read,
    },
    Kind {
        table: "mqtt",
        number: Number::One,
        deadline: 10,
        tries: 3,
        pictures: Pictures::Always,
        read: mqtt::read,
    },
    Kind {
        table: "sound",
        number: Number::Several,
        deadline: 30,
        tries: 1,
        pictures: Pictures::Never,
        read: sound::read,
    },
    Kind {
        table: "webhook",
        number: Number::Several,
        deadline: 10,
        tries: 3,
        pictures: Pictures::IfAsked,
        read: webhook::read,
    },
];

/// The names of the tables, and how many of each there can be.
pub(super) fn tables() -> impl Iterator<Item = (&'static str, Number)> {
    KINDS.iter().map(|kind| (kind.table, kind.number))
}

/// Reads all integrations, out of the file's tables by name.
pub(super) fn read(
    found: &BTreeMap<&'static str, Vec<Table>>,
    bells: &Bells,
    secrets: &mut Secrets,
    wrong: &mut WrongSettings,
) -> Option<BTreeMap<IntegrationName, IntegrationSettings>> {
    let mut integrations = BTreeMap::new();
    let mut complete = true;
    for kind in KINDS {
        for (index, table) in found.get(kind.table).into_iter().flatten().enumerate() {
            let prefix = match kind.number {
                Number::One => format!("{}.", kind.table),
                Number::Several => format!("{} {}: ", kind.table, index + 1),
            };
            let Some((name, settings)) = read_one(kind, &prefix, table, bells, secrets, wrong) else {
                complete = false;
                continue;
            };
            if integrations.insert(name.clone(), settings).is_some() {
                let twice = Found::Twice(format!("\"{name}\""));
                wrong.report(format!("{prefix}name"), twice, "another name for each integration");
            }
        }
    }
    complete.then_some(integrations)
}

fn read_one(
    kind: &Kind,
    prefix: &str,
    table: &Table,
    bells: &Bells,
    secrets: &mut Secrets,
    wrong: &mut WrongSettings,
) -> Option<(IntegrationName, IntegrationSettings)> {
    let mut section = Section::new(prefix, table, wrong);
    let name = match kind.number {
        Number::Several if section.value("name").is_some() => section.optional("name", &values::INTEGRATION),
        Number::One | Number::Several => IntegrationName::parse(kind.table),
    };
    let only = section.list("bells", &values::ENDPOINT_ID);
    if let Some(stranger) = only.iter().flatten().find(|id| !bells.contains_key(*id)) {
        let found = Found::Shown(format!("\"{stranger}\""));
        section.report("bells", found, "the ids of bells that are in this file");
    }
    let deadline = section.time("deadline_s", 1..=60, Duration::from_secs(1));
    let tries = section.number("tries", 1..=5);
    let wants_pictures = match kind.pictures {
        Pictures::Never => false,
        Pictures::IfAsked => section.flag("pictures").unwrap_or(false),
        Pictures::Always => true,
    };
    let mut told = bells.clone();
    told.retain(|id, _| only.as_ref().is_none_or(|only| only.contains(id)));
    let terms = Terms {
        bells: only.map(BTreeSet::from_iter),
        deadline: deadline.unwrap_or(Duration::from_secs(kind.deadline.into())),
        tries: tries.unwrap_or(kind.tries),
        wants_pictures,
    };
    let owner = name.as_ref().map_or("", IntegrationName::as_str);
    let special = (kind.read)(&mut section, &mut secrets.of(owner), &told);
    section.finish();
    Some((name?, IntegrationSettings { terms, kind: special? }))
}
