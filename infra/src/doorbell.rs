//! The doorbell: the table of grants, the function that fills it, and what the daemon at the door acts as.

mod bell;
mod daemon;
mod settings;

use std::collections::BTreeMap;

use crate::aws::dynamodb::{Attribute, AttributeKind, BillingMode, PointInTimeRecovery, Table};
use crate::aws::ecr::Repository;
use crate::aws::iam::Statement;
use crate::aws::lambda::{Environment, Function, PackageType, Permission};
use crate::aws::ssm::{Parameter, ParameterKind};
use crate::device::Published;
use crate::function_role::{Declaration, FunctionRole};
use crate::names::Named;
use crate::porch::FunctionImage;
use crate::secret_parameter;
use crate::settings::Secret;
use crate::skills::{self, Purpose, Skill};
use crate::template::{Handle, Program, Text};
use crate::values::{Region, StackName};
pub use bell::{Bell, EndpointId, FriendlyName};
pub use settings::{DoorbellSettings, DoorbellSkill};

/// Seconds that an invocation may take: Alexa waits 8 for an answer, so a longer one helps nobody.
const TIMEOUT: u32 = 8;

/// What others build on.
#[derive(Debug)]
pub struct Doorbell {
    /// The skill that it answers.
    pub skill: Skill,
    /// The function that answers Alexa.
    pub function: Handle<Function>,
    /// Alexa's permission to call it.
    pub permission: Handle<Permission>,
}

/// Skill -> image -> table -> parameters -> log group -> role -> function -> Alexa's permission -> daemon's user -> outputs.
///
/// Only the table has what cannot be made again from this tree: the customers' grants.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    region: Region,
    settings: &DoorbellSettings,
    repository: &Handle<Repository>,
    published: Option<&Published>,
) -> Doorbell {
    let (skill, client) = declare_skill(program, settings);
    let image = program.declare(
        "doorbellImage",
        &FunctionImage {
            function: "functions/doorbell".into(),
            tailscaled: None,
            architecture: settings.architecture.name().into(),
            repository_url: repository.url().into(),
        },
    );
    let table = declare_table(program, stack, settings);
    let parameters = Parameters::declare(program, stack, region, settings, client, &table);
    let role = FunctionRole::declare(
        program,
        stack,
        Declaration {
            resources: "doorbell",
            names: &settings.names,
            description: "What the function that answers Alexa about the doorbell acts as",
            retention_in_days: settings.log_retention_days,
            statements: [
                Statement::allow(&["ssm:GetParameters"], parameters.all().map(|one| one.arn().into())),
                // A grant that it is given, and a heartbeat that it is asked about.
                Statement::allow(&["dynamodb:GetItem", "dynamodb:UpdateItem"], [table.arn().into()]),
            ],
        },
    );
    let function = program.declare_after(
        "doorbellFunction",
        &Function {
            name: settings.names.of(stack, Named::Function).into(),
            description: "Tells Alexa of the doorbell, and takes the right to ring through it".into(),
            package_type: PackageType::Image,
            image_uri: image.uri().into(),
            architectures: [settings.architecture.name().into()],
            role: role.arn().into(),
            timeout: TIMEOUT,
            memory_size: settings.memory,
            reserved_concurrent_executions: None,
            environment: Environment { variables: parameters.variables(settings) },
        },
        role.before_the_function(),
    );
    let permission =
        program.declare("doorbellAlexaPermission", &Permission::of_alexa(&function, skill.id.clone()));
    let reach = daemon::Reach { table: &table, parameters: &parameters.of_the_daemon(), published };
    daemon::declare(program, stack, settings.key_rotation, &reach);
    program.output("doorbellBells", settings.bells_as_json());
    program.output("doorbellFunctionArn", function.arn());
    program.output("doorbellFunctionName", function.name());
    program.output("doorbellLogGroup", role.log_group());
    program.output("doorbellParameters", stack.path("doorbell"));
    program.output("doorbellTable", table.name());
    Doorbell { skill, function, permission }
}

/// Grants, and the doorbells' heartbeats: `alexa::grant` and `alexa::heartbeat` say what the rows have.
fn declare_table(program: &mut Program, stack: &StackName, settings: &DoorbellSettings) -> Handle<Table> {
    let table = Table {
        name: settings.names.of(stack, Named::Table).into(),
        billing_mode: BillingMode::PayPerRequest,
        hash_key: "user",
        attributes: vec![Attribute { name: "user", kind: AttributeKind::Text }],
        point_in_time_recovery: PointInTimeRecovery { enabled: true },
        deletion_protection_enabled: settings.protect_table,
    };
    if settings.protect_table {
        program.declare_protected("doorbellTable", &table)
    } else {
        program.declare("doorbellTable", &table)
    }
}

/// As which client the skill's events are sent, and with which secret.
struct Client {
    id: Text,
    secret: Text,
}

/// The skill and its client: one of the stack's own tells it, of another one somebody has told the stack.
fn declare_skill(program: &mut Program, settings: &DoorbellSettings) -> (Skill, Client) {
    match &settings.skill {
        DoorbellSkill::Given { id, client_id } => {
            let secret = program.secret(Secret::DoorbellClientSecret.key()).into();
            let client = Client { id: client_id.as_str().into(), secret };
            (skills::given(program, id, Purpose::Doorbell), client)
        }
        DoorbellSkill::Made(new) => {
            let (skill, made) = skills::make(program, new, Purpose::Doorbell);
            let (id, secret) = (made.messaging_client_id().into(), made.messaging_client_secret().into());
            (skill, Client { id, secret })
        }
    }
}

/// What the function reads, and the daemon all but the bells, so that neither is told anything else than the other.
struct Parameters {
    table: Handle<Parameter>,
    table_region: Handle<Parameter>,
    bells: Handle<Parameter>,
    client_id: Handle<Parameter>,
    client_secret: Handle<Parameter>,
}

impl Parameters {
    fn declare(
        program: &mut Program,
        stack: &StackName,
        region: Region,
        settings: &DoorbellSettings,
        client: Client,
        table: &Handle<Table>,
    ) -> Self {
        let mut plain = |name: &str, path: &str, description: &str, value: Text| {
            let (path, description) = (stack.path(path).into(), description.into());
            program.declare(name, &Parameter { name: path, description, kind: ParameterKind::String, value })
        };
        let table = plain(
            "doorbellTableParameter",
            "doorbell/table",
            "Where the doorbell's grants are",
            table.name().into(),
        );
        let table_region = plain(
            "doorbellTableRegionParameter",
            "doorbell/table-region",
            "Where that table is",
            region.name().into(),
        );
        let bells = plain(
            "doorbellBellsParameter",
            "doorbell/bells",
            "Which bells there are",
            settings.bells_as_json().into(),
        );
        let client_id = plain(
            "doorbellClientIdParameter",
            "doorbell/lwa-client-id",
            "Who asks Login with Amazon for tokens",
            client.id,
        );
        let client_secret = secret_parameter::declare_value(
            program,
            stack,
            client.secret,
            "doorbellClientSecretParameter",
            "doorbell/lwa-client-secret",
            "Proves to Login with Amazon who asks",
        );
        Self { table, table_region, bells, client_id, client_secret }
    }

    fn all(&self) -> [&Handle<Parameter>; 5] {
        [&self.table, &self.table_region, &self.bells, &self.client_id, &self.client_secret]
    }

    /// Those that the daemon reads: its bells are in its own settings.
    fn of_the_daemon(&self) -> [&Handle<Parameter>; 4] {
        [&self.table, &self.table_region, &self.client_id, &self.client_secret]
    }

    /// What the function reads at start; `doorbell::Settings` says what each variable means.
    fn variables(&self, settings: &DoorbellSettings) -> BTreeMap<&'static str, Text> {
        BTreeMap::from([
            ("TABLE_PARAMETER", self.table.name().into()),
            ("TABLE_REGION_PARAMETER", self.table_region.name().into()),
            ("BELLS_PARAMETER", self.bells.name().into()),
            ("LWA_CLIENT_ID_PARAMETER", self.client_id.name().into()),
            ("LWA_CLIENT_SECRET_PARAMETER", self.client_secret.name().into()),
            ("DEBUG", settings.debug.to_string().into()),
        ])
    }
}
