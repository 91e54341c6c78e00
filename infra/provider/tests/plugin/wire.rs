//! Property values as JSON, so that a test says `json!({...})`. A secret is `{"secret": …}`, an unknown `"unknown"`.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as Wire};
use serde_json::{Map, Value, json};

const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

pub(crate) fn to_wire(value: &Value) -> Struct {
    let fields = value.as_object().expect("properties are an object");
    Struct { fields: fields.iter().map(|(name, value)| (name.clone(), value_to_wire(value))).collect() }
}

pub(crate) fn from_wire(wire: Option<Struct>) -> Value {
    let fields = wire.unwrap_or_default().fields;
    let object: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (name, value_from_wire(value))).collect();
    if object.get(SIGNATURE) == Some(&json!(SECRET)) {
        return json!({ "secret": object["value"] });
    }
    Value::Object(object)
}

fn value_to_wire(value: &Value) -> Wire {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(truth) => Kind::BoolValue(*truth),
        Value::Number(number) => Kind::NumberValue(number.as_f64().expect("a number of JSON")),
        Value::String(text) if text == "unknown" => Kind::StringValue(UNKNOWN.to_owned()),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(list) => Kind::ListValue(ListValue { values: list.iter().map(value_to_wire).collect() }),
        Value::Object(object) if object.contains_key("secret") => {
            Kind::StructValue(to_wire(&json!({ SIGNATURE: SECRET, "value": object["secret"] })))
        }
        Value::Object(_) => Kind::StructValue(to_wire(value)),
    };
    Wire { kind: Some(kind) }
}

fn value_from_wire(wire: Wire) -> Value {
    match wire.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(truth)) => json!(truth),
        Some(Kind::NumberValue(number)) => json!(number),
        Some(Kind::StringValue(text)) if text == UNKNOWN => json!("unknown"),
        Some(Kind::StringValue(text)) => json!(text),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(value_from_wire).collect(),
        Some(Kind::StructValue(object)) => from_wire(Some(object)),
    }
}
