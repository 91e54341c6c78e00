//! JSON with a press put in.

use alexa::Timestamp;
use serde_json::{Map, Value, json};

use super::Visit;

/// What can be put in, in braces: `"Somebody rings at {bell_name}"`.
const FIELDS: [&str; 4] = ["bell", "bell_name", "time", "trial"];

/// JSON whose texts have fields of a press in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Value);

impl Template {
    /// All that there is to tell of a press.
    pub fn everything() -> Self {
        let fields = FIELDS.map(|field| (field.to_owned(), Value::from(format!("{{{field}}}"))));
        Self(Value::Object(Map::from_iter(fields)))
    }

    /// A template, if every brace in its texts is about a field.
    ///
    /// # Errors
    /// The text with a brace that is not, in whole.
    pub fn parse(json: Value) -> Result<Self, String> {
        check(&json)?;
        Ok(Self(json))
    }

    /// The JSON for one press. A text that is nothing but `{trial}` becomes true or false, and `{time}` becomes null
    /// while the clock is not set.
    pub fn fill(&self, visit: &Visit) -> Value {
        fill(&self.0, visit)
    }
}

fn check(json: &Value) -> Result<(), String> {
    match json {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some(at) = rest.find(['{', '}']) {
                let field = FIELDS.iter().find(|field| {
                    rest[at..]
                        .strip_prefix('{')
                        .and_then(|rest| rest.strip_prefix(**field))
                        .is_some_and(|rest| rest.starts_with('}'))
                });
                let Some(field) = field else { return Err(text.clone()) };
                rest = &rest[at + field.len() + 2..];
            }
            Ok(())
        }
        Value::Array(values) => values.iter().try_for_each(check),
        Value::Object(values) => values.values().try_for_each(check),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn fill(json: &Value, visit: &Visit) -> Value {
    match json {
        Value::String(text) => match FIELDS.iter().find(|field| text[..] == format!("{{{field}}}")) {
            Some(field) => value(field, visit),
            None => Value::from(FIELDS.iter().fold(text.clone(), |text, field| {
                let value = value(field, visit);
                let word = match value.as_str() {
                    Some(word) => word.to_owned(),
                    None if value.is_null() => "an unknown time".to_owned(),
                    None => value.to_string(),
                };
                text.replace(&format!("{{{field}}}"), &word)
            })),
        },
        Value::Array(values) => values.iter().map(|value| fill(value, visit)).collect(),
        Value::Object(values) => {
            let filled = values.iter().map(|(name, value)| (name.clone(), fill(value, visit)));
            Value::Object(filled.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => json.clone(),
    }
}

fn value(field: &str, visit: &Visit) -> Value {
    match field {
        "bell" => json!(visit.press.bell),
        "bell_name" => json!(visit.bell),
        "time" => json!(visit.at.map(Timestamp::of)),
        _ => json!(visit.is_trial),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::announce::PressId;
    use crate::clock::Monotonic;

    fn visit() -> Visit {
        let bell = alexa::EndpointId::parse("front-door").expect("an id");
        Visit {
            press: PressId { edge: Monotonic::default(), bell },
            bell: "Front \"door\"".to_owned(),
            at: Some(UNIX_EPOCH + Duration::from_secs(1_796_112_930)),
            is_trial: false,
        }
    }

    #[test]
    fn a_press_is_put_into_texts_wherever_they_are() {
        let template = json!({"text": "{bell_name} ({bell})", "all": [{"trial": "{trial}"}, 7, "at {time}"]});
        let template = Template::parse(template).expect("a template");
        let wanted = json!({
            "text": "Front \"door\" (front-door)",
            "all": [{"trial": false}, 7, "at 2026-12-01T08:15:30Z"],
        });
        assert_eq!(template.fill(&visit()), wanted);
        let undated = template.fill(&Visit { at: None, ..visit() });
        assert_eq!(undated["all"][2], "at an unknown time");
    }

    #[test]
    fn everything_is_told_where_nothing_is_said() {
        let wanted = json!({
            "bell": "front-door",
            "bell_name": "Front \"door\"",
            "time": "2026-12-01T08:15:30Z",
            "trial": false,
        });
        assert_eq!(Template::everything().fill(&visit()), wanted);
    }

    #[test]
    fn a_brace_about_nothing_is_refused() {
        for text in ["{", "}", "{}", "{bel}", "{bell", "{bell}}", "{ bell }"] {
            let template = Template::parse(json!({"a": [text]}));
            assert_eq!(template, Err(text.to_owned()));
        }
    }
}
