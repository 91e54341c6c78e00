//! What runs the deployed image as Lambda does; it takes what it needs to know from the emulator.

use std::time::Duration;

use super::{Kind, Part, amazon, environment, ministack};
use crate::certificates::Certificates;
use crate::error::Result;
use crate::exports::REGION;
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
/// The port of [`ABROAD`].
const PORT_ABROAD: u16 = 9401;
/// The same API of [`ABROAD`]: Lambda has one for each region.
pub const URL_ABROAD: &str = "http://127.0.0.1:9401";
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

/// A second one, for the functions of another region.
pub const ABROAD: Kind = Kind {
    slug: "lambda-runner-abroad",
    title: "Lambda runner of another region",
    ports: &[(Protocol::Tcp, PORT_ABROAD)],
    probe: |_| Probe::Http { url: format!("{URL_ABROAD}/healthz"), ca: None },
    patience: KIND.patience,
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
    runs(KIND, REGION, settings, layout, tools, certificates)
}

/// The one of another `region`.
///
/// # Errors
/// When its folder cannot be made.
pub fn part_abroad(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    certificates: &Certificates,
    region: alexa::Region,
) -> Result<Part> {
    runs(ABROAD, region.aws(), settings, layout, tools, certificates)
}

fn runs(
    kind: Kind,
    region: &str,
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    certificates: &Certificates,
) -> Result<Part> {
    let folder = layout.part(kind.slug);
    make_folder(&folder)?;
    let [(_, port), ..] = kind.ports else { unreachable!("a runner has a port") };
    let listen = format!("127.0.0.1:{port}");
    let mut args: Vec<_> =
        ["--listen", &listen, "--emulator", ministack::URL, "--state"].map(Into::into).into();
    args.extend([folder.clone().into(), "--rie".into(), tools.rie.clone().into()]);
    args.extend(["--ca".into(), certificates.ca.clone().into()]);
    let (variable, port) = TAILSCALE_API;
    args.extend(["--elsewhere".into(), format!("{variable}=http://127.0.0.1:{port}").into()]);
    args.extend(["--elsewhere".into(), format!("LWA_URL={}", amazon::LOGIN_URL).into()]);
    Ok(Part {
        kind,
        program: Program {
            executable: tools.lambda_runner.clone(),
            args,
            env: environment(settings, &[("AWS_REGION", region.into())]),
            folder,
        },
        inputs: vec![certificates.ca.clone()],
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(20),
    })
}
