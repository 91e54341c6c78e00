//! What other machines ask for.

use std::fs;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::metrics::Readings;
use crate::web::shown::troubles;
use crate::web::{App, reply};

/// All is well, or what is not, in one line.
pub(super) async fn healthz(State(app): State<Arc<App>>) -> Response {
    let troubles = troubles(&app.house.health.borrow(), &app.house.history.state().borrow());
    if troubles.is_empty() {
        return reply::plain(StatusCode::OK, "ok");
    }
    let line: String = troubles.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    reply::plain(StatusCode::SERVICE_UNAVAILABLE, &line)
}

/// All that is counted.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let (health, history) = (app.house.health.borrow().clone(), app.house.history.state().borrow().clone());
    let now = app.now().monotonic;
    let readings = Readings {
        grants_age: health.alexa.read.map(|read| now.since(read)),
        health: &health,
        history: &history,
        uptime: now.since(app.began),
        resident: resident(),
    };
    let text = app.house.metrics.render(&readings);
    reply::of(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text)
}

/// Bytes of memory of this process (proc(5), `/proc/pid/status`).
pub(super) fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kilobytes.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
