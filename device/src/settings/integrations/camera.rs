//! `[[camera]]`.

use std::time::Duration;

use camera::{Address, Credentials, Wanted};

use super::Bells;
use crate::integration::IntegrationKind;
use crate::integration::camera::CameraSettings;
use crate::settings::secrets::SecretsOf;
use crate::settings::section::Section;
use crate::settings::values;
use crate::settings::wrong::Found;

pub(super) fn read(
    section: &mut Section<'_>,
    secrets: &mut SecretsOf<'_>,
    _: &Bells,
) -> Option<IntegrationKind> {
    let address = address(section);
    let user = section.optional("user", &values::USER);
    let credentials = match (user, secrets.take("password")) {
        (Some(user), Some(password)) => Some(Credentials { user, password }),
        (Some(_), None) => {
            let expected = "the camera's `password` as well, in the secrets under this integration's name";
            section.report("user", Found::Described("a user alone".into()), expected);
            None
        }
        (None, Some(_)) => {
            section.report("user", Found::Nothing, "the user whose password is in the secrets");
            None
        }
        (None, None) => None,
    };
    let default = Wanted::default();
    let wanted = Wanted {
        before: count(section, "before"),
        after: count(section, "after"),
        spacing: section.time("spacing_ms", 200..=2_000, Duration::from_millis(1)).unwrap_or(default.spacing),
        widest: section
            .number("widest", 160..=3_840)
            .and_then(|widest| u16::try_from(widest).ok())
            .unwrap_or(default.widest),
        ..default
    };
    let camera = camera::Camera { address: address?, credentials };
    Some(IntegrationKind::Camera(CameraSettings { camera, wanted }))
}

fn address(section: &mut Section<'_>) -> Option<Address> {
    const EXAMPLE: &str = "the URL of the camera's stream, like \"rtsp://camera.lan/stream1\"";
    let Some(value) = section.value("url") else {
        section.report("url", Found::Nothing, EXAMPLE);
        return None;
    };
    let Some(text) = value.as_str() else {
        section.report("url", Found::value(value), EXAMPLE);
        return None;
    };
    Address::parse(text)
        .map_err(|error| {
            let expected = error.to_string();
            let expected = expected.strip_prefix("expected ").unwrap_or(&expected);
            section.report("url", Found::value(value), expected);
        })
        .ok()
}

fn count(section: &mut Section<'_>, name: &'static str) -> u8 {
    section.number(name, 0..=5).and_then(|count| u8::try_from(count).ok()).unwrap_or_default()
}
