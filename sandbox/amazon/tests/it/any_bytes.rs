use fake_amazon::{Host, Region};
use proptest::prelude::*;
use serde_json::Value;

use crate::play::{Play, body, event, post, press, status};

/// What can be anywhere in a message.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Every place in a JSON text.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    if let Value::Object(members) = value {
        for (name, member) in members {
            places(member, &format!("{path}/{name}"), found);
        }
    }
}

proptest! {
    #[test]
    fn any_body_for_tokens_is_answered_in_the_documented_form(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        kind in prop_oneof![
            Just("application/x-www-form-urlencoded"), Just("application/json"), Just("text/plain")
        ],
    ) {
        let reply = Play::new().send(Host::Login, &post("/auth/o2/token", kind, bytes));
        prop_assert_eq!(status(&reply), 400);
        prop_assert!(body(&reply)["error"].is_string() && body(&reply)["error_description"].is_string());
    }

    #[test]
    fn any_body_for_the_gateway_is_answered_in_the_documented_form(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        with_token in any::<bool>(),
    ) {
        let mut play = Play::new();
        let token = if with_token { play.grant().0 } else { "none".into() };
        let mut request = event(&token, &Value::Null);
        *request.body_mut() = bytes.into();
        let reply = play.send(Host::Alexa(Region::Eu), &request);
        prop_assert_eq!(status(&reply), if with_token { 400 } else { 401 });
        prop_assert!(body(&reply)["payload"]["code"].is_string());
    }

    #[test]
    fn a_press_with_anything_anywhere_is_accepted_or_refused_but_never_both(
        place in any::<proptest::sample::Index>(),
        value in any_json(),
    ) {
        let mut play = Play::new();
        let (token, _) = play.grant();
        let mut message = press(&token);
        let mut found = Vec::new();
        places(&message, "", &mut found);
        let place = place.get(&found).clone();
        *message.pointer_mut(&place).unwrap() = value;
        let reply = play.event(&token, &message);
        let accepted = play.amazon.record.events().len();
        match status(&reply) {
            202 => prop_assert_eq!(accepted, 1),
            400 => {
                prop_assert_eq!(accepted, 0);
                prop_assert_eq!(&body(&reply)["payload"]["code"], "INVALID_REQUEST_EXCEPTION");
            }
            other => prop_assert!(false, "{}", other),
        }
    }
}
