//! Property values as Pulumi sends them: a protobuf struct on the wire, a typed value here.
//!
//! Secrets and unknowns have no kind of their own on the wire. A secret is an object with a signature, an unknown
//! is one of seven magic strings (pulumi/pulumi, `sdk/go/common/resource/sig/sig.go` and `plugin/rpc.go`).

use std::collections::BTreeMap;
use std::fmt;

use prost_types::value::Kind;
use prost_types::{ListValue, Struct};

/// The key that marks an object as something special.
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
/// The mark of a secret; what it hides is under `value`.
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
/// An unknown of any type is written as this one, which the engine accepts everywhere.
const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const OTHER_UNKNOWNS: [&str; 6] = [
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/// Named properties of a resource.
pub(crate) type Properties = BTreeMap<String, Property>;

/// The value of one property.
#[derive(Clone, PartialEq)]
pub(crate) enum Property {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Property>),
    Object(Properties),
    /// Shown to nobody; stays a secret in whatever is made of it.
    Secret(Box<Property>),
    /// Known only once something else has been created.
    Unknown,
}

impl Property {
    /// The value under any secrecy, and whether there was some.
    pub(crate) fn revealed(&self) -> (&Self, bool) {
        match self {
            Self::Secret(hidden) => (hidden.revealed().0, true),
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Object(_)
            | Self::Unknown => (self, false),
        }
    }

    /// The same value, as a secret if `secret` says so.
    pub(crate) fn hidden_if(self, secret: bool) -> Self {
        if secret { Self::Secret(Box::new(self)) } else { self }
    }

    fn from_wire(value: prost_types::Value) -> Self {
        match value.kind {
            None | Some(Kind::NullValue(_)) => Self::Null,
            Some(Kind::BoolValue(truth)) => Self::Bool(truth),
            Some(Kind::NumberValue(number)) => Self::Number(number),
            Some(Kind::StringValue(text)) if text == UNKNOWN || OTHER_UNKNOWNS.contains(&text.as_str()) => {
                Self::Unknown
            }
            Some(Kind::StringValue(text)) => Self::Text(text),
            Some(Kind::ListValue(list)) => Self::List(list.values.into_iter().map(Self::from_wire).collect()),
            Some(Kind::StructValue(object)) => {
                let mut object = from_wire(object);
                let is_secret = object.get(SIGNATURE) == Some(&Self::Text(SECRET.to_owned()));
                match object.remove("value") {
                    Some(hidden) if is_secret => Self::Secret(Box::new(hidden)),
                    Some(value) => {
                        object.insert("value".to_owned(), value);
                        Self::Object(object)
                    }
                    None => Self::Object(object),
                }
            }
        }
    }

    fn into_wire(self) -> prost_types::Value {
        let kind = match self {
            Self::Null => Kind::NullValue(0),
            Self::Bool(truth) => Kind::BoolValue(truth),
            Self::Number(number) => Kind::NumberValue(number),
            Self::Text(text) => Kind::StringValue(text),
            Self::Unknown => Kind::StringValue(UNKNOWN.to_owned()),
            Self::List(list) => {
                Kind::ListValue(ListValue { values: list.into_iter().map(Self::into_wire).collect() })
            }
            Self::Object(object) => Kind::StructValue(into_wire(object)),
            Self::Secret(hidden) => Kind::StructValue(into_wire(Properties::from([
                (SIGNATURE.to_owned(), Self::Text(SECRET.to_owned())),
                ("value".to_owned(), *hidden),
            ]))),
        };
        prost_types::Value { kind: Some(kind) }
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::List(list) => f.debug_list().entries(list).finish(),
            Self::Object(object) => f.debug_map().entries(object).finish(),
            Self::Secret(_) => f.write_str("[secret]"),
            Self::Unknown => f.write_str("[unknown]"),
        }
    }
}

/// The properties of a request; none at all if the field was left out.
pub(crate) fn properties(wire: Option<Struct>) -> Properties {
    wire.map(from_wire).unwrap_or_default()
}

/// The properties of an answer.
pub(crate) fn into_wire(properties: Properties) -> Struct {
    Struct { fields: properties.into_iter().map(|(name, value)| (name, value.into_wire())).collect() }
}

fn from_wire(wire: Struct) -> Properties {
    wire.fields.into_iter().map(|(name, value)| (name, Property::from_wire(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Property {
        Property::Text(text.to_owned())
    }

    #[test]
    fn every_kind_of_value_survives_the_wire() {
        let all = Properties::from([
            ("null".to_owned(), Property::Null),
            ("bool".to_owned(), Property::Bool(true)),
            ("number".to_owned(), Property::Number(9.5)),
            ("text".to_owned(), text("ünïcode")),
            ("list".to_owned(), Property::List(vec![Property::Unknown, text("").hidden_if(true)])),
            ("object".to_owned(), Property::Object(Properties::from([("value".to_owned(), text("plain"))]))),
            ("secret".to_owned(), Property::List(vec![Property::Bool(false)]).hidden_if(true)),
            ("unknown".to_owned(), Property::Unknown),
        ]);
        assert_eq!(properties(Some(into_wire(all.clone()))), all);
    }

    #[test]
    fn an_object_with_another_signature_is_left_as_it_is() {
        let asset = Properties::from([
            (SIGNATURE.to_owned(), text("c44067f5952c0a294b673a41bacd8c17")),
            ("path".to_owned(), text("a.txt")),
        ]);
        let all = Properties::from([("asset".to_owned(), Property::Object(asset))]);
        assert_eq!(properties(Some(into_wire(all.clone()))), all);
    }

    #[test]
    fn unknowns_of_every_type_are_known_as_such() {
        for magic in OTHER_UNKNOWNS.into_iter().chain([UNKNOWN]) {
            let wire = prost_types::Value { kind: Some(Kind::StringValue(magic.to_owned())) };
            assert_eq!(Property::from_wire(wire), Property::Unknown, "{magic}");
        }
    }

    #[test]
    fn a_secret_is_never_printed_however_deep_it_is() {
        let nested = Property::List(vec![Property::Object(Properties::from([(
            "password".to_owned(),
            text("planted").hidden_if(true),
        )]))]);
        assert_eq!(format!("{nested:?}"), r#"[{"password": [secret]}]"#);
    }

    #[test]
    fn secrecy_is_seen_through_once_for_all() {
        let twice = text("x").hidden_if(true).hidden_if(true);
        assert_eq!(twice.revealed(), (&text("x"), true));
    }
}
