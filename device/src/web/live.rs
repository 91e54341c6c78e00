//! What is live on a page: a line whenever something has changed (server-sent events, HTML standard, 9.2).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as HttpBody, Frame};
use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::reply;
use crate::core::Health;
use crate::history::State;

/// How often something is said though nothing happens, so that both ends know of each other.
const IDLE: Duration = Duration::from_secs(20);

/// Changes that come together are told together.
const TOGETHER: Duration = Duration::from_millis(50);

/// Tells of changes for as long as somebody listens.
pub(super) fn events(mut history: watch::Receiver<State>, mut health: watch::Receiver<Health>) -> Response {
    let (lines, body) = mpsc::channel::<&'static str>(2);
    tokio::spawn(async move {
        history.mark_unchanged();
        health.mark_unchanged();
        // How soon a browser comes back.
        let mut line = "retry: 2000\n\n";
        while lines.send(line).await.is_ok() {
            let changed = async {
                select! {
                    changed = history.changed() => changed,
                    changed = health.changed() => changed,
                }
            };
            let next = select! {
                next = timeout(IDLE, changed) => next,
                () = lines.closed() => return,
            };
            line = match next {
                Ok(Ok(())) => {
                    sleep(TOGETHER).await;
                    history.mark_unchanged();
                    health.mark_unchanged();
                    "data: changed\n\n"
                }
                // The daemon ends.
                Ok(Err(_)) => return,
                Err(_) => ": still here\n\n",
            };
        }
    });
    reply::of(StatusCode::OK, "text/event-stream", Body::new(Lines(body)))
}

/// A body that comes line by line.
struct Lines(mpsc::Receiver<&'static str>);

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|line| line.map(|line| Ok(Frame::data(Bytes::from_static(line.as_bytes())))))
    }
}
