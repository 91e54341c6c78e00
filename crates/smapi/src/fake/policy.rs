//! Which functions let a skill call them.

use serde_json::Value;

const PRINCIPAL: &str = "alexa-connectedhome.amazon.com";
const ACTION: &str = "lambda:InvokeFunction";

/// The functions that the body of a request names as endpoints, for whoever has to look for their policies.
#[must_use]
pub fn functions(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    of_manifest(&body["manifest"])
}

/// The functions of a manifest's endpoints.
pub(super) fn of_manifest(manifest: &Value) -> Vec<String> {
    let smart_home = &manifest["apis"]["smartHome"];
    let regions = smart_home["regions"].as_object().into_iter().flatten().map(|(_, region)| region);
    let endpoints = [smart_home].into_iter().chain(regions);
    endpoints.filter_map(|endpoint| endpoint["endpoint"]["uri"].as_str()).map(str::to_owned).collect()
}

/// Whether a function with this policy lets `skill` call it.
pub(super) fn allows(policy: &Value, skill: &str) -> bool {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let mut allowing = statements.filter(|statement| {
        // An emulator is known that writes a service as an account.
        let principal = &statement["Principal"];
        let is_alexa = ["Service", "AWS"].iter().any(|kind| names(&principal[*kind], PRINCIPAL));
        let token = &statement["Condition"]["StringEquals"]["lambda:EventSourceToken"];
        statement["Effect"] == "Allow"
            && is_alexa
            && names(&statement["Action"], ACTION)
            && names(token, skill)
    });
    allowing.next().is_some()
}

/// Whether a value of a policy, one or a list, has this one.
fn names(value: &Value, wanted: &str) -> bool {
    value == wanted || value.as_array().is_some_and(|values| values.iter().any(|value| value == wanted))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_allows_the_one_skill_that_it_names() {
        let skill = "amzn1.ask.skill.1";
        let statement = json!({
            "Sid": "alexa",
            "Effect": "Allow",
            "Principal": {"Service": PRINCIPAL},
            "Action": ACTION,
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:bell",
            "Condition": {"StringEquals": {"lambda:EventSourceToken": skill}},
        });
        for (place, value, wanted) in [
            ("/Sid", json!("other"), true),
            ("/Principal", json!({"AWS": PRINCIPAL}), true),
            ("/Action", json!([ACTION]), true),
            ("/Effect", json!("Deny"), false),
            ("/Principal", json!({"Service": "alexa-appkit.amazon.com"}), false),
            ("/Action", json!("lambda:GetFunction"), false),
            ("/Condition", json!({}), false),
            ("/Condition/StringEquals/lambda:EventSourceToken", json!("amzn1.ask.skill.2"), false),
        ] {
            let mut changed = statement.clone();
            *changed.pointer_mut(place).unwrap() = value.clone();
            let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}, changed]});
            assert_eq!(allows(&policy, skill), wanted, "{place} {value}");
        }
        assert!(!allows(&Value::Null, skill));
    }
}
