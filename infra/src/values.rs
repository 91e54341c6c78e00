//! The kinds of value in a stack's config, each checked once and then carried as a type.

use std::fmt;

use certificates::Fingerprint;
use url::{Host, Url};

/// Name of a stack, as far as names in AWS can take it: lower-case letters, digits and single hyphens, at
/// most 40.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackName(String);

/// An AWS region from which Alexa calls smart home functions. It calls them nowhere else: a skill with a
/// function elsewhere can be set up, and then silently does not work (Home Assistant's documentation, "Amazon
/// Alexa smart home skill").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// North America.
    UsEast1,
    /// Europe and India.
    EuWest1,
    /// Far East and Australia.
    UsWest2,
}

/// Instruction set of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    X86_64,
}

/// Id of an Alexa skill, `amzn1.ask.skill.` and a UUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillId(String);

/// An http(s) address of a service, as the user wrote it: no user info, no query, no fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// Where alarms are told.
#[derive(Debug, PartialEq, Eq)]
pub struct Email(String);

/// Name of a machine in a tailnet: one DNS label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hostname(String);

/// PEM of one or more certificates, as the user wrote it, and short enough for a standard parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates(String);

/// A certificate's SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedCertificate(Fingerprint);

/// Id of a client of Login with Amazon, `amzn1.application-oa2-client.` and letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LwaClientId(String);

/// Id of an OAuth client or a federated identity of Tailscale, like `kABC123CNTRL`; no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// Tag of a node in a tailnet: `tag:` and a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

/// What a value should have been, for the user.
pub type Expected = String;

impl StackName {
    /// Reads a name of a Pulumi stack, with or without `ORGANIZATION/PROJECT/` before it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let name = text.rsplit('/').next().unwrap_or(text);
        if name.len() <= 40 && !name.contains("--") && is_label(name) {
            return Ok(Self(name.to_owned()));
        }
        Err("lower-case letters, digits and single hyphens, at most 40, because names in AWS carry it"
            .to_owned())
    }

    /// What the stack's `component` is called in AWS.
    pub fn name(&self, component: &str) -> String {
        format!("porch-{}-{component}", self.0)
    }

    /// Path of the stack's `entry` in the parameter store.
    pub fn path(&self, entry: &str) -> String {
        format!("/porch/{}/{entry}", self.0)
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Region {
    /// Reads AWS's name of a region.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        match text {
            "us-east-1" => Ok(Self::UsEast1),
            "eu-west-1" => Ok(Self::EuWest1),
            "us-west-2" => Ok(Self::UsWest2),
            _ => Err(
                "us-east-1 (North America), eu-west-1 (Europe, India) or us-west-2 (Far East, Australia): \
                      Alexa calls smart home functions in no other region"
                    .to_owned(),
            ),
        }
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::UsEast1 => "us-east-1",
            Self::EuWest1 => "eu-west-1",
            Self::UsWest2 => "us-west-2",
        }
    }
}

impl Architecture {
    /// Reads Lambda's name of an architecture.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        match text {
            "arm64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X86_64),
            _ => Err("arm64 or x86_64".to_owned()),
        }
    }

    /// Lambda's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

impl SkillId {
    /// Reads a skill id, as the Alexa developer console shows it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let uuid = text.strip_prefix("amzn1.ask.skill.").unwrap_or_default();
        let lengths = uuid.split('-').map(str::len);
        let digits = uuid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if digits && lengths.eq([8, 4, 4, 4, 12]) {
            return Ok(Self(text.to_owned()));
        }
        Err("the skill's id, amzn1.ask.skill. and a UUID in lower case, from the Alexa developer console"
            .to_owned())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LwaClientId {
    /// Reads a client's id, as the skill's Permissions page shows it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let id = text.strip_prefix("amzn1.application-oa2-client.").unwrap_or_default();
        if (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Self(text.to_owned()));
        }
        Err("the Alexa Client Id of the skill's Permissions page, amzn1.application-oa2-client. and letters and digits"
            .to_owned())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Address {
    /// Reads an address that the function is to call.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let expected = |what: &str| Err(format!("{what}, like http://home.example.ts.net:8123"));
        // The parser would drop them without a word, and the function would read something else than is
        // written here.
        if text.contains(|character: char| character.is_whitespace() || character.is_control()) {
            return expected("an address without spaces");
        }
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return expected("an address that begins with http:// or https://");
        }
        let Ok(url) = Url::parse(text) else {
            return expected("an http(s) address");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return expected("an address without a user name or password in it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return expected("an address without ? or #");
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads an address as [`Address::parse`] does, and refuses those that mean the caller's own machine.
    pub fn parse_elsewhere(text: &str) -> Result<Self, Expected> {
        let address = Self::parse(text)?;
        let own = Url::parse(text).ok().and_then(|url| match url.host()? {
            Host::Domain(name) => Some(name == "localhost" || name.ends_with(".localhost")),
            Host::Ipv4(ip) => Some(ip.is_loopback() || ip.is_unspecified()),
            Host::Ipv6(ip) => Some(ip.is_loopback() || ip.is_unspecified()),
        });
        if own == Some(true) {
            return Err("the name of another machine in the tailnet: this one would be the function itself"
                .to_owned());
        }
        Ok(address)
    }

    /// Whether it is asked with TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The address, as the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The function's name in the tailnet when the user gives none.
impl Default for Hostname {
    fn default() -> Self {
        Self("porch-bridge".to_owned())
    }
}

impl Hostname {
    /// Reads a machine's name, without the tailnet's own.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        if is_label(text) && text.len() <= 63 {
            return Ok(Self(text.to_owned()));
        }
        Err("a machine's name: lower-case letters, digits and hyphens, at most 63".to_owned())
    }

    /// The name of a machine beside this one, cut where both together would be too long.
    pub fn with_suffix(&self, suffix: &'static str) -> Self {
        let kept = self.0.len().min(63 - suffix.len());
        Self(format!("{}{suffix}", &self.0[..kept]))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    /// Reads an e-mail address. Only a message that arrives shows that it is one; this finds slips.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
        let is_odd = |character: char| character.is_whitespace() || character.is_control();
        match parts {
            Some((_, host)) if !text.contains(is_odd) && !host.contains('@') && text.len() <= 254 => {
                Ok(Self(text.to_owned()))
            }
            _ => Err("one e-mail address, like me@example.org".to_owned()),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Certificates {
    /// Reads PEM.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        certificates::certificates(text).map_err(str::to_owned)?;
        Ok(Self(text.to_owned()))
    }

    /// The PEM.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientId {
    /// Reads an id, as Tailscale's admin console shows it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let characters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte));
        if characters && (1..=200).contains(&text.len()) && !text.starts_with("tskey-") {
            return Ok(Self(text.to_owned()));
        }
        Err("the client's id, like kABC123CNTRL, from the admin console of Tailscale; not its secret"
            .to_owned())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PinnedCertificate {
    /// Reads a fingerprint, with colons or without.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        Fingerprint::parse(text).map(Self).map_err(str::to_owned)
    }
}

/// With colons, however it was written.
impl fmt::Display for PinnedCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Tag {
    /// Reads a tag, as the tailnet's policy has it.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let name = text.strip_prefix("tag:").unwrap_or_default();
        let characters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if characters && name.starts_with(|first: char| first.is_ascii_alphabetic()) && text.len() <= 50 {
            return Ok(Self(text.to_owned()));
        }
        Err("tag: and a letter, then letters, digits and hyphens, like tag:porch".to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is letters, digits and hyphens, and neither begins nor ends with a hyphen.
fn is_label(text: &str) -> bool {
    let characters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    characters && !text.is_empty() && !text.starts_with('-') && !text.ends_with('-')
}
