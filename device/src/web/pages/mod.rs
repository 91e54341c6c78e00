//! The pages, and what they have in common.

mod door;
mod health;
mod login;
mod machines;
mod quiet;
mod visits;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::header::{HeaderValue, SET_COOKIE};
use http::{Method, StatusCode};
use maud::{DOCTYPE, Markup, html};
use tokio::time::timeout;

use super::guard::{Caller, LOGIN, Visa, is_same};
use super::{App, FORM, LARGEST_FORM, assets, live, reply};
use crate::history::NoAnswer;

/// The pages that one goes to, in the order of the menu.
const MENU: [(&str, &str); 4] =
    [("/", "Now"), ("/visits", "Visitors"), ("/quiet", "Quiet hours"), ("/health", "Health")];

/// A form that was filled in, on a page of ours.
struct Form(Vec<(String, String)>);

type Answer = Result<Response, Failed>;

/// Why there is no page.
enum Failed {
    /// The history does not answer.
    History,
}

/// Where everything is.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(door::show))
        .route("/ring", post(door::ring))
        .route("/visits", get(visits::list))
        .route("/visits/{id}", get(visits::one))
        .route("/pictures/{id}", get(visits::picture))
        .route("/quiet", get(quiet::show).post(quiet::add))
        .route("/quiet/remove", post(quiet::remove))
        .route("/health", get(health::show).post(health::check))
        .route(LOGIN, get(login::show).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/events", get(events))
        .route("/healthz", get(machines::healthz))
        .route("/metrics", get(machines::metrics))
        .route("/assets/{name}", get(asset))
        .fallback(async || reply::nothing())
        .layer(from_fn_with_state(Arc::clone(&app), enter))
        .with_state(app)
}

/// Whether a page, and no picture or the like, is at this path.
pub(super) fn is_page(path: &str) -> bool {
    MENU.iter().any(|(page, _)| *page == path) || path.starts_with("/visits/")
}

/// What every request goes through.
async fn enter(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let visa = match app.guard.admit(&parts, caller, app.now().monotonic) {
        Ok(visa) => visa,
        Err(answer) => return reply::seal(*answer),
    };
    let cookie = visa.cookie.clone();
    let body = if parts.method == Method::POST {
        match read(body, &visa).await {
            Ok(form) => {
                parts.extensions.insert(Arc::new(form));
                Body::empty()
            }
            Err(answer) => return reply::seal(*answer),
        }
    } else {
        Body::empty()
    };
    parts.extensions.insert(visa);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    reply::seal(response)
}

/// Reads a form, if it has the token of this browser.
async fn read(body: Body, visa: &Visa) -> Result<Form, Box<Response>> {
    let refuse = |status, why: &str| Err(Box::new(reply::plain(status, why)));
    let bytes = match timeout(FORM, to_bytes(body, LARGEST_FORM)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return refuse(StatusCode::PAYLOAD_TOO_LARGE, "This is larger than any form of ours."),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "It took too long to come."),
    };
    let form = Form(url::form_urlencoded::parse(&bytes).into_owned().collect());
    if !form.one("token").is_some_and(|token| is_same(token, &visa.token)) {
        let why = "This form is too old, or was not on a page of this doorbell. Load the page again.";
        return refuse(StatusCode::FORBIDDEN, why);
    }
    Ok(form)
}

impl Form {
    /// What was filled in there.
    fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All that was chosen there.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

impl From<NoAnswer> for Failed {
    fn from(NoAnswer: NoAnswer) -> Self {
        Self::History
    }
}

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self::History = self;
        reply::plain(StatusCode::SERVICE_UNAVAILABLE, &NoAnswer.to_string())
    }
}

/// A page with its frame. What the path of the menu is in `current`; none of them is the login's.
fn frame(app: &App, visa: &Visa, title: &str, current: Option<&str>, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – porch" }
                link rel="stylesheet" href=(assets::STYLE.path);
                link rel="icon" type="image/svg+xml" href=(assets::ICON.path);
                @if current.is_some() { script src=(assets::SCRIPT.path) defer {} }
            }
            body {
                a .skip href="#main" { "To the content" }
                @if let Some(current) = current {
                    header { nav aria-label="Pages" { ul {
                        @for (path, name) in MENU {
                            li { a href=(path) aria-current=[(path == current).then_some("page")] { (name) } }
                        }
                    } } }
                }
                main #main tabindex="-1" { (main) }
                footer { div .row {
                    span .soft { "porch-doorbell " (env!("CARGO_PKG_VERSION")) }
                    @if let Some(update) = app.house.health.borrow().update.available() {
                        span { "Version " (update) " is available." }
                    }
                    @if visa.is_logged_in {
                        form method="post" action="/logout" {
                            (token(visa))
                            button .quiet { "Log out" }
                        }
                    }
                } }
            }
        }
    }
}

/// What lets a form in.
fn token(visa: &Visa) -> Markup {
    html! { input type="hidden" name="token" value=(visa.token); }
}

async fn events(State(app): State<Arc<App>>) -> Response {
    live::events(app.house.history.state(), app.house.health.clone())
}

async fn asset(request: Request) -> Response {
    assets::at(request.uri().path())
}
