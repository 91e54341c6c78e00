//! The settings of a stack, typed: read from its config in one go, everything that is wrong reported
//! together.

use crate::config::{ALEXA, BRIDGE, DEVICE, DOORBELL, Entry, PREVIEWS, REGION, StackConfig};
use crate::device::DeviceSettings;
use crate::doorbell::DoorbellSettings;
use crate::group::Group;
use crate::https::HttpsSettings;
use crate::names::{self, Named, Names};
use crate::previews::PreviewsSettings;
use crate::skills::{Account, AlexaSettings, SkillChoice};
use crate::tailscale_auth::{TailscaleAuth, Way};
use crate::values::{Address, Architecture, Email, Hostname, Region, StackName};
use crate::wrong::{Found, Wrong, WrongSettings, nearest};

/// Everything that one stack is declared from.
#[derive(Debug)]
pub struct Settings {
    /// The stack's name, which names in AWS carry.
    pub stack: StackName,
    /// `aws:region`, required: the one that Alexa calls for the locale of the user's account.
    pub region: Region,
    /// `porch:bridge`; without the group, no bridge is declared.
    pub bridge: Option<BridgeSettings>,
    /// `porch:doorbell`; without the group, no doorbell is declared.
    pub doorbell: Option<DoorbellSettings>,
    /// `porch:device`, only beside `porch:doorbell`; without the group, no package of the daemon is published.
    pub device: Option<DeviceSettings>,
    /// `porch:alexa`; without the group, skills are made and wired by hand.
    pub alexa: Option<AlexaSettings>,
    /// `porch:previews`; without the group, GitHub may do nothing with the stack.
    pub previews: Option<PreviewsSettings>,
}

/// The group `porch:bridge`.
#[derive(Debug)]
pub struct BridgeSettings {
    /// `skillId`, or with `porch:alexa` instead `skillName`: the smart home skill that may call the function. Default name
    /// `Home Assistant`.
    pub skill: SkillChoice,
    /// `baseUrl`, required: where Home Assistant is, as seen in the tailnet.
    pub base_url: Address,
    /// `architecture` of the function. Default arm64, which costs a fifth less than x86_64 and is in every
    /// region of Alexa's.
    pub architecture: Architecture,
    /// `memory` of the function in MB, 128 to 10240. Default 512: with less, its share of a CPU makes a cold
    /// start slow.
    pub memory: u32,
    /// `logRetentionDays`, one of the numbers that CloudWatch takes. Default 30.
    pub log_retention_days: u32,
    /// `debug`: log what is done step by step. Default false.
    pub debug: bool,
    /// `keepWarm`: invoke the function every 5 minutes, so that Lambda keeps an environment for the next directive.
    /// Default false.
    pub keep_warm: bool,
    /// The certificates, if Home Assistant is asked by https.
    pub https: HttpsSettings,
    /// `controlUrl`: the tailnet's control server. Default Tailscale's own.
    pub control_url: Option<Address>,
    /// `hostname` of the function in the tailnet. Default `porch-bridge`.
    pub hostname: Hostname,
    /// `longLivedAccessToken`: talk to Home Assistant with the secret `porch:longLivedAccessToken`, and not
    /// with the token that Alexa sends for the user who linked the skill. Default false.
    pub long_lived_access_token: bool,
    /// `linking`: let Amazon link the skill through a function of its own. Default false.
    pub linking: Option<LinkingSettings>,
    /// `alarmEmail`: who is told when the function fails, is slow, or cannot reach Home Assistant. Default nobody, and
    /// no alarms.
    pub alarm_email: Option<Email>,
    /// `repositoryName`, `roleName`, `functionName`: what was there before the stack. Default `porch-STACK-bridge` each.
    pub names: Names,
    /// `tailscaleAuth`, `tailscaleOauthClientId` and `tailnetTags`: which key lets the function into the tailnet.
    pub tailscale_auth: TailscaleAuth,
}

/// Those fields of `porch:bridge` that are about linking.
#[derive(Debug)]
pub struct LinkingSettings {
    /// `linkingConcurrency`: how many requests are served at once, 1 to 100. Default 2, which is enough for a house and
    /// keeps what strangers can cost small.
    pub concurrency: u32,
    /// `phoneUrl`: where the phone that links the skill finds Home Assistant. Default `baseUrl`.
    pub phone_url: Option<Address>,
}

/// A secret of the stack's config: known here by its key, and whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Lets the function into the tailnet.
    TailscaleAuthKey,
    /// Lets the function into Home Assistant.
    LongLivedAccessToken,
    /// Belongs to the client certificate.
    ClientKey,
    /// Makes keys for the tailnet.
    TailscaleOauthSecret,
    /// Belongs to the client of the doorbell's skill at Login with Amazon.
    DoorbellClientSecret,
    /// Belongs to the security profile that makes skills.
    AlexaClientSecret,
    /// What the developer allowed that profile.
    AlexaRefreshToken,
    /// Belongs to the security profile with which the doorbell's skill is linked.
    DoorbellLinkingSecret,
}

/// The groups of settings.
const GROUPS: [&str; 5] = [BRIDGE, DOORBELL, DEVICE, ALEXA, PREVIEWS];

pub(crate) const TRUE_OR_FALSE: &str = "true or false, without quotes";

const ONLY_TAILSCALE: &str = "nothing, unless tailscaleAuth is authKey: only Tailscale's own control server has clients that make keys";

/// What CloudWatch takes as retention, in days; it has "for ever" too, which porch has not.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

impl Settings {
    /// Reads a stack's config.
    pub fn read(config: &StackConfig) -> Result<Self, WrongSettings> {
        let mut wrong = Vec::new();
        let stack = read_stack(config, &mut wrong);
        let region = read_region(config, &mut wrong);
        let alexa = AlexaSettings::read(config, region, &mut wrong);
        let account = Account::of(config, alexa.as_ref());
        let bridge = BridgeSettings::read(config, account, &mut wrong);
        let doorbell = DoorbellSettings::read(config, account, &mut wrong);
        let device = DeviceSettings::read(config, &mut wrong);
        let previews = PreviewsSettings::read(config, &mut wrong);
        if let (Some(bridge), Some(doorbell)) = (&bridge, &doorbell) {
            names::are_distinct(&bridge.names, &doorbell.names, DOORBELL, &mut wrong);
        }
        refuse_secrets_in_clear(config, &mut wrong);
        refuse_unknown_keys(config, &mut wrong);
        match (stack, region) {
            (Some(stack), Some(region)) if wrong.is_empty() => {
                Ok(Self { stack, region, bridge, doorbell, device, alexa, previews })
            }
            _ => Err(WrongSettings { stack: config.stack.clone(), wrong }),
        }
    }
}

impl BridgeSettings {
    fn read(config: &StackConfig, account: Account<'_>, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let mut group = Group::open(config, BRIDGE, wrong)?;
        let skill = SkillChoice::read(&mut group, account, "Home Assistant");
        let base_url = group.required("baseUrl", "http://home.example.ts.net:8123", Address::parse_elsewhere);
        let architecture = group.text("architecture", "arm64", Architecture::parse);
        let memory = read_memory(&mut group, 512);
        let log_retention_days = read_log_retention_days(&mut group);
        let debug = group.flag("debug", TRUE_OR_FALSE);
        let keep_warm = group.flag("keepWarm", TRUE_OR_FALSE);
        let https = HttpsSettings::read(&mut group);
        let way = Way::read(&mut group);
        let tailscale_auth = TailscaleAuth::read(&mut group, way);
        let control_url = if way.is_some_and(Way::has_client) {
            group.must_be_unset("controlUrl", ONLY_TAILSCALE);
            None
        } else {
            group.text("controlUrl", "https://headscale.example.org", Address::parse)
        };
        let hostname = group.text("hostname", "porch-bridge", Hostname::parse);
        let long_lived_access_token = group
            .flag(
                "longLivedAccessToken",
                "true or false; the token itself is the secret porch:longLivedAccessToken",
            )
            .unwrap_or(false);
        let linking = LinkingFields::read(&mut group);
        let alarm_email = group.text("alarmEmail", "me@example.org", Email::parse);
        let named = [Named::Repository, Named::Role, Named::Function];
        let names = Names::read(&mut group, config, "bridge", &named);
        group.close();

        let linking = linking.check(wrong);
        https.check(base_url.as_ref(), config, wrong);
        if let Some(secret) = way.and_then(Way::secret) {
            require(secret, config, wrong);
        }
        if long_lived_access_token {
            require(Secret::LongLivedAccessToken, config, wrong);
        }
        Some(Self {
            skill: skill?,
            base_url: base_url?,
            architecture: architecture.unwrap_or(Architecture::Arm64),
            memory,
            log_retention_days,
            debug: debug.unwrap_or(false),
            keep_warm: keep_warm.unwrap_or(false),
            https,
            control_url,
            hostname: hostname.unwrap_or_default(),
            long_lived_access_token,
            linking,
            alarm_email,
            names,
            tailscale_auth: tailscale_auth?,
        })
    }
}

/// The fields about linking as they are in the group.
struct LinkingFields {
    linking: bool,
    concurrency: Option<u32>,
    phone_url: Option<Address>,
}

impl LinkingFields {
    fn read(group: &mut Group<'_>) -> Self {
        let linking = group.flag("linking", TRUE_OR_FALSE).unwrap_or(false);
        let accepts = |requests| (1..=100).contains(&requests);
        let concurrency = group.number("linkingConcurrency", 2, "a whole number from 1 to 100", accepts);
        let phone_url = group.text("phoneUrl", "https://home.example.ts.net:8123", Address::parse);
        Self { linking, concurrency, phone_url }
    }

    /// The settings, if linking is wanted; else the other fields have nothing to be about.
    fn check(self, wrong: &mut Vec<Wrong>) -> Option<LinkingSettings> {
        if self.linking {
            let concurrency = self.concurrency.unwrap_or(2);
            return Some(LinkingSettings { concurrency, phone_url: self.phone_url });
        }
        let set =
            [("linkingConcurrency", self.concurrency.is_some()), ("phoneUrl", self.phone_url.is_some())];
        for (field, _) in set.into_iter().filter(|(_, set)| *set) {
            let name = format!("{BRIDGE}.{field}");
            let way_out =
                format!("pulumi config set --path {BRIDGE}.linking true\nor pulumi config rm --path {name}");
            let expected = format!("nothing, unless {BRIDGE}.linking is true");
            wrong.push(Wrong { name, found: Found::Described("a value"), expected, way_out });
        }
        None
    }
}

impl Secret {
    /// Every secret that a stack can have.
    pub const ALL: [Self; 8] = [
        Self::TailscaleAuthKey,
        Self::LongLivedAccessToken,
        Self::ClientKey,
        Self::TailscaleOauthSecret,
        Self::DoorbellClientSecret,
        Self::AlexaClientSecret,
        Self::AlexaRefreshToken,
        Self::DoorbellLinkingSecret,
    ];

    /// Its key in the stack's config, without `porch:`.
    pub fn key(self) -> &'static str {
        match self {
            Self::TailscaleAuthKey => "tailscaleAuthKey",
            Self::LongLivedAccessToken => "longLivedAccessToken",
            Self::ClientKey => "clientKey",
            Self::TailscaleOauthSecret => "tailscaleOauthSecret",
            Self::DoorbellClientSecret => "doorbellClientSecret",
            Self::AlexaClientSecret => "alexaClientSecret",
            Self::AlexaRefreshToken => "alexaRefreshToken",
            Self::DoorbellLinkingSecret => "doorbellLinkingSecret",
        }
    }

    /// The command that sets it; Pulumi then asks for the value, or reads it from a file if it has many lines, so
    /// that it gets into no shell history.
    pub fn command(self) -> String {
        let file = if self == Self::ClientKey { " < client.key" } else { "" };
        format!("pulumi config set --secret porch:{}{file}", self.key())
    }

    /// What is known of it in `config`.
    pub fn entry(self, config: &StackConfig) -> Option<&Entry> {
        config.entries.get(&format!("porch:{}", self.key()))
    }

    fn wrong(self, found: Found) -> Wrong {
        let expected = match self {
            Self::TailscaleAuthKey => "an auth key of the tailnet, reusable and ephemeral, kept as a secret",
            Self::LongLivedAccessToken => "a long-lived access token of Home Assistant, kept as a secret",
            Self::ClientKey => "PEM of the client certificate's private key, kept as a secret",
            Self::TailscaleOauthSecret => "the secret of Tailscale's OAuth client, kept as a secret",
            Self::DoorbellClientSecret => {
                "the client secret of the doorbell's skill, from its Permissions page, kept as a secret"
            }
            Self::AlexaClientSecret => "the client secret of the security profile, kept as a secret",
            Self::AlexaRefreshToken => "the refresh token that `cargo xtask setup` gets, kept as a secret",
            Self::DoorbellLinkingSecret => {
                "the client secret of the security profile for linking, kept as a secret"
            }
        };
        Wrong {
            name: format!("porch:{}", self.key()),
            found,
            expected: expected.to_owned(),
            way_out: self.command(),
        }
    }
}

fn read_stack(config: &StackConfig, wrong: &mut Vec<Wrong>) -> Option<StackName> {
    let note = |expected| {
        wrong.push(Wrong {
            name: "the stack's name".to_owned(),
            found: Found::text(&config.stack),
            expected,
            way_out: "pulumi stack rename NAME".to_owned(),
        });
    };
    StackName::parse(&config.stack).map_err(note).ok()
}

fn read_region(config: &StackConfig, wrong: &mut Vec<Wrong>) -> Option<Region> {
    let (found, region) = match config.entries.get(REGION) {
        None => (Found::NotSet, Region::parse("")),
        Some(Entry::Read(text)) => (Found::text(text), Region::parse(text)),
        Some(Entry::Withheld { .. }) => (Found::Described("a secret"), Region::parse("")),
    };
    let note = |expected| {
        let way_out = format!("pulumi config set {REGION} eu-west-1");
        wrong.push(Wrong { name: REGION.to_owned(), found, expected, way_out });
    };
    region.map_err(note).ok()
}

pub(crate) fn require(secret: Secret, config: &StackConfig, wrong: &mut Vec<Wrong>) {
    let found = match secret.entry(config) {
        None => Found::NotSet,
        Some(Entry::Withheld { empty: true, .. }) => Found::Described("nothing in it"),
        Some(Entry::Withheld { .. } | Entry::Read(_)) => return,
    };
    wrong.push(secret.wrong(found));
}

/// Also where a secret is not used: what stands in the stack's file in clear gets into version control.
fn refuse_secrets_in_clear(config: &StackConfig, wrong: &mut Vec<Wrong>) {
    for secret in Secret::ALL {
        if let Some(Entry::Withheld { in_clear: true, .. }) = secret.entry(config) {
            wrong.push(secret.wrong(Found::Described("a value kept in clear in the stack's file")));
        }
    }
}

fn refuse_unknown_keys(config: &StackConfig, wrong: &mut Vec<Wrong>) {
    let secrets = Secret::ALL.map(|secret| format!("porch:{}", secret.key()));
    let known: Vec<&str> = secrets.iter().map(String::as_str).chain(GROUPS).collect();
    for key in config.entries.keys().filter(|key| key.starts_with("porch:") && !known.contains(&key.as_str()))
    {
        let remove = format!("pulumi config rm {key}");
        let way_out = if GROUPS.iter().any(|group| key.starts_with(&format!("{group}."))) {
            format!("{remove}\npulumi config set --path {key} VALUE")
        } else if let Some(meant) = nearest(key, &known) {
            format!("if `{meant}` is meant, rename it; else {remove}")
        } else {
            remove
        };
        wrong.push(Wrong {
            name: key.clone(),
            found: Found::Unknown,
            expected: format!("one of {}", known.join(", ")),
            way_out,
        });
    }
}

/// `memory`, in MB.
pub(crate) fn read_memory(group: &mut Group<'_>, default: u32) -> u32 {
    let accepts = |mb| (128..=10240).contains(&mb);
    group.number("memory", default, "a whole number of MB from 128 to 10240", accepts).unwrap_or(default)
}

/// `logRetentionDays`.
pub(crate) fn read_log_retention_days(group: &mut Group<'_>) -> u32 {
    let expected = format!("a number of days that CloudWatch takes: {}", joined(&RETENTIONS));
    group.number("logRetentionDays", 30, &expected, |days| RETENTIONS.contains(&days)).unwrap_or(30)
}

fn joined(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
