//! The group `porch:doorbell`.

use std::collections::BTreeSet;

use crate::config::{ALEXA, DOORBELL, StackConfig};
use crate::doorbell::bell::{Bell, EndpointId, FriendlyName};
use crate::group::Group;
use crate::names::{Named, Names};
use crate::settings::{Secret, TRUE_OR_FALSE, read_log_retention_days, read_memory, require};
use crate::skills::{Account, NewSkill, parse_profile, read_id};
use crate::values::{Architecture, LwaClientId, SkillId};
use crate::wrong::{Found, Wrong};

const CLIENT_ID: &str = "amzn1.application-oa2-client.ID";

/// Longest list of bells as JSON: what a standard parameter holds.
const BELLS_LIMIT: usize = 4096;

/// What the doorbell is declared from.
#[derive(Debug)]
pub struct DoorbellSettings {
    /// The smart home skill that may call the function.
    pub skill: DoorbellSkill,
    /// `linkingClientId`, only with `porch:alexa`: the security profile with which customers link the skill; its secret is
    /// `porch:doorbellLinkingSecret`. Default the profile of `porch:alexa`.
    pub linking_client_id: Option<LwaClientId>,
    /// `bells`, required: each with an `id` of its own and the `name` that people call it by.
    pub bells: Vec<Bell>,
    /// `architecture` of the function. Default arm64.
    pub architecture: Architecture,
    /// `memory` of the function in MB, 128 to 10240. Default 256, which is enough to answer in time.
    pub memory: u32,
    /// `logRetentionDays`, one of the numbers that CloudWatch takes. Default 30.
    pub log_retention_days: u32,
    /// `debug`: log what is done step by step. Default false.
    pub debug: bool,
    /// `protectTable`: let nobody delete the table, neither Pulumi nor AWS, since customers would have to link the skill
    /// again. Default true.
    pub protect_table: bool,
    /// `keyRotation`, 1 to 10,000: which key of the daemon is the newest. Default 1.
    pub key_rotation: u32,
    /// `repositoryName`, `roleName`, `functionName`, `tableName`: what was there before the stack. Default
    /// `porch-STACK-doorbell` each.
    pub names: Names,
}

/// Which skill the function answers, and who tells the client as which its events are sent.
#[derive(Debug)]
pub enum DoorbellSkill {
    /// One that somebody has made.
    Given {
        /// `skillId`, required without `porch:alexa`.
        id: SkillId,
        /// `clientId`, required beside it: the skill's client at Login with Amazon; its secret is
        /// `porch:doorbellClientSecret`.
        client_id: LwaClientId,
    },
    /// One of the stack's own, which tells its client. Default name `Doorbell`.
    Made(NewSkill),
}

impl DoorbellSkill {
    fn read(group: &mut Group<'_>, account: Account<'_>) -> Option<Self> {
        if account.is_skill_given(group) {
            let id = read_id(group, account);
            let client_id = group.required("clientId", CLIENT_ID, LwaClientId::parse);
            return Some(Self::Given { id: id?, client_id: client_id? });
        }
        group.must_be_unset("clientId", "nothing without a skillId: a skill that porch makes tells it");
        NewSkill::read(group, account, "Doorbell").map(Self::Made)
    }
}

impl DoorbellSettings {
    pub(crate) fn read(config: &StackConfig, account: Account<'_>, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let mut group = Group::open(config, DOORBELL, wrong)?;
        let is_skill_given = account.is_skill_given(&group);
        let skill = DoorbellSkill::read(&mut group, account);
        let linking_client_id = if account.is_there() {
            group.text("linkingClientId", CLIENT_ID, parse_profile)
        } else {
            group.must_be_unset(
                "linkingClientId",
                &format!("nothing, unless {ALEXA} has porch link the skill"),
            );
            None
        };
        let bells = group.required_objects("bells", ("id", "front-door"), |bell| {
            let id = bell.required("id", "front-door", EndpointId::parse);
            let name = bell.required("name", "'Front door'", FriendlyName::parse);
            Some(Bell { id: id?, name: name? })
        });
        let architecture = group.text("architecture", "arm64", Architecture::parse);
        let memory = read_memory(&mut group, 256);
        let log_retention_days = read_log_retention_days(&mut group);
        let debug = group.flag("debug", TRUE_OR_FALSE);
        let protect_table = group.flag("protectTable", TRUE_OR_FALSE);
        let key_rotation = group.number("keyRotation", 2, "a whole number from 1 to 10000", |number| {
            (1..=10_000).contains(&number)
        });
        let named = [Named::Repository, Named::Role, Named::Function, Named::Table];
        let names = Names::read(&mut group, config, "doorbell", &named);
        group.close();
        if is_skill_given {
            require(Secret::DoorbellClientSecret, config, wrong);
        }
        if linking_client_id.is_some() {
            require(Secret::DoorbellLinkingSecret, config, wrong);
        }
        let bells = bells.filter(|bells| are_distinct(bells, wrong) && fit(bells, wrong));
        Some(Self {
            skill: skill?,
            linking_client_id,
            bells: bells?,
            architecture: architecture.unwrap_or(Architecture::Arm64),
            memory,
            log_retention_days,
            debug: debug.unwrap_or(false),
            protect_table: protect_table.unwrap_or(true),
            key_rotation: key_rotation.unwrap_or(1),
            names,
        })
    }

    /// The bells as JSON, as the parameter holds them.
    pub(crate) fn bells_as_json(&self) -> String {
        as_json(&self.bells)
    }
}

fn as_json(bells: &[Bell]) -> String {
    serde_json::to_string(bells).expect("texts have no key that is none")
}

fn are_distinct(bells: &[Bell], wrong: &mut Vec<Wrong>) -> bool {
    let mut seen = BTreeSet::new();
    let twice = bells.iter().position(|bell| !seen.insert(bell.id.as_str()));
    if let Some(at) = twice {
        let name = format!("{DOORBELL}.bells[{at}].id");
        wrong.push(Wrong {
            found: Found::text(bells[at].id.as_str()),
            expected: "an id that no other bell has".to_owned(),
            way_out: format!("pulumi config set --path '{name}' ID"),
            name,
        });
    }
    twice.is_none()
}

fn fit(bells: &[Bell], wrong: &mut Vec<Wrong>) -> bool {
    let fit = as_json(bells).len() <= BELLS_LIMIT;
    if !fit {
        wrong.push(Wrong {
            name: format!("{DOORBELL}.bells"),
            found: Found::Described("more text than fits into a parameter"),
            expected: format!("at most {BELLS_LIMIT} characters of JSON"),
            way_out: "use shorter ids and names, or a second stack".to_owned(),
        });
    }
    fit
}
