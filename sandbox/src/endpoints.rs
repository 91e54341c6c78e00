//! `endpoints.json`: the URLs and tokens of everything that runs, for scripts and for the curious.

use std::collections::BTreeMap;
use std::path::PathBuf;

use alexa::Region;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::developer::Developer;
use crate::error::Result;
use crate::layout::{Layout, write_private};
use crate::parts::home_assistant::{self, Access};
use crate::parts::{
    Kind, amazon, camera, doorbell, headscale, home_node, hue_bridge, lambda_runner, ministack, mosquitto,
};

/// The content of the file. It holds tokens, and so has no `Debug`.
pub struct Endpoints(Value);

impl Endpoints {
    /// Where everything is.
    #[must_use]
    pub fn new(layout: &Layout, access: &Access, developer: &Developer) -> Self {
        let gateways: BTreeMap<_, _> =
            Region::ALL.into_iter().map(|region| (region.code(), amazon::gateway_url(region))).collect();
        Self(json!({
            "home_assistant": {
                "url": home_assistant::URL,
                "tailnet_url": home_node::base_url(),
                "username": access.username,
                "password": access.password.expose_secret(),
                "token": access.token.expose_secret(),
            },
            "aws_emulator": {"url": ministack::URL},
            "control_server": {"url": headscale::URL, "ca": layout.ca()},
            "lambda_runner": {"url": lambda_runner::URL},
            "amazon": {
                "login_url": amazon::LOGIN_URL,
                "event_gateway_urls": gateways,
                "driver_url": amazon::DRIVER_URL,
                "skill_management": {
                    "url": amazon::SKILLS_URL,
                    "vendor_id": developer.vendor_id,
                    "client_id": developer.client_id,
                    "client_secret": developer.client_secret.expose_secret(),
                    "refresh_token": developer.refresh_token.expose_secret(),
                },
            },
        }))
    }

    /// Writes the file, for its owner's eyes only.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, layout: &Layout) -> Result<()> {
        write_private(&layout.endpoints(), format!("{:#}\n", self.0))
    }
}

/// One line of the table that `up` ends with.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub what: &'static str,
    /// Where it is.
    pub url: String,
    /// What a person needs to know to use it.
    pub note: String,
}

/// Everything that a person can open.
#[must_use]
pub fn table(layout: &Layout) -> Vec<Row> {
    let row = |what, url: &str, note: String| Row { what, url: url.into(), note };
    let relative = |path: PathBuf| {
        path.strip_prefix(&layout.repository).map_or(path.clone(), PathBuf::from).display().to_string()
    };
    let mut rows = vec![
        row(
            "Home Assistant",
            home_assistant::URL,
            format!("owner's password: {}", relative(home_assistant::file(layout))),
        ),
        row("AWS emulator", ministack::URL, "any credentials".into()),
        row("control server", headscale::URL, format!("CA: {}", relative(layout.ca()))),
        row("Lambda runner", lambda_runner::URL, "Lambda's Invoke API".into()),
        row("doorbell's page", doorbell::URL, "who rang, quiet hours, health".into()),
        row(
            "Amazon",
            amazon::DRIVER_URL,
            "a fake one; sandbox/amazon/src/control.rs says how it is driven".into(),
        ),
        row("Hue Bridge", hue_bridge::URL, "a fake one, whose room Entrance flashes".into()),
    ];
    let runs = |part: Kind| part.process(layout).is_ok_and(|process| process.is_some());
    if runs(camera::KIND) {
        let password = relative(layout.secret(camera::PASSWORD));
        rows.push(row("camera", camera::URL, format!("user {}, password: {password}", camera::USER)));
    }
    if runs(mosquitto::KIND) {
        let note = "between the doorbell and Home Assistant".into();
        rows.push(row("MQTT broker", &format!("mqtt://127.0.0.1:{}", mosquitto::PORT), note));
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        let access = Access { username: "owner".into(), password: "p".into(), token: "t".into() };
        let developer = Developer {
            vendor_id: "M1".into(),
            client_id: "c".into(),
            client_secret: "s".into(),
            refresh_token: "r".into(),
        };
        Endpoints::new(&layout, &access, &developer).write(&layout).unwrap();
        assert_eq!(layout.endpoints().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let written: Value = serde_json::from_slice(&std::fs::read(layout.endpoints()).unwrap()).unwrap();
        assert_eq!(written["home_assistant"]["tailnet_url"], "http://home.sandbox.porch.internal:8123");
        assert_eq!(written["amazon"]["event_gateway_urls"]["EU"], "http://127.0.0.1:9412");
        assert_eq!(written["amazon"]["skill_management"]["vendor_id"], "M1");
    }
}
