//! What an answer changes in a stack's config.

use super::known::{Known, Text};

/// Settings, each under the path that `pulumi config set --path` has for it.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Those that get a value.
    pub sets: Vec<(String, Text)>,
    /// Those that go, with all that is in them, once the others are set. Of a list the last comes first, since those
    /// behind one that goes move up.
    pub removes: Vec<String>,
}

impl Change {
    /// Sets one that anybody may see.
    pub(super) fn plain(path: &str, text: &str) -> Self {
        Self { sets: vec![(path.to_owned(), Text::Plain(text.to_owned()))], removes: Vec::new() }
    }

    /// Makes the list at `path` have these items and no others. An item is its fields, like `.name`; one that is a text has
    /// a field without a name.
    pub(super) fn list(path: &str, items: &[Vec<(&str, &str)>], known: &Known) -> Self {
        let mut sets = Vec::new();
        for (at, fields) in items.iter().enumerate() {
            for (field, text) in fields {
                sets.push((format!("{path}[{at}]{field}"), Text::Plain((*text).to_owned())));
            }
        }
        let surplus = (items.len()..known.length(path)).rev();
        Self { sets, removes: surplus.map(|at| format!("{path}[{at}]")).collect() }
    }

    /// And does what `other` does.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.sets.extend(other.sets);
        self.removes.extend(other.removes);
        self
    }

    /// And removes what is at these paths, if anything is.
    pub(super) fn without(mut self, paths: &[&str], known: &Known) -> Self {
        let there = paths.iter().filter(|path| known.has(path));
        self.removes.extend(there.map(|path| (*path).to_owned()));
        self
    }

    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.removes.is_empty()
    }
}
