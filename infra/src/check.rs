//! `cargo run -p infra -- check`: tells a person what is wrong with the selected stack's settings, or what
//! will be declared.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use crate::config::StackConfig;
use crate::doorbell::DoorbellSkill;
use crate::settings::{BridgeSettings, Secret, Settings};
use crate::skills::SkillChoice;
use crate::template::Program;
use crate::{NoProgram, program};

/// Pulumi was asked for the stack's config, and gave none.
#[derive(Debug, thiserror::Error)]
pub enum NotAsked {
    /// There is no Pulumi to ask.
    #[error("cannot run `pulumi`: {0}; install it, or put it on PATH with eval \"$(cargo xtask env)\"")]
    NoPulumi(#[source] std::io::Error),
    /// Pulumi says why, in its own words.
    #[error(
        "`pulumi {command}` failed:\n{said}\nin the project's folder, `pulumi login` and `pulumi stack select NAME` come first"
    )]
    Refused {
        /// What it was asked.
        command: String,
        /// What it said.
        said: String,
    },
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// What is wrong is the report.
    #[error(transparent)]
    NoProgram(#[from] NoProgram),
    /// The config could not be had.
    #[error(transparent)]
    NotAsked(#[from] NotAsked),
}

/// The report on the stack whose config is in the environment, else on the one that `ask` tells of; see
/// [`ask_pulumi`].
pub fn report(
    lookup: impl Fn(&str) -> Option<OsString>,
    ask: impl Fn(&[&str]) -> Result<String, NotAsked>,
) -> Result<String, NoReport> {
    let config = match StackConfig::from_environment(lookup).map_err(NoProgram::from)? {
        Some(config) => config,
        None => {
            let stack = ask(&["stack", "--show-name"])?;
            StackConfig::from_listing(stack.trim(), &ask(&["config", "--json"])?).map_err(NoProgram::from)?
        }
    };
    let settings = Settings::read(&config).map_err(NoProgram::from)?;
    Ok(summary(&settings, &program(&settings), &warnings(&settings, &config)))
}

/// Asks the `pulumi` on PATH, which reads the stack's config without the values of its secrets.
pub fn ask_pulumi(arguments: &[&str]) -> Result<String, NotAsked> {
    let answer = Command::new("pulumi")
        .args(arguments)
        .arg("--non-interactive")
        .stdin(Stdio::null())
        .output()
        .map_err(NotAsked::NoPulumi)?;
    if answer.status.success() {
        return Ok(String::from_utf8_lossy(&answer.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
    Err(NotAsked::Refused { command: arguments.join(" "), said })
}

fn summary(settings: &Settings, program: &Program, warnings: &[&str]) -> String {
    let resources: Vec<_> = program.resources().collect();
    let width = resources.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let (stack, region, count) = (&settings.stack, settings.region.name(), resources.len());
    let mut lines =
        vec![format!("stack `{stack}` in {region}: its settings are right, and declare {count} resources")];
    lines.extend(resources.iter().map(|(name, token)| format!("  {name:width$}  {token}")));
    let outputs: Vec<_> = program.outputs().collect();
    if !outputs.is_empty() {
        lines.push(format!("outputs: {}", outputs.join(", ")));
    }
    lines.extend(warnings.iter().map(|warning| format!("warning: {warning}")));
    lines.join("\n") + "\n"
}

/// What is allowed and seldom meant.
fn warnings(settings: &Settings, config: &StackConfig) -> Vec<&'static str> {
    let mut warnings = match &settings.bridge {
        Some(bridge) => warnings_of_bridge(bridge, config),
        None => vec!["there is no porch:bridge, so that Alexa is not connected to Home Assistant"],
    };
    warnings.extend(warnings_of_skills(settings, config));
    warnings
}

fn warnings_of_skills(settings: &Settings, config: &StackConfig) -> impl Iterator<Item = &'static str> {
    let has_account = settings.alexa.is_some();
    let is_set = |secret: Secret| secret.entry(config).is_some();
    let is_bridge_given =
        settings.bridge.as_ref().is_some_and(|bridge| matches!(bridge.skill, SkillChoice::Given(_)));
    let doorbell = settings.doorbell.as_ref();
    let is_doorbell_given =
        doorbell.is_some_and(|doorbell| matches!(doorbell.skill, DoorbellSkill::Given { .. }));
    let is_linking_named = doorbell.is_some_and(|doorbell| doorbell.linking_client_id.is_some());
    let all = [
        (
            has_account && is_bridge_given,
            "porch:bridge.skillId is given: its skill is wired and linked, but neither made nor deleted",
        ),
        (
            has_account && is_doorbell_given,
            "porch:doorbell.skillId is given: its skill is wired and linked, but neither made nor deleted",
        ),
        (
            !has_account && (is_set(Secret::AlexaClientSecret) || is_set(Secret::AlexaRefreshToken)),
            "there are secrets of a developer's account that nothing uses: there is no porch:alexa",
        ),
        (
            is_set(Secret::DoorbellClientSecret) && !is_doorbell_given,
            "porch:doorbellClientSecret is set and not used: no skill is given that it could belong to",
        ),
        (
            is_set(Secret::DoorbellLinkingSecret) && !is_linking_named,
            "porch:doorbellLinkingSecret is set and not used: there is no porch:doorbell.linkingClientId",
        ),
    ];
    all.into_iter().filter_map(|(applies, warning)| applies.then_some(warning))
}

fn warnings_of_bridge(bridge: &BridgeSettings, config: &StackConfig) -> Vec<&'static str> {
    let https = bridge.base_url.is_https();
    let token_unused =
        Secret::LongLivedAccessToken.entry(config).is_some() && !bridge.long_lived_access_token;
    let unused =
        |secret: Secret| secret.entry(config).is_some() && bridge.tailscale_auth.secret() != Some(secret);
    let all = [
        (
            bridge.https.no_verify_ssl && https,
            "porch:bridge.noVerifySsl takes any certificate: whoever gets between can read and change everything",
        ),
        (
            bridge.https.no_verify_ssl && !https,
            "porch:bridge.noVerifySsl has no effect on an http:// address",
        ),
        (bridge.debug, "porch:bridge.debug writes a lot into the log; turn it off when you have seen enough"),
        (bridge.memory < 256, "porch:bridge.memory below 256 MB makes the first answer after a pause late"),
        (
            unused(Secret::TailscaleAuthKey),
            "porch:tailscaleAuthKey is set and not used: porch:bridge.tailscaleAuth is not authKey",
        ),
        (
            unused(Secret::TailscaleOauthSecret),
            "porch:tailscaleOauthSecret is set and not used: porch:bridge.tailscaleAuth is not oauthClient",
        ),
        (
            token_unused,
            "porch:longLivedAccessToken is set and not used: porch:bridge.longLivedAccessToken is not true",
        ),
    ];
    all.into_iter().filter_map(|(applies, warning)| applies.then_some(warning)).collect()
}
