//! What Alexa is answered, for everything that can happen.

use std::time::{Duration, Instant};

use crate::rig::{PARAMETERS, Rig, TABLE, USER, fixture, logged, now, value};
use alexa::fake::Told;
use alexa::grant::GrantStore;
use alexa::heartbeat::{Heartbeat, HeartbeatStore};
use alexa::lwa::UserId;
use alexa::{Connectivity, EndpointId, Region};
use aws::fake::Refusal;
use serde_json::json;

#[tokio::test]
async fn a_discovery_finds_every_bell() {
    let rig = Rig::new().await;
    let answer = rig.ask(&fixture("discover")).await;
    let reply = value(&answer);
    assert_eq!(reply["event"]["header"]["name"], "Discover.Response");
    let endpoints = reply["event"]["payload"]["endpoints"].as_array().expect("endpoints");
    let names: Vec<_> = endpoints.iter().map(|endpoint| &endpoint["friendlyName"]).collect();
    assert_eq!(names, ["Front door", "Gate"]);
    assert_eq!(endpoints[0]["displayCategories"], json!(["DOORBELL"]));
    assert_eq!(answer.log.outcome, "done");
}

#[tokio::test]
async fn the_parameters_are_read_with_one_call_and_kept_for_a_minute() {
    let rig = Rig::new().await;
    rig.doorbell.prepare(now()).await;
    for _ in 0..3 {
        rig.ask(&fixture("discover")).await;
    }
    assert_eq!(rig.aws.asked(), ["GetParameters"]);
    let later = now() + Duration::from_secs(60);
    let deadline = Instant::now() + Duration::from_secs(7);
    rig.aws.deny("GetParameters");
    let answer = rig.doorbell.answer(fixture("discover").as_bytes(), later, deadline).await;
    assert_eq!((rig.aws.asked().len(), answer.log.outcome), (1, "done"), "those of before are used");
}

#[tokio::test]
async fn a_grant_is_stored_under_the_customers_stable_id() {
    let rig = Rig::new().await;
    let answer = rig.ask(&rig.accept_grant()).await;
    let reply = value(&answer);
    assert_eq!(reply["event"]["header"]["namespace"], "Alexa.Authorization");
    assert_eq!(reply["event"]["header"]["name"], "AcceptGrant.Response");
    assert_eq!(reply["event"]["payload"], json!({}));
    let store = GrantStore::new(rig.table());
    let grant = store.get(&UserId::parse(USER).expect("an id")).await.expect("an answer").expect("a grant");
    assert_eq!((grant.region, grant.expires_at), (Region::Europe, now() + Duration::from_secs(3600)));

    // Linked again, with a new token of his and a new code: the same row.
    assert_eq!(rig.ask(&rig.accept_grant()).await.log.outcome, "done");
    assert_eq!(rig.aws.items(TABLE).len(), 1);
}

#[tokio::test]
async fn a_grant_that_fails_says_so_in_its_own_form_and_stores_nothing() {
    let rig = Rig::new().await;
    let oauth = |error: &str| Told::Answer(400, json!({ "error": error }).to_string());
    let stranger = rig.accept_grant().replace("Atza|linked", "Atza|unknown");
    let used_up = rig.accept_grant().replace("code-made-up", "code-used-up");
    let without_code = rig.accept_grant().replace("\"code\"", "\"none\"");
    for (event, told, wanted) in [
        (stranger, None, "is the skill linked by login with amazon?"),
        (used_up, None, "invalid grant parameter : code"),
        (without_code, None, "the grant has no code"),
        (rig.accept_grant(), Some(oauth("invalid_client")), "the customer is not known"),
        (rig.accept_grant(), Some(Told::Answer(200, "<html>".into())), "not understood"),
    ] {
        if let Some(told) = told {
            rig.amazon.answer_next(told);
        }
        let answer = rig.ask(&event).await;
        let reply = value(&answer);
        assert_eq!(reply["event"]["header"]["namespace"], "Alexa.Authorization");
        assert_eq!(reply["event"]["payload"]["type"], "ACCEPT_GRANT_FAILED");
        assert_eq!(answer.log.outcome, "ACCEPT_GRANT_FAILED");
        assert!(logged(&answer).contains(wanted), "{}", logged(&answer));
        assert!(rig.aws.items(TABLE).is_empty());
    }
}

#[tokio::test]
async fn what_passes_while_a_grant_is_stored_does_not_lose_it() {
    let rig = Rig::new().await;
    rig.doorbell.prepare(now()).await;
    rig.amazon.answer_next(Told::Answer(503, String::new()));
    rig.aws.answer_next(Refusal::Throttled);
    let answer = rig.ask(&rig.accept_grant()).await;
    assert_eq!(answer.log.outcome, "done", "{}", logged(&answer));
    assert_eq!(rig.aws.items(TABLE).len(), 1);
}

#[tokio::test]
async fn a_code_is_sent_once_even_if_its_answer_is_lost() {
    let rig = Rig::new().await;
    let event = rig.accept_grant();
    // The profile first, in its own words.
    rig.amazon.answer_next(Told::Answer(200, json!({ "user_id": USER }).to_string()));
    rig.amazon.answer_next(Told::LostAnswer);
    assert_eq!(rig.ask(&event).await.log.outcome, "ACCEPT_GRANT_FAILED");
    let exchanges = rig.amazon.asked().into_iter().filter(|asked| asked.starts_with("/auth/o2/token"));
    assert_eq!(exchanges.count(), 1);
    assert!(rig.aws.items(TABLE).is_empty());
}

#[tokio::test]
async fn the_state_of_a_bell_is_that_of_its_last_heartbeat() {
    let rig = Rig::new().await;
    let store = HeartbeatStore::new(rig.table());
    let connectivity = async || {
        let answer = rig.ask(&fixture("report-state")).await;
        let reply = value(&answer);
        assert_eq!(reply["event"]["header"]["name"], "StateReport", "{}", logged(&answer));
        assert_eq!(reply["event"]["header"]["correlationToken"], "another+token==");
        assert_eq!(reply["event"]["endpoint"], json!({ "endpointId": "front-door" }));
        let property = &reply["context"]["properties"][0];
        assert_eq!(
            (&property["namespace"], &property["name"]),
            (&json!("Alexa.EndpointHealth"), &json!("connectivity"))
        );
        property["value"]["value"].as_str().expect("a value").to_owned()
    };
    assert_eq!(connectivity().await, "UNREACHABLE", "it was never heard of");
    for (age, said, wanted) in [
        (10, Connectivity::Ok, "OK"),
        (181, Connectivity::Ok, "UNREACHABLE"),
        (10, Connectivity::Unreachable, "UNREACHABLE"),
    ] {
        let heartbeat = Heartbeat {
            endpoint_id: EndpointId::parse("front-door").expect("an id"),
            seen_at: now() - Duration::from_secs(age),
            interval: Duration::from_secs(60),
            connectivity: said,
            software: "0.1.0".to_owned(),
        };
        store.write(&heartbeat).await.expect("a row");
        assert_eq!(connectivity().await, wanted, "{age}");
    }
}

#[tokio::test]
async fn everything_else_gets_a_valid_error() {
    let rig = Rig::new().await;
    let turn_on = fixture("report-state")
        .replace("\"Alexa\"", "\"Alexa.PowerController\"")
        .replace("ReportState", "TurnOn");
    for (event, wanted) in [
        (turn_on, "INVALID_DIRECTIVE"),
        (fixture("report-state").replace("front-door", "back-door"), "NO_SUCH_ENDPOINT"),
        (fixture("report-state").replace("\"3\"", "\"2\""), "INVALID_DIRECTIVE"),
        ("null".to_owned(), "INVALID_DIRECTIVE"),
        ("{\"directive\":{}}".to_owned(), "INVALID_DIRECTIVE"),
    ] {
        let answer = rig.ask(&event).await;
        let reply = value(&answer);
        assert_eq!(reply["event"]["header"]["namespace"], "Alexa");
        assert_eq!(reply["event"]["header"]["name"], "ErrorResponse");
        assert_eq!(reply["event"]["payload"]["type"], wanted, "{}", logged(&answer));
        assert_eq!(answer.log.outcome, wanted);
    }
}

#[tokio::test]
async fn an_aws_that_refuses_is_told_in_the_log_and_recovers() {
    let rig = Rig::new().await;
    for (denied, event, wanted) in [
        ("GetParameters", "report-state", "may these credentials do that?"),
        ("GetItem", "report-state", "the bell's heartbeat could not be read"),
    ] {
        rig.aws.deny(denied);
        let answer = rig.ask(&fixture(event)).await;
        assert_eq!(answer.log.outcome, "INTERNAL_ERROR");
        assert!(logged(&answer).contains(wanted), "{}", logged(&answer));
        rig.aws.allow_all();
        assert_eq!(rig.ask(&fixture(event)).await.log.outcome, "done");
    }
}

#[tokio::test]
async fn a_discovery_that_fails_finds_nothing() {
    let rig = Rig::new().await;
    rig.aws.deny("GetParameters");
    let answer = rig.ask(&fixture("discover")).await;
    assert_eq!(value(&answer)["event"]["payload"], json!({ "endpoints": [] }));
    assert_eq!(answer.log.outcome, "INTERNAL_ERROR");
}

#[tokio::test]
async fn a_parameter_with_a_wrong_value_is_named() {
    for (at, value) in [(0, "a"), (1, "Frankfurt"), (2, "none"), (3, "two words"), (4, " ")] {
        let mut parameters = PARAMETERS;
        parameters[at].2 = value;
        let rig = Rig::with(&parameters).await;
        let logged = logged(&rig.ask(&fixture("report-state")).await);
        let wanted = format!("the parameter {} has a wrong value, expected", parameters[at].0);
        assert!(logged.contains(&wanted), "{logged}");
    }
}

#[tokio::test]
async fn an_answer_is_there_by_the_deadline_whatever_is_late() {
    let rig = Rig::new().await;
    let answer = rig.doorbell.answer(fixture("report-state").as_bytes(), now(), Instant::now()).await;
    assert_eq!(value(&answer)["event"]["payload"]["type"], "INTERNAL_ERROR");
    assert!(logged(&answer).contains("did not come in time"), "{}", logged(&answer));
}

#[tokio::test]
async fn a_line_has_metrics_and_nothing_of_the_customer() {
    let rig = Rig::new().await;
    let event = rig.accept_grant();
    let answer = rig.ask(&event).await;
    let line = logged(&answer);
    for hidden in ["made-up", USER, "Atza", "Atzr"] {
        assert!(!line.contains(hidden), "{line}");
        let debug = format!("{:?} {:?}", rig.doorbell, answer);
        assert!(!debug.contains("oa2-cs") && !debug.contains("Atz"), "{debug}");
    }
    let mut line: serde_json::Value = serde_json::from_str(&line).expect("json");
    line["elapsed_ms"] = 12.0.into();
    line["Elapsed"] = 12.0.into();
    insta::assert_snapshot!(line.to_string(), @r#"{"Elapsed":12.0,"Failed":0.0,"Function":"porch-test-doorbell","_aws":{"CloudWatchMetrics":[{"Dimensions":[["Function"]],"Metrics":[{"Name":"Elapsed","Unit":"Milliseconds"},{"Name":"Failed","Unit":"Count"}],"Namespace":"porch"}],"Timestamp":1772352930000},"elapsed_ms":12.0,"level":"INFO","message":"directive answered","name":"AcceptGrant","namespace":"Alexa.Authorization","outcome":"done"}"#);
}
