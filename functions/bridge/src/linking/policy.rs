//! What linking needs, and may therefore go on: decided from the request alone.

use std::collections::HashMap;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::request::Request;

/// Most bytes of a form; Amazon's have about 600.
const BODY_LIMIT: usize = 8 * 1024;

/// Most bytes of the query that goes to Home Assistant's page; Amazon's have about 400.
const QUERY_LIMIT: usize = 4 * 1024;

/// Most bytes of a code or a refresh token; Home Assistant's have 32 and 128.
const SECRET_LIMIT: usize = 1024;

/// Whom Home Assistant's documentation lets link a skill ("Amazon Alexa smart home skill"): the client ids of North
/// America and Brazil, of Europe and India, and of Japan and Australia.
///
/// Home Assistant takes a client id only with a redirect to the same host (homeassistant/components/auth/indieauth.py).
const CLIENTS: [&str; 3] =
    ["https://pitangui.amazon.com/", "https://layla.amazon.com/", "https://alexa.amazon.co.jp/"];

/// Where Amazon's clients have users sent back, before the id of the skill's vendor.
const REDIRECT_PATH: &str = "api/skill/link/";

/// What is done with a request.
#[derive(Debug)]
pub(super) enum Decision {
    /// This form goes to Home Assistant's token endpoint.
    Exchange(TokenForm),
    /// The phone is sent to Home Assistant's page with this query.
    ShowPage(SecretString),
    /// Nothing goes anywhere; why not, for the log.
    Refuse(&'static str),
}

/// What Home Assistant's token endpoint gets: of the request, only what it reads.
#[derive(Debug)]
pub(crate) struct TokenForm {
    grant: Grant,
    /// The code or the refresh token.
    secret: SecretString,
    client_id: &'static str,
}

/// What tokens are given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    /// The code that the user's consent gave, once.
    Code,
    /// The refresh token, again and again.
    RefreshToken,
}

/// Decides about `request`.
pub(super) fn decide(request: &Request) -> Decision {
    let decided = match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/auth/token") => token_form(request).map(Decision::Exchange),
        ("GET", "/auth/authorize") => page_query(request).map(Decision::ShowPage),
        (_, _) => Err("nothing that linking needs is at this path, or is asked with this method"),
    };
    decided.unwrap_or_else(Decision::Refuse)
}

/// The form that goes on. Of parameters, only those that Amazon sends are taken, each once: among the others is
/// `action`, which ends a user's session.
fn token_form(request: &Request) -> Result<TokenForm, &'static str> {
    let content_type = request.content_type.as_deref().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let body = request.body.expose_secret();
    if !request.query.expose_secret().is_empty() {
        return Err("a form was expected, and there is a query");
    }
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err("the body is of another content type than a form");
    }
    if body.len() > BODY_LIMIT {
        return Err("the form is longer than any of amazon's");
    }
    let body = std::str::from_utf8(body).map_err(|_| "the form is not text")?;
    let form = Parameters::read(body)?;
    let (grant, expected) = match form.get("grant_type") {
        // `client_secret` is whatever the skill's owner typed in; Home Assistant has none to compare it with.
        Some("authorization_code") => {
            (Grant::Code, &["grant_type", "code", "client_id", "client_secret", "redirect_uri"][..])
        }
        Some("refresh_token") => (
            Grant::RefreshToken,
            &["grant_type", "refresh_token", "client_id", "client_secret", "redirect_uri", "scope"][..],
        ),
        Some(_) | None => return Err("grant_type is neither authorization_code nor refresh_token"),
    };
    if !form.has_only(expected) {
        return Err("the form has a parameter that does not belong to its grant_type");
    }
    let client_id = form.client_id()?;
    match (grant, form.get("redirect_uri")) {
        (Grant::RefreshToken, None) => {}
        (_, Some(uri)) if leads_to(client_id, uri) => {}
        (_, _) => return Err("redirect_uri is not at amazon's client"),
    }
    let secret = form.get(grant.secret()).filter(|secret| is_secret(secret));
    let secret = secret.ok_or("the code or refresh token is absent, or is none")?.into();
    Ok(TokenForm { grant, secret, client_id })
}

/// The query, as it came, if Home Assistant's page would make a code for Amazon of it and for nobody else.
fn page_query(request: &Request) -> Result<SecretString, &'static str> {
    let text = request.query.expose_secret();
    // It becomes a header.
    if text.len() > QUERY_LIMIT || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the query is longer than any of amazon's, or has characters that no query has");
    }
    let query = Parameters::read(text)?;
    if query.get("response_type") != Some("code") {
        return Err("response_type is not code");
    }
    let client_id = query.client_id()?;
    if !query.get("redirect_uri").is_some_and(|uri| leads_to(client_id, uri)) {
        return Err("redirect_uri is not at amazon's client");
    }
    Ok(request.query.clone())
}

/// Whether `uri` is where the client has users sent back, with any vendor's id.
fn leads_to(client_id: &str, uri: &str) -> bool {
    let vendor = uri.strip_prefix(client_id).and_then(|path| path.strip_prefix(REDIRECT_PATH));
    vendor.is_some_and(|vendor| {
        (1..=64).contains(&vendor.len()) && vendor.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Whether the text can be a code or a token: visible ASCII (RFC 6749, appendix A).
fn is_secret(text: &str) -> bool {
    (1..=SECRET_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The parameters of a form or a query by name. Not to be printed.
struct Parameters(HashMap<String, String>);

impl Parameters {
    fn read(text: &str) -> Result<Self, &'static str> {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()).into_owned() {
            if parameters.insert(name, value).is_some() {
                // Who reads it next may take the other one.
                return Err("a parameter is there twice");
            }
        }
        Ok(Self(parameters))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn has_only(&self, expected: &[&str]) -> bool {
        self.0.keys().all(|name| expected.contains(&name.as_str()))
    }

    fn client_id(&self) -> Result<&'static str, &'static str> {
        let given = self.get("client_id");
        CLIENTS.into_iter().find(|client| given == Some(client)).ok_or("client_id is not amazon's")
    }
}

impl TokenForm {
    /// The value of `grant_type`.
    pub(super) fn grant(&self) -> &'static str {
        self.grant.name()
    }

    /// The form's bytes, written anew, so that nothing but these three parameters can be in them.
    pub(crate) fn body(&self) -> Bytes {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", self.grant.name())
            .append_pair(self.grant.secret(), self.secret.expose_secret())
            .append_pair("client_id", self.client_id)
            .finish()
            .into()
    }
}

impl Grant {
    /// The value of `grant_type`.
    fn name(self) -> &'static str {
        match self {
            Self::Code => "authorization_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The parameter that has the code or the token.
    fn secret(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::RefreshToken => "refresh_token",
        }
    }
}
