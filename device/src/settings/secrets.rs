//! The file with what nobody may see: a table for each integration that has a secret, under the integration's name.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;
use toml::{Table, Value};

use super::wrong::{Found, WrongSettings};

/// Longest file that is read.
const LONGEST: u64 = 64 * 1024;

const EXPECTED: &str = "a file that this user can read, with a table like `[webhook]` for each integration that has a \
                        secret, and texts in it";

/// All secrets, by owner and name. What is taken is gone, so that what nobody asks for can be told of.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    found: BTreeMap<String, BTreeMap<String, SecretString>>,
}

/// The secrets of one owner.
pub(super) struct SecretsOf<'a>(Option<&'a mut BTreeMap<String, SecretString>>);

impl Secrets {
    /// Reads the file at `path`. It may be absent if nobody said that there is one.
    pub(super) fn load(path: &Path, is_told: bool, wrong: &mut WrongSettings) -> Self {
        let mut text = String::new();
        let read =
            fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text).map(drop));
        let found = match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_told => return Self::default(),
            Err(error) => format!("`{}`: {error}", path.display()),
            Ok(()) => match Self::parse(&text) {
                Some(secrets) => return secrets,
                None => format!("`{}`, which is not shown", path.display()),
            },
        };
        wrong.report("secrets", Found::Described(found), EXPECTED);
        Self::default()
    }

    fn parse(text: &str) -> Option<Self> {
        let owners = toml::from_str::<Table>(text).ok()?.into_iter().map(|(owner, table)| {
            let Value::Table(table) = table else { return None };
            let secrets = table.into_iter().map(|(name, secret)| {
                let secret = secret.as_str().filter(|secret| !secret.is_empty())?;
                Some((name, SecretString::from(secret)))
            });
            Some((owner, secrets.collect::<Option<_>>()?))
        });
        Some(Self { found: owners.collect::<Option<_>>()? })
    }

    /// The secrets of `owner`.
    pub(super) fn of(&mut self, owner: &str) -> SecretsOf<'_> {
        SecretsOf(self.found.get_mut(owner))
    }

    /// Reports what nobody has asked for.
    pub(super) fn finish(self, wrong: &mut WrongSettings) {
        for (owner, secrets) in self.found {
            for name in secrets.into_keys() {
                let expected = "secrets of integrations that are in the settings, under their names";
                wrong.report(format!("secrets {owner}.{name}"), Found::Unknown, expected);
            }
        }
    }
}

impl SecretsOf<'_> {
    /// The secret of this name, if there is one.
    pub(super) fn take(&mut self, name: &str) -> Option<SecretString> {
        self.0.as_mut()?.remove(name)
    }
}
