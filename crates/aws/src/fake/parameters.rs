//! SSM.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Refusal, State};

/// Type and value by name.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, (String, String)>);

impl Parameters {
    pub(super) fn new(parameters: &[(&str, &str, &str)]) -> Self {
        let owned = |(name, kind, value): &(&str, &str, &str)| {
            ((*name).to_owned(), ((*kind).to_owned(), (*value).to_owned()))
        };
        Self(parameters.iter().map(owned).collect())
    }

    pub(super) fn value(&self, name: &str) -> String {
        self.0.get(name).expect("a parameter").1.clone()
    }
}

pub(super) fn answer(state: &mut State, target: &str, body: &str) -> Result<Value, Refusal> {
    let wanted: Value = serde_json::from_str(body).map_err(|error| Refusal::Invalid(error.to_string()))?;
    let operation = target.strip_prefix("AmazonSSM.").unwrap_or_default();
    let name = wanted["Name"].as_str().unwrap_or_default();
    state.asked.push(format!("{operation} {name}").trim().to_owned());
    if let Some(what) = state.denied.iter().find(|what| *what == operation || *what == name) {
        return Err(Refusal::Denied(what.clone()));
    }
    let parameters = &mut state.parameters.0;
    match operation {
        "GetParameters" => {
            let names = wanted["Names"].as_array().expect("names");
            assert!((1..=10).contains(&names.len()) && wanted["WithDecryption"].is_boolean(), "{wanted}");
            let found = names.iter().filter_map(|name| {
                let (kind, value) = parameters.get(name.as_str()?)?;
                Some(json!({"Name": name, "Type": kind, "Value": value}))
            });
            Ok(json!({"Parameters": found.collect::<Vec<_>>(), "InvalidParameters": []}))
        }
        "PutParameter" => {
            let value = wanted["Value"].as_str().filter(|value| !value.is_empty()).expect("a value");
            let place = parameters.get_mut(name).expect("a parameter of the stack");
            assert_eq!(wanted["Type"], place.0.as_str(), "the stack made it");
            assert!(wanted["Overwrite"] == true && value.len() <= 4096, "{wanted}");
            value.clone_into(&mut place.1);
            Ok(json!({"Version": 2, "Tier": "Standard"}))
        }
        _ => Err(Refusal::Denied(operation.to_owned())),
    }
}
