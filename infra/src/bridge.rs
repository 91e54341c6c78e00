//! The bridge: the function that answers Alexa from Home Assistant, and all that it needs.

use std::collections::BTreeMap;

use crate::aws::ecr::Repository;
use crate::aws::iam::{Policy, Role, RolePolicy, Statement};
use crate::aws::lambda::{Environment, Function, PackageType, Permission};
use crate::aws::logs::LogGroup;
use crate::aws::ssm::{Parameter, ParameterKind};
use crate::porch::FunctionImage;
use crate::settings::{BridgeSettings, Secret};
use crate::template::{Handle, Json, Program, Text};
use crate::values::{Certificates, StackName};

/// Seconds that an invocation may take: Alexa waits 8 for an answer, so a longer one helps nobody.
const TIMEOUT: u32 = 8;

/// Image -> secrets -> log group -> role -> function -> Alexa's permission -> outputs.
///
/// Nothing here is protected from deletion: all of it is made again, under the same names and the same ARN,
/// from this tree and the stack's config. Only the log lines are gone after `pulumi destroy`.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    settings: &BridgeSettings,
    repository: &Handle<Repository>,
) {
    let name = stack.name("bridge");
    let image = program.declare(
        "bridgeImage",
        &FunctionImage {
            function: "functions/bridge".into(),
            tailscaled: "crates/tailnet/tailscaled".into(),
            architecture: settings.architecture.name().into(),
            repository_url: repository.url().into(),
        },
    );

    let secrets = Secrets::declare(program, stack, settings);
    let read_secrets = Statement::allow(&["ssm:GetParameters"], secrets.arns());

    let log_group = program.declare(
        "bridgeLogGroup",
        &LogGroup {
            name: format!("/aws/lambda/{name}").into(),
            retention_in_days: settings.log_retention_days,
        },
    );
    let write_log = Statement::allow(
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        [Text::from(log_group.arn()).then(":*")],
    );

    let role = program.declare(
        "bridgeRole",
        &Role {
            name: name.as_str().into(),
            description: "What the function that answers Alexa acts as".into(),
            assume_role_policy: Json(Policy::new([Statement::taken_by("lambda.amazonaws.com")])),
        },
    );
    let permissions = program.declare(
        "bridgePermissions",
        &RolePolicy {
            name: "bridge".into(),
            role: role.name().into(),
            policy: Json(Policy::new([read_secrets, write_log])),
        },
    );

    // After the log group, else the function's first run makes one of its own that keeps lines for ever.
    let function = program.declare_after(
        "bridgeFunction",
        &Function {
            name: name.into(),
            description: "Answers Alexa from a Home Assistant in a tailnet".into(),
            package_type: PackageType::Image,
            image_uri: image.uri().into(),
            architectures: [settings.architecture.name().into()],
            role: role.arn().into(),
            timeout: TIMEOUT,
            memory_size: settings.memory,
            environment: Environment { variables: environment(settings, &secrets) },
        },
        [log_group.itself(), permissions.itself()],
    );
    program.declare(
        "bridgeAlexaPermission",
        &Permission {
            statement_id: "alexa-smart-home".into(),
            function: function.name().into(),
            action: "lambda:InvokeFunction",
            principal: "alexa-connectedhome.amazon.com",
            event_source_token: settings.skill_id.as_str().into(),
        },
    );

    program.output("bridgeFunctionArn", function.arn());
    program.output("bridgeFunctionName", function.name());
    program.output("bridgeImageUri", image.uri());
    program.output("bridgeImageSizeBytes", image.size());
    program.output("bridgeLogGroup", log_group.name());
}

/// What the function reads at start; `bridge::settings` says what each variable means.
fn environment(settings: &BridgeSettings, secrets: &Secrets) -> BTreeMap<&'static str, Text> {
    let mut variables = BTreeMap::from([
        ("BASE_URL", settings.base_url.as_str().into()),
        ("DEBUG", settings.debug.to_string().into()),
        ("NO_VERIFY_SSL", settings.https.no_verify_ssl.to_string().into()),
        ("TAILSCALE_AUTHKEY_PARAMETER", secrets.auth_key.name().into()),
        ("TAILSCALE_HOSTNAME", settings.hostname.as_str().into()),
    ]);
    if let Some(control_url) = &settings.control_url {
        variables.insert("TAILSCALE_CONTROL_URL", control_url.as_str().into());
    }
    if let Some(pin) = &settings.https.pinned_certificate {
        variables.insert("PINNED_CERTIFICATE", pin.to_string().into());
    }
    for (variable, parameter) in [
        ("LONG_LIVED_ACCESS_TOKEN_PARAMETER", &secrets.access_token),
        ("CA_CERTIFICATES_PARAMETER", &secrets.authorities),
        ("CLIENT_CERTIFICATE_PARAMETER", &secrets.client_certificate),
        ("CLIENT_KEY_PARAMETER", &secrets.client_key),
    ] {
        if let Some(parameter) = parameter {
            variables.insert(variable, parameter.name().into());
        }
    }
    variables
}

/// Where the function finds its secrets, and the certificates: they would not fit into its environment, which has 4 KB.
struct Secrets {
    auth_key: Handle<Parameter>,
    access_token: Option<Handle<Parameter>>,
    authorities: Option<Handle<Parameter>>,
    client_certificate: Option<Handle<Parameter>>,
    client_key: Option<Handle<Parameter>>,
}

impl Secrets {
    fn declare(program: &mut Program, stack: &StackName, settings: &BridgeSettings) -> Self {
        let mut parameter = |name, secret: Secret, path, description: &str| {
            let value = program.secret(secret.key()).into();
            let (path, description) = (stack.path(path).into(), description.into());
            program.declare(
                name,
                &Parameter { name: path, description, kind: ParameterKind::SecureString, value },
            )
        };
        let auth_key = parameter(
            "bridgeAuthKey",
            Secret::TailscaleAuthKey,
            "bridge/tailscale-auth-key",
            "Lets the bridge into the tailnet",
        );
        let access_token = settings.long_lived_access_token.then(|| {
            parameter(
                "bridgeAccessToken",
                Secret::LongLivedAccessToken,
                "bridge/long-lived-access-token",
                "Lets the bridge into Home Assistant, in place of the token that Alexa sends",
            )
        });
        let client_key = settings.https.client_certificate.as_ref().map(|_| {
            parameter(
                "bridgeClientKey",
                Secret::ClientKey,
                "bridge/client-key",
                "Proves that the client certificate is the bridge's",
            )
        });
        let mut certificates = |name, value: &Certificates, path, description: &str| {
            let (path, description) = (stack.path(path).into(), description.into());
            let value = value.as_str().into();
            program.declare(name, &Parameter { name: path, description, kind: ParameterKind::String, value })
        };
        let authorities = settings.https.ca_certificates.as_ref().map(|value| {
            certificates(
                "bridgeCaCertificates",
                value,
                "bridge/ca-certificates",
                "Who may vouch for Home Assistant",
            )
        });
        let client_certificate = settings.https.client_certificate.as_ref().map(|value| {
            certificates(
                "bridgeClientCertificate",
                value,
                "bridge/client-certificate",
                "What the bridge shows to Home Assistant",
            )
        });
        Self { auth_key, access_token, authorities, client_certificate, client_key }
    }

    fn arns(&self) -> impl Iterator<Item = Text> {
        let optional = [&self.access_token, &self.authorities, &self.client_certificate, &self.client_key];
        let all = std::iter::once(&self.auth_key).chain(optional.into_iter().flatten());
        all.map(|parameter| parameter.arn().into())
    }
}
