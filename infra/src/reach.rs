//! How a function reaches Home Assistant: through the tailnet, and with which certificates. Every function that asks
//! Home Assistant reads the same.

use std::collections::BTreeMap;

use crate::aws::ssm::{Parameter, ParameterKind};
use crate::secret_parameter;
use crate::settings::{BridgeSettings, Secret};
use crate::tailscale_auth::TailscaleAuth;
use crate::template::{Handle, Program, Text};
use crate::values::{Certificates, StackName};

/// What the tailnet's key is until the function that renews it has made one. It must not begin like a key.
const NO_KEY_YET: &str = "no key yet: porch makes it when the stack is up";

/// The parameters with what it takes: secrets, and certificates, which would not fit into a function's environment of
/// 4 KB.
#[derive(Debug)]
pub struct Reach {
    /// Lets the functions into the tailnet.
    pub auth_key: Handle<Parameter>,
    authorities: Option<Handle<Parameter>>,
    client_certificate: Option<Handle<Parameter>>,
    client_key: Option<Handle<Parameter>>,
}

impl Reach {
    /// Key -> certificates.
    pub(crate) fn declare(program: &mut Program, stack: &StackName, settings: &BridgeSettings) -> Self {
        let https = &settings.https;
        let auth_key = declare_auth_key(program, stack, &settings.tailscale_auth);
        let client_key = https.client_certificate.as_ref().map(|_| {
            secret_parameter::declare(
                program,
                stack,
                Secret::ClientKey,
                "bridgeClientKey",
                "bridge/client-key",
                "Proves that the client certificate is the bridge's",
            )
        });
        let mut certificates = |name, value: &Certificates, path, description: &str| {
            let (path, description) = (stack.path(path).into(), description.into());
            let value = value.as_str().into();
            program.declare(name, &Parameter { name: path, description, kind: ParameterKind::String, value })
        };
        let authorities = https.ca_certificates.as_ref().map(|value| {
            let description = "Who may vouch for Home Assistant";
            certificates("bridgeCaCertificates", value, "bridge/ca-certificates", description)
        });
        let client_certificate = https.client_certificate.as_ref().map(|value| {
            let description = "What the bridge shows to Home Assistant";
            certificates("bridgeClientCertificate", value, "bridge/client-certificate", description)
        });
        Self { auth_key, authorities, client_certificate, client_key }
    }

    /// What a function reads at start for it; `bridge::settings` says what each variable means.
    pub(crate) fn variables(&self, settings: &BridgeSettings) -> BTreeMap<&'static str, Text> {
        let mut variables = BTreeMap::from([
            ("BASE_URL", settings.base_url.as_str().into()),
            ("DEBUG", settings.debug.to_string().into()),
            ("NO_VERIFY_SSL", settings.https.no_verify_ssl.to_string().into()),
            ("TAILSCALE_AUTHKEY_PARAMETER", self.auth_key.name().into()),
            ("TAILSCALE_HOSTNAME", settings.hostname.as_str().into()),
        ]);
        if let Some(control_url) = &settings.control_url {
            variables.insert("TAILSCALE_CONTROL_URL", control_url.as_str().into());
        }
        if let Some(pin) = &settings.https.pinned_certificate {
            variables.insert("PINNED_CERTIFICATE", pin.to_string().into());
        }
        for (variable, parameter) in [
            ("CA_CERTIFICATES_PARAMETER", &self.authorities),
            ("CLIENT_CERTIFICATE_PARAMETER", &self.client_certificate),
            ("CLIENT_KEY_PARAMETER", &self.client_key),
        ] {
            if let Some(parameter) = parameter {
                variables.insert(variable, parameter.name().into());
            }
        }
        variables
    }

    /// The parameters' ARNs, for the role that reads them.
    pub(crate) fn arns(&self) -> impl Iterator<Item = Text> {
        let optional = [&self.authorities, &self.client_certificate, &self.client_key];
        let all = std::iter::once(&self.auth_key).chain(optional.into_iter().flatten());
        all.map(|parameter| parameter.arn().into())
    }
}

/// The key as it was given, or a place for those that porch makes itself.
fn declare_auth_key(program: &mut Program, stack: &StackName, auth: &TailscaleAuth) -> Handle<Parameter> {
    let given = auth.client().is_none().then(|| program.secret(Secret::TailscaleAuthKey.key()));
    let parameter = |value| Parameter {
        name: stack.path("bridge/tailscale-auth-key").into(),
        description: "Lets the bridge into the tailnet".into(),
        kind: ParameterKind::SecureString,
        value,
    };
    match given {
        Some(key) => program.declare("bridgeAuthKey", &parameter(key.into())),
        None => program.declare_leaving("bridgeAuthKey", &parameter(NO_KEY_YET.into()), &["value"]),
    }
}
