//! The bells that there are.

use alexa::{DiscoveredEndpoint, EndpointId, FriendlyName};
use serde::Deserialize;

/// A bell, as the stack's settings name it: `{"id": "front-door", "name": "Front door"}`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Bell {
    /// By which Alexa and the daemon know it.
    pub id: EndpointId,
    /// What people call it.
    pub name: FriendlyName,
}

impl Bell {
    /// Reads a JSON list of bells; `None` if it is anything else, or has an id twice.
    #[must_use]
    pub fn read_all(text: &str) -> Option<Vec<Self>> {
        let bells: Vec<Self> = serde_json::from_str(text).ok()?;
        let unique = bells
            .iter()
            .enumerate()
            .all(|(at, bell)| bells.iter().skip(at + 1).all(|other| other.id != bell.id));
        unique.then_some(bells)
    }

    /// What Alexa is told of it.
    #[must_use]
    pub fn discovered(&self) -> DiscoveredEndpoint {
        DiscoveredEndpoint::doorbell(self.id.clone(), self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bells_are_a_list_with_each_id_once() {
        let two = r#"[{"id":"front-door","name":"Front door"},{"id":"gate","name":"Gate"}]"#;
        assert_eq!(Bell::read_all(two).expect("two bells").len(), 2);
        assert_eq!(Bell::read_all("[]"), Some(Vec::new()));
        for bad in [
            "",
            "{}",
            r#"[{"id":"a","name":"A"},{"id":"a","name":"B"}]"#,
            r#"[{"id":"a b","name":"A"}]"#,
            r#"[{"id":"a"}]"#,
            r#"[{"id":"a","name":"A","colour":"red"}]"#,
        ] {
            assert_eq!(Bell::read_all(bad), None, "{bad}");
        }
    }
}
