//! What settings name.

use std::fmt;

/// What is to flash: each by its name, or by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Single lights.
    pub lights: Vec<String>,
    /// Rooms and zones.
    pub rooms: Vec<String>,
    /// A scene, as `room/scene` if its name alone is that of several.
    pub scene: Option<String>,
}

/// A name that does not lead to one thing that can flash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongName {
    /// What it should be of: `light`, `room or zone`, `scene`.
    pub kind: &'static str,
    /// The name.
    pub wanted: String,
    /// What is wrong with it.
    pub why: Wrong,
}

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing is called that; these names there are.
    Unknown(Vec<String>),
    /// Several are called that; these names tell them apart.
    Several(Vec<String>),
    /// It cannot flash.
    Still,
}

impl WrongName {
    pub(super) fn still(kind: &'static str, wanted: &str) -> Self {
        Self { kind, wanted: wanted.to_owned(), why: Wrong::Still }
    }
}

impl fmt::Display for WrongName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, wanted, why } = self;
        match why {
            Wrong::Unknown(names) if names.is_empty() => {
                write!(f, "no {kind} is called `{wanted}`, or anything at all")
            }
            Wrong::Unknown(names) => write!(f, "no {kind} is called `{wanted}`, there are {}", listed(names)),
            Wrong::Several(names) => {
                write!(f, "more than one {kind} is called `{wanted}`, say which: {}", listed(names))
            }
            Wrong::Still => write!(f, "the {kind} `{wanted}` has no light that can flash"),
        }
    }
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 40;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let rest = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &rest
}
