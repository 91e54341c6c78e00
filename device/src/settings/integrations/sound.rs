//! `[[sound]]`.

use super::Bells;
use super::command::optional_program;
use crate::integration::IntegrationKind;
use crate::integration::command::CommandSettings;
use crate::integration::sound::SoundSettings;
use crate::settings::secrets::SecretsOf;
use crate::settings::section::Section;
use crate::settings::values;

pub(super) fn read(section: &mut Section<'_>, _: &mut SecretsOf<'_>, _: &Bells) -> Option<IntegrationKind> {
    let file = section.required("file", &values::PATH);
    let player = match section.value("player") {
        Some(_) => optional_program(section, "player"),
        // Of alsa-utils, which every Raspberry Pi OS has.
        None => Some(CommandSettings { program: "aplay".into(), arguments: vec!["--quiet".to_owned()] }),
    };
    Some(IntegrationKind::Sound(SoundSettings { file: file?, player: player? }))
}
