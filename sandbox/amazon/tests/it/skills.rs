//! Skills that a developer manages by the API, and what the rest of Amazon knows of them.

use fake_amazon::{Host, Region, World};
use http::{Method, Request};
use serde_json::{Value, json};
use smapi::fake::Refusal;

use crate::play::{PROFILE, PROFILE_SECRET, Play, RETURN_URL, body, header, press, status};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:bell";
const SCOPES: &str = "alexa::ask:skills:readwrite alexa::ask:skills:test";

/// A developer with a vendor, who has consented to these scopes; gives the access token.
fn developer(play: &mut Play, scope: &str) -> String {
    play.told("PUT", "/customers/dev", &json!({"region": "NA"}));
    play.told("PUT", "/vendors/M1", &json!({"name": "Dev", "owner": "dev"}));
    let consent = json!({"scope": scope, "redirect_uri": RETURN_URL, "code_challenge": null});
    let code = play.told("POST", &format!("/customers/dev/security-profiles/{PROFILE}/code"), &consent);
    let tokens = play.form(&[
        ("grant_type", "authorization_code"),
        ("code", code["code"].as_str().unwrap()),
        ("redirect_uri", RETURN_URL),
        ("client_id", PROFILE),
        ("client_secret", PROFILE_SECRET),
    ]);
    body(&tokens)["access_token"].as_str().unwrap().to_owned()
}

/// What the API answers.
fn ask(play: &mut Play, token: &str, method: Method, path: &str, wanted: &Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.body(wanted.to_string().into()).unwrap();
    let reply = play.send(Host::Alexa(Region::Na), &request);
    (status(&reply), body(&reply))
}

fn manifest() -> Value {
    json!({
        "manifestVersion": "1.0",
        "publishingInformation": {"locales": {"en-US": {"name": "Front door"}}, "category": "SMART_HOME"},
        "permissions": [{"name": "alexa::async_event:write"}],
        "apis": {"smartHome": {"protocolVersion": "3"}},
    })
}

/// The id of a skill that was made and built.
fn built(play: &mut Play, token: &str) -> String {
    let wanted = json!({"vendorId": "M1", "manifest": manifest()});
    let (status, made) = ask(play, token, Method::POST, "/v1/skills", &wanted);
    assert_eq!(status, 202, "{made}");
    let id = made["skillId"].as_str().unwrap().to_owned();
    assert_eq!(outcome(play, token, &id)["status"], "SUCCEEDED");
    id
}

/// How the build ends.
fn outcome(play: &mut Play, token: &str, id: &str) -> Value {
    let path = format!("/v1/skills/{id}/status?resource=manifest");
    loop {
        let (_, found) = ask(play, token, Method::GET, &path, &Value::Null);
        let request = &found["manifest"]["lastUpdateRequest"];
        if request["status"] != "IN_PROGRESS" {
            return request.clone();
        }
    }
}

#[test]
fn a_skill_made_by_the_api_is_one_for_customers_and_their_events() {
    let mut play = Play::new();
    let token = developer(&mut play, SCOPES);
    let id = built(&mut play, &token);
    let path = format!("/v1/skills/{id}/credentials");
    let (_, found) = ask(&mut play, &token, Method::GET, &path, &Value::Null);
    let credentials = &found["skillMessagingCredentials"];

    let path = format!("/customers/ann/skills/{id}");
    play.told("PUT", &path, &json!({"enabled": true, "may_send_events": true}));
    let code = play.told("POST", &format!("{path}/code"), &Value::Null);
    let tokens = play.form(&[
        ("grant_type", "authorization_code"),
        ("code", code["code"].as_str().unwrap()),
        ("client_id", credentials["clientId"].as_str().unwrap()),
        ("client_secret", credentials["clientSecret"].as_str().unwrap()),
    ]);
    let event_token = body(&tokens)["access_token"].as_str().unwrap().to_owned();
    assert_eq!(status(&play.event(&event_token, &press(&event_token))), 202);
    assert_eq!(
        ask(&mut play, &event_token, Method::GET, "/v1/vendors", &Value::Null).0,
        403,
        "of another kind"
    );

    assert_eq!(ask(&mut play, &token, Method::DELETE, &format!("/v1/skills/{id}"), &Value::Null).0, 204);
    assert_eq!(
        body(&play.event(&event_token, &press(&event_token)))["payload"]["code"],
        "SKILL_NOT_FOUND_EXCEPTION"
    );
}

#[test]
fn a_manifest_that_asks_for_nothing_any_more_ends_the_right_to_send_events() {
    let mut play = Play::new();
    let token = developer(&mut play, SCOPES);
    let id = built(&mut play, &token);
    let mut quiet = manifest();
    quiet.as_object_mut().unwrap().remove("permissions");
    let path = format!("/v1/skills/{id}/stages/development/manifest");
    assert_eq!(ask(&mut play, &token, Method::PUT, &path, &json!({"manifest": quiet})).0, 202);
    assert_eq!(outcome(&mut play, &token, &id)["status"], "SUCCEEDED");
    assert!(play.amazon.world.skills[&id].permissions.is_empty());
}

#[test]
fn an_endpoint_has_to_let_the_skill_call_it() {
    let mut play = Play::new();
    let token = developer(&mut play, SCOPES);
    let id = built(&mut play, &token);
    let path = format!("/v1/skills/{id}/stages/development/manifest");
    let mut wanted = manifest();
    wanted["apis"]["smartHome"]["endpoint"] = json!({"uri": FUNCTION});
    for (skill, wanted_status) in
        [(None, "FAILED"), (Some("amzn1.ask.skill.other"), "FAILED"), (Some(&*id), "SUCCEEDED")]
    {
        let statement = |skill: &str| {
            json!({
                "Effect": "Allow",
                "Principal": {"Service": "alexa-connectedhome.amazon.com"},
                "Action": "lambda:InvokeFunction",
                "Condition": {"StringEquals": {"lambda:EventSourceToken": skill}},
            })
        };
        let policy = skill.map(|skill| (FUNCTION.to_owned(), json!({"Statement": [statement(skill)]})));
        play.policies = policy.into_iter().collect();
        assert_eq!(ask(&mut play, &token, Method::PUT, &path, &json!({"manifest": wanted})).0, 202);
        let outcome = outcome(&mut play, &token, &id);
        assert_eq!(outcome["status"], wanted_status, "{skill:?}: {outcome}");
    }
}

#[test]
fn what_cannot_be_known_for_sure_can_be_switched() {
    let mut play = Play::new();
    let token = developer(&mut play, SCOPES);
    let id = built(&mut play, &token);
    play.told("PUT", "/smapi", &json!({"refuses_endpoints_at_once": true, "enabling": "granted"}));
    let mut wanted = manifest();
    wanted["apis"]["smartHome"]["endpoint"] = json!({"uri": FUNCTION});
    let path = format!("/v1/skills/{id}/stages/development/manifest");
    assert_eq!(ask(&mut play, &token, Method::PUT, &path, &json!({"manifest": wanted})).0, 400);
    let path = format!("/v1/skills/{id}/stages/development/enablement");
    let (status, said) = ask(&mut play, &token, Method::PUT, &path, &Value::Null);
    assert_eq!((status, &said["message"]), (403, &json!("Skill is not ready for enablement.")));
    assert_eq!(play.tell("PUT", "/smapi", &json!({"enabling": "maybe"})).0, 400);
    assert_eq!(play.tell("PUT", "/vendors/M2", &json!({"name": "None", "owner": "nobody"})).0, 404);
}

#[test]
fn a_token_is_good_for_what_its_owner_consented_to() {
    let mut play = Play::new();
    for (scope, changes, enabling) in
        [(SCOPES, 200, 404), ("alexa::ask:skills:readwrite", 200, 403), ("profile", 403, 403)]
    {
        let owner = developer(&mut play, SCOPES);
        let id = built(&mut play, &owner);
        let token = developer(&mut play, scope);
        let path = format!("/v1/skills/{id}/stages/development");
        assert_eq!(ask(&mut play, &token, Method::GET, &format!("{path}/manifest"), &Value::Null).0, changes);
        assert_eq!(
            ask(&mut play, &token, Method::GET, &format!("{path}/enablement"), &Value::Null).0,
            enabling
        );
    }
    let request = Request::builder().uri("/v1/vendors").body(bytes::Bytes::new()).unwrap();
    let reply = play.send(Host::Alexa(Region::Na), &request);
    assert_eq!((status(&reply), header(&reply, "www-authenticate")), (401, "Bearer"));
    let elsewhere = play.send(Host::Alexa(Region::Eu), &request);
    assert_eq!(status(&elsewhere), 404, "it is in North America alone");
}

#[test]
fn every_documented_error_of_the_api_is_answered_on_demand_and_recorded() {
    let mut play = Play::new();
    let token = developer(&mut play, SCOPES);
    for (code, refusal) in Refusal::DOCUMENTED {
        play.told("POST", "/script", &json!([{"service": "smapi", "answer": {"error": code}}]));
        let (status, _) = ask(&mut play, &token, Method::GET, "/v1/vendors", &Value::Null);
        assert_eq!(status, refusal.answer().unwrap().status().as_u16());
        let seen = play.amazon.record.requests().back().unwrap();
        assert_eq!((seen.error, seen.path.as_str(), seen.scripted), (Some(code), "/v1/vendors", true));
        assert_eq!(ask(&mut play, &token, Method::GET, "/v1/vendors", &Value::Null).0, 200);
    }
}

#[test]
fn skills_are_remembered_and_their_secrets_are_not_printed() {
    let mut play = Play::new();
    let token = developer(&mut play, SCOPES);
    let id = built(&mut play, &token);
    let kept = serde_json::to_string(&play.amazon.world).unwrap();
    let world: World = serde_json::from_str(&kept).unwrap();
    assert_eq!(world, play.amazon.world);
    let secret = play.amazon.world.skills[&id].client_secret.expose().to_owned();
    assert!(kept.contains(&secret) && !format!("{:?}", play.amazon).contains(&secret));

    let mut without: Value = serde_json::from_str(&kept).unwrap();
    without.as_object_mut().unwrap().remove("smapi");
    let older: World = serde_json::from_value(without).unwrap();
    assert_eq!(older.smapi, smapi::fake::Smapi::default(), "a world from before there was the API");
}
