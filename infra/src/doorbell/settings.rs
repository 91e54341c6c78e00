//! The group `porch:doorbell`.

use std::collections::BTreeSet;

use crate::config::{DOORBELL, StackConfig};
use crate::doorbell::bell::{Bell, EndpointId, FriendlyName};
use crate::group::Group;
use crate::settings::{Secret, TRUE_OR_FALSE, read_log_retention_days, read_memory, require};
use crate::values::{Architecture, LwaClientId, SkillId};
use crate::wrong::{Found, Wrong};

/// Longest list of bells as JSON: what a standard parameter holds.
const BELLS_LIMIT: usize = 4096;

/// What the doorbell is declared from.
#[derive(Debug)]
pub struct DoorbellSettings {
    /// `skillId`, required: the smart home skill that may call the function.
    pub skill_id: SkillId,
    /// `clientId`, required: the skill's client at Login with Amazon; its secret is `porch:doorbellClientSecret`.
    pub client_id: LwaClientId,
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
}

impl DoorbellSettings {
    pub(crate) fn read(config: &StackConfig, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let mut group = Group::open(config, DOORBELL, wrong)?;
        let skill_id = group.required("skillId", "amzn1.ask.skill.UUID", SkillId::parse);
        let client_id = group.required("clientId", "amzn1.application-oa2-client.ID", LwaClientId::parse);
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
        group.close();
        require(Secret::DoorbellClientSecret, config, wrong);
        let bells = bells.filter(|bells| are_distinct(bells, wrong) && fit(bells, wrong));
        Some(Self {
            skill_id: skill_id?,
            client_id: client_id?,
            bells: bells?,
            architecture: architecture.unwrap_or(Architecture::Arm64),
            memory,
            log_retention_days,
            debug: debug.unwrap_or(false),
            protect_table: protect_table.unwrap_or(true),
            key_rotation: key_rotation.unwrap_or(1),
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
