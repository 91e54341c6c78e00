//! `[[hue]]`.

use certificates::Fingerprint;
use hue::{Address, ApplicationKey, BridgeSettings, FlashSettings, Wanted};
use secrecy::ExposeSecret;
use toml::Value;

use super::Bells;
use crate::integration::IntegrationKind;
use crate::integration::hue::HueSettings;
use crate::settings::secrets::SecretsOf;
use crate::settings::section::{Kind, Section};
use crate::settings::wrong::Found;

/// How long lamps flash if nothing is said.
const SECONDS: u32 = 8;

const ADDRESS: Kind<Address> = Kind {
    expected: "the bridge's address, like \"192.168.1.20\" or \"hue.lan\", without https://",
    parse: |text| Address::parse(text).ok(),
};

const CERTIFICATE: Kind<Fingerprint> = Kind {
    expected: "the fingerprint of the bridge's certificate, as `porch-doorbell pair hue` told it",
    parse: |text| Fingerprint::parse(text).ok(),
};

const NAME: Kind<String> = Kind {
    expected: "a name as the Hue app shows it, or an id",
    parse: |text| (1..=200).contains(&text.trim().len()).then(|| text.to_owned()),
};

const KEY: &str = "in the file of secrets, under this integration's name, the `key` that the bridge gave to \
                   `porch-doorbell pair hue`";

const NOTHING: &str = "what is to flash: `lights` or `rooms` (lists of names), or a `scene`";

pub(super) fn read(
    section: &mut Section<'_>,
    secrets: &mut SecretsOf<'_>,
    _: &Bells,
) -> Option<IntegrationKind> {
    let address = section.required("address", &ADDRESS);
    let pin = section.required("certificate", &CERTIFICATE);
    let lights = section.list("lights", &NAME);
    let rooms = section.list("rooms", &NAME);
    let scene = section.optional("scene", &NAME);
    let names = ["lights", "rooms", "scene"].map(|name| section.value(name));
    let is_empty =
        |value: Option<&Value>| value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
    let is_nothing = names.into_iter().all(is_empty);
    if is_nothing {
        let found = section.value("lights").map_or(Found::Nothing, Found::value);
        section.report("lights", found, NOTHING);
    }
    let seconds = section.number("seconds", 1..=60);
    let flash = FlashSettings::new(u8::try_from(seconds.unwrap_or(SECONDS)).unwrap_or(u8::MAX));
    let key = secrets.take("key");
    if key.is_none() {
        section.report("key", Found::Nothing, KEY);
    }
    let key = key.and_then(|key| match ApplicationKey::parse(key.expose_secret()) {
        Ok(key) => Some(key),
        Err(expected) => {
            section.report("key", Found::Described("something else, which is not shown".into()), expected);
            None
        }
    });
    let bridge = BridgeSettings { address: address?, pin: pin?, key: key? };
    let wanted = Wanted { lights: lights.unwrap_or_default(), rooms: rooms.unwrap_or_default(), scene };
    let settings = HueSettings { bridge, wanted, flash: flash? };
    (!is_nothing).then_some(IntegrationKind::Hue(settings))
}
