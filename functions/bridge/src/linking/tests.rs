//! What goes on and what does not, over all kinds of requests.

use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::policy::{Decision, decide};
use super::request::Request;

const CODE: &str = "grant_type=authorization_code&code=c0de&client_id=https%3A%2F%2Flayla.amazon.com%2F\
    &redirect_uri=https%3A%2F%2Flayla.amazon.com%2Fapi%2Fskill%2Flink%2FM1A2&client_secret=x";
const REFRESH: &str =
    "grant_type=refresh_token&refresh_token=r3fresh&client_id=https%3A%2F%2Flayla.amazon.com%2F";
const PAGE: &str = "response_type=code&client_id=https%3A%2F%2Flayla.amazon.com%2F&state=a.b%20c\
    &redirect_uri=https%3A%2F%2Flayla.amazon.com%2Fapi%2Fskill%2Flink%2FM1A2&scope=smart_home";

fn event(method: &str, path: &str, query: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": method}},
        "body": body,
        "isBase64Encoded": false,
    })
}

fn form(body: &str) -> Value {
    event("POST", "/auth/token", "", body)
}

fn page(query: &str) -> Value {
    event("GET", "/auth/authorize", query, "")
}

/// What goes on: the form, the query, or nothing.
#[derive(Debug, PartialEq, Eq)]
enum Goes {
    Form(String),
    Query(String),
    Nowhere,
}

fn decided(event: &[u8]) -> Option<Goes> {
    Request::read(event).map(|request| match decide(&request) {
        Decision::Exchange(form) => Goes::Form(String::from_utf8(form.body().into()).expect("text")),
        Decision::ShowPage(query) => Goes::Query(query.expose_secret().to_owned()),
        Decision::Refuse(_) => Goes::Nowhere,
    })
}

fn check(event: &Value, wanted: Goes) {
    assert_eq!(decided(event.to_string().as_bytes()), Some(wanted), "{event}");
}

#[test]
fn of_a_form_only_what_home_assistant_reads_goes_on() {
    let client = "client_id=https%3A%2F%2Flayla.amazon.com%2F";
    let code = || Goes::Form(format!("grant_type=authorization_code&code=c0de&{client}"));
    let refresh = || Goes::Form(format!("grant_type=refresh_token&refresh_token=r3fresh&{client}"));
    check(&form(CODE), code());
    check(&form(&CODE.replace("c0de", "%63%30de")), code());
    check(&form(REFRESH), refresh());
    check(
        &form(&format!(
            "{REFRESH}&scope=smart_home&client_secret=&redirect_uri=https%3A%2F%2Flayla.amazon.com%2Fapi%2Fskill%2Flink%2FM1A2"
        )),
        refresh(),
    );
    let needs_escape = Goes::Form(format!("grant_type=authorization_code&code=a%26code%3Db&{client}"));
    check(&form(&CODE.replace("c0de", "a%26code%3Db")), needs_escape);
    for host in ["pitangui.amazon.com", "alexa.amazon.co.jp"] {
        let goes = Goes::Form(format!(
            "grant_type=refresh_token&refresh_token=r3fresh&client_id=https%3A%2F%2F{host}%2F"
        ));
        check(&form(&REFRESH.replace("layla.amazon.com", host)), goes);
    }
    for content_type in
        ["Application/X-WWW-Form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"]
    {
        let mut event = form(REFRESH);
        event["headers"]["content-type"] = content_type.into();
        check(&event, refresh());
    }
}

#[test]
fn a_form_that_is_not_one_of_amazons_goes_nowhere() {
    for body in [
        String::new(),
        "&&&".into(),
        "action=revoke&token=r3fresh".into(),
        format!("{REFRESH}&action=revoke"),
        format!("{REFRESH}&token=x"),
        format!("{REFRESH}&code=c0de"),
        format!("{CODE}&refresh_token=r3fresh"),
        format!("{CODE}&code_verifier=x"),
        format!("{CODE}&x"),
        // Twice, also when it is the same.
        format!("{CODE}&code=c0de"),
        format!("{REFRESH}&grant_type=refresh_token"),
        format!("{REFRESH}&client_%69d=https%3A%2F%2Flayla.amazon.com%2F"),
        REFRESH.replace("refresh_token=r3fresh", "refresh_token="),
        REFRESH.replace("r3fresh", "r3%0Afresh"),
        REFRESH.replace("r3fresh", "r3%20fresh"),
        REFRESH.replace("r3fresh", "r3%FFfresh"),
        REFRESH.replace("r3fresh", &"r".repeat(1025)),
        REFRESH.replace("grant_type=refresh_token", "grant_type=password"),
        REFRESH.replace("grant_type=refresh_token", "grant_type=Refresh_Token"),
        REFRESH.replace("layla.amazon.com%2F", "layla.amazon.com"),
        REFRESH.replace("layla.amazon.com", "layla.amazon.com.example.org"),
        REFRESH.replace("layla.amazon.com", "example.org"),
        REFRESH.replace("https", "http"),
        CODE.replace("code=c0de&", ""),
        CODE.replace("&redirect_uri=", "&redirect_url="),
        CODE.replace("&redirect_uri=https%3A%2F%2Flayla.amazon.com%2Fapi%2Fskill%2Flink%2FM1A2", ""),
        CODE.replace("layla.amazon.com%2Fapi", "pitangui.amazon.com%2Fapi"),
        CODE.replace("layla.amazon.com%2Fapi", "layla.amazon.com%40example.org%2Fapi"),
        CODE.replace("layla.amazon.com%2Fapi", "layla.amazon.com%2F%2Fapi"),
        CODE.replace("link%2FM1A2", "link%2F"),
        CODE.replace("link%2FM1A2", "link%2FM1%2F..%2F..%2F..%2Fx"),
        CODE.replace("link%2FM1A2", "link%2FM1%3Fa%3Db"),
        format!("{CODE}{}", "x".repeat(8192)),
    ] {
        check(&form(&body), Goes::Nowhere);
    }
}

#[test]
fn a_form_that_is_sent_otherwise_goes_nowhere() {
    for (place, value) in [
        ("/rawPath", json!("/auth/token/")),
        ("/rawPath", json!("//auth/token")),
        ("/rawPath", json!("/auth/%74oken")),
        ("/rawPath", json!("/auth/../auth/token")),
        ("/rawPath", json!("/api/alexa/smart_home")),
        ("/rawPath", json!("/")),
        ("/rawQueryString", json!("action=revoke")),
        ("/requestContext/http/method", json!("GET")),
        ("/requestContext/http/method", json!("post")),
        ("/requestContext/http/method", json!("PUT")),
        ("/headers", json!({})),
        ("/headers/content-type", json!("application/json")),
        ("/headers/content-type", json!("multipart/form-data; boundary=application/x-www-form-urlencoded")),
        ("/headers/content-type", json!("application/x-www-form-urlencoded,text/plain")),
    ] {
        let mut event = form(REFRESH);
        *event.pointer_mut(place).expect(place) = value;
        check(&event, Goes::Nowhere);
    }
}

#[test]
fn a_body_in_base64_is_measured_by_what_is_in_it() {
    let encoded = |body: &str| {
        let mut event = form(&base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body));
        event["isBase64Encoded"] = true.into();
        event
    };
    let Some(Goes::Form(_)) = decided(encoded(CODE).to_string().as_bytes()) else { panic!("not taken") };
    // The secret is not passed on, and so may be of any length.
    let exactly = format!("{CODE}{}", "x".repeat(8192 - CODE.len()));
    let Some(Goes::Form(_)) = decided(encoded(&exactly).to_string().as_bytes()) else { panic!("not taken") };
    check(&encoded(&(exactly + "x")), Goes::Nowhere);
}

#[test]
fn only_a_query_that_gives_amazon_a_code_leads_to_the_page() {
    check(&page(PAGE), Goes::Query(PAGE.to_owned()));
    for query in [
        String::new(),
        PAGE.replace("response_type=code", "response_type=token"),
        PAGE.replace("response_type=code&", ""),
        PAGE.replace("layla.amazon.com%2F&", "example.org%2F&"),
        PAGE.replace("layla.amazon.com%2Fapi", "example.org%2Fapi"),
        PAGE.replace("layla.amazon.com%2Fapi", "pitangui.amazon.com%2Fapi"),
        format!("{PAGE}&redirect_uri=https%3A%2F%2Fexample.org%2F"),
        format!("{PAGE}&response_type=token"),
        format!("{PAGE}&x=a\r\nset-cookie:b"),
        format!("{PAGE}&x=\u{e4}"),
        format!("{PAGE}&x={}", "x".repeat(4096)),
    ] {
        check(&page(&query), Goes::Nowhere);
    }
    for (method, path) in
        [("POST", "/auth/authorize"), ("HEAD", "/auth/authorize"), ("GET", "/auth/authorize/")]
    {
        check(&event(method, path, PAGE, ""), Goes::Nowhere);
    }
}

#[test]
fn what_is_no_event_of_a_function_url_is_malformed() {
    for text in ["", "null", "{}", "[]", "7", "not json", r#"{"version":"2.0"}"#] {
        assert_eq!(decided(text.as_bytes()), None, "{text}");
    }
    for (place, value) in [
        ("/version", json!("1.0")),
        ("/version", json!(2.0)),
        ("/rawPath", json!(null)),
        ("/rawQueryString", json!(7)),
        ("/headers", json!([])),
        ("/headers/content-type", json!(["a"])),
        ("/requestContext", json!({})),
        ("/body", json!({})),
        ("/isBase64Encoded", json!("false")),
        // Not base64.
        ("/isBase64Encoded", json!(true)),
    ] {
        let mut event = form(REFRESH);
        *event.pointer_mut(place).expect(place) = value;
        assert_eq!(decided(event.to_string().as_bytes()), None, "{event}");
    }
}

/// Checks, in other words than the policy's, that whatever goes on may go on.
fn is_harmless(event: &[u8]) -> Result<(), TestCaseError> {
    let parse = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
    match decided(event) {
        None | Some(Goes::Nowhere) => {}
        Some(Goes::Form(body)) => {
            let pairs = parse(&body);
            let [(grant_type, grant), (name, secret), (client, id)] = pairs.as_slice() else {
                return Err(TestCaseError::fail(body));
            };
            prop_assert_eq!((grant_type.as_str(), client.as_str()), ("grant_type", "client_id"));
            let both = (grant.as_str(), name.as_str());
            prop_assert!(
                [("authorization_code", "code"), ("refresh_token", "refresh_token")].contains(&both)
            );
            prop_assert!(!secret.is_empty() && secret.bytes().all(|byte| (0x21..0x7f).contains(&byte)));
            prop_assert!(id.ends_with(".amazon.com/") || id == "https://alexa.amazon.co.jp/");
        }
        Some(Goes::Query(query)) => {
            prop_assert!(!query.contains(char::is_whitespace));
            let redirects: Vec<_> =
                parse(&query).into_iter().filter(|(name, _)| name == "redirect_uri").collect();
            prop_assert_eq!(redirects.len(), 1);
            let host = url::Url::parse(&redirects[0].1).expect("a url").host_str().map(str::to_owned);
            let hosts = ["pitangui.amazon.com", "layla.amazon.com", "alexa.amazon.co.jp"];
            prop_assert!(host.is_some_and(|host| hosts.contains(&host.as_str())));
        }
    }
    Ok(())
}

/// Parameters in any order and number, many of them right.
fn parameters() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        8 => "grant_type|code|refresh_token|client_id|redirect_uri|client_secret|response_type|state|scope",
        1 => "action|token|.{0,4}",
    ];
    let value = prop_oneof![
        6 => "authorization_code|refresh_token|code|https://(layla|pitangui)\\.amazon\\.com/(api/skill/link/M1)?",
        2 => ".{0,12}",
    ];
    prop::collection::vec((name, value), 0..6)
        .prop_map(|pairs| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        prop_assert_eq!(decided(&bytes), None);
    }

    #[test]
    fn any_body_and_any_query(body in any::<String>(), text in parameters(), base64: bool) {
        for text in [body, text] {
            let mut token = form(&text);
            token["isBase64Encoded"] = base64.into();
            is_harmless(token.to_string().as_bytes())?;
            is_harmless(page(&text).to_string().as_bytes())?;
        }
    }

    #[test]
    fn a_good_request_with_bytes_changed(
        at in 0_usize..600,
        replacement in prop::collection::vec(any::<u8>(), 0..4),
        which in 0_usize..3,
    ) {
        let mut event = [form(CODE), form(REFRESH), page(PAGE)][which].to_string().into_bytes();
        let at = at % event.len();
        event.splice(at..(at + 1).min(event.len()), replacement);
        is_harmless(&event)?;
    }
}
