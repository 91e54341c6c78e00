//! Paths to properties as Pulumi writes them: `environment.variables["A.B"]`, `rules[0].id`.

use serde_json::Value;

/// The value at `path`; `None` if there is none, or that is no path.
pub(super) fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let (mut value, mut rest) = (value, path);
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let end = quoted.find("\"]")?;
            value = value.get(&quoted[..end])?;
            rest = &quoted[end + 2..];
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']')?;
            value = value.get(index[..end].parse::<usize>().ok()?)?;
            rest = &index[end + 1..];
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            value = value.get(&name[..end])?;
            rest = &name[end..];
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_found_by_its_path() {
        let value = json!({"a": {"b": [1, {"c.d": 2}], "e": null}});
        for (path, found) in [
            ("a.b[0]", Some(json!(1))),
            ("a.b[1][\"c.d\"]", Some(json!(2))),
            ("a[\"e\"]", Some(json!(null))),
            ("", Some(value.clone())),
            ("a.x", None),
            ("a.b[2]", None),
            ("a.b[", None),
            ("a.b[\"", None),
            ("a.b[x]", None),
            ("a..b", None),
            ("é[0]", None),
        ] {
            assert_eq!(find(&value, path), found.as_ref(), "{path}");
        }
    }
}
