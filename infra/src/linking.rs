//! Linking: the function that lets Amazon link the skill, at an address of its own that is open to everybody.

use std::collections::BTreeMap;

use crate::aws::iam::{Policy, Role, RolePolicy, Statement};
use crate::aws::lambda::{
    Authorization, Condition, Environment, Function, FunctionUrl, PackageType, Permission,
};
use crate::aws::logs::LogGroup;
use crate::aws::ssm::Parameter;
use crate::bridge::{Bridge, way_to_home_assistant};
use crate::settings::{BridgeSettings, LinkingSettings};
use crate::template::{Handle, Json, Program, Text};
use crate::values::StackName;

/// Seconds that an invocation may take. Amazon waits 4.5 for tokens; the rest is for what happens before the function
/// is called.
const TIMEOUT: u32 = 8;

/// Log group -> role -> function -> address -> everybody's permissions -> outputs.
///
/// The function runs the bridge's image and is another one all the same: who finds its address can neither keep Alexa
/// waiting, nor use what the bridge may do. The long-lived access token is out of its reach.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    settings: &BridgeSettings,
    linking: &LinkingSettings,
    bridge: &Bridge,
) {
    let name = stack.name("linking");
    let read_auth_key = Statement::allow(&["ssm:GetParameters"], [bridge.auth_key.arn().into()]);

    let log_group = program.declare(
        "linkingLogGroup",
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
        "linkingRole",
        &Role {
            name: name.as_str().into(),
            description: "What the function that lets Amazon link the skill acts as".into(),
            assume_role_policy: Json(Policy::new([Statement::taken_by("lambda.amazonaws.com")])),
        },
    );
    let permissions = program.declare(
        "linkingPermissions",
        &RolePolicy {
            name: "linking".into(),
            role: role.name().into(),
            policy: Json(Policy::new([read_auth_key, write_log])),
        },
    );

    // After the log group, as the bridge's.
    let function = program.declare_after(
        "linkingFunction",
        &Function {
            name: name.into(),
            description: "Lets Amazon link the skill to a Home Assistant in a tailnet".into(),
            package_type: PackageType::Image,
            image_uri: bridge.image.uri().into(),
            architectures: [settings.architecture.name().into()],
            role: role.arn().into(),
            timeout: TIMEOUT,
            memory_size: settings.memory,
            reserved_concurrent_executions: Some(linking.concurrency),
            environment: Environment { variables: environment(settings, linking, &bridge.auth_key) },
        },
        [log_group.itself(), permissions.itself()],
    );

    let url = program.declare(
        "linkingUrl",
        &FunctionUrl { function_name: function.name().into(), authorization_type: Authorization::None },
    );
    // After the address, since the official provider adds a statement of its own with it, and AWS refuses two changes
    // of a policy at once.
    let by_url = program.declare_after(
        "linkingUrlPermission",
        &Permission {
            statement_id: "url".into(),
            function: function.name().into(),
            action: "lambda:InvokeFunctionUrl",
            principal: "*",
            condition: Condition::FunctionUrlAuthType(Authorization::None),
        },
        [url.itself()],
    );
    program.declare_after(
        "linkingInvokePermission",
        &Permission {
            statement_id: "invoke-by-url".into(),
            function: function.name().into(),
            action: "lambda:InvokeFunction",
            principal: "*",
            condition: Condition::InvokedViaFunctionUrl(true),
        },
        [by_url.itself()],
    );

    program.output("linkingAuthorizeUrl", Text::from(url.url()).then("auth/authorize"));
    program.output("linkingTokenUrl", Text::from(url.url()).then("auth/token"));
    program.output("linkingFunctionName", function.name());
    program.output("linkingLogGroup", log_group.name());
}

/// What the function reads at start; `bridge::settings` says what each variable means.
fn environment(
    settings: &BridgeSettings,
    linking: &LinkingSettings,
    auth_key: &Handle<Parameter>,
) -> BTreeMap<&'static str, Text> {
    let mut variables = way_to_home_assistant(settings, auth_key);
    variables.insert("SERVE", "linking".into());
    variables.insert("TAILSCALE_HOSTNAME", settings.hostname.with_suffix("-linking").as_str().into());
    if let Some(phone_url) = &linking.phone_url {
        variables.insert("PHONE_URL", phone_url.as_str().into());
    }
    variables
}
