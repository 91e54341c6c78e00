//! Linking the skill as Amazon does it, through the function's URL, to the real Home Assistant.

use sandbox::house::{Alexa, directive};
use sandbox::machine;
use sandbox::parts::headscale::{Headscale, Role};
use sandbox::parts::phone;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;
use web_driver::{Browser, ENTER};

use crate::function_url::{FunctionUrl, event};
use crate::rig::{Deployed, Ended, Rig, reply, rig};

const CLIENT: &str = "https://pitangui.amazon.com/";
const REDIRECT: &str = "https://pitangui.amazon.com/api/skill/link/M1SANDBOX";

/// Sends a request through the deployed function, and gives the status, the `location` and the body of its answer.
async fn ask(linked: &Deployed, event: String) -> (u64, String, Value) {
    let invocation =
        linked.lambda.invoke(&linked.stack.linking_function(), event.into_bytes()).await.unwrap();
    let answer = reply(&invocation);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let body = serde_json::from_str(&text(&answer["body"])).unwrap_or_default();
    (answer["statusCode"].as_u64().unwrap(), text(&answer["headers"]["location"]), body)
}

fn form(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Consents as the owner would, in the browser of a phone in the tailnet, from where Alexa's app sends it; gives the
/// address at which Amazon gets the code.
async fn consent(rig: &'static Rig, address: &str) -> Url {
    let layout = &rig.sandbox.layout;
    let key = Headscale::new(layout, &rig.tools).key(Role::Phone).await.unwrap();
    let part = phone::part(&rig.sandbox.settings, layout, &rig.tools, &rig.certificates(), &key).unwrap();
    part.ensure(layout, &rig.progress).await.unwrap();
    let _phone = Ended::at_last(rig, phone::KIND);
    let chromedriver = machine::chromedriver(&rig.sandbox.settings).unwrap();
    let browser = Browser::start_behind(&chromedriver, phone::SOCKS).await;
    browser.open(address).await;
    let access = &rig.running.access;
    browser.write("username", &access.username).await;
    browser.write("password", &format!("{}{ENTER}", access.password.expose_secret())).await;
    // Amazon is out of reach here; where the browser tried to go is what counts.
    browser.address(REDIRECT).await.parse().unwrap()
}

#[tokio::test]
async fn a_skill_is_linked_used_and_refreshed_through_the_functions_url() {
    const NAME: &str = "linking";
    let rig = rig().await;
    let linked = rig.deploy(NAME, &rig.config().with("porch:bridge.linking", "true")).await;

    let query = form(&[
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("state", "of-amazon"),
        ("scope", "smart_home"),
    ]);
    let (status, location, _) = ask(&linked, event("GET", "/auth/authorize", &query, "")).await;
    assert_eq!(status, 302);
    assert_eq!(location, format!("http://home.sandbox.porch.internal:8123/auth/authorize?{query}"));

    let url = FunctionUrl::serve(linked.lambda.clone(), linked.stack.linking_function()).await;
    let redirected = consent(rig, &url.with("/auth/authorize", &query)).await;
    let parameter =
        |name: &str| redirected.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
    assert_eq!(parameter("state").as_deref(), Some("of-amazon"), "{redirected}");
    let code = parameter("code").unwrap();
    let first = form(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
    ]);
    let (status, _, tokens) = ask(&linked, event("POST", "/auth/token", "", &first)).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("Bearer")), "{tokens}");
    let (status, _, refused) = ask(&linked, event("POST", "/auth/token", "", &first)).await;
    assert_eq!(
        (status, &refused["error"]),
        (400, &json!("invalid_request")),
        "a code is good once: {refused}"
    );

    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let again =
        form(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("client_id", CLIENT)]);
    let (status, _, refreshed) = ask(&linked, event("POST", "/auth/token", "", &again)).await;
    assert_eq!(status, 200, "{refreshed}");
    for token in [&tokens["access_token"], &refreshed["access_token"]] {
        let (function, token) = (linked.function(), token.as_str().unwrap().to_string().into());
        let alexa = Alexa { lambda: &linked.lambda, function: &function, token: &token };
        assert!(!alexa.discover().await.unwrap().is_empty());
    }

    // Home Assistant is there and would answer all of these.
    let discovery = directive("Alexa.Discovery", "Discover", None, &rig.running.access.token).to_string();
    let revoke = form(&[("action", "revoke"), ("token", refresh_token)]);
    for (method, path, body) in [
        ("POST", "/api/alexa/smart_home", discovery.as_str()),
        ("GET", "/auth/providers", ""),
        ("GET", "/manifest.json", ""),
        ("POST", "/auth/token", &revoke),
        ("POST", "/auth/token", &again.replace("pitangui.amazon.com", "pitangui.example.com")),
    ] {
        let (status, _, body) = ask(&linked, event(method, path, "", body)).await;
        assert_eq!((status, body), (404, Value::Null), "{method} {path}");
    }
    let allowed = rig.allowed(NAME).await;
    let linking: Vec<_> = allowed.iter().filter(|line| line.starts_with("role linking ")).collect();
    assert_eq!(
        linking,
        [
            "role linking logs:CreateLogStream logs:log-group:/aws/lambda/linking:*",
            "role linking logs:PutLogEvents logs:log-group:/aws/lambda/linking:*",
            "role linking ssm:GetParameters ssm:parameter/bridge/tailscale-auth-key",
        ]
    );

    assert_eq!(rig.unused(NAME, &["role "]).await, [""; 0], "nobody needs that");

    linked.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}
