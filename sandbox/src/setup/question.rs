//! What is asked, in plain words, and what an answer means.

use infra::settings::Secret;
use infra::skills::{Locale, VendorId, parse_profile};
use infra::values::{Address, ClientId, Expected, Region, Tag};

use super::change::Change;
use super::door::{self, ARCHITECTURE, FIRST_BELL};
use super::known::{Known, Text};

/// What only a person knows. In the order in which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Where Alexa calls the functions.
    Region,
    /// The security profile of Login with Amazon.
    ClientId,
    /// Its secret.
    ClientSecret,
    /// What the developer allows it; a browser is asked, not the person.
    Consent,
    /// For whom the developer makes skills; only asked of who does it for several.
    Vendor,
    /// Who makes keys to the tailnet.
    TailscaleAuth,
    /// The client that makes them.
    OauthClientId,
    /// Its secret.
    OauthSecret,
    /// What nodes are tagged with.
    Tag,
    /// A key that somebody has made.
    AuthKey,
    /// Home Assistant.
    HomeAssistant,
    /// The bells at the door.
    Bells,
    /// Whether the machine there takes its program from the stack, and which.
    Device,
}

pub(super) const REGION: &str = "aws:region";
pub(super) const CLIENT_ID: &str = "porch:alexa.clientId";
pub(super) const VENDOR: &str = "porch:alexa.vendorId";
pub(super) const BASE_URL: &str = "porch:bridge.baseUrl";
pub(super) const OAUTH_CLIENT_ID: &str = "porch:bridge.tailscaleOauthClientId";
const LINKING: &str = "porch:bridge.linking";
const TAILSCALE_AUTH: &str = "porch:bridge.tailscaleAuth";
const TAGS: &str = "porch:bridge.tailnetTags";

const REGIONS: [Region; 3] = [Region::UsEast1, Region::EuWest1, Region::UsWest2];

impl Question {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 13] = [
        Self::Region,
        Self::ClientId,
        Self::ClientSecret,
        Self::Consent,
        Self::Vendor,
        Self::TailscaleAuth,
        Self::OauthClientId,
        Self::OauthSecret,
        Self::Tag,
        Self::AuthKey,
        Self::HomeAssistant,
        Self::Bells,
        Self::Device,
    ];

    /// Where the answer stands.
    #[must_use]
    pub fn path(self) -> String {
        match self {
            Self::Region => REGION.into(),
            Self::ClientId => CLIENT_ID.into(),
            Self::ClientSecret => secret(Secret::AlexaClientSecret),
            Self::Consent => secret(Secret::AlexaRefreshToken),
            Self::Vendor => VENDOR.into(),
            Self::TailscaleAuth => TAILSCALE_AUTH.into(),
            Self::OauthClientId => OAUTH_CLIENT_ID.into(),
            Self::OauthSecret => secret(Secret::TailscaleOauthSecret),
            Self::Tag => format!("{TAGS}[0]"),
            Self::AuthKey => secret(Secret::TailscaleAuthKey),
            Self::HomeAssistant => BASE_URL.into(),
            Self::Bells => FIRST_BELL.into(),
            Self::Device => ARCHITECTURE.into(),
        }
    }

    /// Whether the answer is not to be seen.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::ClientSecret | Self::Consent | Self::OauthSecret | Self::AuthKey)
    }

    /// Whether it has an answer already.
    #[must_use]
    pub fn is_answered(self, known: &Known) -> bool {
        let is_set = |path: &str| known.get(path).is_some_and(|text| !text.is_empty());
        let is_told_otherwise = match self {
            Self::Bells => door::are_bells_known(known),
            Self::Device => door::is_package_known(known),
            // Who has set a key has chosen it.
            Self::TailscaleAuth => is_set(&Self::AuthKey.path()),
            Self::Region
            | Self::ClientId
            | Self::ClientSecret
            | Self::Consent
            | Self::Vendor
            | Self::OauthClientId
            | Self::OauthSecret
            | Self::Tag
            | Self::AuthKey
            | Self::HomeAssistant => false,
        };
        is_set(&self.path()) || is_told_otherwise
    }

    /// Whether it has to be answered, as far as the others are.
    #[must_use]
    pub fn applies(self, known: &Known) -> bool {
        let way = known.get(TAILSCALE_AUTH);
        match self {
            Self::OauthClientId | Self::Tag => {
                way.is_some_and(|way| way == "oauthClient" || way == "workloadIdentity")
            }
            Self::OauthSecret => way == Some("oauthClient"),
            Self::AuthKey => way == Some("authKey"),
            Self::Device => door::has_bells(known),
            Self::Region
            | Self::ClientId
            | Self::ClientSecret
            | Self::Consent
            | Self::Vendor
            | Self::TailscaleAuth
            | Self::HomeAssistant
            | Self::Bells => true,
        }
    }

    /// What `answer` changes in a config of which this is known.
    ///
    /// # Errors
    /// What was expected.
    pub fn read(self, answer: &str, known: &Known) -> Result<Change, Expected> {
        let answer = answer.trim();
        let one = |text: &str| Change::plain(&self.path(), text);
        match self {
            Self::Region => read_region(answer).map(|region| one(region.name())),
            Self::ClientId => parse_profile(answer).map(|id| one(id.as_str())),
            Self::ClientSecret => {
                let is_right = !answer.starts_with("amzn1.application-oa2-client.");
                self.read_secret(answer, is_right, "the client secret of the security profile, not its id")
            }
            Self::Consent => {
                let is_right = !answer.starts_with("Atza|");
                self.read_secret(answer, is_right, "a refresh token, which begins with Atzr|")
            }
            Self::OauthSecret => {
                let is_right = answer.starts_with("tskey-client-");
                let expected = "the secret of the OAuth client, which begins with tskey-client-";
                self.read_secret(answer, is_right, expected)
            }
            Self::AuthKey => {
                let is_right = !answer.starts_with("tskey-client-") && !answer.starts_with("tskey-api-");
                let expected = "an auth key, which begins with tskey-auth- if it is of Tailscale";
                self.read_secret(answer, is_right, expected)
            }
            Self::Vendor => VendorId::parse(answer).map(|id| one(id.as_str())),
            // What belongs to the other way would be refused, or be a secret that nobody needs.
            Self::TailscaleAuth => match answer {
                "" | "1" | "oauthClient" => Ok(one("oauthClient").without(&[&Self::AuthKey.path()], known)),
                "2" | "authKey" => {
                    let of_client = [OAUTH_CLIENT_ID, TAGS, &Self::OauthSecret.path()];
                    Ok(one("authKey").without(&of_client, known))
                }
                _ => Err("1 or 2".to_owned()),
            },
            Self::OauthClientId => ClientId::parse(answer).map(|id| one(id.as_str())),
            Self::Tag => {
                let named = if answer.contains(':') { answer.to_owned() } else { format!("tag:{answer}") };
                Tag::parse(&named).map(|tag| Change::list(TAGS, &[vec![("", tag.as_str())]], known))
            }
            Self::HomeAssistant => Address::parse_elsewhere(answer)
                .map(|address| one(address.as_str()).and(Change::plain(LINKING, "true"))),
            Self::Bells => door::read_bells(answer, known),
            Self::Device => door::read_package(answer, known),
        }
    }

    /// A secret of the right form; only who gave it can say more.
    fn read_secret(self, answer: &str, is_right: bool, expected: &str) -> Result<Change, Expected> {
        let is_word =
            (8..=4096).contains(&answer.len()) && answer.bytes().all(|byte| byte.is_ascii_graphic());
        if is_word && is_right {
            let sets = vec![(self.path(), Text::Secret(answer.into()))];
            return Ok(Change { sets, removes: Vec::new() });
        }
        Err(expected.to_owned())
    }
}

fn secret(secret: Secret) -> String {
    format!("porch:{}", secret.key())
}

/// Which locales each region is for: a line each.
pub(super) fn regions() -> String {
    let line = |region: Region| {
        let locales: Vec<_> = Locale::of(region).into_iter().map(Locale::name).collect();
        format!("  {}   {}\n", region.name(), locales.join(", "))
    };
    REGIONS.map(line).concat()
}

/// A region by its name, or by a locale that it is for.
fn read_region(answer: &str) -> Result<Region, Expected> {
    let has = |region: &Region| {
        Locale::of(*region).into_iter().any(|locale| locale.name().eq_ignore_ascii_case(answer))
    };
    let named = || Region::parse(answer).map_err(|expected| format!("a locale like en-US, or {expected}"));
    REGIONS.into_iter().find(has).map_or_else(named, Ok)
}
