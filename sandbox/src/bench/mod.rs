//! How quick and how large it is, measured on the running sandbox.

mod caller;
mod cold;
mod door;
mod engine;
mod far;
mod faults;
pub mod figures;
mod from_nothing;
pub mod host;
mod house;
mod press;
pub mod relay;
mod size;
pub mod stats;
mod stun_relay;
mod thaw;
mod usual;
mod warm;

use std::path::Path;
use std::time::Duration;

use package::Architecture;
use secrecy::SecretString;

use self::caller::Caller;
use self::far::FarTailnet;
use self::figures::Measured;
use self::thaw::Thaw;
use self::usual::Usual;
use crate::error::{Error, Result};
use crate::lambda::Lambda;
use crate::parts::doorbell;
use crate::parts::headscale::{self, Headscale, Role};
use crate::progress::Progress;
use crate::pulumi::{Stack, StackConfig};
use crate::tools::{self, Tools};
use crate::{DEV, Running, Sandbox};

/// The stack whose function is in the tailnet that is far away. It stays, so that the next run is quick.
const FAR_STACK: &str = "bench";

/// The stack whose function is for the architecture that this machine has not. It is built and never run.
const OTHER_STACK: &str = "bench-other";

/// What is to be measured, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The deployed bridge, but for what the next ones are about.
    pub bridge: bool,
    /// The bridge after freezes.
    pub freezes: bool,
    /// The bridge with faults on its way.
    pub faults: bool,
    /// The program and its provider.
    pub infra: bool,
    /// A sandbox that is set up anew, after which this one no longer runs.
    pub from_nothing: bool,
    /// The doorbell.
    pub press: bool,
    /// Its package.
    pub package: bool,
    /// Few runs: to see that it works, not to quote.
    pub quick: bool,
    /// How many freezes, when not the usual number.
    pub freeze_cycles: Option<usize>,
    /// What is left to chance follows from it; drawn anew when absent, and told in the notes.
    pub seed: Option<u32>,
}

/// What all measurements use.
struct Rig<'a> {
    sandbox: &'a Sandbox,
    progress: &'a Progress,
    tools: Tools,
    running: Running,
    lambda: Lambda,
    /// What is left to chance follows from it.
    seed: u64,
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
        let rig = Rig {
            sandbox,
            progress,
            tools,
            running,
            lambda: Lambda::new()?,
            seed: self.seed.unwrap_or_else(|| fastrand::u32(..)).into(),
        };
        let dev = sandbox.stack(DEV);
        if !dev.outputs().await?.contains_key("bridgeFunctionName") {
            return Err(Error::NotSetUp);
        }
        if self.bridge {
            let other = if self.quick { Err("not in a quick run".into()) } else { rig.deploy_other().await };
            tell(&size::image(&dev, other).await?)?;
            self.warm(&rig, &dev, &mut tell).await?;
            self.cold(&rig, &dev, &mut tell).await?;
        }
        if self.infra {
            let work = engine::measure(&dev);
            rig.tell("preview, and up with nothing to do", about(60), work, &mut tell).await?;
        }
        if self.press {
            self.press(&rig, &dev, &mut tell).await?;
        }
        if self.package {
            // That of the other one has Rust's library built along.
            let both = [Architecture::Arm64, Architecture::Armhf];
            let architectures = if self.quick { &both[..1] } else { &both };
            tell(&size::package(sandbox, architectures, progress).await?)?;
        }
        if self.faults {
            self.faults(&rig, &mut tell).await?;
        }
        if self.freezes {
            self.thaw(&rig, &dev, &mut tell).await?;
        }
        if self.from_nothing {
            tell(&from_nothing::measure(sandbox, progress).await?)?;
            progress
                .say("The sandbox of this checkout was ended for that; `cargo xtask up` starts it again.");
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
        rig.tell("warm directives", about(10), work, tell).await?;
        let work = size::resident(&caller);
        tell(&rig.progress.step("memory after many directives", about(5), work).await?)
    }

    async fn press(
        &self,
        rig: &Rig<'_>,
        dev: &Stack,
        tell: &mut impl FnMut(&Measured) -> Result<()>,
    ) -> Result<()> {
        let Sandbox { settings, layout } = rig.sandbox;
        let program = tools::shipped_doorbell(settings, layout, rig.progress).await?;
        let daemon = door::daemon(program, rig.sandbox.pi(dev).await?);
        let presses = if self.quick { 3 } else { 30 };
        let work = press::measure(rig, &daemon, presses);
        rig.tell("presses", about(presses as u64 * 3 / 2), work, tell).await?;
        let household = rig.sandbox.start_household(&rig.running, &rig.tools, rig.progress).await?;
        // The broker knows a daemon by its machine, and would take this one and the dev stack's for one.
        doorbell::KIND.end(layout)?;
        let work = house::measure(rig, &household, &daemon, presses);
        let estimate = about(presses as u64 * 2 + 15);
        let measured = rig.tell("presses in a house with everything", estimate, work, tell).await;
        rig.sandbox.start_doorbell_at(&household, dev, &rig.tools, rig.progress).await?;
        measured?;
        rig.tell("presses with faults", about(60), press::faults(settings, layout), tell).await
    }

    async fn faults(&self, rig: &Rig<'_>, tell: &mut impl FnMut(&Measured) -> Result<()>) -> Result<()> {
        let Sandbox { settings, layout } = rig.sandbox;
        let runs = if self.quick { 500 } else { 10_000 };
        let work = faults::measure(settings, layout, rig.progress, runs, rig.seed);
        rig.tell("directives with faults", about(runs as u64 / 70), work, tell).await
    }

    async fn thaw(
        &self,
        rig: &Rig<'_>,
        dev: &Stack,
        tell: &mut impl FnMut(&Measured) -> Result<()>,
    ) -> Result<()> {
        let Sandbox { layout, .. } = rig.sandbox;
        let home_key = Headscale::new(layout, &rig.tools).key(Role::Home).await?;
        let thaw = Thaw {
            layout,
            progress: rig.progress,
            home_node: rig.sandbox.home_node(&rig.tools, &home_key)?,
            repeatable: rig.report_state(dev),
            unrepeatable: rig.adjust_brightness(dev),
            seed: rig.seed,
            freezes: self.freeze_cycles.unwrap_or(if self.quick { 20 } else { 200 }),
            only_short: self.quick,
        };
        rig.tell("freezes", Some(thaw.estimate()), thaw.measure(), tell).await
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
        rig.tell("cold starts", about(runs as u64), work, tell).await?;

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
        rig.tell("cold starts, 30 ms away", about(2 * runs as u64), work, tell).await
    }
}

impl Rig<'_> {
    /// Does `work` with its progress shown, and tells the figures that it gives.
    async fn tell<F: AsRef<[Measured]>>(
        &self,
        what: &str,
        estimate: Option<Duration>,
        work: impl Future<Output = Result<F>>,
        tell: &mut impl FnMut(&Measured) -> Result<()>,
    ) -> Result<()> {
        let figures = self.progress.step(what, estimate, work).await?;
        figures.as_ref().iter().try_for_each(tell)
    }

    fn discovery(&self, stack: &Stack) -> Caller<'_> {
        Caller::discovery(&self.lambda, stack.bridge_function(), &self.running.access.token)
    }

    fn report_state(&self, stack: &Stack) -> Caller<'_> {
        Caller::report_state(&self.lambda, stack.bridge_function(), &self.running.access.token)
    }

    fn adjust_brightness(&self, stack: &Stack) -> Caller<'_> {
        Caller::adjust_brightness(&self.lambda, stack.bridge_function(), &self.running.access.token)
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
        let developer = &self.running.developer;
        let config = StackConfig::dev(&self.sandbox.layout, far.bridge_key.clone(), developer)?;
        let config = config.without_doorbell().with_given_skill();
        self.deploy(FAR_STACK, &config.with("porch:bridge.controlUrl", far::URL), 20).await
    }

    /// The stack of the other architecture, deployed, or in a line why it cannot be built on this machine.
    async fn deploy_other(&self) -> Result<Stack, String> {
        let deploy = async {
            let config = self.sandbox.dev_config(&self.running)?.without_doorbell().with_given_skill();
            let config = config.with("porch:bridge.architecture", size::other_architecture());
            self.deploy(OTHER_STACK, &config, 300).await
        };
        deploy.await.map_err(|error: Error| {
            let (why, tried) = (error.to_string(), format!("pulumi up of its stack {OTHER_STACK}"));
            self.progress.say(&why);
            format!("{tried} failed")
        })
    }

    async fn deploy(&self, name: &str, config: &StackConfig, seconds: u64) -> Result<Stack> {
        let stack = self.sandbox.stack(name);
        let deploy = async {
            stack.prepare(config).await?;
            // Its output is kept: standard output is for figures.
            stack.pulumi(["up", "--yes", "--skip-preview", "--refresh"]).output().await
        };
        self.progress.step(&format!("pulumi up of stack {name}"), about(seconds), deploy).await?;
        Ok(stack)
    }
}

fn about(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}
