//! Who rang: all visits, one of them, and pictures.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use maud::{Markup, html};

use super::{Answer, frame};
use crate::history::{Entry, Shown, Told};
use crate::web::guard::Visa;
use crate::web::shown::{When, name, outcome, took};
use crate::web::{App, reply};

/// Visits of one page.
const PAGE: u32 = 20;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(visa): Extension<Visa>,
    request: Request,
) -> Answer {
    let before = request.uri().query().and_then(|query| query.strip_prefix("before=")?.parse().ok());
    // One more tells whether there is another page.
    let mut entries = app.house.history.visits(before, PAGE + 1).await?;
    let is_more = entries.len() > PAGE as usize;
    entries.truncate(PAGE as usize);
    let older = entries.last().filter(|_| is_more).map(|entry| entry.id);
    let main = html! {
        h1 { "Visitors" }
        div #visits data-live {
            @if entries.is_empty() { p .card { "Nobody has rung yet." } }
            ul .visits {
                @for entry in &entries { li .card .visit { (summary(&app, entry, true)) } }
            }
            div .buttons {
                @if let Some(older) = older { a href={ "/visits?before=" (older) } rel="next" { "Earlier visitors" } }
                @if before.is_some() { a href="/visits" { "The latest visitors" } }
            }
        }
    };
    Ok(reply::page(StatusCode::OK, frame(&app, &visa, "Visitors", Some("/visits"), &main)))
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    Extension(visa): Extension<Visa>,
    Path(id): Path<String>,
) -> Answer {
    let Ok(id) = id.parse() else { return Ok(reply::nothing()) };
    let Some(entry) = app.house.history.visit(id).await? else { return Ok(reply::nothing()) };
    let when = when(&app, &entry);
    let main = html! {
        h1 { (entry.bell) ", " (when.html()) }
        div #visit data-live {
            @if entry.is_trial { p .soft { "Somebody tried the bell from the page." } }
            @if entry.pictures.is_empty() { p .soft { "There is no picture." } }
            div .pictures {
                @for picture in &entry.pictures {
                    figure {
                        (image(&entry, picture, &when))
                        figcaption { (moment(picture)) ", by " (picture.who) }
                    }
                }
            }
            section .card aria-labelledby="told" {
                h2 #told { "Who was told" }
                (told(&entry.outcomes, true))
            }
        }
        p { a href="/visits" { "All visitors" } }
    };
    Ok(reply::page(StatusCode::OK, frame(&app, &visa, &entry.bell, Some("/visits"), &main)))
}

pub(super) async fn picture(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answer {
    let Ok(id) = id.parse() else { return Ok(reply::nothing()) };
    let Some(jpeg) = app.house.history.picture(id).await? else { return Ok(reply::nothing()) };
    let mut response: Response = reply::of(StatusCode::OK, "image/jpeg", jpeg);
    // It never changes, but is nobody else's.
    let kept = HeaderValue::from_static("private, max-age=86400, immutable");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    Ok(response)
}

/// A visit in short: its picture, when it was, and what came of it.
pub(super) fn summary(app: &App, entry: &Entry, is_listed: bool) -> Markup {
    let when = when(app, entry);
    // The one that is nearest to the press.
    let picture = entry.pictures.iter().min_by_key(|picture| picture.offset_ms.unsigned_abs());
    html! {
        @if is_listed {
            h2 { a href={ "/visits/" (entry.id) } { (entry.bell) ", " (when.html()) } }
        } @else {
            h3 { a href={ "/visits/" (entry.id) } { (entry.bell) ", " (when.html()) } }
        }
        @if entry.is_trial { p .soft { "A trial from the page." } }
        @if let Some(picture) = picture { (image(entry, picture, &when)) }
        (told(&entry.outcomes, false))
    }
}

/// What everybody did who was to be told.
fn told(outcomes: &[Told], in_full: bool) -> Markup {
    html! {
        @if outcomes.is_empty() {
            p .soft { "Nobody is through with it yet." }
        } @else {
            ul .told {
                @for Told { who, outcome: what, told, took: time } in outcomes {
                    li {
                        span .who { (name(who)) }
                        (outcome(*what))
                        span .took { (took(*time)) }
                        @if in_full || *what != crate::record::Outcome::Done { span .words { (told) } }
                    }
                }
            }
        }
    }
}

fn image(entry: &Entry, picture: &Shown, when: &When) -> Markup {
    let alt = format!("{}, {}: picture {}", entry.bell, when.words(), moment(picture));
    html! { img .picture src={ "/pictures/" (picture.id) } alt=(alt) loading="lazy" decoding="async" width="1280" height="720"; }
}

/// When a picture was taken, as seen from the press.
fn moment(picture: &Shown) -> String {
    let seconds =
        format!("{:.1} s", std::time::Duration::from_millis(picture.offset_ms.unsigned_abs()).as_secs_f64());
    match picture.offset_ms {
        0 => "at the press".to_owned(),
        before if before < 0 => format!("{seconds} before the press"),
        _ => format!("{seconds} after the press"),
    }
}

fn when(app: &App, entry: &Entry) -> When {
    When::of(entry.at, app.now().wall(), &app.house.zone)
}
