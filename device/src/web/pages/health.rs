//! How everything is, in full.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::door::state;
use super::{frame, machines, token};
use crate::core::{AlexaHealth, LineHealth, UpdateHealth};
use crate::fanout::Condition;
use crate::web::guard::Visa;
use crate::web::shown::{ago, count, troubles};
use crate::web::{App, reply};

/// How long an integration may take to see whether it could do what it is for.
const CHECK: Duration = Duration::from_secs(8);

/// What an integration found when it looked, by name.
type Checks = BTreeMap<String, Result<String, String>>;

pub(super) async fn show(State(app): State<Arc<App>>, Extension(visa): Extension<Visa>) -> Response {
    page(&app, &visa, None)
}

/// Has every integration look whether it could do what it is for, without doing it.
pub(super) async fn check(State(app): State<Arc<App>>, Extension(visa): Extension<Visa>) -> Response {
    let (mut looking, mut checks) = (JoinSet::new(), Checks::new());
    let integrations = app.house.integrations.borrow().clone();
    for (name, settings) in integrations {
        looking.spawn(async move {
            let late = |_| Err(format!("there is no answer within {} s", CHECK.as_secs()));
            (name.to_string(), timeout(CHECK, settings.kind.check()).await.unwrap_or_else(late))
        });
    }
    while let Some(found) = looking.join_next().await {
        checks.extend(found);
    }
    page(&app, &visa, Some(&checks))
}

fn page(app: &App, visa: &Visa, checks: Option<&Checks>) -> Response {
    let (health, history) = (app.house.health.borrow().clone(), app.house.history.state().borrow().clone());
    let now = app.now();
    let main = html! {
        h1 { "Health" }
        div #state data-live { (state(&troubles(&health, &history))) }
        section .card aria-labelledby="bells" {
            h2 #bells { "Bells" }
            div #bell-table data-live { table {
                @for bell in &health.bells {
                    tr { th scope="row" { (bell.name) } td { (line(&bell.line)) } }
                }
            } }
        }
        section .card aria-labelledby="alexa" {
            h2 #alexa { "Alexa" }
            div #alexa-table data-live { (alexa(&health.alexa, |at| ago(now.monotonic.since(at)))) }
        }
        section .card aria-labelledby="integrations" {
            h2 #integrations { "Everybody else" }
            div #integration-table data-live { table {
                @for condition in &health.integrations {
                    tr { th scope="row" { (condition.name) } td { (integration(condition)) } }
                }
            } }
            @if health.integrations.is_empty() { p .soft { "Nobody but Alexa is told of presses." } }
            @else { (checked(visa, checks)) }
        }
        section .card aria-labelledby="machine" {
            h2 #machine { "This machine" }
            div #machine-table data-live { table {
                tr { th scope="row" { "Clock" } td {
                    @if health.is_clock_set { span .good { "✓ set" } } @else { span .bad { "✕ not set" } }
                } }
                tr { th scope="row" { "History" } td {
                    (count(history.visits, "visit", "visits")) ", " (count(history.pictures, "picture", "pictures"))
                    ", " (format!("{:.1}", Duration::from_micros(history.bytes).as_secs_f64())) " MB"
                } }
                tr { th scope="row" { "Running for" } td { (ago(now.monotonic.since(app.began))) } }
                tr { th scope="row" { "Memory" } td {
                    @if let Some(bytes) = machines::resident() { (bytes / 1_000_000) " MB" }
                } }
                tr { th scope="row" { "Version" } td { (env!("CARGO_PKG_VERSION")) } }
                @if health.update != UpdateHealth::default() {
                    tr { th scope="row" { "Package" } td { (package(&health.update)) } }
                }
            } }
        }
    };
    reply::page(StatusCode::OK, frame(app, visa, "Health", Some("/health"), &main))
}

fn line(line: &LineHealth) -> Markup {
    match line {
        LineHealth::Opening => html! { span .soft { "being opened" } },
        LineHealth::Watched => html! { span .good { "✓ watched" } },
        LineHealth::Stuck => html! { span .bad { "✕ stuck: nothing is heard of it before it is released" } },
        LineHealth::Unwatched(why) => html! { span .bad { "✕ cannot be watched" } " " (why) },
    }
}

fn alexa(alexa: &AlexaHealth, ago: impl Fn(crate::clock::Monotonic) -> String) -> Markup {
    let call = |why: &Option<String>| match why {
        None => html! { span .good { "✓ good" } },
        Some(why) => html! { span .bad { "✕" } " " (why) },
    };
    html! { table {
        tr { th scope="row" { "Linked the skill" } td {
            @match alexa.linked {
                Some(linked) => (count(linked as u64, "person", "people")),
                None => span .soft { "not known yet" },
            }
            @if let Some(read) = alexa.read { span .soft { ", read " (ago(read)) " ago" } }
        } }
        tr { th scope="row" { "AWS" } td { (call(&alexa.table)) } }
        tr { th scope="row" { "Login with Amazon" } td { (call(&alexa.tokens)) } }
        tr { th scope="row" { "Event gateway" } td {
            (call(&alexa.gateway))
            @if let Some(accepted) = alexa.accepted { span .soft { ", accepted a press " (ago(accepted)) " ago" } }
        } }
    } }
}

/// Whether there is a newer package. That there is one is nothing bad: this one runs all the same.
fn package(update: &UpdateHealth) -> Markup {
    html! {
        @if let Some(version) = update.available() {
            (version) " is available: " code { "sudo porch-doorbell update" }
        } @else if let Some(news) = &update.news {
            span .good { "✓ the newest" } " " (news.installed)
        }
        @if let Some(why) = &update.trouble { " " span .soft { "It cannot be seen what is published: " (why) } }
    }
}

fn integration(condition: &Condition) -> Markup {
    html! {
        @match &condition.trouble {
            None => span .good { "✓ no trouble" },
            Some(why) => { span .bad { "✕ failed" } " " (why) },
        }
        @if condition.is_left_alone { " " span .soft { "It is left alone for a while." } }
    }
}

fn checked(visa: &Visa, checks: Option<&Checks>) -> Markup {
    html! {
        @if let Some(checks) = checks {
            h3 { "Looked at just now" }
            table {
                @for (name, found) in checks {
                    tr { th scope="row" { (name) } td {
                        @match found {
                            Ok(found) => { span .good { "✓" } " " (found) },
                            Err(why) => { span .bad { "✕" } " " (why) },
                        }
                    } }
                }
            }
        }
        form method="post" action="/health" {
            (token(visa))
            button .quiet { "Look at them now" }
        }
    }
}
