//! The fake Amazon: Login with Amazon, the event gateway of each region, the Skill Management API, and the port of its
//! driver.

use std::time::Duration;

use alexa::Region;

use super::{Kind, Part, environment, ministack};
use crate::error::Result;
use crate::layout::{Layout, make_folder};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// Login with Amazon.
pub const LOGIN_URL: &str = "http://127.0.0.1:9410";
/// The Skill Management API, which is at North America's host for all regions.
pub const SKILLS_URL: &str = "http://127.0.0.1:9411";
/// Where customers are made, answers scripted and events read.
pub const DRIVER_URL: &str = "http://127.0.0.1:9414";
/// The first of its ports; the others follow.
const LISTEN: &str = "127.0.0.1:9410";

/// The event gateway of a region.
#[must_use]
pub const fn gateway_url(region: Region) -> &'static str {
    match region {
        Region::NorthAmerica => "http://127.0.0.1:9411",
        Region::Europe => "http://127.0.0.1:9412",
        Region::FarEast => "http://127.0.0.1:9413",
    }
}

/// The part.
pub const KIND: Kind = Kind {
    slug: "amazon",
    title: "Amazon (login, event gateways, skills)",
    ports: &[
        (Protocol::Tcp, 9410),
        (Protocol::Tcp, 9411),
        (Protocol::Tcp, 9412),
        (Protocol::Tcp, 9413),
        (Protocol::Tcp, 9414),
    ],
    probe: |_| Probe::Http { url: format!("{DRIVER_URL}/healthz"), ca: None },
    // What it knows is written down before it answers.
    patience: Duration::from_secs(3),
};

/// The fake, which remembers its customers and skills.
///
/// # Errors
/// When its folder cannot be made.
pub fn part(settings: &Settings, layout: &Layout, tools: &Tools) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    make_folder(&folder)?;
    let mut args: Vec<_> = ["--listen", LISTEN, "--aws", ministack::URL, "--state"].map(Into::into).into();
    args.push(folder.clone().into());
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.fake_amazon.clone(),
            args,
            env: environment(settings, &[]),
            folder,
        },
        inputs: Vec::new(),
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(20),
    })
}
