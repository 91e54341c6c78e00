//! The end of an execution environment, which Lambda announces with SIGTERM to those that have an extension registered.
//! Some 500 ms remain then (AWS, "Lambda execution environment lifecycle").

use lambda_extension::Extension;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;

/// A name that no other extension of the function has: there is none.
const NAME: &str = "porch-bridge-ending";

/// Waits for the end.
pub(crate) struct Ending {
    terminate: std::io::Result<Signal>,
    /// Owns the extension.
    _extension: JoinSet<()>,
}

impl Ending {
    /// Registers an extension of no other use. It must be done before the first invocation is asked for.
    ///
    /// Where there is no Extensions API, or it refuses, the function works all the same: its node is then left in the
    /// tailnet until the control server removes it.
    pub(crate) async fn announced() -> Self {
        let mut running = JoinSet::new();
        match Extension::new().with_extension_name(NAME).with_events(&[]).register().await {
            // It asks for its next event, which tells Lambda that it is ready, and none ever comes.
            Ok(extension) => drop(running.spawn(async { drop(extension.run().await) })),
            Err(error) => tracing::warn!("the end of this environment will not be announced: {error}"),
        }
        Self { terminate: signal(SignalKind::terminate()), _extension: running }
    }

    /// Returns when the environment is about to end.
    pub(crate) async fn comes(mut self) {
        match &mut self.terminate {
            Ok(terminate) => drop(terminate.recv().await),
            Err(error) => {
                tracing::warn!("the end of this environment cannot be heard: {error}");
                std::future::pending::<()>().await;
            }
        }
    }
}
