//! What `tailscaled` writes to its standard error: read to the end, kept only as far as it explains an end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStderr;

use crate::auth_key::Hidden;

/// How many lines are kept to explain why `tailscaled` ended.
const KEPT: usize = 5;

/// The last lines of the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastLines(Arc<Mutex<VecDeque<String>>>);

impl LastLines {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(crate) fn join(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
    }
}

/// Reads `stderr` to its end. `tailscaled` dies of a closed pipe and hangs on a full one, so this must always run.
pub(crate) async fn drain(stderr: ChildStderr, last: LastLines, hidden: Hidden) {
    let mut lines = BufReader::new(stderr).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = hidden.redact(String::from_utf8_lossy(&line).trim_end().to_owned());
        tracing::debug!(target: "tailscaled", "{line}");
        last.push(line);
    }
}
