//! A camera at the door: gst-rtsp-server, which films the time.

use std::path::Path;
use std::time::Duration;

use super::{Kind, Part, environment};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::run::Run;
use crate::secrets;
use crate::settings::Settings;

/// Its stream.
pub const URL: &str = "rtsp://127.0.0.1:9420/door";
/// The user that it knows.
pub const USER: &str = "porch";
/// The name of the secret that is this user's password.
pub const PASSWORD: &str = "camera";

const PORT: u16 = 9420;

/// How to have what it is made of.
pub const REMEDY: &str = "apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-ugly";

/// Ends well where all that the camera is made of is installed.
const LOOK: &str = "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0'); \
                    from gi.repository import Gst, GstRtspServer; Gst.init(None); \
                    raise SystemExit(Gst.ElementFactory.find('x264enc') is None)";

/// Debian's own: what speaks to GStreamer is installed there.
const PYTHON: &str = "/usr/bin/python3";

/// The part.
pub const KIND: Kind = Kind {
    slug: "camera",
    title: "camera (gst-rtsp-server)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Listens { port: PORT },
    patience: Duration::from_secs(3),
};

/// Whether it can run here.
pub async fn is_installed() -> bool {
    let look = Run::new("look for GStreamer", PYTHON).args(["-c", LOOK]);
    look.output().await.is_ok()
}

/// The camera.
///
/// # Errors
/// When Debian's Python is not there, or the password cannot be written down.
pub fn part(settings: &Settings, layout: &Layout) -> Result<Part> {
    if !Path::new(PYTHON).exists() {
        let lacks = format!("{PYTHON} is not there: run sandbox/debian/install.sh (it is for Debian 12)");
        return Err(Error::Machine(vec![lacks]));
    }
    secrets::made_once(layout, PASSWORD)?;
    let (server, password) = (layout.source("camera/server.py"), layout.secret(PASSWORD));
    let args = [server.clone().into(), PORT.to_string().into(), password.clone().into()];
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: PYTHON.into(),
            args: args.into(),
            env: environment(settings, &[]),
            folder: layout.part(KIND.slug),
        },
        inputs: vec![server, password],
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(30),
    })
}
