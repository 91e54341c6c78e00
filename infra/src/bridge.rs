//! The bridge: the function that answers Alexa from Home Assistant, and all that it needs.

use std::collections::BTreeMap;

use crate::alarms;
use crate::aws::ecr::Repository;
use crate::aws::iam::{Policy, Role, RolePolicy, Statement};
use crate::aws::lambda::{Condition, Environment, Function, PackageType, Permission};
use crate::aws::logs::LogGroup;
use crate::aws::sns::Topic;
use crate::aws::ssm::{Parameter, ParameterKind};
use crate::porch::FunctionImage;
use crate::settings::{BridgeSettings, Secret};
use crate::tailscale_auth::TailscaleAuth;
use crate::template::{Handle, Json, Program, Text};
use crate::values::StackName;

/// Seconds that an invocation may take: Alexa waits 8 for an answer, so a longer one helps nobody.
const TIMEOUT: u32 = 8;

/// What the tailnet's key is until the function that renews it has made one. It must not begin like a key.
const NO_KEY_YET: &str = "no key yet: porch makes it when the stack is up";

/// What others build on.
#[derive(Debug)]
pub struct Bridge {
    /// The image, which serves more than the bridge.
    pub image: Handle<FunctionImage>,
    /// The key with which the bridge gets into the tailnet.
    pub auth_key: Handle<Parameter>,
    /// Where alarms are told, if anybody wants to hear them.
    pub alarm_topic: Option<Handle<Topic>>,
}

/// Image -> secrets -> log group -> role -> function -> Alexa's permission -> alarms -> outputs.
///
/// Nothing here is protected from deletion: all of it is made again, under the same names and the same ARN,
/// from this tree and the stack's config. Only the log lines are gone after `pulumi destroy`.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    settings: &BridgeSettings,
    repository: &Handle<Repository>,
) -> Bridge {
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
            // Alexa alone calls it, so that nobody can use up what the account has.
            reserved_concurrent_executions: None,
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
            condition: Condition::EventSourceToken(settings.skill_id.as_str().into()),
        },
    );

    let email = settings.alarm_email.as_ref();
    let alarm_topic = email.map(|email| alarms::declare(program, stack, email, &function));

    program.output("bridgeFunctionArn", function.arn());
    program.output("bridgeFunctionName", function.name());
    program.output("bridgeImageUri", image.uri());
    program.output("bridgeImageSizeBytes", image.size());
    program.output("bridgeLogGroup", log_group.name());
    Bridge { image, auth_key: secrets.auth_key, alarm_topic }
}

/// What the function reads at start.
fn environment(settings: &BridgeSettings, secrets: &Secrets) -> BTreeMap<&'static str, Text> {
    let mut variables = way_to_home_assistant(settings, &secrets.auth_key);
    if let Some(access_token) = &secrets.access_token {
        variables.insert("LONG_LIVED_ACCESS_TOKEN_PARAMETER", access_token.name().into());
    }
    variables
}

/// What every function reads that asks Home Assistant; `bridge::settings` says what each variable means.
pub(crate) fn way_to_home_assistant(
    settings: &BridgeSettings,
    auth_key: &Handle<Parameter>,
) -> BTreeMap<&'static str, Text> {
    let mut variables = BTreeMap::from([
        ("BASE_URL", settings.base_url.as_str().into()),
        ("DEBUG", settings.debug.to_string().into()),
        ("NO_VERIFY_SSL", settings.no_verify_ssl.to_string().into()),
        ("TAILSCALE_AUTHKEY_PARAMETER", auth_key.name().into()),
        ("TAILSCALE_HOSTNAME", settings.hostname.as_str().into()),
    ]);
    if let Some(control_url) = &settings.control_url {
        variables.insert("TAILSCALE_CONTROL_URL", control_url.as_str().into());
    }
    variables
}

/// Where the function finds its secrets.
struct Secrets {
    auth_key: Handle<Parameter>,
    access_token: Option<Handle<Parameter>>,
}

impl Secrets {
    fn declare(program: &mut Program, stack: &StackName, settings: &BridgeSettings) -> Self {
        let auth_key = declare_auth_key(program, stack, &settings.tailscale_auth);
        let access_token = settings.long_lived_access_token.then(|| {
            let value = program.secret(Secret::LongLivedAccessToken.key()).into();
            program.declare(
                "bridgeAccessToken",
                &Parameter {
                    name: stack.path("bridge/long-lived-access-token").into(),
                    description:
                        "Lets the bridge into Home Assistant, in place of the token that Alexa sends".into(),
                    kind: ParameterKind::SecureString,
                    value,
                },
            )
        });
        Self { auth_key, access_token }
    }

    fn arns(&self) -> impl Iterator<Item = Text> {
        [Some(&self.auth_key), self.access_token.as_ref()]
            .into_iter()
            .flatten()
            .map(|secret| secret.arn().into())
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
