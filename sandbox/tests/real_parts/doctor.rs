//! The doctor on real parts: it passes what works, and finds what was broken on purpose.

use sandbox::doctor::{Finding, Outcome, Report};
use sandbox::parts::home_assistant;

use crate::rig::{Rig, Stopped, deployed, rig};

/// Examines the stack of these tests.
async fn examine(rig: &Rig, token: Option<&str>) -> Report {
    let deployed = deployed().await;
    rig.sandbox.examine(deployed.stack.name(), token.map(Into::into)).await
}

/// The hop that failed.
fn failed(report: &Report) -> &Finding {
    let failed = report.hops.iter().find(|finding| finding.outcome == Outcome::Failed);
    failed.unwrap_or_else(|| panic!("nothing failed\n{}", report.table()))
}

/// How many failed logins Home Assistant has counted since it was set up.
fn failed_logins(rig: &Rig) -> usize {
    let log = std::fs::read_to_string(rig.sandbox.layout.log(home_assistant::KIND.slug)).unwrap();
    log.matches("Login attempt or request with invalid authentication").count()
}

#[tokio::test]
async fn every_hop_passes_and_no_login_fails_for_it() {
    let rig = rig().await;
    let before = failed_logins(rig);
    let report = examine(rig, None).await;
    assert!(report.is_good(), "{}", report.table());
    let found = |hop: &str| report.hops.iter().find(|finding| finding.hop == hop).unwrap().found.as_str();
    assert!(found("permission").contains("amzn1.ask.skill.00000000-"), "{}", report.table());
    assert!(found("home_assistant").starts_with("Home Assistant 20"), "{}", report.table());
    assert_eq!(found("token"), "accepted; Alexa would discover 6 devices");

    // Without any token, too, which no command of the sandbox is.
    let invocation = deployed().await.invoke(r#"{"porch":"doctor"}"#).await;
    let report: Report = serde_json::from_slice(&invocation.payload).unwrap();
    assert!(report.is_good(), "{}", report.table());
    assert_eq!(failed_logins(rig), before);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_costs_one_failed_login() {
    let rig = rig().await;
    let before = failed_logins(rig);
    let report = examine(rig, Some("made-up")).await;
    assert_eq!(failed(&report).hop, "token", "{}", report.table());
    assert_eq!(failed_logins(rig), before + 1);
}

#[tokio::test]
async fn a_home_assistant_that_is_stopped_or_without_its_integration_is_found() {
    let rig = rig().await;
    assert!(examine(rig, None).await.is_good());
    let stopped = Stopped::stop(rig);
    let report = examine(rig, None).await;
    assert_eq!(failed(&report).hop, "tcp", "{}", report.table());

    stopped.start_changed(without_alexa).await;
    let report = examine(rig, None).await;
    assert_eq!(failed(&report).hop, "alexa", "{}", report.table());

    Stopped::stop(rig).start_again().await;
    let report = examine(rig, None).await;
    assert!(report.is_good(), "{}", report.table());
}

/// The configuration without what stands under `alexa:`.
fn without_alexa(config: &str) -> String {
    let (before, after) = config.split_once("\nalexa:\n").unwrap();
    let is_under = |line: &&str| line.is_empty() || line.starts_with(' ');
    let after: Vec<_> = after.lines().skip_while(is_under).collect();
    format!("{before}\n{}\n", after.join("\n"))
}
