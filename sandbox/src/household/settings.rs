//! What the daemon's settings say of the household.

use secrecy::ExposeSecret;

use super::Household;
use crate::parts::{camera, hue_bridge, mosquitto};

/// The integrations by their names, which are those of their kinds, and how their tables begin.
const KINDS: [(&str, &str); 3] = [(CAMERA, "[[camera]]"), (MQTT, "[mqtt]"), ("hue", "[[hue]]")];

pub(super) const CAMERA: &str = "camera";
pub(super) const MQTT: &str = "mqtt";

/// Tables of the daemon's settings, and of its secrets.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) settings: String,
    pub(crate) secrets: String,
}

impl Tables {
    /// Those that have the daemon tell `household`.
    pub(crate) fn of(household: &Household) -> Self {
        let Household { camera, broker, lamps } = household;
        let (mut settings, mut secrets) = (String::new(), String::new());
        if let Some(password) = camera {
            settings += &format!("\n[[camera]]\nurl = \"{}\"\nuser = \"{}\"\n", camera::URL, camera::USER);
            secrets += &format!("[camera]\npassword = \"{}\"\n", password.expose_secret());
        }
        if let Some(password) = broker {
            let url = format!("mqtt://127.0.0.1:{}", mosquitto::PORT);
            settings += &format!("\n[mqtt]\nurl = \"{url}\"\nuser = \"{}\"\n", mosquitto::DOORBELL);
            secrets += &format!("[mqtt]\npassword = \"{}\"\n", password.expose_secret());
        }
        if let Some(bridge) = lamps {
            let (address, pin, room) = (&bridge.address, &bridge.pin, hue_bridge::ROOM);
            settings += &format!(
                "\n[[hue]]\naddress = \"{address}\"\ncertificate = \"{pin}\"\nrooms = [\"{room}\"]\nseconds = 3\n"
            );
            secrets += &format!("[hue]\nkey = \"{}\"\n", bridge.key.expose_secret());
        }
        Self { settings, secrets }
    }
}

/// The names of the integrations that these settings have.
pub(super) fn names(settings: &str) -> Vec<&'static str> {
    let has = |table: &str| settings.lines().any(|line| line == table);
    KINDS.into_iter().filter(|(_, table)| has(table)).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::hue_bridge::Access;

    #[test]
    fn the_daemon_is_told_of_what_there_is_and_of_its_secrets_elsewhere() {
        let bridge =
            Access { address: "127.0.0.1:9421".into(), pin: "AB:CD".into(), key: "lamps-key".into() };
        let whole = Household {
            camera: Some("camera-password".into()),
            broker: Some("broker-password".into()),
            lamps: Some(bridge),
        };
        let tables = Tables::of(&whole);
        assert_eq!(names(&tables.settings), ["camera", "mqtt", "hue"]);
        for secret in ["camera-password", "broker-password", "lamps-key"] {
            assert!(tables.secrets.contains(secret) && !tables.settings.contains(secret), "{tables:?}");
        }
        assert_eq!(names(&Tables::of(&Household { camera: None, ..whole }).settings), ["mqtt", "hue"]);
        assert_eq!(Tables::of(&Household::default()).settings, "");
    }
}
