//! How quick and how large it is, measured on the running sandbox.

mod caller;
mod cold;
mod engine;
mod far;
pub mod figures;
pub mod host;
pub mod relay;
mod size;
pub mod stats;
mod stun_relay;
mod thaw;
mod usual;
mod warm;

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use self::caller::Caller;
use self::far::FarTailnet;
use self::figures::Measured;
use self::usual::Usual;
use crate::error::{Error, Result};
use crate::lambda::Lambda;
use crate::parts::headscale;
use crate::progress::Progress;
use crate::pulumi::{Stack, StackConfig};
use crate::tools::{self, Tools};
use crate::{DEV, Running, Sandbox};

/// The stack whose function is in the tailnet that is far away. It stays, so that the next run is quick.
const FAR_STACK: &str = "bench";

/// What is to be measured, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The deployed bridge.
    pub bridge: bool,
    /// The program and its provider.
    pub infra: bool,
    /// Few runs: to see that it works, not to quote.
    pub quick: bool,
    /// How many short freezes, when not the usual number.
    pub freeze_cycles: Option<usize>,
}

/// What all measurements use.
struct Rig<'a> {
    sandbox: &'a Sandbox,
    progress: &'a Progress,
    tools: Tools,
    running: Running,
    lambda: Lambda,
}

impl Bench {
    /// Measures on `sandbox`, where the dev stack must have been deployed, and tells each figure as it is known.
    ///
    /// # Errors
    /// When something fails that should work, or `tell` does.
    pub async fn run(
        &self,
        sandbox: &Sandbox,
        progress: &Progress,
        mut tell: impl FnMut(&Measured) -> Result<()>,
    ) -> Result<()> {
        let tools = sandbox.prepare(progress).await?;
        let running = sandbox.start(&tools, progress).await?;
        let rig = Rig { sandbox, progress, tools, running, lambda: Lambda::new()? };
        let dev = sandbox.stack(DEV);
        if !dev.outputs().await?.contains_key("bridgeFunctionName") {
            return Err(Error::NotSetUp);
        }
        if self.bridge {
            tell(&size::image(&dev).await?)?;
            self.warm(&rig, &dev, &mut tell).await?;
            self.cold(&rig, &dev, &mut tell).await?;
        }
        if self.infra {
            let work = engine::measure(&dev);
            let figures = progress.step("preview, and up with nothing to do", about(60), work).await?;
            figures.iter().try_for_each(&mut tell)?;
        }
        if self.bridge {
            let caller = rig.report_state(&dev);
            let plan = thaw::plan(self.quick, self.freeze_cycles);
            let work = thaw::measure(&caller, &plan);
            let figures = progress.step("freezes", Some(thaw::estimate(&plan)), work).await?;
            figures.iter().try_for_each(&mut tell)?;
        }
        Ok(())
    }

    async fn warm(
        &self,
        rig: &Rig<'_>,
        dev: &Stack,
        tell: &mut impl FnMut(&Measured) -> Result<()>,
    ) -> Result<()> {
        let caller = rig.report_state(dev);
        let work = warm::measure(&caller, &rig.running.access.token, if self.quick { 40 } else { 200 });
        let figures = rig.progress.step("warm directives", about(10), work).await?;
        figures.iter().try_for_each(&mut *tell)?;
        let work = size::resident(&caller, &rig.lambda);
        tell(&rig.progress.step("memory after many directives", about(5), work).await?)
    }

    async fn cold(
        &self,
        rig: &Rig<'_>,
        dev: &Stack,
        tell: &mut impl FnMut(&Measured) -> Result<()>,
    ) -> Result<()> {
        let Sandbox { settings, layout } = rig.sandbox;
        let tailscale = tools::whole_tailscale(settings, layout, rig.progress).await?;
        let runs = if self.quick { 5 } else { 30 };
        let near =
            cold::Figures { p50: figures::COLD_P50, p95: figures::COLD_P95, ratio: figures::COLD_RATIO };
        let usual = rig.usual(&tailscale, headscale::URL, &rig.running.bridge_key);
        let caller = rig.discovery(dev);
        let work = cold::measure(&near, &caller, &usual, runs, "control server and relay on this machine");
        let figures = rig.progress.step("cold starts", about(runs as u64), work).await?;
        figures.iter().try_for_each(&mut *tell)?;

        let far = rig.progress.step(
            "a second tailnet, 30 ms away",
            about(3),
            FarTailnet::start(rig.sandbox, &rig.tools),
        );
        let far = far.await?;
        let stack = rig.deploy_far(&far).await?;
        let figures = cold::Figures {
            p50: figures::FAR_COLD_P50,
            p95: figures::FAR_COLD_P95,
            ratio: figures::FAR_COLD_RATIO,
        };
        let usual = rig.usual(&tailscale, far::URL, &far.bridge_key);
        let caller = rig.discovery(&stack);
        far.check(&caller).await?;
        let tailnet = "a relay in front of control server, DERP and STUN adds 15 ms each way";
        let work = cold::measure(&figures, &caller, &usual, runs, tailnet);
        let figures = rig.progress.step("cold starts, 30 ms away", about(2 * runs as u64), work).await?;
        figures.iter().try_for_each(&mut *tell)
    }
}

impl Rig<'_> {
    fn discovery(&self, stack: &Stack) -> Caller<'_> {
        Caller::discovery(&self.lambda, stack.bridge_function(), &self.running.access.token)
    }

    fn report_state(&self, stack: &Stack) -> Caller<'_> {
        Caller::report_state(&self.lambda, stack.bridge_function(), &self.running.access.token)
    }

    fn usual(&self, tailscale: &Path, control_url: &str, key: &SecretString) -> Usual {
        Usual {
            python: self.tools.python.clone(),
            tailscale: tailscale.to_path_buf(),
            layout: self.sandbox.layout.clone(),
            control_url: control_url.into(),
            auth_key: key.clone(),
            token: self.running.access.token.clone(),
        }
    }

    /// The stack of the tailnet that is far away, deployed.
    async fn deploy_far(&self, far: &FarTailnet) -> Result<Stack> {
        let stack = self.sandbox.stack(FAR_STACK);
        let secret = self.sandbox.skill_client()?.secret;
        let config =
            StackConfig::dev(&self.sandbox.layout, far.bridge_key.clone(), secret)?.without_doorbell();
        let config = config.with("porch:bridge.controlUrl", far::URL);
        let deploy = async {
            stack.prepare(&config).await?;
            // Its output is kept: standard output is for figures.
            stack.pulumi(["up", "--yes", "--skip-preview", "--refresh"]).output().await
        };
        self.progress.step("pulumi up of its stack", about(20), deploy).await?;
        Ok(stack)
    }
}

fn about(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}
