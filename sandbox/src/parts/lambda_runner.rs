//! What runs the deployed image as Lambda does; it takes what it needs to know from the emulator.

use std::time::Duration;

use super::{Kind, Part, amazon, environment, ministack};
use crate::certificates::Certificates;
use crate::error::Result;
use crate::layout::{Layout, make_folder};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// Its port.
pub const PORT: u16 = 9400;
/// Lambda's Invoke API, and what the runner adds to it.
pub const URL: &str = "http://127.0.0.1:9400";
/// Where functions are told that Tailscale's API is, so that none here can ask the real one. Nothing but a test that
/// plays it listens there: headscale has no such API.
pub const TAILSCALE_API: (&str, u16) = ("TAILSCALE_API_URL", 8473);

/// The part.
pub const KIND: Kind = Kind {
    slug: "lambda-runner",
    title: "Lambda runner",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Http { url: format!("{URL}/healthz"), ca: None },
    // Its execution environments leave the tailnet before it ends.
    patience: Duration::from_secs(15),
};

/// The runner.
///
/// # Errors
/// When its folder cannot be made.
pub fn part(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    certificates: &Certificates,
) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    make_folder(&folder)?;
    let listen = format!("127.0.0.1:{PORT}");
    let mut args: Vec<_> =
        ["--listen", &listen, "--emulator", ministack::URL, "--state"].map(Into::into).into();
    args.extend([folder.clone().into(), "--rie".into(), tools.rie.clone().into()]);
    args.extend(["--ca".into(), certificates.ca.clone().into()]);
    let (variable, port) = TAILSCALE_API;
    args.extend(["--elsewhere".into(), format!("{variable}=http://127.0.0.1:{port}").into()]);
    args.extend(["--elsewhere".into(), format!("LWA_URL={}", amazon::LOGIN_URL).into()]);
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.lambda_runner.clone(),
            args,
            env: environment(settings, &[]),
            folder,
        },
        inputs: vec![certificates.ca.clone()],
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(20),
    })
}
