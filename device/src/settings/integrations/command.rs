//! `[[command]]`.

use crate::integration::IntegrationKind;
use crate::integration::command::CommandSettings;
use crate::settings::secrets::SecretsOf;
use crate::settings::section::Section;
use crate::settings::values;
use crate::settings::wrong::Found;

pub(super) fn read(section: &mut Section<'_>, _: &mut SecretsOf<'_>) -> Option<IntegrationKind> {
    program(section, "run").map(IntegrationKind::Command)
}

/// A program with its arguments, which has to be there.
fn program(section: &mut Section<'_>, name: &'static str) -> Option<CommandSettings> {
    if section.value(name).is_none() {
        section.report(name, Found::Nothing, values::PROGRAM_EXPECTED);
    }
    optional_program(section, name)
}

/// A program with its arguments, if it is set and good.
pub(super) fn optional_program(section: &mut Section<'_>, name: &'static str) -> Option<CommandSettings> {
    let mut words = section.list(name, &values::WORD)?;
    if words.is_empty() || words.first().is_some_and(String::is_empty) {
        section.report(name, Found::Described("no program".into()), values::PROGRAM_EXPECTED);
        return None;
    }
    let program = words.remove(0).into();
    Some(CommandSettings { program, arguments: words })
}
