//! What porch's dev stack runs on: real parts on one machine, set up, started, watched and ended.
//!
//! [`Sandbox`] is the way in: `prepare` builds the tools, `start` has every part running, `stack` gives the stacks
//! that Pulumi deploys onto them. The `dev` stack is the one that is kept; another one, with its own copy of the
//! configuration, can live beside it on the same parts.

pub mod adopt;
pub mod amazon_driver;
pub mod artifacts;
pub mod bell;
pub mod bench;
pub mod cache;
pub mod certificates;
pub mod cost;
pub mod deployed;
pub mod developer;
pub mod device_package;
pub mod doctor;
pub mod door;
pub mod endpoints;
pub mod error;
pub mod exports;
pub mod house;
pub mod household;
pub mod http;
pub mod interrupt;
pub mod lambda;
pub mod layout;
pub mod lock;
pub mod machine;
pub mod parts;
pub mod pi;
pub mod preview;
pub mod process;
pub mod procfs;
pub mod progress;
pub mod pulumi;
pub mod ready;
pub mod run;
pub mod secrets;
pub mod settings;
pub mod setup;
pub mod tools;
pub mod watch;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::certificates::Certificates;
use crate::developer::Developer;
use crate::endpoints::Endpoints;
pub use crate::error::{Error, Result};
use crate::layout::{Layout, make_folder, remove, write_private};
use crate::lock::Lock;
use crate::parts::headscale::{Headscale, Role};
use crate::parts::home_assistant::Access;
use crate::parts::{Outcome, Part, amazon, headscale, home_assistant, home_node, lambda_runner, ministack};
use crate::progress::Progress;
use crate::pulumi::{AwsPluginInUse, Stack, StackConfig};
use crate::settings::Settings;
use crate::tools::{Plan, Tools};

/// The stack that `cargo xtask up` deploys and keeps.
pub const DEV: &str = "dev";

/// The sandbox of one checkout.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// What was read from the environment.
    pub settings: Settings,
    /// Where its files are.
    pub layout: Layout,
}

/// All parts, running and ready.
#[derive(Clone, Debug)]
pub struct Running {
    /// Home Assistant's owner.
    pub access: Access,
    /// The key with which the bridge's nodes join the tailnet.
    pub bridge_key: SecretString,
    /// Who makes skills at Amazon.
    pub developer: Developer,
    /// Whether the emulator was started just now, so that a stack's state may know what it has forgotten.
    pub emulator: Outcome,
}

impl Sandbox {
    /// The sandbox of the checkout that `settings` are for.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let layout = Layout::of(&settings.repository);
        Self { settings, layout }
    }

    /// Keeps other commands from changing the sandbox for as long as the lock lives.
    ///
    /// # Errors
    /// [`Error::Busy`] when another one is at it.
    pub fn lock(&self) -> Result<Lock> {
        make_folder(&self.layout.state)?;
        Lock::take(&self.layout.state.join("lock"))
    }

    /// Checks the machine, then builds and fetches what is not there yet.
    ///
    /// # Errors
    /// [`Error::Machine`] with all that is lacking, or why something cannot be built.
    pub async fn prepare(&self, progress: &Progress) -> Result<Tools> {
        let plan = Plan::new(&self.settings, &self.layout)?;
        machine::check(&self.settings, &self.layout, !plan.missing().is_zero())?;
        plan.carry_out(progress).await
    }

    /// Installs the sandbox's Python packages unless they are there, and gives the folder of their programs.
    ///
    /// # Errors
    /// When they cannot be fetched.
    pub async fn python_tools(&self, progress: &Progress) -> Result<PathBuf> {
        tools::python_tools(&self.settings, &self.layout, progress).await
    }

    /// Has every part running, those that do not need each other at the same time.
    ///
    /// # Errors
    /// When a part does not become ready; it is ended, the others keep running.
    pub async fn start(&self, tools: &Tools, progress: &Progress) -> Result<Running> {
        let Self { settings, layout } = self;
        let certificates = Certificates::of(layout)?;
        let tailnet = async {
            headscale::part(settings, layout, tools, &certificates)?.ensure(layout, progress).await?;
            let server = Headscale::new(layout, tools);
            let (home_key, bridge_key) = (server.key(Role::Home).await?, server.key(Role::Bridge).await?);
            if !home_node::is_known(layout) {
                server.forget_node(home_node::HOSTNAME).await?;
            }
            self.home_node(tools, &home_key)?.ensure(layout, progress).await?;
            Ok(bridge_key)
        };
        let aws = async {
            let emulator = ministack::part(settings, layout, tools)?.ensure(layout, progress).await?;
            lambda_runner::part(settings, layout, tools, &certificates)?.ensure(layout, progress).await?;
            Ok(emulator)
        };
        let house = async {
            home_assistant::part(settings, layout, tools).await?.ensure(layout, progress).await?;
            home_assistant::onboard(layout, tools, progress).await
        };
        let alexa = async {
            amazon::part(settings, layout, tools)?.ensure(layout, progress).await?;
            Developer::known(layout).await
        };
        let (bridge_key, emulator, access, developer) = tokio::try_join!(tailnet, aws, house, alexa)?;
        Endpoints::new(layout, &access, &developer).write(layout)?;
        Ok(Running { access, bridge_key, developer, emulator })
    }

    /// The node at the house, whose key is that of [`Role::Home`].
    ///
    /// # Errors
    /// When its configuration cannot be written.
    pub fn home_node(&self, tools: &Tools, key: &SecretString) -> Result<Part> {
        let Self { settings, layout } = self;
        home_node::part(settings, layout, tools, &Certificates::of(layout)?, headscale::URL, key)
    }

    /// Puts the `aws` provider plugin where Pulumi finds it.
    ///
    /// # Errors
    /// When its schema cannot be derived.
    pub async fn aws_plugin(&self, tools: &Tools, progress: &Progress) -> Result<AwsPluginInUse> {
        pulumi::set_up_aws_plugin(&self.settings, &self.layout, tools, progress).await
    }

    /// The stack `name`; [`Stack::prepare`] makes it.
    #[must_use]
    pub fn stack(&self, name: &str) -> Stack {
        Stack::new(&self.settings, &self.layout, name)
    }

    /// The dev stack's configuration for the parts that run.
    ///
    /// # Errors
    /// When the tracked configuration cannot be read.
    pub fn dev_config(&self, running: &Running) -> Result<StackConfig> {
        StackConfig::dev(&self.layout, running.bridge_key.clone(), &running.developer)
    }

    /// Makes the dev stack, its configuration written and itself selected, ready for `pulumi up`.
    ///
    /// # Errors
    /// When Pulumi refuses, or is at work on it.
    pub async fn prepare_dev(&self, running: &Running, progress: &Progress) -> Result<Stack> {
        let stack = self.stack(DEV);
        let config = self.dev_config(running)?;
        let prepare = async {
            stack.prepare(&config).await?;
            stack.select().await
        };
        progress.step("the dev stack's configuration", Some(Duration::from_secs(2)), prepare).await?;
        Ok(stack)
    }

    /// `pulumi up` of the dev stack, with its own output on the terminal.
    ///
    /// The state is compared with the emulator first when they may disagree: when the emulator was just started,
    /// or an earlier `up` did not come to its end.
    ///
    /// # Errors
    /// When it fails or is interrupted.
    pub async fn deploy_dev(&self, running: &Running) -> Result<()> {
        let unfinished = self.layout.stacks().join(".unfinished");
        let refresh = running.emulator != Outcome::Running || unfinished.exists();
        write_private(&unfinished, "")?;
        self.stack(DEV).up(refresh).await?;
        remove(&unfinished)
    }

    /// Ends all parts, who uses others before the others, telling `ended` of each that ran.
    ///
    /// # Errors
    /// When a pid file cannot be read.
    pub fn stop(&self, mut ended: impl FnMut(&parts::Kind, i32)) -> Result<()> {
        for part in parts::FOR_TESTS.iter().chain(&parts::ALL).chain(&parts::WHERE_INSTALLED) {
            if let Some(pid) = part.end(&self.layout)? {
                ended(part, pid);
            }
        }
        Ok(())
    }
}
