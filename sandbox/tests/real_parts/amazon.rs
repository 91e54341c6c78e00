//! The fake Amazon as a part: where it is, and that it remembers its customers, as the stack's table does their grants.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use sandbox::http;
use sandbox::parts::amazon::{DRIVER_URL, GATEWAY_URLS, KIND, LOGIN_URL, part};
use serde_json::{Value, json};

use crate::rig::rig;

const SKILL: &str = "amzn1.ask.skill.real-parts";
const CLIENT_ID: &str = "amzn1.application-oa2-client.real-parts";
const CLIENT_SECRET: &str = "made-up";
const CUSTOMER: &str = "real-parts";

fn client() -> Client {
    http::client(None, Duration::from_secs(10)).unwrap()
}

/// What the driver asks for, which has to succeed.
async fn tell(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let answer = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// A customer in Europe who has enabled the skill, and the code of the `AcceptGrant` that follows.
async fn enable_skill(driver: &Client) -> String {
    let url = |path: &str| format!("{DRIVER_URL}/{path}");
    let permissions = ["alexa::async_event:write"];
    let skill = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "permissions": permissions});
    tell(driver.put(url(&format!("skills/{SKILL}"))).json(&skill)).await;
    tell(driver.put(url(&format!("customers/{CUSTOMER}"))).json(&json!({"region": "EU"}))).await;
    let enablement = format!("customers/{CUSTOMER}/skills/{SKILL}");
    let enabled = json!({"enabled": true, "may_send_events": true});
    tell(driver.put(url(&enablement)).json(&enabled)).await;
    let code = tell(driver.post(url(&format!("{enablement}/code")))).await;
    code["code"].as_str().unwrap().to_owned()
}

/// A press with this token, at the gateway of the region.
async fn press(region: &str, token: &str) -> StatusCode {
    let (_, gateway) = GATEWAY_URLS.into_iter().find(|(name, _)| *name == region).unwrap();
    let message = json!({
        "context": {},
        "event": {
            "header": {
                "namespace": "Alexa.DoorbellEventSource",
                "name": "DoorbellPress",
                "payloadVersion": "3",
                "messageId": "5f8a426e-01e4-4cc9-8b79-65f8bd0fd8a4",
            },
            "endpoint": {"scope": {"type": "BearerToken", "token": token}, "endpointId": "real-parts"},
            "payload": {"cause": {"type": "PHYSICAL_INTERACTION"}, "timestamp": "2026-01-02T03:04:05Z"},
        },
    });
    let request = client().post(format!("{gateway}/v3/events")).bearer_auth(token).json(&message);
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn amazon_knows_its_customers_after_a_restart() {
    let rig = rig().await;
    let code = enable_skill(&client()).await;
    let form = json!({
        "grant_type": "authorization_code",
        "code": code,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    });
    let tokens = tell(client().post(format!("{LOGIN_URL}/auth/o2/token")).json(&form)).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(press("EU", token).await, StatusCode::ACCEPTED);
    assert_eq!(press("NA", token).await, StatusCode::FORBIDDEN);

    let layout = &rig.sandbox.layout;
    assert!(KIND.end(layout).unwrap().is_some());
    let again = part(&rig.sandbox.settings, layout, &rig.tools).unwrap();
    again.ensure(layout, &rig.progress).await.unwrap();
    assert_eq!(press("EU", token).await, StatusCode::ACCEPTED);
    let events = tell(client().get(format!("{DRIVER_URL}/events"))).await;
    assert_eq!(events.as_array().unwrap().len(), 1, "it began with an empty record");
    assert_eq!(events[0]["customer"], CUSTOMER);
}
