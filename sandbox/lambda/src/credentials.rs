//! The credentials a function runs with: temporary ones of its role, from STS `AssumeRole`.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;

/// How long the asked-for credentials live: STS's default, and the most that a chained role may ask for.
pub const LIFETIME: Duration = Duration::from_secs(3600);

/// An environment whose credentials live shorter than this is replaced, because a process cannot be given others.
const RENEW_BEFORE: Duration = Duration::from_secs(300);

/// Temporary credentials of a role.
#[derive(Clone, Debug)]
pub struct FunctionCredentials {
    /// `ASIA...`; an identifier, not a secret.
    pub access_key_id: String,
    /// Signs the function's requests.
    pub secret_access_key: SecretString,
    /// Goes with the signature.
    pub session_token: SecretString,
    /// When they end, by the wall clock.
    pub expire: SystemTime,
}

impl FunctionCredentials {
    /// Reads STS's answer to `AssumeRole` (XML, one element per part); `asked` is when the request was sent.
    pub fn read(answer: &str, asked: SystemTime) -> Option<Self> {
        Some(Self {
            access_key_id: element(answer, "AccessKeyId")?.to_owned(),
            secret_access_key: SecretString::from(element(answer, "SecretAccessKey")?),
            session_token: SecretString::from(element(answer, "SessionToken")?),
            expire: asked + LIFETIME,
        })
    }

    /// Whether an environment may still be used with them.
    pub fn are_fresh(&self, now: SystemTime) -> bool {
        now + RENEW_BEFORE < self.expire
    }
}

/// The text of the only element of this name. The values read here are Base64 or hexadecimal: none is escaped.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const ANSWER: &str = include_str!("../tests/fixtures/assume-role.xml");

    #[test]
    fn the_parts_of_stss_answer_are_read() {
        let read = FunctionCredentials::read(ANSWER, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(read.access_key_id, "ASIA0000000000000001");
        assert_eq!(read.secret_access_key.expose_secret(), "made-up-secret");
        assert_eq!(read.session_token.expose_secret(), "made-up-token");
        assert!(!format!("{read:?}").contains("made-up"));
    }

    #[test]
    fn an_answer_without_a_part_is_no_credentials() {
        let cut = ANSWER.replace("made-up-token", "");
        assert!(FunctionCredentials::read(&cut, SystemTime::UNIX_EPOCH).is_none());
        assert!(FunctionCredentials::read("<html>", SystemTime::UNIX_EPOCH).is_none());
    }

    #[test]
    fn credentials_are_fresh_until_five_minutes_before_their_end() {
        let read = FunctionCredentials::read(ANSWER, SystemTime::UNIX_EPOCH).unwrap();
        let at = |minutes: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minutes);
        assert!(read.are_fresh(at(54)));
        assert!(!read.are_fresh(at(55)));
        assert!(!read.are_fresh(at(600)));
    }
}
