//! `[[command]]`.

use toml::Value;

use super::Bells;
use crate::integration::IntegrationKind;
use crate::integration::command::CommandSettings;
use crate::settings::secrets::SecretsOf;
use crate::settings::section::Section;
use crate::settings::wrong::Found;

const EXPECTED: &str =
    "a list of a program and its arguments, like [\"/usr/local/bin/light\", \"on\"]; no shell reads them";

pub(super) fn read(section: &mut Section<'_>, _: &mut SecretsOf<'_>, _: &Bells) -> Option<IntegrationKind> {
    program(section, "run").map(IntegrationKind::Command)
}

/// A program with its arguments, which has to be there.
fn program(section: &mut Section<'_>, name: &'static str) -> Option<CommandSettings> {
    if section.value(name).is_none() {
        section.report(name, Found::Nothing, EXPECTED);
    }
    optional_program(section, name)
}

/// A program with its arguments, if it is set and good.
pub(super) fn optional_program(section: &mut Section<'_>, name: &'static str) -> Option<CommandSettings> {
    let value = section.value(name)?;
    let word = |word: &Value| word.as_str().filter(|word| !word.contains('\0')).map(str::to_owned);
    let words: Option<Vec<String>> = value.as_array().and_then(|words| words.iter().map(word).collect());
    match words.as_deref() {
        Some([program, arguments @ ..]) if !program.is_empty() => {
            Some(CommandSettings { program: program.into(), arguments: arguments.to_vec() })
        }
        Some(_) | None => {
            section.report(name, Found::value(value), EXPECTED);
            None
        }
    }
}
