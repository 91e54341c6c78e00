//! What GitHub calls its things, as its tokens have it.

use crate::values::Expected;

/// Who signs the tokens of GitHub's runs.
pub(super) const ISSUER: &str = "token.actions.githubusercontent.com";
/// For whom a token that AWS takes is meant.
pub(super) const AUDIENCE: &str = "sts.amazonaws.com";

/// A repository as the subject of its tokens has it: `OWNER/NAME`, or with the ids, which no other one will ever have,
/// `OWNER@ID/NAME@ID`.
///
/// GitHub puts the ids in for every repository that was made or renamed after July 15, 2026, and for those that ask for
/// it (GitHub's OpenID Connect reference, "Immutable subject claims").
#[derive(Debug, PartialEq, Eq)]
pub struct GithubRepository(String);

/// An environment of the repository: what has the rules about who approves.
#[derive(Debug, PartialEq, Eq)]
pub struct Environment(String);

/// ARN of the account's trust in GitHub.
#[derive(Debug, PartialEq, Eq)]
pub struct OidcProvider(String);

impl GithubRepository {
    /// Reads a repository's name, with or without ids.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let parts = text.split_once('/').map(|(owner, name)| (Part::of(owner), Part::of(name)));
        if let Some((owner, name)) = parts
            && owner.is_name(39, b"-_")
            && name.is_name(100, b"-_.")
            && owner.is_id_or_absent()
            && name.is_id_or_absent()
            && owner.id.is_some() == name.id.is_some()
        {
            return Ok(Self(text.to_owned()));
        }
        Err("OWNER/NAME, or OWNER@ID/NAME@ID for a repository made or renamed after July 15, 2026".to_owned())
    }

    /// The repository.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One side of the slash.
struct Part<'a> {
    name: &'a str,
    id: Option<&'a str>,
}

impl<'a> Part<'a> {
    fn of(text: &'a str) -> Self {
        match text.split_once('@') {
            Some((name, id)) => Self { name, id: Some(id) },
            None => Self { name: text, id: None },
        }
    }

    fn is_name(&self, longest: usize, others: &[u8]) -> bool {
        is_name(self.name, longest, others)
    }

    fn is_id_or_absent(&self) -> bool {
        self.id.is_none_or(|id| (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Without the signs that AWS's policies or GitHub's subjects give a meaning.
fn is_name(text: &str, longest: usize, others: &[u8]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}

/// The name that GitHub's own guides use.
impl Default for Environment {
    fn default() -> Self {
        Self("production".to_owned())
    }
}

impl Environment {
    /// Reads an environment's name.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        if is_name(text, 100, b"-_.") {
            return Ok(Self(text.to_owned()));
        }
        Err("an environment's name: letters, digits, - _ and ., at most 100".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl OidcProvider {
    /// Reads an ARN, and takes that of no other provider.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let account = text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':'));
        if let Some((account, resource)) = account
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && resource.strip_prefix("oidc-provider/") == Some(ISSUER)
        {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "arn:aws:iam::ACCOUNT:oidc-provider/{ISSUER}, as `aws iam list-open-id-connect-providers` says it"
        ))
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
