//! The address of an ECR repository: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`.

use std::fmt;

/// A repository's address, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    url: String,
    /// Where the account ends and the region and the name begin.
    host: usize,
    secret: bool,
}

/// What was found is not the address of an ECR repository.
#[derive(Debug, thiserror::Error)]
#[error("not the address of an ECR repository")]
pub(crate) struct NotARepository;

const SERVICE: &str = ".dkr.ecr.";
const DOMAIN: &str = ".amazonaws.com";
const ACCOUNT_DIGITS: usize = 12;

impl Repository {
    /// What an address looks like, for messages.
    pub(crate) const EXPECTED: &str =
        "an ECR repository, like 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch";

    /// Takes an address apart; a `secret` one is shown nowhere.
    pub(crate) fn parse(url: &str, secret: bool) -> Result<Self, NotARepository> {
        let (host, name) = url.split_once('/').ok_or(NotARepository)?;
        let (account, rest) = host.split_once(SERVICE).ok_or(NotARepository)?;
        let region = rest.strip_suffix(DOMAIN).ok_or(NotARepository)?;
        let account_is_right = account.len() == ACCOUNT_DIGITS && all(account, |c| c.is_ascii_digit());
        let region_is_right =
            region.contains('-') && all(region, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        // ECR: 2 to 256 characters; lower case parts, joined by one of `/._-` (or `__`).
        let name_is_right = (2..=256).contains(&name.len())
            && name.split('/').all(|part| {
                let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
                all(part, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
                    && ends(part.chars().next())
                    && ends(part.chars().last())
            });
        if account_is_right && region_is_right && name_is_right {
            Ok(Self { url: url.to_owned(), host: host.len(), secret })
        } else {
            Err(NotARepository)
        }
    }

    /// The address as it was given.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.secret
    }

    pub(crate) fn host(&self) -> &str {
        &self.url[..self.host]
    }

    pub(crate) fn name(&self) -> &str {
        &self.url[self.host + 1..]
    }

    pub(crate) fn account(&self) -> &str {
        &self.url[..ACCOUNT_DIGITS]
    }

    pub(crate) fn region(&self) -> &str {
        &self.url[ACCOUNT_DIGITS + SERVICE.len()..self.host - DOMAIN.len()]
    }
}

/// The address, unless it is a secret.
impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secret { "the repository" } else { &self.url })
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn all(text: &str, is_right: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/porch/dev-bridge";
        let repository = Repository::parse(url, false).unwrap();
        assert_eq!(repository.account(), "123456789012");
        assert_eq!(repository.region(), "eu-west-1");
        assert_eq!(repository.host(), "123456789012.dkr.ecr.eu-west-1.amazonaws.com");
        assert_eq!(repository.name(), "porch/dev-bridge");
        assert_eq!(repository.to_string(), url);
    }

    #[test]
    fn anything_else_is_refused() {
        for url in [
            "",
            "porch",
            "docker.io/library/porch",
            "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/porch",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/Porch",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/porch:latest",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/porch//bridge",
            "12345678901.dkr.ecr.us-east-1.amazonaws.com/porch",
            "12345678901é.dkr.ecr.us-east-1.amazonaws.com/porch",
            "123456789012.dkr.ecr..amazonaws.com/porch",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com.example.com/porch",
        ] {
            assert!(Repository::parse(url, false).is_err(), "{url}");
        }
    }

    #[test]
    fn a_secret_address_is_not_shown() {
        let url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/porch";
        let repository = Repository::parse(url, true).unwrap();
        assert_eq!(format!("{repository} {repository:?}"), "the repository the repository");
    }
}
