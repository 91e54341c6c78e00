//! The fake Amazon as a part: where it is, and that it remembers its customers, as the stack's table does their grants.

use std::time::Duration;

use alexa::Region;
use reqwest::{Client, StatusCode};
use sandbox::amazon_driver::{AmazonDriver, Skill};
use sandbox::http;
use sandbox::parts::amazon::{KIND, LOGIN_URL, gateway_url, part};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::rig::rig;

const CUSTOMER: &str = "real-parts";

fn client() -> Client {
    http::client(None, Duration::from_secs(10)).unwrap()
}

/// The access token for a code of the skill.
pub(crate) async fn exchange(code: &str, skill: &Skill) -> String {
    let body = json!({
        "grant_type": "authorization_code",
        "code": code,
        "client_id": skill.client_id,
        "client_secret": skill.client_secret.expose_secret(),
    });
    let answer = client().post(format!("{LOGIN_URL}/auth/o2/token")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let tokens: Value = answer.json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// A press with this token, at the gateway of the region.
pub(crate) async fn press(region: Region, token: &str) -> StatusCode {
    let gateway = gateway_url(region);
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
    let amazon = AmazonDriver::new().unwrap();
    let skill = Skill {
        id: "amzn1.ask.skill.real-parts".into(),
        client_id: "amzn1.application-oa2-client.real-parts".into(),
        client_secret: "made-up".into(),
    };
    amazon.know_skill(&skill).await.unwrap();
    let user_id = amazon.know_customer(CUSTOMER, "EU").await.unwrap();
    let code = amazon.enable_skill(CUSTOMER, &skill.id).await.unwrap();
    let token = exchange(code.expose_secret(), &skill).await;
    assert_eq!(press(Region::Europe, &token).await, StatusCode::ACCEPTED);
    assert_eq!(press(Region::NorthAmerica, &token).await, StatusCode::FORBIDDEN);

    let layout = &rig.sandbox.layout;
    assert!(KIND.end(layout).unwrap().is_some());
    let again = part(&rig.sandbox.settings, layout, &rig.tools).unwrap();
    again.ensure(layout, &rig.progress).await.unwrap();
    assert_eq!(press(Region::Europe, &token).await, StatusCode::ACCEPTED);
    assert_eq!(amazon.know_customer(CUSTOMER, "EU").await.unwrap(), user_id);
    let events = amazon.events().await.unwrap();
    assert_eq!(events.len(), 1, "its record begins anew");
    assert_eq!(events[0]["customer"], CUSTOMER);
}
