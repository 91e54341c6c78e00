//! Names that people give, and the one thing that is meant.

use super::wanted::{Wrong, WrongName};
use crate::wire::ResourceId;

/// Something with its id and its names.
pub(super) struct Named<'a, T> {
    id: &'a ResourceId,
    name: String,
    /// A name that tells it from others of the same name.
    full: Option<String>,
    thing: &'a T,
}

impl<'a, T> Named<'a, T> {
    pub(super) fn new(id: &'a ResourceId, name: &str, full: Option<String>, thing: &'a T) -> Self {
        Self { id, name: name.to_owned(), full, thing }
    }

    fn is_called(&self, wanted: &str) -> bool {
        let is = |name: &str| name.trim().to_lowercase() == wanted;
        is(&self.name) || self.full.as_deref().is_some_and(is) || self.id.to_string() == wanted
    }

    fn telling(&self) -> String {
        self.full.clone().unwrap_or_else(|| self.id.to_string())
    }
}

/// The one that `wanted` names, in whatever case it is written.
pub(super) fn find<'a, T>(
    kind: &'static str,
    wanted: &str,
    named: impl Iterator<Item = Named<'a, T>>,
) -> Result<&'a T, WrongName> {
    let all: Vec<Named<'a, T>> = named.collect();
    let name = wanted.trim().to_lowercase();
    let found: Vec<&Named<'a, T>> = all.iter().filter(|named| named.is_called(&name)).collect();
    let why = match found[..] {
        [only] => return Ok(only.thing),
        [] => {
            let mut names: Vec<String> =
                all.iter().map(|named| named.full.as_ref().unwrap_or(&named.name).clone()).collect();
            names.sort();
            names.dedup();
            Wrong::Unknown(names)
        }
        _ => Wrong::Several(found.iter().map(|named| named.telling()).collect()),
    };
    Err(WrongName { kind, wanted: wanted.to_owned(), why })
}
