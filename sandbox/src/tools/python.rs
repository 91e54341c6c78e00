//! Virtual environments from hashed requirements, made by uv, which pip fetches once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::HOME_ASSISTANT;
use crate::cache::{Entry, Key};
use crate::error::{Doing, Error, Result};
use crate::layout::{Layout, remove};
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::Settings;

/// The Python that the pinned packages, Home Assistant before all, were made for.
const VERSION: &str = "3.11";

/// The installer.
pub(super) struct Uv {
    python3: PathBuf,
    requirements: PathBuf,
    log: PathBuf,
    entry: Entry,
}

/// One virtual environment.
pub(super) struct Venv {
    name: &'static str,
    estimate: Duration,
    requirements: Vec<PathBuf>,
    log: PathBuf,
    entry: Entry,
}

impl Uv {
    /// The pinned uv.
    pub(super) fn new(settings: &Settings, layout: &Layout) -> Result<Self> {
        let requirements = layout.source("tools/uv/requirements.txt");
        let entry = Entry::new(&settings.cache, "uv", &Key::new("uv 1").with_file(&requirements)?);
        let python3 = settings.find("python3").unwrap_or_else(|| PathBuf::from("python3"));
        Ok(Self { python3, requirements, log: layout.log("build-uv"), entry })
    }

    /// How long fetching will take; `None` when it is there.
    #[must_use]
    pub(super) fn missing(&self) -> Option<Duration> {
        (!self.entry.is_built()).then_some(Duration::from_secs(10))
    }

    async fn set_up(&self, progress: &Progress) -> Result<PathBuf> {
        let program = self.entry.folder.join("bin/uv");
        if self.entry.is_built() {
            self.entry.used()?;
            return Ok(program);
        }
        let fetch = self.entry.build(async |folder| {
            let venv = Run::new(
                "make a Python virtual environment (Debian: apt install python3-venv)",
                &self.python3,
            );
            venv.args(["-m", "venv"]).args([&folder]).logged(&self.log).await?;
            let pip =
                Run::new("fetch uv", folder.join("bin/python")).args(["-m", "pip", "install", "--quiet"]);
            pip.args(["--require-hashes", "-r"]).args([&self.requirements]).logged(&self.log).await
        });
        progress.step("fetch uv, the Python installer", self.missing(), fetch).await?;
        Ok(program)
    }
}

impl Venv {
    /// The emulator, the aws plugin's stand-in, cargo-lambda, and AWS's runtime interface emulator.
    pub(super) fn sandbox(settings: &Settings, layout: &Layout) -> Result<Self> {
        let requirements = ["python/requirements.txt", "python/rie.txt"].map(|file| layout.source(file));
        Self::new(settings, layout, "python", Duration::from_secs(30), requirements.into())
    }

    /// Home Assistant, with the libraries of its own time.
    pub(super) fn home_assistant(settings: &Settings, layout: &Layout) -> Result<Self> {
        let file = layout.source(HOME_ASSISTANT).join("requirements.txt");
        let estimate = Duration::from_secs(30);
        Self::new(settings, layout, HOME_ASSISTANT, estimate, vec![file])
    }

    /// cargo-zigbuild and zig, which build for other processors.
    pub(super) fn cross(settings: &Settings, layout: &Layout) -> Result<Self> {
        let file = layout.source("python/cross.txt");
        Self::new(settings, layout, "cross", Duration::from_secs(30), vec![file])
    }

    fn new(
        settings: &Settings,
        layout: &Layout,
        name: &'static str,
        estimate: Duration,
        requirements: Vec<PathBuf>,
    ) -> Result<Self> {
        let mut key = Key::new("venv 1").with(VERSION);
        for file in &requirements {
            key = key.with_file(file)?;
        }
        let entry = Entry::new(&settings.cache, name, &key);
        Ok(Self { name, estimate, requirements, log: layout.log(&format!("build-{name}")), entry })
    }

    /// How long installing will take; `None` when it is there.
    #[must_use]
    pub(super) fn missing(&self) -> Option<Duration> {
        (!self.usable()).then_some(self.estimate)
    }

    /// Installs it with `uv` unless it is there, and gives its folder.
    pub(super) async fn set_up(&self, uv: &Uv, progress: &Progress) -> Result<PathBuf> {
        if self.usable() {
            self.entry.used()?;
            return Ok(self.entry.folder.clone());
        }
        let uv = uv.set_up(progress).await?;
        remove(&self.entry.folder)?;
        let build = self.entry.build(|folder| self.install(uv, folder));
        let name = format!("install {} (Python packages)", self.name);
        progress.step(&name, Some(self.estimate), build).await?;
        Ok(self.entry.folder.clone())
    }

    /// It was installed, and the Python that it belongs to has not been removed or replaced meanwhile.
    fn usable(&self) -> bool {
        self.entry.is_built() && self.entry.folder.join("bin/python").exists()
    }

    async fn install(&self, uv: PathBuf, folder: PathBuf) -> Result<()> {
        let what = format!("install {}", self.name);
        let run = |args: &[&str]| Run::new(&what, &uv).args(["--no-config", "--no-progress"]).args(args);
        // Relocatable, because the folder is renamed when it is complete; uv fetches a Python when none fits.
        run(&["venv", "--relocatable", "--python", VERSION, "--allow-existing"])
            .args([&folder])
            .logged(&self.log)
            .await?;
        // `sync` installs what the files list and nothing else: what aws-sam-cli would bring is left out.
        run(&["pip", "sync", "--require-hashes", "--compile-bytecode", "--python"])
            .args([folder.join("bin/python")])
            .args(&self.requirements)
            .logged(&self.log)
            .await
    }
}

/// AWS's runtime interface emulator for this machine, inside the environment `venv`.
pub(super) fn rie(venv: &Path) -> Result<PathBuf> {
    let name = match std::env::consts::ARCH {
        "aarch64" => "aws-lambda-rie-arm64",
        _ => "aws-lambda-rie-x86_64",
    };
    let lib = venv.join("lib");
    let pythons = std::fs::read_dir(&lib).doing(|| format!("read {}", lib.display()))?;
    pythons
        .flatten()
        .map(|python| python.path().join("site-packages/samcli/local/rapid").join(name))
        .find(|file| file.exists())
        .ok_or_else(|| Error::Answer(format!("aws-sam-cli in {} has no {name}", venv.display())))
}
