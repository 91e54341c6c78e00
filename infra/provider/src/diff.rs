//! What a change of the inputs means for a resource: nothing, another build, or another resource in its place.

use crate::property::{Properties, Property};

/// How one property differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Removed,
    Changed,
    /// It differs, and what was made cannot be moved.
    Replaces,
}

/// The properties that differ, by name. A change of one in `replaces` takes another resource.
pub(crate) fn diff<'a>(
    old: &'a Properties,
    new: &'a Properties,
    replaces: &[&str],
) -> Vec<(&'a str, Change)> {
    let removed =
        old.keys().filter(|name| !new.contains_key(*name)).map(|name| (name.as_str(), Change::Removed));
    let kept = new.iter().filter_map(|(name, value)| {
        let change = match old.get(name) {
            None => Change::Added,
            Some(before) if is_same(before, value) => return None,
            Some(_) if replaces.contains(&name.as_str()) => Change::Replaces,
            Some(_) => Change::Changed,
        };
        Some((name.as_str(), change))
    });
    removed.chain(kept).collect()
}

/// Whether a value is the same; becoming a secret is no change of what is made.
fn is_same(old: &Property, new: &Property) -> bool {
    old.revealed().0 == new.revealed().0 && new.revealed().0 != &Property::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Property {
        Property::Text(text.to_owned())
    }

    fn properties(list: &[(&str, Property)]) -> Properties {
        list.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn each_kind_of_difference_is_told_apart() {
        let old = properties(&[
            ("architecture", text("arm64")),
            ("repositoryUrl", text("a/one")),
            ("sourceHash", text("1")),
            ("tailscaled", text("t")),
        ]);
        let check = |changes: &[(&str, Option<Property>)], wanted: &[(&str, Change)]| {
            let mut new = old.clone();
            for (name, value) in changes {
                match value {
                    Some(value) => new.insert((*name).to_owned(), value.clone()),
                    None => new.remove(*name),
                };
            }
            assert_eq!(diff(&old, &new, &["repositoryUrl"]), wanted, "{changes:?}");
        };
        check(&[], &[]);
        check(&[("repositoryUrl", Some(text("a/one").hidden_if(true)))], &[]);
        check(&[("sourceHash", Some(text("2")))], &[("sourceHash", Change::Changed)]);
        check(&[("architecture", Some(text("x86_64")))], &[("architecture", Change::Changed)]);
        check(&[("tailscaled", None)], &[("tailscaled", Change::Removed)]);
        check(&[("function", Some(text("f")))], &[("function", Change::Added)]);
        check(&[("repositoryUrl", Some(text("a/two")))], &[("repositoryUrl", Change::Replaces)]);
        check(&[("repositoryUrl", Some(Property::Unknown))], &[("repositoryUrl", Change::Replaces)]);
    }
}
