//! Linking: the function that lets Amazon link the skill, at an address of its own that is open to everybody.

use std::collections::BTreeMap;

use crate::aws::iam::Statement;
use crate::aws::lambda::{
    Authorization, Condition, Environment, Function, FunctionUrl, PackageType, Permission,
};
use crate::bridge::Bridge;
use crate::function_role::{Declaration, FunctionRole};
use crate::names::{Named, Names};
use crate::reach::Reach;
use crate::settings::{BridgeSettings, LinkingSettings};
use crate::template::{Handle, Program, Text};
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
) -> Handle<FunctionUrl> {
    let names = Names::after_the_stack("linking");
    let role = FunctionRole::declare(
        program,
        stack,
        Declaration {
            resources: "linking",
            names: &names,
            description: "What the function that lets Amazon link the skill acts as",
            retention_in_days: settings.log_retention_days,
            statements: [Statement::allow(&["ssm:GetParameters"], bridge.reach.arns())],
        },
    );

    let function = program.declare_after(
        "linkingFunction",
        &Function {
            name: names.of(stack, Named::Function).into(),
            description: "Lets Amazon link the skill to a Home Assistant in a tailnet".into(),
            package_type: PackageType::Image,
            image_uri: bridge.image.uri().into(),
            architectures: [settings.architecture.name().into()],
            role: role.arn().into(),
            timeout: TIMEOUT,
            memory_size: settings.memory,
            reserved_concurrent_executions: Some(linking.concurrency),
            environment: Environment { variables: environment(settings, linking, &bridge.reach) },
        },
        role.before_the_function(),
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
    program.output("linkingLogGroup", role.log_group());
    url
}

/// What the function reads at start; `bridge::settings` says what each variable means.
fn environment(
    settings: &BridgeSettings,
    linking: &LinkingSettings,
    reach: &Reach,
) -> BTreeMap<&'static str, Text> {
    let mut variables = reach.variables(settings);
    variables.insert("SERVE", "linking".into());
    variables.insert("TAILSCALE_HOSTNAME", settings.hostname.with_suffix("-linking").as_str().into());
    if let Some(phone_url) = &linking.phone_url {
        variables.insert("PHONE_URL", phone_url.as_str().into());
    }
    variables
}
