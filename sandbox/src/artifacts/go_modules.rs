//! The Go modules that are in a program: Go's linker writes them into it, and `go version -m` reads them.

use super::sbom::Component;

/// The modules, the program's own first. What is replaced is told as what replaces it.
pub(super) fn read(listing: &str) -> Vec<Component> {
    let mut components: Vec<Component> = Vec::new();
    if let Some(version) = listing.lines().next().and_then(|line| line.rsplit_once(": go")) {
        components.push(component("std", version.1.trim(), None));
    }
    for line in listing.lines() {
        let mut words = line.split_whitespace();
        let (Some(kind), Some(module), Some(version)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        match kind {
            "mod" | "dep" => components.push(component(module, version, words.next())),
            "=>" => {
                components.pop();
                components.push(component(module, version, words.next()));
            }
            _ => {}
        }
    }
    components
}

fn component(module: &str, version: &str, sum: Option<&str>) -> Component {
    Component {
        kind: "library",
        name: module.into(),
        version: version.into(),
        reference: format!("pkg:golang/{module}@{version}"),
        licence: None,
        sha256: None,
        go_sum: sum.map(Into::into),
    }
}
