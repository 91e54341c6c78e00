//! Whether a page is what browsers and people with a screen reader need it to be.

use std::collections::BTreeSet;

/// Elements without an end.
const VOID: [&str; 6] = ["meta", "link", "img", "input", "br", "hr"];

#[derive(Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str())
    }
}

/// Checks that every element ends where it has to, that nothing is run or loaded but what is ours, and that everything
/// that is shown or can be filled in has a name.
pub(crate) fn check(page: &str) {
    let page = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    let (mut open, mut tags, mut rest) = (Vec::<Tag>::new(), Vec::new(), page);
    let mut labelled = BTreeSet::new();
    while let Some(begin) = rest.find('<') {
        assert!(!rest[..begin].contains('>'), "a stray > in {}", &rest[..begin]);
        let end = begin + rest[begin..].find('>').expect("a tag ends");
        let inside = &rest[begin + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            let opened = open.pop().unwrap_or_else(|| panic!("</{name}> ends nothing"));
            assert_eq!(opened.name, name, "an element ends within another");
            continue;
        }
        let tag = parse(inside);
        if tag.name == "input" && open.iter().any(|tag| tag.name == "label") {
            labelled.insert(tags.len());
        }
        if VOID.contains(&tag.name.as_str()) {
            tags.push(tag);
        } else {
            tags.push(Tag { name: tag.name.clone(), attributes: tag.attributes.clone() });
            open.push(tag);
        }
    }
    assert!(open.is_empty(), "{open:?} are open");
    let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is there twice: {ids:?}");
    for (index, tag) in tags.iter().enumerate() {
        let refers = ["aria-labelledby", "for"].iter().filter_map(|name| tag.get(name));
        refers.for_each(|id| assert!(ids.contains(&id), "{tag:?} is about nothing"));
        assert!(!tag.attributes.iter().any(|(name, _)| name.starts_with("on") || name == "style"), "{tag:?}");
        match tag.name.as_str() {
            "img" => assert!(tag.get("alt").is_some_and(|alt| !alt.is_empty()), "{tag:?}"),
            "script" | "link" => {
                let place = tag.get("src").or(tag.get("href")).expect("it is somewhere else");
                assert!(place.starts_with("/assets/"), "{tag:?}");
            }
            "input" if tag.get("type") != Some("hidden") && tag.get("hidden").is_none() => {
                let id = tag.get("id");
                let is_named =
                    tags.iter().any(|label| label.name == "label" && label.get("for") == id && id.is_some());
                assert!(is_named || labelled.contains(&index), "{tag:?} has no name");
            }
            "form" => assert_eq!(tag.get("method"), Some("post"), "{tag:?}"),
            "html" => assert_eq!(tag.get("lang"), Some("en")),
            _ => {}
        }
    }
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
    assert_eq!([count("main"), count("h1"), count("title")], [1, 1, 1]);
    assert!(rest.trim().is_empty(), "{rest}");
}

fn parse(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        rest = &rest[end..];
        let value = if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').expect("a value ends");
            rest = &quoted[end + 1..];
            quoted[..end].to_owned()
        } else {
            String::new()
        };
        rest = rest.trim_start();
        attributes.push((attribute, value));
    }
    Tag { name: name.to_owned(), attributes }
}
