//! The home node's tailscaled: the provider builds it, because it is the very program that goes into the image.

use std::path::PathBuf;
use std::time::Duration;

use porch_provider::{Architecture, Task};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::progress::Progress;
use crate::settings::Settings;

/// The program for this machine.
pub(super) struct Tailscaled<'a> {
    settings: &'a Settings,
    layout: &'a Layout,
}

impl<'a> Tailscaled<'a> {
    pub(super) fn new(settings: &'a Settings, layout: &'a Layout) -> Self {
        Self { settings, layout }
    }

    /// How long building will take; `None` when some build of it is in the cache.
    ///
    /// Which one is needed only the provider knows: a changed version is told too late, which does no harm.
    pub(super) fn missing(&self) -> Option<Duration> {
        let entries = std::fs::read_dir(&self.settings.cache).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        (!names.any(|name| name.starts_with("tailscaled-"))).then_some(Duration::from_secs(70))
    }

    /// Builds it unless it is in the cache, and gives its path.
    pub(super) async fn set_up(&self, progress: &Progress) -> Result<PathBuf> {
        let name = "build tailscaled";
        let failed = |cause: String| Error::Program {
            what: name.into(),
            cause,
            last: Vec::new(),
            log: None,
            hint: None,
        };
        let build = async {
            let architecture = Architecture::of_this_machine()
                .ok_or_else(|| failed(format!("it is not known for {}", std::env::consts::ARCH)))?;
            let module = self.layout.repository.join("crates/tailnet/tailscaled");
            let Settings { cache, build_environment, .. } = self.settings;
            let task = Task::silent();
            porch_provider::tailscaled::build(&module, architecture, cache, build_environment, &task)
                .await
                .map_err(|error| failed(error.to_string()))
        };
        progress.step(name, self.missing(), build).await
    }
}
