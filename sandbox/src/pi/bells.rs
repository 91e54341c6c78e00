//! Which bells a machine has, and where their buttons are.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The GPIO of the only bell, if nobody says another.
const USUAL: u8 = 17;

/// A bell, as the stack's output `doorbellBells` has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Bell {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// What somebody says about the buttons of one machine.
#[derive(Clone, Debug, Default)]
pub struct Wiring {
    /// The bells that it has; all of the stack if none is said.
    pub bells: Vec<String>,
    /// At which GPIO each is.
    pub gpio: Vec<Gpio>,
}

/// A button, as `front-door=17`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpio {
    bell: String,
    number: u8,
}

impl FromStr for Gpio {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a bell and the number of its GPIO, like front-door=17".to_owned();
        let (bell, number) = text.rsplit_once('=').ok_or_else(expected)?;
        Ok(Self { bell: bell.to_owned(), number: number.parse().map_err(|_| expected())? })
    }
}

impl Wiring {
    /// The bells of this machine, each with its GPIO, of all that the stack has.
    pub(super) fn of(&self, all: &[Bell]) -> Result<Vec<(Bell, u8)>> {
        let ids: Vec<&str> = all.iter().map(|bell| bell.id.as_str()).collect();
        let said = self.bells.iter().chain(self.gpio.iter().map(|gpio| &gpio.bell));
        if let Some(unknown) = said.into_iter().find(|said| !ids.contains(&said.as_str())) {
            let known = ids.join(", ");
            return Err(Error::Answer(format!("the stack has no bell {unknown}; it has {known}")));
        }
        let is_here = |bell: &&Bell| self.bells.is_empty() || self.bells.contains(&bell.id);
        let here: Vec<&Bell> = all.iter().filter(is_here).collect();
        let numbers: BTreeMap<&str, u8> =
            self.gpio.iter().map(|gpio| (gpio.bell.as_str(), gpio.number)).collect();
        if numbers.len() < self.gpio.len() {
            return Err(Error::Answer("a bell has one GPIO, and --gpio says two of the same bell".into()));
        }
        let usual = (here.len() == 1).then_some(USUAL);
        let number = |bell: &Bell| numbers.get(bell.id.as_str()).copied().or(usual);
        let lacking: Vec<String> = here
            .iter()
            .filter(|bell| number(bell).is_none())
            .map(|bell| format!("--gpio {}=NUMBER", bell.id))
            .collect();
        if !lacking.is_empty() {
            let lacking = lacking.join(" ");
            return Err(Error::Answer(format!(
                "say at which GPIO each button is: {lacking}; or with --bells which bells this machine has"
            )));
        }
        Ok(here.into_iter().filter_map(|bell| Some((bell.clone(), number(bell)?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bells: &[&str], gpio: &[&str], all: &[&str]) -> Result<Vec<(String, u8)>, String> {
        let all: Vec<Bell> = all.iter().map(|id| Bell { id: (*id).into(), name: "A bell".into() }).collect();
        let gpio = gpio.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let wiring = Wiring { bells: bells.iter().map(ToString::to_string).collect(), gpio };
        let found = wiring.of(&all).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|(bell, number)| (bell.id, number)).collect())
    }

    #[test]
    fn every_bell_of_the_machine_has_a_gpio() {
        let two = &["front-door", "garden"][..];
        let at = |id: &str, number| (id.to_string(), number);
        assert_eq!(of(&[], &[], &two[..1]), Ok(vec![at("front-door", 17)]));
        assert_eq!(of(&[], &["front-door=4"], &two[..1]), Ok(vec![at("front-door", 4)]));
        assert_eq!(of(&["garden"], &[], two), Ok(vec![at("garden", 17)]));
        let both = Ok(vec![at("front-door", 4), at("garden", 5)]);
        assert_eq!(of(&[], &["garden=5", "front-door=4"], two), both);
        for (bells, gpio, wanted) in [
            (&[][..], &["garden=5"][..], "--gpio front-door=NUMBER; or"),
            (&[], &[], "--gpio front-door=NUMBER --gpio garden=NUMBER; or"),
            (&["gardn"], &[], "no bell gardn; it has front-door, garden"),
            (&[], &["cellar=5"], "no bell cellar"),
            (&[], &["garden=5", "garden=6", "front-door=4"], "two of the same bell"),
            (&[], &["garden"], "like front-door=17"),
            (&[], &["garden=GPIO5"], "like front-door=17"),
        ] {
            let told = of(bells, gpio, two).unwrap_err();
            assert!(told.contains(wanted), "{told}");
        }
    }
}
