//! What is at the house beside Home Assistant, and told of a press beside Alexa: a camera, a broker, lamps.

mod broker;
mod followed;
mod settings;

use secrecy::SecretString;

pub use self::broker::{HOME_ASSISTANT, Integrations};
pub use self::followed::{Before, Followed, follow};
pub(crate) use self::settings::Tables;
use crate::error::Result;
use crate::parts::{self, Kind, camera, hue_bridge, mosquitto};
use crate::progress::Progress;
use crate::secrets;
use crate::tools::Tools;
use crate::{Running, Sandbox};

/// What the daemon is to know of it.
#[derive(Clone, Debug, Default)]
pub struct Household {
    /// The camera's password, if there is a camera.
    pub camera: Option<SecretString>,
    /// The doorbell's password at the broker, if there is a broker.
    pub broker: Option<SecretString>,
    /// The lamps.
    pub lamps: Option<hue_bridge::Access>,
}

impl Sandbox {
    /// The parts that `cargo xtask up` has running on this machine.
    pub async fn parts(&self) -> Vec<Kind> {
        let mut parts = parts::ALL.to_vec();
        if camera::is_installed().await {
            parts.push(camera::KIND);
        }
        if mosquitto::is_installed(&self.settings) {
            parts.push(mosquitto::KIND);
        }
        parts
    }

    /// Has all of it running that is installed, Home Assistant knowing of the broker; and says what is left out.
    ///
    /// # Errors
    /// When something that is installed does not come to run.
    pub async fn start_household(
        &self,
        running: &Running,
        tools: &Tools,
        progress: &Progress,
    ) -> Result<Household> {
        let Self { settings, layout } = self;
        let lamps = async {
            hue_bridge::part(settings, layout, tools.hue_bridge.clone())?.ensure(layout, progress).await?;
            hue_bridge::access(layout).map(Some)
        };
        let camera = async {
            if !camera::is_installed().await {
                return Ok(None);
            }
            camera::part(settings, layout)?.ensure(layout, progress).await?;
            secrets::made_once(layout, camera::PASSWORD).map(Some)
        };
        let broker = async {
            if mosquitto::is_installed(settings) {
                self.broker(running, progress).await.map(Some)
            } else {
                Ok(None)
            }
        };
        let (lamps, camera, broker) = tokio::try_join!(lamps, camera, broker)?;
        if let Some(lack) = lack(camera.is_none(), broker.is_none()) {
            progress.say(&lack);
        }
        Ok(Household { camera, broker, lamps })
    }
}

/// What is left out, and how to have it, in one line.
fn lack(camera: bool, broker: bool) -> Option<String> {
    let (what, remedy) = match (camera, broker) {
        (false, false) => return None,
        (true, false) => ("a camera", camera::REMEDY),
        (false, true) => ("an MQTT broker", mosquitto::REMEDY),
        (true, true) => {
            let remedy = format!("{} {}", camera::REMEDY, mosquitto::PACKAGE);
            return Some(format!("  Left out: a camera and an MQTT broker (Debian: {remedy})"));
        }
    };
    Some(format!("  Left out: {what} (Debian: {remedy})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said_with_how_to_have_it() {
        assert_eq!(lack(false, false), None);
        let camera = "apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly";
        for (lacks, what, wanted) in [
            ((true, false), "a camera", camera.to_owned()),
            ((false, true), "an MQTT broker", "apt install mosquitto".to_owned()),
            ((true, true), "a camera and an MQTT broker", format!("{camera} mosquitto")),
        ] {
            assert_eq!(lack(lacks.0, lacks.1), Some(format!("  Left out: {what} (Debian: {wanted})")));
        }
    }
}
