//! The function that makes the bridge's auth key, and a new one long before it ends.

use std::collections::BTreeMap;

use crate::alarms;
use crate::aws::iam::Statement;
use crate::aws::lambda::{Environment, Function, Invocation, PackageType};
use crate::aws::scheduler::FlexibleTimeWindow;
use crate::aws::ssm::{Parameter, ParameterKind};
use crate::bridge::Bridge;
use crate::function_role::{Declaration, FunctionRole};
use crate::names::{Named, Names};
use crate::schedule;
use crate::secret_parameter;
use crate::settings::{BridgeSettings, Secret};
use crate::tailscale_auth::{Client, TailscaleAuth};
use crate::template::{Handle, Program, Text};
use crate::values::{StackName, Tag};

/// Seconds that an invocation may take. Seldom more than two; three tries of each call at Tailscale fit in.
const TIMEOUT: u32 = 60;

/// MB. Nothing waits for it, and no tailscaled runs in it.
const MEMORY: u32 = 256;

/// The event; the function looks at nothing in it.
const EVENT: &str = "{}";

/// What is written down about the key until there is one.
const NO_RECORD_YET: &str = "nothing yet";

/// Longest life in seconds of AWS's word about the function, and how it is signed; the function asks for no other.
const TOKEN: (&str, &str) = ("300", "RS256");

/// Secret -> record -> log group -> role -> function -> first key -> schedule -> alarm -> outputs.
///
/// Nothing, if a person makes the keys. The function writes exactly two parameters, and reads these and the client's
/// secret, which nobody else may. Pulumi leaves the values of the two to it.
pub fn declare(program: &mut Program, stack: &StackName, settings: &BridgeSettings, bridge: &Bridge) {
    let Some(client) = settings.tailscale_auth.client() else { return };
    let names = Names::after_the_stack("key-renewal");
    let secret = matches!(settings.tailscale_auth, TailscaleAuth::OauthClient(_))
        .then(|| declare_secret(program, stack));
    let record = program.declare_leaving(
        "keyRenewalRecord",
        &Parameter {
            name: stack.path("key-renewal/record").into(),
            description: "When the bridge's key to the tailnet ends, and who made it".into(),
            kind: ParameterKind::String,
            value: NO_RECORD_YET.into(),
        },
        &["value"],
    );
    let kept = || [Text::from(bridge.reach.auth_key.arn()), record.arn().into()];
    let read = kept().into_iter().chain(secret.iter().map(|secret| secret.arn().into()));
    let statements =
        [Statement::allow(&["ssm:GetParameters"], read), Statement::allow(&["ssm:PutParameter"], kept())];
    let role = FunctionRole::declare(
        program,
        stack,
        Declaration {
            resources: "keyRenewal",
            names: &names,
            description: "What the function that renews the bridge's key acts as",
            retention_in_days: settings.log_retention_days,
            statements: statements.into_iter().chain(secret.is_none().then(|| identify(client))),
        },
    );
    let function = program.declare_after(
        "keyRenewalFunction",
        &Function {
            name: names.of(stack, Named::Function).into(),
            description: "Renews the bridge's key to the tailnet before it ends".into(),
            package_type: PackageType::Image,
            image_uri: bridge.image.uri().into(),
            architectures: [settings.architecture.name().into()],
            role: role.arn().into(),
            timeout: TIMEOUT,
            memory_size: MEMORY,
            reserved_concurrent_executions: None,
            environment: Environment { variables: environment(client, bridge, &record, secret.as_ref()) },
        },
        role.before_the_function(),
    );
    // So that there is a key when the stack is up, and one of the right tags when they change. The version, because
    // the provider always writes a parameter whole: should another of its properties change, the place of the key
    // has what Pulumi knows of it, and the function puts a key there again.
    program.declare(
        "keyRenewalFirstKey",
        &Invocation {
            function_name: function.name().into(),
            input: EVENT.into(),
            triggers: BTreeMap::from([
                ("clientId", client.id.as_str().into()),
                ("parameter", Text::from("version ").then(bridge.reach.auth_key.version())),
                ("tags", joined(client).into()),
            ]),
        },
    );
    declare_schedule(program, stack, &function);
    if let Some(topic) = &bridge.alarm_topic {
        alarms::declare_key_renewal(program, stack, topic, &function);
    }
    program.output("keyRenewalFunctionName", function.name());
    program.output("keyRenewalLogGroup", role.log_group());
}

fn declare_secret(program: &mut Program, stack: &StackName) -> Handle<Parameter> {
    secret_parameter::declare(
        program,
        stack,
        Secret::TailscaleOauthSecret,
        "keyRenewalSecret",
        "key-renewal/tailscale-oauth-secret",
        "Lets the function that renews the bridge's key make keys",
    )
}

/// AWS tells Tailscale, and nobody else, which role this is. STS has no resource to name; an absent audience would
/// pass `ForAllValues` (AWS IAM, "Controlling access with IAM policies" of outbound identity federation).
fn identify(client: &Client) -> Statement {
    let audience = format!("api.tailscale.com/{}", client.id.as_str());
    let (life, algorithm) = TOKEN;
    Statement::allow(&["sts:GetWebIdentityToken"], ["*".into()])
        .when("ForAllValues:StringEquals", "sts:IdentityTokenAudience", audience)
        .when("Null", "sts:IdentityTokenAudience", "false")
        .when("NumericLessThanEquals", "sts:DurationSeconds", life)
        .when("StringEquals", "sts:SigningAlgorithm", algorithm)
}

/// Every day, though a key lasts for 90: a failure has 45 days to be seen and put right.
fn declare_schedule(program: &mut Program, stack: &StackName, function: &Handle<Function>) {
    schedule::declare(
        program,
        stack,
        schedule::Declaration {
            resources: "keyRenewalSchedule",
            component: "key-schedule",
            role_description: "What the schedule that renews the bridge's key acts as",
            description: "Renews the bridge's key to the tailnet, if it is time",
            expression: "rate(1 day)",
            window: FlexibleTimeWindow::Flexible { maximum_window_in_minutes: 60 },
            function,
            event: EVENT,
        },
    );
}

/// What the function reads at start; `bridge::settings` says what each variable means.
fn environment(
    client: &Client,
    bridge: &Bridge,
    record: &Handle<Parameter>,
    secret: Option<&Handle<Parameter>>,
) -> BTreeMap<&'static str, Text> {
    let mut variables = BTreeMap::from([
        ("SERVE", "key-renewal".into()),
        ("TAILSCALE_AUTHKEY_PARAMETER", bridge.reach.auth_key.name().into()),
        ("TAILSCALE_AUTHKEY_RECORD_PARAMETER", record.name().into()),
        ("TAILSCALE_OAUTH_CLIENT_ID", client.id.as_str().into()),
        ("TAILSCALE_TAGS", joined(client).into()),
    ]);
    if let Some(secret) = secret {
        variables.insert("TAILSCALE_OAUTH_SECRET_PARAMETER", secret.name().into());
    }
    variables
}

fn joined(client: &Client) -> String {
    client.tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(",")
}
