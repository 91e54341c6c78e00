//! Linking, against a Home Assistant in a tailnet: what arrives there, and what whoever asks is answered.

mod house;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bridge::linking::{Linking, LinkingAnswer};
use house::{Behaviour, Home, TokenEndpoint, answer, fixture};
use serde_json::{Value, json};
use tailnet::Phases;

/// A function that serves linking, and its Home Assistant.
struct LinkingHouse {
    linking: Linking,
    home: Home,
}

impl LinkingHouse {
    async fn with(behaviour: Behaviour) -> Self {
        let house = Self::without_tailnet(behaviour, &[]).await;
        house.home.admit();
        house
    }

    async fn without_tailnet(behaviour: Behaviour, variables: &[(&str, &str)]) -> Self {
        let variables = [&[("SERVE", "linking")], variables].concat();
        let (home, settings) = Home::new(behaviour, &variables).await;
        let linking = Linking::start(settings, home.tailnet.options(), Phases::default());
        Self { linking, home }
    }

    async fn ask(&self, event: &Value) -> LinkingAnswer {
        self.ask_within(event, Duration::from_secs(5)).await
    }

    async fn ask_within(&self, event: &Value, time: Duration) -> LinkingAnswer {
        self.linking.answer(event.to_string().as_bytes(), Instant::now() + time).await
    }
}

fn tokens() -> Behaviour {
    Behaviour::Tokens(Arc::new(TokenEndpoint::new()))
}

fn event(name: &str) -> Value {
    serde_json::from_str(&fixture(name)).expect(name)
}

/// A request for tokens with this body.
fn form(body: &str) -> Value {
    let mut event = event("linking-token");
    event["body"] = body.into();
    event
}

fn refresh(token: &str) -> Value {
    form(&format!(
        "grant_type=refresh_token&refresh_token={token}&client_id=https%3A%2F%2Flayla.amazon.com%2F"
    ))
}

fn response(answer: &LinkingAnswer) -> Value {
    serde_json::to_value(&answer.response).expect("json")
}

fn body(answer: &LinkingAnswer) -> Value {
    serde_json::from_str(response(answer)["body"].as_str().expect("a body")).expect("json")
}

fn logged(answer: &LinkingAnswer) -> Value {
    let mut line = Vec::new();
    answer.log.write(&mut line);
    serde_json::from_slice(&line).expect("a line of json")
}

#[tokio::test]
async fn a_code_becomes_tokens_once_and_they_are_refreshed() {
    let house = LinkingHouse::with(tokens()).await;
    let first = house.ask(&event("linking-token")).await;
    let wanted = json!({
        "access_token": TokenEndpoint::ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 1800,
        "refresh_token": TokenEndpoint::REFRESH_TOKEN,
    });
    assert_eq!((body(&first), first.log.outcome), (wanted, "home_assistant"));
    let mut whole = response(&first);
    whole["body"] = "tokens".into();
    let headers =
        json!({"cache-control": "no-store", "content-type": "application/json", "pragma": "no-cache"});
    assert_eq!(
        whole,
        json!({"statusCode": 200, "headers": headers, "body": "tokens", "isBase64Encoded": false})
    );

    let again = house.ask(&event("linking-token")).await;
    assert_eq!(
        (again.response.status(), body(&again)["error_description"].clone()),
        (400, "Invalid code".into())
    );
    let refreshed = house.ask(&refresh(TokenEndpoint::REFRESH_TOKEN)).await;
    assert_eq!(refreshed.response.status(), 200);
    assert!(body(&refreshed).get("refresh_token").is_none(), "home assistant gives no other one");
}

#[tokio::test]
async fn exactly_the_allowed_form_arrives() {
    let mut encoded = event("linking-token");
    encoded["body"] = "Z3JhbnRfdHlwZT1yZWZyZXNoX3Rva2VuJnJlZnJlc2hfdG9rZW49cGxhbnRlZC1yZWZyZXNoLXRva2VuJmNsaWVudF9pZD1odHRwcyUzQSUyRiUyRmxheWxhLmFtYXpvbi5jb20lMkY=".into();
    encoded["isBase64Encoded"] = true.into();
    let client = "client_id=https%3A%2F%2Flayla.amazon.com%2F";
    for (event, wanted) in [
        (event("linking-token"), format!("grant_type=authorization_code&code=planted-code&{client}")),
        (encoded, format!("grant_type=refresh_token&refresh_token=planted-refresh-token&{client}")),
    ] {
        let house = LinkingHouse::with(tokens()).await;
        assert_eq!(house.ask(&event).await.response.status(), 200);
        let requests = house.home.requests();
        let [(head, body)] = requests.as_slice() else { panic!("{requests:?}") };
        assert_eq!(*body, wanted);
        let mut lines: Vec<_> =
            head.lines().filter(|line| !line.starts_with("host: home.example:")).collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "POST /auth/token HTTP/1.1",
                &format!("content-length: {}", wanted.len()),
                "content-type: application/x-www-form-urlencoded",
                concat!("user-agent: porch-bridge/", env!("CARGO_PKG_VERSION")),
            ]
        );
    }
}

#[tokio::test]
async fn home_assistants_own_refusals_come_back_as_they_are() {
    let house = LinkingHouse::with(tokens()).await;
    let pitangui = |event: Value| {
        let mut event = event;
        event["body"] = event["body"].as_str().expect("a body").replace("layla", "pitangui").into();
        event
    };
    for (event, status, error) in [
        (pitangui(event("linking-token")), 400, "invalid_request"),
        (refresh("unknown"), 400, "invalid_grant"),
        (pitangui(refresh(TokenEndpoint::REFRESH_TOKEN)), 400, "invalid_request"),
        (refresh(TokenEndpoint::INACTIVE), 403, "access_denied"),
    ] {
        let answer = house.ask(&event).await;
        assert_eq!(
            (answer.response.status(), body(&answer)["error"].clone()),
            (status, error.into()),
            "{event}"
        );
        let line = logged(&answer);
        assert_eq!((&line["level"], &line["status"]), (&json!("WARN"), &json!(status)));
    }
}

#[tokio::test]
async fn what_is_no_answer_of_a_token_endpoint_is_not_passed_on() {
    let tokens = r#"{"access_token":"planted.access.token"}"#;
    for (behaviour, said) in [
        (answer("200 OK", "<html>Home Assistant</html>"), "does BASE_URL lead to home assistant?"),
        (answer("200 OK", r#"["a"]"#), "does BASE_URL lead to home assistant?"),
        (answer("200 OK", ""), "does BASE_URL lead to home assistant?"),
        (answer("404 Not Found", "404: Not Found"), "does BASE_URL lead to home assistant?"),
        (answer("403 Forbidden", "403: Forbidden"), "banned"),
        (answer("503 Service Unavailable", ""), "starting or stopping"),
        (answer("500 Internal Server Error", tokens), "500"),
        (answer("201 Created", tokens), "201"),
        (Behaviour::Send("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".into()), "302"),
        (answer("200 OK", &format!("{{\"a\":\"{}\"}}", "x".repeat(16 * 1024))), "longer than any should be"),
        (Behaviour::SendAndClose("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".into()), "broke"),
    ] {
        let house = LinkingHouse::with(behaviour.clone()).await;
        let answer = house.ask(&event("linking-token")).await;
        assert_eq!(answer.response.status(), 503, "{behaviour:?}");
        assert_eq!(body(&answer), json!({"error": "temporarily_unavailable"}));
        let line = logged(&answer);
        assert!(
            line["failure"].as_str().is_some_and(|failure| failure.contains(said)),
            "{said} is not in {line}"
        );
        assert_eq!(house.home.requests().len(), 1, "a code is sent once");
    }
}

#[tokio::test]
async fn silence_is_answered_before_the_deadline() {
    let silent = LinkingHouse::with(Behaviour::Silence).await;
    let outside = LinkingHouse::without_tailnet(tokens(), &[]).await;
    for house in [silent, outside] {
        let begun = Instant::now();
        let answer = house.ask_within(&event("linking-token"), Duration::from_millis(300)).await;
        assert!(begun.elapsed() < Duration::from_secs(3));
        assert_eq!((answer.response.status(), answer.log.outcome), (503, "unavailable"));
        assert_eq!(body(&answer), json!({"error": "temporarily_unavailable"}));
    }
}

#[tokio::test]
async fn a_phone_is_sent_to_home_assistants_own_page() {
    let query = event("linking-authorize")["rawQueryString"].as_str().expect("a query").to_owned();
    for (variables, page) in [
        (&[("BASE_URL", "http://home.example:8123")][..], "http://home.example:8123/auth/authorize"),
        (&[("PHONE_URL", "https://ha.example.ts.net")], "https://ha.example.ts.net/auth/authorize"),
        (
            &[("PHONE_URL", "https://ha.example.ts.net/prefix/")],
            "https://ha.example.ts.net/prefix/auth/authorize",
        ),
    ] {
        let house = LinkingHouse::without_tailnet(tokens(), variables).await;
        let answer = house.ask(&event("linking-authorize")).await;
        let headers = json!({"cache-control": "no-store", "location": format!("{page}?{query}")});
        assert_eq!(
            response(&answer),
            json!({"statusCode": 302, "headers": headers, "body": "", "isBase64Encoded": false})
        );
        assert_eq!((answer.log.outcome, house.home.connections()), ("page", 0));
    }
}

#[tokio::test]
async fn everything_else_is_answered_empty_and_reaches_nobody() {
    let house = LinkingHouse::with(tokens()).await;
    let revoke = form("action=revoke&token=planted-refresh-token");
    let mut directive = event("linking-token");
    directive["rawPath"] = "/api/alexa/smart_home".into();
    let mut root = event("linking-authorize");
    root["rawPath"] = "/".into();
    let mut token = event("linking-token");
    token["headers"]["content-type"] = "application/json".into();
    let mut elsewhere = event("linking-authorize");
    elsewhere["rawQueryString"] = "response_type=code&client_id=https%3A%2F%2Fexample.org%2F".into();
    for event in [revoke, directive, root, token, elsewhere] {
        let answer = house.ask(&event).await;
        let headers = json!({"cache-control": "no-store"});
        assert_eq!(
            response(&answer),
            json!({"statusCode": 404, "headers": headers, "body": "", "isBase64Encoded": false})
        );
        let line = logged(&answer);
        assert_eq!((&line["outcome"], &line["level"]), (&json!("refused"), &json!("INFO")));
    }
    for event in [json!(null), event("turn-on"), json!({"version": "1.0"})] {
        let answer = house.ask(&event).await;
        assert_eq!((answer.response.status(), answer.log.outcome), (400, "malformed"));
    }
    assert_eq!(house.home.connections(), 0);
}

#[tokio::test]
async fn each_request_leaves_one_line_in_the_log() {
    let house = LinkingHouse::with(tokens()).await;
    let mut line = logged(&house.ask(&event("linking-token")).await);
    assert!(line["elapsed_ms"].as_f64().is_some_and(|elapsed| elapsed > 0.0));
    line["elapsed_ms"] = 0.into();
    line["phases_ms"] = json!({});
    let wanted = json!({
        "level": "INFO",
        "message": "linking request answered",
        "outcome": "home_assistant",
        "status": 200,
        "grant": "authorization_code",
        "cold": true,
        "elapsed_ms": 0,
        "phases_ms": {},
    });
    assert_eq!(line, wanted);
}
