//! What a program says about the wiring of a skill, checked, and the same as Amazon tells it.

use alexa::Region;
use secrecy::SecretString;
use smapi::{AccountLinking, Endpoints, FunctionArn, Linked, Scheme, SkillId};
use url::Url;

use crate::inputs::{MANIFEST_HASH, Reader, Wrong};
use crate::property::{Properties, Property};

pub(super) const SKILL_ID: &str = "skillId";
pub(super) const FUNCTION_ARN: &str = "functionArn";
pub(super) const REGIONS: &str = "regions";
pub(super) const ACCOUNT_LINKING: &str = "accountLinking";
pub(super) const ENABLE: &str = "enable";

const AUTHORIZATION_URL: &str = "authorizationUrl";
const ACCESS_TOKEN_URL: &str = "accessTokenUrl";
const CLIENT_ID: &str = "clientId";
const CLIENT_SECRET: &str = "clientSecret";
const SCOPES: &str = "scopes";
const LINKING: [&str; 5] = [AUTHORIZATION_URL, ACCESS_TOKEN_URL, CLIENT_ID, CLIENT_SECRET, SCOPES];

/// The inputs of an endpoint. In a preview some may depend on what is not created yet: they are `None`.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) skill: Option<SkillId>,
    pub(super) endpoints: Option<Endpoints>,
    /// `Some(None)` where account linking is left to somebody else.
    pub(super) linking: Option<Option<AccountLinking>>,
    pub(super) enable: Option<bool>,
}

impl Inputs {
    pub(super) fn read(given: &Properties) -> Result<Self, Vec<Wrong>> {
        // Another manifest of the skill means that its account linking has to be given again.
        let known = [SKILL_ID, MANIFEST_HASH, FUNCTION_ARN, REGIONS, ACCOUNT_LINKING, ENABLE];
        let mut reader = Reader::new(given, &known);
        let expected = "the skillId of a porch:alexa:Skill";
        let skill = reader.required(SKILL_ID, expected, |text, _| no_more(SkillId::parse(text)));
        let expected = "the ARN of a Lambda function";
        let default = reader.required(FUNCTION_ARN, expected, |text, _| no_more(FunctionArn::parse(text)));
        let regions = reader.map(REGIONS, expected, |code, text| {
            let region = Region::of_code(code).ok_or("; Alexa's regions are NA, EU and FE")?;
            Ok((region, no_more(FunctionArn::parse(text))?))
        });
        let regions = regions.map(|regions| regions.into_values().collect());
        let linking = match reader.has(ACCOUNT_LINKING) {
            true => reader.object(ACCOUNT_LINKING, &LINKING, read_linking).map(Some),
            false => Some(None),
        };
        let enable = reader.flag(ENABLE);
        reader.end()?;
        let endpoints = default.zip(regions).map(|(default, regions)| Endpoints { default, regions });
        Ok(Self { skill, endpoints, linking, enable })
    }
}

fn read_linking(reader: &mut Reader<'_>) -> Option<AccountLinking> {
    let url = |text: &str, _| Url::parse(text).map_err(|error| format!(": {error}"));
    let text = |text: &str, _| Some(text.to_owned()).filter(|text| !text.is_empty()).ok_or_else(String::new);
    let authorization_url = reader.required(AUTHORIZATION_URL, "the URL of a page to log in", url);
    let access_token_url = reader.required(ACCESS_TOKEN_URL, "the URL that gives tokens", url);
    let client_id = reader.required(CLIENT_ID, "the id of a client", text);
    let client_secret = reader.secret(CLIENT_SECRET, "the client's secret", |secret| text(secret, true));
    let scopes = reader.texts(SCOPES, "a scope");
    Some(AccountLinking {
        authorization_url: authorization_url?,
        access_token_url: access_token_url?,
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        // The only one that Home Assistant takes, and one that Login with Amazon takes.
        scheme: Scheme::RequestBodyCredentials,
        scopes: scopes?,
        domains: Vec::new(),
        default_token_expiration_s: None,
    })
}

/// A secret, even if the program forgot to say so.
pub(super) fn hide_secret(given: &mut Properties) {
    if let Some(Property::Object(linking)) = given.get_mut(ACCOUNT_LINKING) {
        linking
            .entry(CLIENT_SECRET.to_owned())
            .and_modify(|secret| *secret = secret.revealed().0.clone().hidden_if(true));
    }
}

/// The inputs as they would be for endpoints and account linking like these. The secret is the known one: Amazon tells
/// none.
pub(super) fn inputs_of(
    known: &Properties,
    skill: &SkillId,
    endpoints: &Endpoints,
    linked: Option<&Linked>,
) -> Properties {
    let mut inputs = known.clone();
    let mut set = |name: &str, value: Option<Property>| match value {
        Some(value) => drop(inputs.insert(name.to_owned(), value)),
        None => drop(inputs.remove(name)),
    };
    let text = |text: &str| Property::Text(text.to_owned());
    set(SKILL_ID, Some(text(skill.as_str())));
    set(FUNCTION_ARN, Some(text(endpoints.default.as_str())));
    let regions: Properties = endpoints
        .regions
        .iter()
        .map(|(region, arn)| (region.code().to_owned(), text(arn.as_str())))
        .collect();
    set(REGIONS, Some(Property::Object(regions)).filter(|_| !endpoints.regions.is_empty()));
    set(ACCOUNT_LINKING, linked.map(|linked| linking_of(known.get(ACCOUNT_LINKING), linked)));
    inputs
}

fn linking_of(known: Option<&Property>, linked: &Linked) -> Property {
    let mut linking = match known.map(Property::revealed) {
        Some((Property::Object(linking), _)) => linking.clone(),
        _ => Properties::new(),
    };
    for (name, value) in [
        (AUTHORIZATION_URL, &linked.authorization_url),
        (ACCESS_TOKEN_URL, &linked.access_token_url),
        (CLIENT_ID, &linked.client_id),
    ] {
        linking.insert(name.to_owned(), Property::Text(value.clone().unwrap_or_default()));
    }
    let scopes = linked.scopes.iter().cloned().map(Property::Text).collect();
    linking.insert(SCOPES.to_owned(), Property::List(scopes));
    Property::Object(linking)
}

/// What was expected says all that there is to say.
fn no_more<T>(read: Result<T, &'static str>) -> Result<T, String> {
    read.map_err(|_| String::new())
}
