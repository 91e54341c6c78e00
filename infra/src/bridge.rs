//! The bridge: the function that answers Alexa from Home Assistant, and all that it needs.

use std::collections::BTreeMap;

use crate::alarms;
use crate::aws::ecr::Repository;
use crate::aws::iam::Statement;
use crate::aws::lambda::{Environment, Function, PackageType, Permission};
use crate::aws::sns::Topic;
use crate::aws::ssm::Parameter;
use crate::function_role::{Declaration, FunctionRole};
use crate::keep_warm;
use crate::names::Named;
use crate::porch::FunctionImage;
use crate::reach::Reach;
use crate::secret_parameter;
use crate::settings::{BridgeSettings, Secret};
use crate::skills::{self, Purpose, Skill};
use crate::template::{Handle, Program, Text};
use crate::values::StackName;

/// Seconds that an invocation may take: Alexa waits 8 for an answer, so a longer one helps nobody.
const TIMEOUT: u32 = 8;

/// What others build on.
#[derive(Debug)]
pub struct Bridge {
    /// The skill that it answers.
    pub skill: Skill,
    /// The image, which serves more than the bridge.
    pub image: Handle<FunctionImage>,
    /// The function that answers directives.
    pub function: Handle<Function>,
    /// Alexa's permission to call it.
    pub permission: Handle<Permission>,
    /// How the functions reach Home Assistant.
    pub reach: Reach,
    /// Where alarms are told, if anybody wants to hear them.
    pub alarm_topic: Option<Handle<Topic>>,
}

/// Skill -> image -> secrets -> log group -> role -> function -> Alexa's permission -> what keeps it warm -> alarms -> outputs.
///
/// Nothing here is protected from deletion: all of it is made again, under the same names and the same ARN,
/// from this tree and the stack's config. Only the log lines are gone after `pulumi destroy`.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    settings: &BridgeSettings,
    repository: &Handle<Repository>,
) -> Bridge {
    let skill = skills::declare(program, &settings.skill, Purpose::Bridge);
    let image = program.declare(
        "bridgeImage",
        &FunctionImage {
            function: "functions/bridge".into(),
            tailscaled: Some("crates/tailnet/tailscaled".into()),
            architecture: settings.architecture.name().into(),
            repository_url: repository.url().into(),
        },
    );

    let reach = Reach::declare(program, stack, settings);
    let access_token = declare_access_token(program, stack, settings);
    let secrets = reach.arns().chain(access_token.iter().map(|secret| secret.arn().into()));
    let role = FunctionRole::declare(
        program,
        stack,
        Declaration {
            resources: "bridge",
            names: &settings.names,
            description: "What the function that answers Alexa acts as",
            retention_in_days: settings.log_retention_days,
            statements: [Statement::allow(&["ssm:GetParameters"], secrets)],
        },
    );

    let function = program.declare_after(
        "bridgeFunction",
        &Function {
            name: settings.names.of(stack, Named::Function).into(),
            description: "Answers Alexa from a Home Assistant in a tailnet".into(),
            package_type: PackageType::Image,
            image_uri: image.uri().into(),
            architectures: [settings.architecture.name().into()],
            role: role.arn().into(),
            timeout: TIMEOUT,
            memory_size: settings.memory,
            // Alexa alone calls it, so that nobody can use up what the account has.
            reserved_concurrent_executions: None,
            environment: Environment { variables: environment(settings, &reach, access_token.as_ref()) },
        },
        role.before_the_function(),
    );
    let permission =
        program.declare("bridgeAlexaPermission", &Permission::of_alexa(&function, skill.id.clone()));

    if settings.keep_warm {
        keep_warm::declare(program, stack, &function);
    }
    let email = settings.alarm_email.as_ref();
    // Of a control server of one's own nobody knows how long its keys live.
    let key_ends = settings.tailscale_auth.client().is_none() && settings.control_url.is_none();
    let alarm_topic = email.map(|email| alarms::declare(program, stack, email, &function, key_ends));

    program.output("bridgeFunctionArn", function.arn());
    program.output("bridgeFunctionName", function.name());
    program.output("bridgeImageUri", image.uri());
    program.output("bridgeImageSizeBytes", image.size());
    program.output("bridgeLogGroup", role.log_group());
    Bridge { skill, image, function, permission, reach, alarm_topic }
}

/// What the function reads at start.
fn environment(
    settings: &BridgeSettings,
    reach: &Reach,
    access_token: Option<&Handle<Parameter>>,
) -> BTreeMap<&'static str, Text> {
    let mut variables = reach.variables(settings);
    if let Some(access_token) = access_token {
        variables.insert("LONG_LIVED_ACCESS_TOKEN_PARAMETER", access_token.name().into());
    }
    variables
}

/// The token that takes the place of those that Alexa sends, where that is wanted.
fn declare_access_token(
    program: &mut Program,
    stack: &StackName,
    settings: &BridgeSettings,
) -> Option<Handle<Parameter>> {
    settings.long_lived_access_token.then(|| {
        secret_parameter::declare(
            program,
            stack,
            Secret::LongLivedAccessToken,
            "bridgeAccessToken",
            "bridge/long-lived-access-token",
            "Lets the bridge into Home Assistant, in place of the token that Alexa sends",
        )
    })
}
