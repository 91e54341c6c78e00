//! The hops within the function: its settings, its secrets, its tailscaled.

use std::time::{Instant, SystemTime};

use aws::Class;

use super::walk::{Passed, Trouble};
use crate::failure::Failure;
use crate::key_age::OldKey;
use crate::secrets::{Secrets, SecretsError};
use crate::settings::{Settings, Source};
use crate::tunnel::Tunnel;

/// What matters of the settings, none of it secret.
pub(super) fn settings_told(settings: &Settings) -> String {
    let server = match &settings.control_url {
        Some(url) => url.as_str().trim_end_matches('/'),
        None => "Tailscale",
    };
    let trust = if !settings.base_url.is_https() {
        ""
    } else if settings.no_verify_ssl {
        ", any certificate"
    } else if settings.pinned_certificate.is_some() {
        ", one pinned certificate"
    } else if settings.authorities.is_some() {
        ", certificates of your own authority"
    } else {
        ", certificates of the system's authorities"
    };
    format!("{}{trust}; as {} in the tailnet of {server}", settings.base_url, settings.hostname)
}

pub(super) async fn secrets(
    tunnel: &Tunnel,
    settings: &Settings,
    until: Instant,
    now: SystemTime,
) -> Result<Passed<Secrets>, Trouble> {
    match tunnel.secrets(until).await {
        Ok(secrets) => {
            let advice = OldKey::of(secrets.key_written, now).map(OldKey::advice);
            Ok(Passed { advice, ..Passed::new(secrets, sources_told(settings)) })
        }
        Err(failure) => {
            let advice = if let Failure::Secrets(error) = &failure {
                secrets_advice(error, settings)
            } else {
                ssm_unreachable(settings)
            };
            Err(Trouble::new(failure.told(), advice))
        }
    }
}

/// Where the secrets came from.
fn sources_told(settings: &Settings) -> String {
    fn place<T>(source: &Source<T>) -> String {
        source.parameter().map_or_else(|| "the settings".into(), |name| format!("ssm {name}"))
    }
    let auth_key = format!("auth key from {}", place(&settings.auth_key));
    match &settings.long_lived_token {
        Some(token) => format!("{auth_key}, long-lived token from {}", place(token)),
        None => auth_key,
    }
}

fn secrets_advice(error: &SecretsError, settings: &Settings) -> String {
    match error {
        SecretsError::Ssm(error) => match error.class() {
            Class::Denied => {
                "The function's role has lost the right to read its parameters. `pulumi up --refresh` gives it back."
                    .into()
            }
            Class::Absent => "It is gone. `pulumi up --refresh` makes it again.".into(),
            Class::Passing | Class::Clock | Class::Ours => ssm_unreachable(settings),
        },
        SecretsError::Unread(name) => format!("Nothing says how to read {name}. `pulumi up --refresh` repairs that."),
        SecretsError::Wrong { name, .. } => {
            let key = setting_of(name, settings);
            format!("Set {key} anew and run `pulumi up`; the parameter {name} holds what it was set to.")
        }
        SecretsError::Tls(_) => {
            "porch:bridge.clientCertificate and porch:clientKey must be a pair: set both anew and run `pulumi up`."
                .into()
        }
    }
}

fn ssm_unreachable(settings: &Settings) -> String {
    let region = settings.aws.as_ref().map_or("the region", |aws| aws.region.as_str());
    format!(
        "AWS Systems Manager in {region} does not answer. Try again in some minutes; \
         https://health.aws.amazon.com tells of outages."
    )
}

/// The stack's setting that the parameter `name` is made from.
fn setting_of(name: &str, settings: &Settings) -> &'static str {
    fn is<T>(source: Option<&Source<T>>, name: &str) -> bool {
        source.and_then(Source::parameter) == Some(name)
    }
    let client = settings.client_certificate.as_ref();
    if is(settings.long_lived_token.as_ref(), name) {
        "the secret porch:longLivedAccessToken"
    } else if is(settings.authorities.as_ref(), name) {
        "porch:bridge.caCertificates"
    } else if is(client.map(|client| &client.chain), name) {
        "porch:bridge.clientCertificate"
    } else if is(client.map(|client| &client.key), name) {
        "the secret porch:clientKey"
    } else {
        "the secret porch:tailscaleAuthKey"
    }
}

pub(super) fn not_started(failure: &Failure) -> Trouble {
    let advice = "The image is not as it was built. `pulumi up --refresh` deploys it anew; if that changes nothing, \
                  the function's log tells more with porch:bridge.debug true.";
    Trouble::new(failure.told(), advice)
}
