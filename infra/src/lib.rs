//! The cloud side of porch: the settings of a stack in, a Pulumi program out, and nothing but a pure function
//! between.

pub mod alarms;
pub mod aws;
pub mod bridge;
pub mod check;
pub mod config;
pub mod device;
pub mod doorbell;
mod function_role;
pub mod group;
pub mod https;
mod keep_warm;
pub mod key_renewal;
pub mod linking;
pub mod names;
pub mod porch;
pub mod previews;
pub mod reach;
pub mod registry;
mod schedule;
mod secret_parameter;
pub mod settings;
pub mod skills;
pub mod tailscale_auth;
pub mod template;
pub mod values;
pub mod wrong;

use std::ffi::OsString;

use serde_json::json;

use crate::aws::ecr::Repository;
use crate::bridge::Bridge;
use crate::config::{StackConfig, Unreadable};
use crate::doorbell::Doorbell;
use crate::names::Names;
use crate::porch::FunctionImage;
use crate::settings::Settings;
use crate::skills::Purpose;
use crate::template::{Program, Resource};
use crate::wrong::WrongSettings;

/// Why there is no program; the way out is in the message.
#[derive(Debug, thiserror::Error)]
pub enum NoProgram {
    /// The user can put it right in the stack's config.
    #[error(transparent)]
    Wrong(#[from] WrongSettings),
    /// Pulumi and porch do not understand each other.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// What Pulumi asks for when it runs this crate as its compiler: the program of the stack that the
/// environment tells of, or only the packages that a program can need.
pub fn compile(lookup: impl Fn(&str) -> Option<OsString>) -> Result<String, NoProgram> {
    match StackConfig::from_environment(lookup)? {
        Some(config) => Ok(program(&Settings::read(&config)?).to_text()),
        None => Ok(packages()),
    }
}

/// The program of a stack.
pub fn program(settings: &Settings) -> Program {
    let mut program = Program::default();
    let alexa = settings.alexa.as_ref();
    if settings.bridge.is_some() || settings.doorbell.is_some() {
        let account = alexa.map(|alexa| skills::account(&mut program, alexa)).unwrap_or_default();
        porch::declare_plugin(&mut program, &account);
    }
    if let Some(bridge) = &settings.bridge {
        let repository = registry::declare(&mut program, &settings.stack, &bridge.names);
        let declared = bridge::declare(&mut program, &settings.stack, bridge, &repository);
        key_renewal::declare(&mut program, &settings.stack, bridge, &declared);
        let linking = bridge
            .linking
            .as_ref()
            .map(|linking| linking::declare(&mut program, &settings.stack, bridge, linking, &declared));
        if let Some(alexa) = alexa {
            let linking =
                skills::linking_of_bridge(&mut program, alexa, settings.region, bridge, linking.as_ref());
            let Bridge { skill, function, permission, .. } = &declared;
            skills::connect(&mut program, skill, Purpose::Bridge, function, permission, linking);
        }
    }
    if let Some(doorbell) = &settings.doorbell {
        let repository = registry::declare(&mut program, &settings.stack, &doorbell.names);
        let published = settings
            .device
            .as_ref()
            .map(|device| device::declare(&mut program, &settings.stack, settings.region, device));
        let Doorbell { skill, function, permission } = doorbell::declare(
            &mut program,
            &settings.stack,
            settings.region,
            doorbell,
            &repository,
            published.as_ref(),
        );
        if let Some(alexa) = alexa {
            let linking =
                skills::linking_with_amazon(&mut program, alexa, doorbell.linking_client_id.as_ref());
            skills::connect(&mut program, &skill, Purpose::Doorbell, &function, &permission, Some(linking));
        }
    }
    if let Some(alexa) = alexa {
        program.output("alexaReturnUrls", skills::return_urls(&alexa.vendor_id));
    }
    // Last, because it bounds every role that is there by then.
    if let Some(previews) = &settings.previews {
        let bridge = settings.bridge.as_ref().map(|bridge| &bridge.names);
        let doorbell = settings.doorbell.as_ref().map(|doorbell| &doorbell.names);
        let names: Vec<&Names> = bridge.into_iter().chain(doorbell).collect();
        previews::declare(&mut program, &settings.stack, settings.region, previews, &names);
    }
    program
}

/// One resource of each package, without properties: Pulumi takes from it which plugins to find, and makes
/// nothing.
fn packages() -> String {
    let program = json!({"resources": {
        "aws": {"type": Repository::TYPE, "options": {"version": Repository::PLUGIN_VERSION}},
        "porch": {"type": FunctionImage::TYPE},
    }});
    format!("{program:#}\n")
}
