//! Where the password is shown.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};
use maud::html;

use super::{Form, frame, token};
use crate::password::LONGEST;
use crate::web::guard::{Caller, Login, Visa};
use crate::web::{App, reply};

pub(super) async fn show(State(app): State<Arc<App>>, Extension(visa): Extension<Visa>) -> Response {
    if visa.is_logged_in { reply::see("/") } else { page(&app, &visa, StatusCode::OK, None) }
}

pub(super) async fn enter(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(visa): Extension<Visa>,
    Extension(form): Extension<Arc<Form>>,
) -> Response {
    let password = form.one("password").filter(|password| password.len() <= LONGEST).unwrap_or_default();
    match app.guard.log_in(password.into(), caller, app.now().monotonic).await {
        Login::In(cookie) => with_cookie(reply::see("/"), &cookie),
        Login::Wrong => page(&app, &visa, StatusCode::FORBIDDEN, Some("That is not the password.")),
        Login::Wait(seconds) => {
            let why = format!("There were too many tries. Wait {seconds} s.");
            let mut response = page(&app, &visa, StatusCode::TOO_MANY_REQUESTS, Some(&why));
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            response
        }
    }
}

pub(super) async fn leave(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    with_cookie(reply::see("/"), &app.guard.log_out(&parts))
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn page(app: &App, visa: &Visa, status: StatusCode, why: Option<&str>) -> Response {
    let main = html! {
        h1 { "Log in" }
        form .card method="post" action="/login" {
            (token(visa))
            @if let Some(why) = why { p .bad role="alert" { (why) } }
            // Managers of passwords want a name with it, and there is one user only.
            input type="text" name="user" value="doorbell" autocomplete="username" hidden;
            div .times { div .field {
                label for="password" { "Password" }
                input #password type="password" name="password" autocomplete="current-password" maxlength=(LONGEST) required autofocus;
            } }
            button { "Log in" }
        }
    };
    reply::page(status, frame(app, visa, "Log in", None, &main))
}
