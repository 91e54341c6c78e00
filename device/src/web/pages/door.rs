//! What there is to see at once: who rang last, and whether all is well. And a bell can be tried.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};

use super::visits::summary;
use super::{Answer, Form, frame, token};
use crate::event::Event;
use crate::quiet::QuietHours;
use crate::web::guard::Visa;
use crate::web::shown::troubles;
use crate::web::{App, reply};

pub(super) async fn show(State(app): State<Arc<App>>, Extension(visa): Extension<Visa>) -> Answer {
    let latest = app.house.history.visits(None, 1).await?;
    let mut quiet = QuietHours::none(app.house.zone.clone());
    quiet.set(app.house.history.quiet().await?.into_iter().map(|(_, quiet)| quiet).collect());
    let is_quiet = app.now().wall().is_some_and(|now| quiet.now(now).next().is_some());
    let health = app.house.health.borrow().clone();
    let main = html! {
        h1 { "At the door" }
        div #state data-live { (state(&troubles(&health, &app.house.history.state().borrow()))) }
        section .card .visit aria-labelledby="last" {
            h2 #last { "Last visitor" }
            div #latest data-live aria-live="polite" {
                @match latest.first() {
                    Some(entry) => (summary(&app, entry, false)),
                    None => p { "Nobody has rung yet." },
                }
            }
        }
        section .card aria-labelledby="try" {
            h2 #try { "Try a bell" }
            p .soft { "Alexa and everybody else is told as if somebody had rung; quiet hours count as well." }
            div #now-quiet data-live { @if is_quiet { p { "These are " a href="/quiet" { "quiet hours" } "." } } }
            div .buttons {
                @for bell in &health.bells {
                    form method="post" action="/ring" {
                        (token(&visa))
                        input type="hidden" name="bell" value=(bell.id);
                        button { "Ring " (bell.name) }
                    }
                }
            }
        }
    };
    Ok(reply::page(StatusCode::OK, frame(&app, &visa, "At the door", Some("/"), &main)))
}

pub(super) async fn ring(State(app): State<Arc<App>>, Extension(form): Extension<Arc<Form>>) -> Response {
    let health = app.house.health.borrow().clone();
    let asked = form.one("bell");
    let Some(bell) = health.bells.into_iter().find(|bell| Some(bell.id.as_str()) == asked) else {
        return reply::plain(
            StatusCode::UNPROCESSABLE_ENTITY,
            "There is no such bell any more. Load the page again.",
        );
    };
    if !app.may_try(&bell.id) {
        return reply::plain(
            StatusCode::TOO_MANY_REQUESTS,
            "It has rung just now. Try again in three seconds.",
        );
    }
    match app.house.events.try_send(Event::Trial(bell.id)) {
        Ok(()) => reply::see("/"),
        Err(_) => {
            reply::plain(StatusCode::SERVICE_UNAVAILABLE, "The doorbell is busy. Try again in a moment.")
        }
    }
}

/// Whether all is well, in one look.
pub(super) fn state(troubles: &[String]) -> Markup {
    html! {
        @if troubles.is_empty() {
            p .card { span .good { "✓ All is well." } }
        } @else {
            div .card .alert {
                p .bad { "Something is wrong." }
                ul { @for trouble in troubles { li { (trouble) } } }
            }
        }
    }
}
