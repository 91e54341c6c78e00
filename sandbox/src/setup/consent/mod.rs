//! The consent of a developer: a browser asks him on Amazon's page, and brings the answer to this machine.
//!
//! ```text
//! terminal ── a URL, with a state that nobody can guess ──> browser ──> Amazon's page
//! 127.0.0.1:9090/cb <── the state, and a code ── browser <── "Allow"
//!     └── code and the same redirect_uri ──> Login with Amazon ──> refresh token
//! ```

mod listen;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use smapi::Access;
use url::Url;
use url::form_urlencoded::parse;

pub(super) use listen::Callback;

/// Amazon's page (developer.amazon.com, "Authorization Code Grant").
pub(super) const AUTHORIZE: &str = "https://www.amazon.com/ap/oa";

/// What a browser brought.
#[derive(Debug)]
pub(super) enum Brought {
    /// A code, for tokens.
    Code(SecretString),
    /// Amazon's word for it that there is none, like `access_denied`.
    Refusal(String),
    /// Nothing of ours: a request for something else, or with another state.
    Nothing,
}

/// The page on which the developer allows the client to make skills.
pub(super) fn page(authorize: &Url, client_id: &str, redirect: &str, state: &SecretString) -> Url {
    let mut page = authorize.clone();
    page.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("scope", &Access::SCOPES.join(" "))
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", redirect)
        .append_pair("state", state.expose_secret());
    page
}

/// What the first line of a browser's request brings, like `GET /cb?code=…&state=… HTTP/1.1`.
pub(super) fn read(line: &str, state: &SecretString) -> Brought {
    let mut words = line.split_ascii_whitespace();
    let (Some("GET"), Some(target), Some(_)) = (words.next(), words.next(), words.next()) else {
        return Brought::Nothing;
    };
    let Some(query) = target.strip_prefix("/cb?") else { return Brought::Nothing };
    let value = |wanted: &str| {
        let mut values = parse(query.as_bytes()).filter(|(name, _)| name == wanted).map(|(_, value)| value);
        // What is there twice is nothing of Amazon's.
        values.next().filter(|_| values.next().is_none())
    };
    if !value("state").is_some_and(|found| is_same(&found, state)) {
        return Brought::Nothing;
    }
    match (value("code"), value("error")) {
        (Some(code), None) if !code.is_empty() => Brought::Code(code.into_owned().into()),
        (None, Some(error)) => Brought::Refusal(word(&error)),
        _ => Brought::Nothing,
    }
}

/// Compares hashes, so that how long it takes tells nothing.
fn is_same(found: &str, state: &SecretString) -> bool {
    Sha256::digest(found) == Sha256::digest(state.expose_secret())
}

/// A word that can be shown.
fn word(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_asks_for_the_scopes_that_skills_need() {
        let page = page(
            &AUTHORIZE.parse().unwrap(),
            "amzn1.application-oa2-client.a",
            "http://127.0.0.1:9090/cb",
            &"s t".into(),
        );
        assert_eq!(
            page.as_str(),
            "https://www.amazon.com/ap/oa?client_id=amzn1.application-oa2-client.a\
             &scope=alexa%3A%3Aask%3Askills%3Areadwrite+alexa%3A%3Aask%3Askills%3Atest&response_type=code\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A9090%2Fcb&state=s+t"
        );
    }

    #[test]
    fn only_an_answer_with_our_state_is_taken() {
        let state = "our-state".into();
        let brought = |line: &str| match read(line, &state) {
            Brought::Code(code) => format!("code {}", code.expose_secret()),
            Brought::Refusal(error) => format!("refused {error}"),
            Brought::Nothing => "nothing".to_owned(),
        };
        for (line, wanted) in [
            ("GET /cb?code=ABC&state=our-state HTTP/1.1", "code ABC"),
            ("GET /cb?state=our-state&scope=x%20y&code=A%2BC HTTP/1.1", "code A+C"),
            (
                "GET /cb?error=access_denied&error_description=no&state=our-state HTTP/1.1",
                "refused access_denied",
            ),
            ("GET /cb?error=%1b%5b2J&state=our-state HTTP/1.1", "refused 2J"),
            ("GET /cb?code=ABC&state=another HTTP/1.1", "nothing"),
            ("GET /cb?code=ABC&state=our-state&state=our-state HTTP/1.1", "nothing"),
            ("GET /cb?code=ABC&code=DEF&state=our-state HTTP/1.1", "nothing"),
            ("GET /cb?code=&state=our-state HTTP/1.1", "nothing"),
            ("GET /cb?code=ABC HTTP/1.1", "nothing"),
            ("GET /cb HTTP/1.1", "nothing"),
            ("GET /favicon.ico HTTP/1.1", "nothing"),
            ("POST /cb?code=ABC&state=our-state HTTP/1.1", "nothing"),
            ("GET /cb?code=ABC&state=our-state", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(brought(line), wanted, "{line}");
        }
    }
}
