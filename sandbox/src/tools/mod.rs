//! The programs that the sandbox runs: built once into the cache, versions and hashes pinned in the tree.

mod cargo_deny;
mod debian;
mod go;
mod kernels;
mod python;
mod rust;
mod tailscaled;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Result;
use crate::layout::{Layout, link};
use crate::progress::{Progress, spoken};
use crate::settings::Settings;

pub use cargo_deny::CargoDeny;
use go::{GoTool, Pulumi};
pub use kernels::{PiKernel, pi_kernel, user_mode_linux};
use python::{Uv, Venv};
use rust::{OwnProgram, Rust};
use tailscaled::Tailscaled;

/// Home Assistant's name among tools, parts and the sandbox's source folders.
pub const HOME_ASSISTANT: &str = "home-assistant";

/// Where every tool is, once all of them are there.
#[derive(Clone, Debug)]
pub struct Tools {
    /// `pulumi`; `pulumi-language-yaml` is beside it.
    pub pulumi: PathBuf,
    /// `headscale`.
    pub headscale: PathBuf,
    /// `tailscaled` as the function's image has it.
    pub tailscaled: PathBuf,
    /// The Python of the emulator and of the aws plugin's stand-in.
    pub python: PathBuf,
    /// The folder with `cargo-lambda`.
    pub python_bin: PathBuf,
    /// AWS's Lambda runtime interface emulator.
    pub rie: PathBuf,
    /// The Python of Home Assistant.
    pub home_assistant_python: PathBuf,
    /// `lambda-runner`.
    pub lambda_runner: PathBuf,
    /// `fake-amazon`.
    pub fake_amazon: PathBuf,
    /// `porch-doorbell`, as this machine can run it.
    pub doorbell: PathBuf,
    /// A Hue Bridge, with lamps that nobody sees.
    pub hue_bridge: PathBuf,
}

/// What has to be built or fetched, before it is.
pub struct Plan<'a> {
    settings: &'a Settings,
    layout: &'a Layout,
    /// What builds it, or the person's own.
    pulumi: Pulumi,
    headscale: GoTool,
    tailscaled: Tailscaled<'a>,
    uv: Uv,
    python: Venv,
    home_assistant: Venv,
}

impl<'a> Plan<'a> {
    /// Looks into the cache and at the person's `PATH`.
    ///
    /// # Errors
    /// When the files in the tree that pin the tools cannot be read.
    pub fn new(settings: &'a Settings, layout: &'a Layout) -> Result<Self> {
        let go = go::Go::new(settings, layout);
        Ok(Self {
            settings,
            layout,
            pulumi: go.pulumi()?,
            headscale: go.headscale()?,
            tailscaled: Tailscaled::new(settings, layout),
            uv: Uv::new(settings, layout)?,
            python: Venv::sandbox(settings, layout)?,
            home_assistant: Venv::home_assistant(settings, layout)?,
        })
    }

    /// How long the tools that are not in the cache will take; zero when all are there.
    #[must_use]
    pub fn missing(&self) -> Duration {
        let all = [
            self.pulumi.tool().and_then(GoTool::missing),
            self.headscale.missing(),
            self.tailscaled.missing(),
            self.uv.missing(),
            self.python.missing(),
            self.home_assistant.missing(),
        ];
        all.into_iter().flatten().sum()
    }

    /// Builds and fetches what is not there yet, the Go tools and the rest at the same time.
    ///
    /// # Errors
    /// When something cannot be fetched or built; what was complete by then is kept.
    pub async fn carry_out(&self, progress: &Progress) -> Result<Tools> {
        let missing = self.missing();
        if !missing.is_zero() {
            let total = spoken(Duration::from_secs(missing.as_secs().div_ceil(60) * 60));
            let cache = self.settings.cache.display();
            progress.say(&format!("Tools are built once and kept in {cache}: about {total} from here."));
        }
        let go_tools = async {
            let headscale = self.headscale.set_up(progress).await?;
            let tailscaled = self.tailscaled.set_up(progress).await?;
            let pulumi = match &self.pulumi {
                Pulumi::Built(tool) => tool.set_up(progress).await?.join("pulumi"),
                Pulumi::Installed(program) => program.clone(),
            };
            Ok((headscale.join("headscale"), tailscaled, pulumi))
        };
        let others = async {
            let python = self.python.set_up(&self.uv, progress).await?;
            let home_assistant = self.home_assistant.set_up(&self.uv, progress).await?;
            let own = Rust::new(self.settings, self.layout).set_up(progress).await?;
            Ok((python, home_assistant, own))
        };
        let ((headscale, tailscaled, pulumi), (python, home_assistant, own)) =
            tokio::try_join!(go_tools, others)?;
        let tools = Tools {
            pulumi,
            headscale,
            tailscaled,
            rie: python::rie(&python)?,
            python: python.join("bin/python"),
            python_bin: python.join("bin"),
            home_assistant_python: home_assistant.join("bin/python"),
            lambda_runner: own.lambda_runner,
            fake_amazon: own.fake_amazon,
            doorbell: own.doorbell,
            hue_bridge: own.hue_bridge,
        };
        tools.link(self.layout)?;
        Ok(tools)
    }
}

/// Installs the sandbox's Python packages alone, and gives the folder of their programs.
///
/// # Errors
/// When they cannot be fetched.
pub async fn python_tools(settings: &Settings, layout: &Layout, progress: &Progress) -> Result<PathBuf> {
    let venv = Venv::sandbox(settings, layout)?.set_up(&Uv::new(settings, layout)?, progress).await?;
    Ok(venv.join("bin"))
}

/// Installs what builds the daemon for a device, for stacks as well, and gives the folder of its programs.
///
/// # Errors
/// When it cannot be fetched.
pub async fn cross_compiler(settings: &Settings, layout: &Layout, progress: &Progress) -> Result<PathBuf> {
    let venv = Venv::cross(settings, layout)?.set_up(&Uv::new(settings, layout)?, progress).await?;
    let (programs, name) = (venv.join("bin"), "cargo-zigbuild");
    link(&programs.join(name), &layout.bin().join(name))?;
    Ok(programs)
}

/// Builds the whole tailscaled and its command line, which only the bench needs, and gives their folder.
///
/// # Errors
/// When they cannot be fetched or built.
pub async fn whole_tailscale(settings: &Settings, layout: &Layout, progress: &Progress) -> Result<PathBuf> {
    go::Go::new(settings, layout).whole_tailscale()?.set_up(progress).await
}

/// Builds the child that decodes a camera's stream, which only its tests start by itself.
///
/// # Errors
/// When it cannot be built.
pub async fn camera_decoder(settings: &Settings, layout: &Layout, progress: &Progress) -> Result<PathBuf> {
    Rust::new(settings, layout).program(&OwnProgram::CAMERA_DECODER, progress).await
}

/// Builds the daemon at the door as it ships, but for this machine: what its figures are measured of.
///
/// # Errors
/// When it cannot be built.
pub async fn shipped_doorbell(settings: &Settings, layout: &Layout, progress: &Progress) -> Result<PathBuf> {
    Rust::new(settings, layout).program(&OwnProgram::SHIPPED_DOORBELL, progress).await
}

impl Tools {
    /// Prepares what Pulumi, its plugins and a person's shell find on `PATH`.
    fn link(&self, layout: &Layout) -> Result<()> {
        link(self.pulumi.parent().unwrap_or(Path::new("/")), &layout.pulumi_cli())?;
        link(&self.headscale, &layout.bin().join("headscale"))?;
        link(&self.python_bin.join("cargo-lambda"), &layout.bin().join("cargo-lambda"))
    }
}
