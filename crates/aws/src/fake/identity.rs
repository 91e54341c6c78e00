//! STS.

use std::collections::HashMap;

use http::StatusCode;
use url::form_urlencoded;

use super::State;

const CALLER: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/somebody</Arn>
    <UserId>AIDAMADEUP</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>"#;

pub(super) fn answer(state: &mut State, body: &str) -> (StatusCode, String) {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let operation = field("Action");
    state.asked.push(format!("{operation} {}", field("Audience.member.1")));
    if state.denied.iter().any(|what| what == operation) {
        let kind = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
            <Message>not authorized</Message></Error></ErrorResponse>";
        return (StatusCode::FORBIDDEN, kind.to_owned());
    }
    assert_eq!(field("Version"), "2011-06-15");
    if operation == "GetCallerIdentity" {
        return (StatusCode::OK, CALLER.to_owned());
    }
    assert_eq!(operation, "GetWebIdentityToken");
    assert!(["RS256", "ES384"].contains(&field("SigningAlgorithm")), "{form:?}");
    let life: u32 = field("DurationSeconds").parse().expect("seconds");
    assert!((60..=3600).contains(&life), "{life}");
    let token = &state.token;
    let answer = format!(
        r#"<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetWebIdentityTokenResult>
    <WebIdentityToken>{token}</WebIdentityToken>
    <Expiration>2026-03-01T00:05:00Z</Expiration>
  </GetWebIdentityTokenResult>
</GetWebIdentityTokenResponse>"#
    );
    (StatusCode::OK, answer)
}
