//! What a declared resource is in the account: what it is called there, and by which id the provider imports it.
//!
//! The ids are those that the documentation of the official provider has under "Import" of each type.

use smapi::SkillId;

use super::Wanted;
use super::declared::{Declared, Preview};
use crate::error::{Error, Result};

/// Alexa's permission to call a function, as far as the name of its resource goes.
const TRIGGER: &str = "AlexaPermission";

/// Something that may be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Repository(String),
    Role(String),
    User(String),
    /// By its ARN.
    ManagedPolicy(String),
    /// The account's trust in somebody, by its ARN.
    OidcProvider(String),
    Function(String),
    /// Of the function of this name.
    Url(String),
    Permission(Permission),
    LogGroup(String),
    Table(String),
    Parameter(String),
    /// In the group that every account has.
    Schedule(String),
    Skill(SkillId),
    /// A skill that nobody has named.
    AnySkill,
}

/// A statement of a function's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Permission {
    /// The function that has it, or has had it until now.
    pub(super) function: String,
    /// What the stack calls it.
    pub(super) statement: String,
    /// The skill that may call, if it is about one.
    pub(super) skill: Option<String>,
    /// Whether it is to be moved away from that function: then it has to be there.
    pub(super) moves: bool,
}

/// What AWS makes anew or overwrites without a word needs not be taken over: policies within a role, alarms, topics, the
/// rule that images go by. What only the state knew cannot be: keys.
pub(super) fn all(preview: &Preview, wanted: &Wanted, account: &str) -> Result<Vec<(Declared, Thing)>> {
    let mut things = Vec::new();
    for declared in &preview.declared {
        let thing = match declared.kind.as_str() {
            "porch:alexa:Skill" => {
                Some(wanted.skill(declared.name()).cloned().map_or(Thing::AnySkill, Thing::Skill))
            }
            "aws:lambda/permission:Permission" => {
                permission(declared, preview, wanted)?.map(Thing::Permission)
            }
            _ => of_its_name(declared, account),
        };
        things.extend(thing.map(|thing| (declared.clone(), thing)));
    }
    wanted.all_declared(preview)?;
    Ok(things)
}

fn of_its_name(declared: &Declared, account: &str) -> Option<Thing> {
    let make: fn(String) -> Thing = match declared.kind.as_str() {
        "aws:ecr/repository:Repository" => Thing::Repository,
        "aws:iam/role:Role" => Thing::Role,
        "aws:iam/user:User" => Thing::User,
        "aws:lambda/function:Function" => Thing::Function,
        "aws:cloudwatch/logGroup:LogGroup" => Thing::LogGroup,
        "aws:dynamodb/table:Table" => Thing::Table,
        "aws:ssm/parameter:Parameter" => Thing::Parameter,
        "aws:scheduler/schedule:Schedule" => Thing::Schedule,
        "aws:lambda/functionUrl:FunctionUrl" => {
            return declared.text("functionName").map(|name| Thing::Url(name.to_owned()));
        }
        "aws:iam/policy:Policy" => {
            let name = declared.text("name")?;
            return Some(Thing::ManagedPolicy(format!("arn:aws:iam::{account}:policy/{name}")));
        }
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider" => {
            let host = declared.text("url")?.trim_start_matches("https://");
            return Some(Thing::OidcProvider(format!("arn:aws:iam::{account}:oidc-provider/{host}")));
        }
        _ => return None,
    };
    declared.text("name").map(|name| make(name.to_owned()))
}

fn permission(declared: &Declared, preview: &Preview, wanted: &Wanted) -> Result<Option<Permission>> {
    let Some(statement) = declared.text("statementId").map(str::to_owned) else { return Ok(None) };
    let Some(component) = declared.name().strip_suffix(TRIGGER) else {
        let function = declared.text("function").map(str::to_owned);
        let moves = false;
        return Ok(function.map(|function| Permission { function, statement, skill: None, moves }));
    };
    let own = preview.named(&format!("{component}Function"));
    let (old, skill) = (wanted.trigger(component), wanted.skill(&format!("{component}Skill")));
    // That of a skill which the stack makes is not known before.
    let known = declared.text("eventSourceToken").filter(|text| SkillId::parse(text).is_ok());
    let skill = known.map(str::to_owned).or_else(|| skill.map(|skill| skill.as_str().to_owned()));
    if old.is_some() && skill.is_none() {
        let why = format!(
            "--{component}-trigger takes the trigger of a skill, and it is not known of which: \
             --{component}-skill ID says it, or porch:{component}.skillId"
        );
        return Err(Error::Answer(why));
    }
    let moves = old.is_some();
    let function = old.or_else(|| own.and_then(|function| function.text("name"))).map(str::to_owned);
    Ok(function.map(|function| Permission { function, statement, skill, moves }))
}

impl Wanted {
    fn skill(&self, resource: &str) -> Option<&SkillId> {
        match resource {
            "bridgeSkill" => self.bridge_skill.as_ref(),
            "doorbellSkill" => self.doorbell_skill.as_ref(),
            _ => None,
        }
    }

    fn trigger(&self, component: &str) -> Option<&str> {
        match component {
            "bridge" => self.bridge_trigger.as_deref(),
            "doorbell" => self.doorbell_trigger.as_deref(),
            _ => None,
        }
    }

    /// That the stack declares whatever somebody wants to have.
    fn all_declared(&self, preview: &Preview) -> Result<()> {
        for component in ["bridge", "doorbell"] {
            let skill = format!("{component}Skill");
            if self.skill(&skill).is_some() && preview.named(&skill).is_none() {
                let why = format!(
                    "the stack declares no {skill}: a skill is its own with porch:alexa (`cargo xtask setup`) and without \
                     porch:{component}.skillId (`pulumi config rm --path porch:{component}.skillId`)"
                );
                return Err(Error::Answer(why));
            }
            let trigger = format!("{component}{TRIGGER}");
            if self.trigger(component).is_some() && preview.named(&trigger).is_none() {
                return Err(Error::Answer(format!(
                    "the stack has no porch:{component}, whose trigger this is"
                )));
            }
        }
        Ok(())
    }
}

impl Thing {
    /// What a person calls it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Repository(name) => format!("the repository {name}"),
            Self::Role(name) => format!("the role {name}"),
            Self::User(name) => format!("the user {name}"),
            Self::ManagedPolicy(arn) => format!("the policy {arn}"),
            Self::OidcProvider(arn) => format!("the identity provider {arn}"),
            Self::Function(name) => format!("the function {name}"),
            Self::Url(function) => format!("the URL of the function {function}"),
            Self::Permission(Permission { function, skill: Some(skill), .. }) => {
                format!("the trigger of the function {function} by the skill {skill}")
            }
            Self::Permission(Permission { function, statement, .. }) => {
                format!("the permission {statement} of the function {function}")
            }
            Self::LogGroup(name) => format!("the log {name}"),
            Self::Table(name) => format!("the table {name}"),
            Self::Parameter(name) => format!("the parameter {name}"),
            Self::Schedule(name) => format!("the schedule {name}"),
            Self::Skill(id) => format!("the skill {}", id.as_str()),
            Self::AnySkill => "a skill".to_owned(),
        }
    }

    /// Its id for an import; a permission's is that of the `statement` that was found.
    pub(super) fn id(&self, statement: Option<&str>) -> String {
        match self {
            Self::Repository(name)
            | Self::Role(name)
            | Self::User(name)
            | Self::ManagedPolicy(name)
            | Self::OidcProvider(name)
            | Self::Function(name)
            | Self::Url(name)
            | Self::LogGroup(name)
            | Self::Table(name)
            | Self::Parameter(name) => name.clone(),
            Self::Schedule(name) => format!("default/{name}"),
            Self::Permission(permission) => {
                let statement = statement.unwrap_or(&permission.statement);
                format!("{}/{statement}", permission.function)
            }
            Self::Skill(id) => id.as_str().to_owned(),
            Self::AnySkill => String::new(),
        }
    }
}
