//! The skills of Alexa: made in a developer's account, or given; then told which function answers them.

mod locale;
mod settings;

use std::collections::BTreeMap;

use crate::aws::lambda::{Function, FunctionUrl, Permission};
use crate::porch::{AccountLinking, Skill as SkillResource, SkillEndpoint};
use crate::settings::{BridgeSettings, Secret};
use crate::template::{Handle, Program, Text};
use crate::values::{LwaClientId, Region, SkillId};
pub use locale::Locale;
pub(crate) use settings::{Account, parse_profile, read_id};
pub use settings::{AlexaSettings, NewSkill, SkillChoice, SkillName, VendorId};

/// Where customers log in at Amazon, and where tokens come from (developer.amazon.com, "Login with Amazon").
const LWA_AUTHORIZE: &str = "https://www.amazon.com/ap/oa";
const LWA_TOKEN: &str = "https://api.amazon.com/auth/o2/token";
/// All that a function wants to know of who links his account: that it is the same one as yesterday.
const LWA_SCOPE: &str = "profile:user_id";

/// Home Assistant asks for no scope and looks at no secret, but Amazon wants both.
const HOME_ASSISTANT_SCOPE: &str = "smart_home";
const HOME_ASSISTANT_SECRET: &str = "not looked at";

/// Hosts of the pages to which a login returns, for North America, Europe and the Far East.
const RETURN_HOSTS: [&str; 3] = ["pitangui.amazon.com", "layla.amazon.com", "alexa.amazon.co.jp"];

/// What a skill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Directives for Home Assistant.
    Bridge,
    /// Presses of a doorbell, which are events.
    Doorbell,
}

/// A skill, as the function that answers it knows it.
#[derive(Debug)]
pub struct Skill {
    /// Its id.
    pub id: Text,
    /// Hash of what it says about itself, if that is the stack's to say.
    manifest_hash: Option<Text>,
}

/// The skill that a function answers: one of the stack's own, or one that is given and no resource.
pub fn declare(program: &mut Program, choice: &SkillChoice, purpose: Purpose) -> Skill {
    match choice {
        SkillChoice::Given(id) => given(program, id, purpose),
        SkillChoice::Made(new) => make(program, new, purpose).0,
    }
}

/// A skill that somebody has made.
pub fn given(program: &mut Program, id: &SkillId, purpose: Purpose) -> Skill {
    let id = Text::from(id.as_str());
    program.output(format!("{}Id", purpose.skill()), id.clone());
    Skill { id, manifest_hash: None }
}

/// A skill of the stack's own.
pub fn make(program: &mut Program, new: &NewSkill, purpose: Purpose) -> (Skill, Handle<SkillResource>) {
    let resource = SkillResource {
        vendor_id: new.vendor_id.as_str().into(),
        locales: new.locales.iter().map(|locale| (locale.name(), new.name.as_str().into())).collect(),
        summary: purpose.summary().into(),
        events: purpose == Purpose::Doorbell,
    };
    let made = match new.protect {
        true => program.declare_protected(purpose.skill(), &resource),
        false => program.declare(purpose.skill(), &resource),
    };
    program.output(format!("{}Id", purpose.skill()), made.id());
    (Skill { id: made.id().into(), manifest_hash: Some(made.manifest_hash().into()) }, made)
}

/// Function's permission -> endpoint, account linking and enablement, in a stack that has the developer's account.
pub fn connect(
    program: &mut Program,
    skill: &Skill,
    purpose: Purpose,
    function: &Handle<Function>,
    permission: &Handle<Permission>,
    account_linking: Option<AccountLinking>,
) {
    program.declare_after(
        format!("{}Endpoint", purpose.skill()),
        &SkillEndpoint {
            skill_id: skill.id.clone(),
            manifest_hash: skill.manifest_hash.clone(),
            function_arn: function.arn().into(),
            account_linking,
            enable: true,
        },
        [permission.itself()],
    );
}

/// How the bridge's skill is linked: at Home Assistant by the linking function, or with Amazon itself where the bridge has
/// a token of its own. Otherwise somebody knows another way.
pub fn linking_of_bridge(
    program: &mut Program,
    alexa: &AlexaSettings,
    region: Region,
    settings: &BridgeSettings,
    linking: Option<&Handle<FunctionUrl>>,
) -> Option<AccountLinking> {
    if let Some(url) = linking {
        return Some(AccountLinking {
            authorization_url: Text::from(url.url()).then("auth/authorize"),
            access_token_url: Text::from(url.url()).then("auth/token"),
            client_id: home_assistant_client(region).into(),
            client_secret: HOME_ASSISTANT_SECRET.into(),
            scopes: [HOME_ASSISTANT_SCOPE.into()],
        });
    }
    settings.long_lived_access_token.then(|| linking_with_amazon(program, alexa, None))
}

/// Linking with Amazon itself: as a client of its own, or as the one of the developer's account.
pub fn linking_with_amazon(
    program: &mut Program,
    alexa: &AlexaSettings,
    client: Option<&LwaClientId>,
) -> AccountLinking {
    let (client, secret) = match client {
        Some(client) => (client, Secret::DoorbellLinkingSecret),
        None => (&alexa.client_id, Secret::AlexaClientSecret),
    };
    AccountLinking {
        authorization_url: LWA_AUTHORIZE.into(),
        access_token_url: LWA_TOKEN.into(),
        client_id: client.as_str().into(),
        client_secret: program.secret(secret.key()).into(),
        scopes: [LWA_SCOPE.into()],
    }
}

/// What Amazon shows to Home Assistant when it asks for tokens, which has to be the host that a login returns to (Home
/// Assistant's documentation, "Amazon Alexa smart home skill").
fn home_assistant_client(region: Region) -> String {
    let [north_america, europe, far_east] = RETURN_HOSTS;
    let host = match region {
        Region::UsEast1 => north_america,
        Region::EuWest1 => europe,
        Region::UsWest2 => far_east,
    };
    format!("https://{host}/")
}

/// Where a login may return to: what a security profile has to allow, if skills are linked with Amazon itself.
pub fn return_urls(vendor: &VendorId) -> String {
    RETURN_HOSTS.map(|host| format!("https://{host}/api/skill/link/{}", vendor.as_str())).join(" ")
}

/// The properties of the provider that has the developer's account.
pub fn account(program: &mut Program, alexa: &AlexaSettings) -> BTreeMap<&'static str, Text> {
    BTreeMap::from([
        ("alexaClientId", alexa.client_id.as_str().into()),
        ("alexaClientSecret", program.secret(Secret::AlexaClientSecret.key()).into()),
        ("alexaRefreshToken", program.secret(Secret::AlexaRefreshToken.key()).into()),
    ])
}

impl Purpose {
    /// The skill's name in the program.
    fn skill(self) -> &'static str {
        match self {
            Self::Bridge => "bridgeSkill",
            Self::Doorbell => "doorbellSkill",
        }
    }

    /// What it tells of itself in the Alexa app.
    fn summary(self) -> &'static str {
        match self {
            Self::Bridge => "Your own Home Assistant, by a function and a tailnet of your own",
            Self::Doorbell => "Your own doorbell, which rings through Alexa",
        }
    }
}
