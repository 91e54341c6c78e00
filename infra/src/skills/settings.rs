//! The group `porch:alexa`, and which skill the other groups are about.

use std::collections::BTreeSet;

use super::Locale;
use crate::config::{ALEXA, StackConfig};
use crate::group::Group;
use crate::settings::{Secret, TRUE_OR_FALSE, require};
use crate::values::{Expected, LwaClientId, Region, SkillId};
use crate::wrong::{Found, Wrong};

/// The developer's account in which skills are made.
#[derive(Debug)]
pub struct AlexaSettings {
    /// `vendorId`, required: the developer as a vendor of skills.
    pub vendor_id: VendorId,
    /// `clientId`, required: the security profile of Login with Amazon that may make skills; its secret is
    /// `porch:alexaClientSecret`, and what the developer allowed it `porch:alexaRefreshToken`.
    pub client_id: LwaClientId,
    /// `locales`: where the skills are. Default those whose functions Alexa calls in `aws:region`.
    pub locales: Vec<Locale>,
    /// `protectSkills`: let Pulumi not delete the skills, since they would have to be linked again. Default true.
    pub protect_skills: bool,
}

/// Which skill a function answers.
#[derive(Debug)]
pub enum SkillChoice {
    /// `skillId`: one that somebody has made.
    Given(SkillId),
    /// One of the stack's own.
    Made(NewSkill),
}

/// What a skill of the stack's own is declared from, besides what it is for.
#[derive(Debug)]
pub struct NewSkill {
    /// `skillName`: what it is called in every locale.
    pub name: SkillName,
    /// Whose it is.
    pub vendor_id: VendorId,
    /// Where it is.
    pub locales: Vec<Locale>,
    /// Whether Pulumi may not delete it.
    pub protect: bool,
}

/// What a stack has of a developer's account.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Account<'a> {
    /// No `porch:alexa`.
    Absent,
    /// A `porch:alexa` with something wrong, which is noted already.
    Wrong,
    /// All that it takes.
    There(&'a AlexaSettings),
}

const SKILL_ID: &str = "amzn1.ask.skill.UUID";

/// A developer's id as a vendor of skills: letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorId(String);

/// What a skill is called in the Alexa app: 2 to 50 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillName(String);

impl AlexaSettings {
    pub(crate) fn read(config: &StackConfig, region: Option<Region>, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let mut group = Group::open(config, ALEXA, wrong)?;
        let vendor_id = group.required("vendorId", "M1ABCDEFGHIJKL", VendorId::parse);
        let client_id = group.required("clientId", "amzn1.application-oa2-client.ID", parse_profile);
        let locales = group.list("locales", "en-US", Locale::parse);
        let protect_skills = group.flag("protectSkills", TRUE_OR_FALSE);
        group.close();
        require(Secret::AlexaClientSecret, config, wrong);
        require(Secret::AlexaRefreshToken, config, wrong);
        if let Some(locales) = &locales {
            refuse_repeated(locales, wrong);
        }
        Some(Self {
            vendor_id: vendor_id?,
            client_id: client_id?,
            locales: locales.unwrap_or(Locale::of(region?)),
            protect_skills: protect_skills.unwrap_or(true),
        })
    }
}

impl<'a> Account<'a> {
    pub(crate) fn of(config: &StackConfig, settings: Option<&'a AlexaSettings>) -> Self {
        match settings {
            Some(settings) => Self::There(settings),
            None if config.entries.contains_key(ALEXA) => Self::Wrong,
            None => Self::Absent,
        }
    }

    /// Whether the stack may make skills.
    pub(crate) fn is_there(self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Whether a group is about a skill that somebody has made.
    pub(crate) fn is_skill_given(self, group: &Group<'_>) -> bool {
        !self.is_there() || group.is_set("skillId")
    }
}

impl SkillChoice {
    pub(crate) fn read(group: &mut Group<'_>, account: Account<'_>, default: &'static str) -> Option<Self> {
        match account.is_skill_given(group) {
            true => read_id(group, account).map(Self::Given),
            false => NewSkill::read(group, account, default).map(Self::Made),
        }
    }
}

/// Reads the client id of a security profile.
pub(crate) fn parse_profile(text: &str) -> Result<LwaClientId, Expected> {
    LwaClientId::parse(text).map_err(|_| {
        "the client id of a security profile of Login with Amazon, amzn1.application-oa2-client. and letters and digits"
            .to_owned()
    })
}

/// `skillId`, of a skill that has its name from somebody else.
pub(crate) fn read_id(group: &mut Group<'_>, account: Account<'_>) -> Option<SkillId> {
    let id = group.required("skillId", SKILL_ID, SkillId::parse);
    let expected = match account.is_there() {
        true => "nothing beside skillId, whose skill has its name".to_owned(),
        false => format!("nothing, unless {ALEXA} has porch make the skill"),
    };
    group.must_be_unset("skillName", &expected);
    id
}

impl NewSkill {
    /// Reads `skillName`.
    pub(crate) fn read(group: &mut Group<'_>, account: Account<'_>, default: &'static str) -> Option<Self> {
        // Asked for, so that it is among the settings that there are.
        group.text("skillId", SKILL_ID, SkillId::parse);
        let is_named = group.is_set("skillName");
        let name = group.text("skillName", &format!("'{default}'"), SkillName::parse);
        let name = if is_named { name? } else { SkillName(default.to_owned()) };
        match account {
            Account::There(settings) => Some(Self {
                name,
                vendor_id: settings.vendor_id.clone(),
                locales: settings.locales.clone(),
                protect: settings.protect_skills,
            }),
            Account::Wrong | Account::Absent => None,
        }
    }
}

impl VendorId {
    /// Reads an id as the developer console shows it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let characters = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if characters && (1..=64).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        Err("your vendor id, letters and digits, from the Alexa developer console (Settings, My ID)"
            .to_owned())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SkillName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let is_plain = text.trim() == text && !text.contains(char::is_control);
        if is_plain && (2..=50).contains(&text.chars().count()) {
            return Ok(Self(text.to_owned()));
        }
        Err("what the skill is called in the Alexa app, 2 to 50 characters".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn refuse_repeated(locales: &[Locale], wrong: &mut Vec<Wrong>) {
    let mut seen = BTreeSet::new();
    let twice = locales.iter().enumerate().filter(|(_, locale)| !seen.insert(locale.name()));
    wrong.extend(twice.map(|(at, locale)| {
        let name = format!("{ALEXA}.locales[{at}]");
        Wrong {
            found: Found::text(locale.name()),
            expected: "a locale that is not in the list before".to_owned(),
            way_out: format!("pulumi config rm --path '{name}'"),
            name,
        }
    }));
}
