//! Ctrl-C, SIGTERM and a closed terminal: the work is given up, what it had begun is undone, and a second one insists.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Doing, Error, Result};

/// Set by the second Ctrl-C: whoever is still waiting for something to end in good order stops waiting.
static INSISTED: AtomicBool = AtomicBool::new(false);

/// Whether the person pressed Ctrl-C a second time.
#[must_use]
pub fn insisted() -> bool {
    INSISTED.load(Ordering::Relaxed)
}

/// Does `work` unless such a signal comes first; then `work` is dropped, which undoes what is half done.
///
/// # Errors
/// [`Error::Interrupted`], or those of `work`.
pub async fn unless_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let watch = |kind| signal(kind).doing(|| "watch for signals".into());
    let (mut interrupt, mut terminate) = (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
    let mut hangup = watch(SignalKind::hangup())?;
    tokio::select! {
        result = work => result,
        _ = interrupt.recv() => Err(Error::Interrupted),
        _ = terminate.recv() => Err(Error::Interrupted),
        _ = hangup.recv() => Err(Error::Interrupted),
    }
}

/// Listens for the second Ctrl-C on a thread of its own, because undoing blocks.
pub fn listen_for_insistence() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).doing(|| "watch for signals".into())?;
    tokio::spawn(async move {
        interrupt.recv().await;
        interrupt.recv().await;
        INSISTED.store(true, Ordering::Relaxed);
    });
    Ok(())
}
