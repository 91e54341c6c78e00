//! Every kind of integration, each with the part that it needs.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::super::Rig;
use crate::error::Result;
use crate::layout::Layout;
use crate::parts::camera;
use crate::parts::hue_bridge::{self, LAMPS};
use crate::parts::mosquitto::{self, Account};
use crate::secrets;

/// What they are called.
pub(super) const NAMES: &[&str] = &["camera", "command", "hue", "mqtt", "sound", "webhook"];
/// The user that the broker knows, and the name of the secret that is his password.
const USER: &str = "doorbell";
const PASSWORD: &str = "broker";

/// The parts, which end with this.
pub(super) struct Integrations {
    _parts: Parts,
    bridge: hue_bridge::Access,
    camera: SecretString,
    broker: SecretString,
}

impl Integrations {
    /// Has a camera, a broker and a Hue Bridge running.
    pub(super) async fn start(rig: &Rig<'_>) -> Result<Self> {
        let (settings, layout) = (&rig.sandbox.settings, &rig.sandbox.layout);
        let broker = secrets::made_once(layout, PASSWORD)?;
        let access = vec!["topic readwrite #".into()];
        let accounts = [Account { user: USER.into(), password: broker.clone(), access }];
        let parts = Parts(layout.clone());
        for part in [
            camera::part(settings, layout)?,
            mosquitto::part(settings, layout, &accounts).await?,
            hue_bridge::part(settings, layout, rig.tools.hue_bridge.clone())?,
        ] {
            part.restart(layout).await?;
        }
        Ok(Self {
            _parts: parts,
            bridge: hue_bridge::access(layout)?,
            camera: secrets::made_once(layout, camera::PASSWORD)?,
            broker,
        })
    }

    /// The tables of the daemon's settings; its command writes a line to `pipe`, its webhook calls `hook`.
    pub(super) fn settings(&self, pipe: &Path, hook: &str) -> String {
        format!(
            r#"
[[camera]]
url = "{camera}"
user = "{camera_user}"

[[command]]
run = ["sh", "-c", 'echo > "$0"', '{pipe}']

[[hue]]
address = "{address}"
certificate = "{certificate}"
lights = {LAMPS:?}
seconds = 1

[mqtt]
url = "mqtt://127.0.0.1:{port}"
user = "{USER}"

[[sound]]
file = "/dev/null"
player = ["true"]

[[webhook]]
url = "{hook}"
pictures = true
"#,
            camera = camera::URL,
            camera_user = camera::USER,
            pipe = pipe.display(),
            address = self.bridge.address,
            certificate = self.bridge.pin,
            port = mosquitto::PORT,
        )
    }

    /// The file with their secrets.
    pub(super) fn secrets(&self) -> SecretString {
        let (camera, key) = (self.camera.expose_secret(), self.bridge.key.expose_secret());
        let broker = self.broker.expose_secret();
        format!("[camera]\npassword = '{camera}'\n[hue]\nkey = '{key}'\n[mqtt]\npassword = '{broker}'\n")
            .into()
    }
}

/// The parts that run, or may: they end with this.
struct Parts(Layout);

impl Drop for Parts {
    fn drop(&mut self) {
        for kind in [camera::KIND, mosquitto::KIND, hue_bridge::KIND] {
            // What went wrong before is the one to be told; `cargo xtask down` ends what is left.
            let _ = kind.end(&self.0);
        }
    }
}
