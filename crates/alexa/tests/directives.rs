//! What is read of a directive, whatever it is.

use alexa::{AlexaEvent, Directive, ErrorType, Kind};
use proptest::prelude::*;
use uuid::Uuid;

const ACCEPT_GRANT: &str = r#"{"directive":{"header":{"namespace":"Alexa.Authorization","name":"AcceptGrant",
    "payloadVersion":"3","messageId":"m"},"payload":{"grant":{"type":"OAuth2.AuthorizationCode","code":"planted"},
    "grantee":{"type":"BearerToken","token":"planted"}},"new":1},"newer":{}}"#;

#[test]
fn a_grant_has_its_code_and_its_token_and_prints_neither() {
    let directive = Directive::read(ACCEPT_GRANT.as_bytes());
    assert_eq!(directive.check(), Ok(()));
    assert_eq!(directive.kind(), Kind::Grant);
    assert!(directive.grant_code.is_some() && directive.token.is_some());
    assert!(!format!("{directive:?}").contains("planted"));
}

#[test]
fn what_is_no_directive_says_what_it_lacks() {
    for (event, wanted) in [
        ("", "the event is not a smart home directive"),
        ("[]", "the event is not a smart home directive"),
        (
            r#"{"directive":{"header":{"namespace":"","name":"TurnOn"}}}"#,
            "the event is not a smart home directive",
        ),
        (
            r#"{"directive":{"header":{"namespace":"A","name":"B","payloadVersion":"2"}}}"#,
            "the directive's payloadVersion is not 3",
        ),
    ] {
        let refused = Directive::read(event.as_bytes()).check().expect_err(event);
        assert_eq!(refused.to_string(), wanted);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_can_be_answered(event in prop::collection::vec(any::<u8>(), 0..512)) {
        let directive = Directive::read(&event);
        let reply = AlexaEvent::failed(&directive, ErrorType::InvalidDirective, "no".into(), Uuid::nil());
        let reply = serde_json::to_value(&reply).expect("json");
        prop_assert_eq!(&reply["event"]["header"]["payloadVersion"], "3");
    }

    #[test]
    fn a_reply_repeats_the_correlation_token_whatever_it_is(token in "\\PC{1,64}", id in "\\PC{1,64}") {
        let event = serde_json::json!({"directive": {"header": {"namespace": "Alexa", "name": "ReportState",
            "payloadVersion": "3", "messageId": "m", "correlationToken": token},
            "endpoint": {"endpointId": id}, "payload": {}}});
        let directive = Directive::read(event.to_string().as_bytes());
        let reply = AlexaEvent::failed(&directive, ErrorType::InternalError, "no".into(), Uuid::nil());
        let reply = serde_json::to_value(&reply).expect("json");
        prop_assert_eq!(&reply["event"]["header"]["correlationToken"], &serde_json::json!(token));
        prop_assert_eq!(&reply["event"]["endpoint"]["endpointId"], &serde_json::json!(id));
    }
}
