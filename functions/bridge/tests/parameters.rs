//! Secrets that are kept in SSM, against a real server that speaks its protocol.

mod house;

use std::time::{Duration, Instant, SystemTime};

use bridge::doctor::Hop;
use house::{Behaviour, House, answer, error_type, fixture, logged};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A server that answers every call with this, and tells what it was asked.
async fn ssm(status: &'static str, body: String) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 8192];
            let read = stream.read(&mut request).await.expect("a request");
            let _ = sender.send(String::from_utf8_lossy(&request[..read]).into_owned());
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes()).await;
        }
    });
    (url, receiver)
}

fn found(parameters: &[(&str, &str)]) -> String {
    let parameters: Vec<Value> =
        parameters.iter().map(|(name, value)| json!({"Name": name, "Value": value, "Version": 1})).collect();
    json!({"Parameters": parameters, "InvalidParameters": []}).to_string()
}

async fn house(endpoint: &str) -> House {
    house_with(endpoint, &[]).await
}

async fn house_with(endpoint: &str, more: &[(&str, &str)]) -> House {
    let mut variables = vec![
        ("TAILSCALE_AUTHKEY_PARAMETER", "/porch/dev/key"),
        ("LONG_LIVED_ACCESS_TOKEN_PARAMETER", "/porch/dev/token"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAMADEUP"),
        ("AWS_SECRET_ACCESS_KEY", "made-up-secret"),
        ("AWS_SESSION_TOKEN", "made-up-session"),
        ("AWS_ENDPOINT_URL", endpoint),
    ];
    variables.extend(more);
    House::with_settings(answer("200 OK", &fixture("turn-on-reply")), &variables).await
}

#[tokio::test]
async fn a_key_that_ends_soon_is_told_of_unless_its_end_is_not_known() {
    let written = |days: u64| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        let date = now.as_secs_f64() - (days * 86_400) as f64 - 1.0;
        let parameter = |name: &str| json!({"Name": name, "Value": "made-up", "LastModifiedDate": date});
        let both = [parameter("/porch/dev/key"), parameter("/porch/dev/token")];
        json!({"Parameters": both, "InvalidParameters": []}).to_string()
    };
    let own = ("TAILSCALE_CONTROL_URL", "https://headscale.example.org");
    for (days, more, wanted) in [(80, &[][..], Some(80.0)), (75, &[], None), (80, &[own], None)] {
        let (endpoint, _asked) = ssm("200 OK", written(days)).await;
        let house = house_with(&endpoint, more).await;
        let line = logged(&house.ask(&fixture("turn-on")).await);
        assert_eq!(line["KeyDays"].as_f64(), wanted, "{line}");
        let report =
            house.bridge.examine(None, SystemTime::now(), Instant::now() + Duration::from_secs(5)).await;
        let report = serde_json::to_value(&report.report).expect("json");
        let hop = report["hops"].as_array().expect("hops").iter().find(|hop| hop["hop"] == "secrets");
        let advice = hop.expect("the hop")["advice"].as_str();
        assert_eq!(
            advice.is_some_and(|advice| advice.contains("there for 80 days")),
            wanted.is_some(),
            "{report}"
        );
    }
}

#[tokio::test]
async fn both_secrets_come_with_one_signed_call() {
    // In another order than asked, as AWS may.
    let (endpoint, mut asked) =
        ssm("200 OK", found(&[("/porch/dev/token", "t0ken"), ("/porch/dev/key", "k3y")])).await;
    let house = house(&endpoint).await;
    assert_eq!(house.ask(&fixture("turn-on")).await.log.outcome, "home_assistant");
    let (head, _) = house.requests().pop().expect("a request");
    assert!(head.contains("authorization: Bearer t0ken\r\n"), "{head}");
    let request = asked.recv().await.expect("a call");
    assert!(asked.try_recv().is_err(), "one call is enough");
    assert!(
        request.contains(r#"{"Names":["/porch/dev/key","/porch/dev/token"],"WithDecryption":true}"#),
        "{request}"
    );
    for wanted in [
        "x-amz-target: AmazonSSM.GetParameters\r\n",
        "content-type: application/x-amz-json-1.1\r\n",
        "x-amz-security-token: made-up-session\r\n",
        "authorization: AWS4-HMAC-SHA256 Credential=AKIAMADEUP/",
        "/eu-west-1/ssm/aws4_request",
    ] {
        assert!(request.contains(wanted), "{wanted} is not in {request}");
    }
    assert!(!request.contains("made-up-secret"));
}

#[tokio::test]
async fn certificates_come_with_the_same_call_and_are_checked() {
    let names = ["CA_CERTIFICATES_PARAMETER", "CLIENT_CERTIFICATE_PARAMETER", "CLIENT_KEY_PARAMETER"];
    let certified = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).expect("a certificate");
    let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    for (values, outcome, wanted) in [
        ([&certificate, &certificate, &key], "BRIDGE_UNREACHABLE", ""),
        (
            [&key, &certificate, &key],
            "INTERNAL_ERROR",
            "the parameter /porch/dev/0 has a wrong value, expected",
        ),
        (
            [&certificate, &key, &key],
            "INTERNAL_ERROR",
            "the parameter /porch/dev/1 has a wrong value, expected",
        ),
        (
            [&certificate, &certificate, &certificate],
            "INTERNAL_ERROR",
            "the parameter /porch/dev/2 has a wrong",
        ),
    ] {
        let (endpoint, mut asked) = ssm(
            "200 OK",
            found(&[("/porch/dev/0", values[0]), ("/porch/dev/1", values[1]), ("/porch/dev/2", values[2])]),
        )
        .await;
        let variables = [
            ("BASE_URL", "https://home.example:1"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIAMADEUP"),
            ("AWS_SECRET_ACCESS_KEY", "made-up-secret"),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            (names[0], "/porch/dev/0"),
            (names[1], "/porch/dev/1"),
            (names[2], "/porch/dev/2"),
        ];
        let house = House::with_settings(Behaviour::Silence, &variables).await;
        let answer = house.ask(&fixture("turn-on")).await;
        assert_eq!(error_type(&answer), outcome, "{}", logged(&answer));
        let logged = logged(&answer).to_string();
        assert!(logged.contains(wanted) && !logged.contains("-----BEGIN"), "{logged}");
        let request = asked.recv().await.expect("a call");
        assert!(request.contains(r#"["/porch/dev/0","/porch/dev/1","/porch/dev/2"]"#), "{request}");
    }
}

#[tokio::test]
async fn what_keeps_the_secrets_away_is_told_and_tried_again() {
    let denied = r#"{"__type":"AccessDeniedException","Message":"User: arn:... is not authorized"}"#;
    for (status, body, wanted) in [
        (
            "400 Bad Request",
            denied.into(),
            "AccessDeniedException User: arn:... is not authorized; may these credentials do that?",
        ),
        ("200 OK", found(&[("/porch/dev/key", "k3y")]), "there is no parameter /porch/dev/token"),
        ("200 OK", "<html>".into(), "not understood"),
        ("500 Internal Server Error", String::new(), "500"),
    ] {
        let (endpoint, mut asked) = ssm(status, body).await;
        let house = house(&endpoint).await;
        for _ in 0..2 {
            let answer = house.ask(&fixture("turn-on")).await;
            assert_eq!(error_type(&answer), "INTERNAL_ERROR");
            assert!(logged(&answer).to_string().contains(wanted), "{}", logged(&answer));
            asked.recv().await.expect("another call for each directive");
        }
        assert!(house.requests().is_empty());
    }
}

#[tokio::test]
async fn an_ssm_that_is_not_there_is_told() {
    let house = house("http://127.0.0.1:1").await;
    house.behave(Behaviour::Silence);
    let answer = house.ask(&fixture("turn-on")).await;
    assert!(logged(&answer).to_string().contains("ssm cannot be reached"), "{}", logged(&answer));
}

#[tokio::test]
async fn the_doctor_tells_what_to_do_about_secrets_that_are_not_there() {
    let denied = r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#;
    for (status, body, found, advised) in [
        (
            "400 Bad Request",
            denied.to_owned(),
            "AccessDeniedException",
            "`pulumi up --refresh` gives it back",
        ),
        (
            "200 OK",
            self::found(&[]),
            "there is no parameter /porch/dev/key",
            "`pulumi up --refresh` makes it again",
        ),
        ("200 OK", "<html>".to_owned(), "not understood", "Systems Manager in eu-west-1"),
    ] {
        let (endpoint, _asked) = ssm(status, body).await;
        let house = house(&endpoint).await;
        let until = Instant::now() + Duration::from_secs(5);
        let report = house.bridge.examine(None, SystemTime::now(), until).await.report;
        let failed = report.failed().expect("a hop that failed");
        let advice = failed.advice.clone().unwrap_or_default();
        assert!(failed.hop == Hop::Secrets && failed.found.contains(found), "{failed:?}");
        assert!(advice.contains(advised), "{advice}");
    }
}
