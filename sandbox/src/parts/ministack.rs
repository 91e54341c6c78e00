//! The AWS emulator. It writes its state down when it is ended, and reads it when it starts again.

use std::ffi::OsString;
use std::time::Duration;

use super::{Kind, Part, environment};
use crate::error::Result;
use crate::layout::{Layout, make_folder};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// Its port.
pub const PORT: u16 = 4566;
/// Where every AWS service is.
pub const URL: &str = "http://127.0.0.1:4566";

/// The part.
pub const KIND: Kind = Kind {
    slug: "ministack",
    title: "AWS emulator (ministack)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Http { url: format!("{URL}/_ministack/ready"), ca: None },
    // Writing down the images in its registry takes a moment.
    patience: Duration::from_secs(20),
};

/// The emulator.
///
/// # Errors
/// When its folder cannot be made.
pub fn part(settings: &Settings, layout: &Layout, tools: &Tools) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    let (state, objects, temporary) = (folder.join("state"), folder.join("s3"), folder.join("tmp"));
    for folder in [&state, &objects, &temporary] {
        make_folder(folder)?;
    }
    let program = layout.source("aws/emulator.py");
    let word = |text: &str| OsString::from(text);
    let env = environment(
        settings,
        &[
            ("BIND_HOST", word("127.0.0.1")),
            ("GATEWAY_PORT", word(&PORT.to_string())),
            // Listeners for MQTT and SFTP that nothing here uses; the MQTT one would listen on every address.
            ("IOT_MTLS_ENABLED", word("0")),
            ("SFTP_ENABLED", word("0")),
            ("PERSIST_STATE", word("1")),
            ("STATE_DIR", state.into()),
            ("S3_PERSIST", word("1")),
            ("S3_DATA_DIR", objects.into()),
            ("TMPDIR", temporary.into()),
            // Roles and users may do what their policies say; Pulumi and the sandbox come with the root key.
            ("AUTH", word("true")),
        ],
    );
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.python.clone(),
            args: vec![program.clone().into()],
            env,
            folder,
        },
        inputs: vec![program],
        estimate: Duration::from_secs(2),
        limit: Duration::from_secs(60),
    })
}
