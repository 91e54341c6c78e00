//! The locales of skills.

use crate::values::{Expected, Region};

/// A locale that smart home skills can have, like `en-US`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale(&'static str);

/// Those whose accounts have their functions called in one of AWS's regions: the locale of an account decides it, not
/// the place (Home Assistant's documentation, "Amazon Alexa smart home skill").
const NORTH_AMERICA: &[&str] = &["en-US", "en-CA", "pt-BR"];
const EUROPE: &[&str] = &["en-GB", "de-DE", "en-IN", "es-ES", "fr-FR"];
const FAR_EAST: &[&str] = &["ja-JP", "en-AU"];
/// Those of which nobody has written where their functions are called.
const OTHERS: &[&str] = &["ar-SA", "es-MX", "es-US", "fr-CA", "hi-IN", "it-IT", "nl-NL"];

impl Locale {
    /// Every locale.
    pub fn all() -> impl Iterator<Item = Self> {
        [NORTH_AMERICA, EUROPE, FAR_EAST, OTHERS].into_iter().flatten().copied().map(Self)
    }

    /// Those that are known to call functions in `region`.
    pub fn of(region: Region) -> Vec<Self> {
        let locales = match region {
            Region::UsEast1 => NORTH_AMERICA,
            Region::EuWest1 => EUROPE,
            Region::UsWest2 => FAR_EAST,
        };
        locales.iter().copied().map(Self).collect()
    }

    /// Reads a locale as Amazon writes it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        Self::all().find(|locale| locale.0 == text).ok_or_else(|| {
            let all: Vec<_> = Self::all().map(Self::name).collect();
            format!("one of {}", all.join(", "))
        })
    }

    /// As Amazon writes it.
    pub fn name(self) -> &'static str {
        self.0
    }
}
