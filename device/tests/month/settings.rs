//! What the house is told by its settings, and by the table.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::grant::Grant;
use alexa::lwa::{RefreshToken, UserId};
use alexa::{BearerToken, EndpointId, Region};
use device::button::ButtonSettings;
use device::integration::command::CommandSettings;
use device::integration::{IntegrationKind, IntegrationName, IntegrationSettings, Terms};
use device::press::Timings;
use device::settings::{BellSettings, Doorbell};

/// The integrations, and whether they want pictures. Only their names and terms matter here.
pub(crate) const INTEGRATIONS: [(&str, bool); 5] =
    [("camera", false), ("command", false), ("hue", false), ("mqtt", true), ("webhook", true)];

pub(crate) fn bell() -> EndpointId {
    EndpointId::parse("front-door").expect("an id")
}

pub(crate) fn doorbell() -> Doorbell {
    let millis = Duration::from_millis;
    let timings = Timings { stable: millis(25), lockout: millis(3000), stuck: millis(60_000) };
    let button = ButtonSettings::Simulated("/nowhere".into());
    let settings = BellSettings { name: "Front door".into(), button, timings };
    let kind = IntegrationKind::Command(CommandSettings { program: "true".into(), arguments: Vec::new() });
    let integrations = INTEGRATIONS.map(|(name, wants_pictures)| {
        let terms = Terms { bells: None, deadline: millis(10_000), tries: 3, wants_pictures };
        (IntegrationName::parse(name).expect("a name"), IntegrationSettings { terms, kind: kind.clone() })
    });
    Doorbell {
        bells: BTreeMap::from([(bell(), settings)]),
        heartbeat: millis(60_000),
        integrations: integrations.into(),
    }
}

/// The grant of the one who has linked the skill.
pub(crate) fn grant(expires_at: SystemTime) -> Grant {
    Grant {
        user: UserId::parse("amzn1.account.A").expect("a user"),
        access_token: BearerToken::new("made-up"),
        refresh_token: RefreshToken::new("made-up"),
        expires_at,
        region: Region::Europe,
        in_row: RefreshToken::new("made-up"),
        ended: None,
    }
}
