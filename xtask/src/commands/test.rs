//! `cargo xtask test`: everything that must pass.

use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::error::Doing;
use sandbox::interrupt::{listen_for_insistence, unless_interrupted};
use sandbox::machine;
use sandbox::parts;
use sandbox::progress::{Progress, spoken};
use sandbox::run::Run;
use sandbox::tools::CargoDeny;
use sandbox::{Error, Result, Sandbox};

use super::print;

/// What is to be tested.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Only these steps, in this order; all when none is given
    steps: Vec<Step>,
}

/// One kind of check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Step {
    /// rustfmt and ruff: the form of the sources
    Format,
    /// clippy, with warnings denied
    Lints,
    /// cargo-deny: licences, sources and duplicates of what the build takes in
    Dependencies,
    /// Every test that needs nothing but the sources
    Offline,
    /// The aws provider stand-in, by itself and on an emulator of its own
    StandIn,
    /// The daemon's Debian package: built for a Raspberry Pi, its program run on an emulated processor, installed by dpkg
    Package,
    /// What is deployed, built in two folders: the same bytes, and what is in them
    Artifacts,
    /// Pictures from a camera that speaks RTSP
    Camera,
    /// The device's button backends on real kernels, in a User Mode Linux and in an emulated Raspberry Pi
    Gpio,
    /// The doorbell's page in a real browser
    Page,
    /// Pulumi, both providers, the deployed function, the tailnet and Home Assistant together
    RealParts,
    /// The commands of `cargo xtask`, as a person runs them
    CommandLine,
}

const ALL: [Step; 12] = [
    Step::Format,
    Step::Lints,
    Step::Dependencies,
    Step::Offline,
    Step::StandIn,
    Step::Package,
    Step::Artifacts,
    Step::Camera,
    Step::Gpio,
    Step::Page,
    Step::RealParts,
    Step::CommandLine,
];

/// How long a step that is given up may take to put things in order.
const PATIENCE: Duration = Duration::from_secs(30);

impl Test {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        listen_for_insistence()?;
        unless_interrupted(self.test(sandbox)).await?;
        Ok(0)
    }

    async fn test(&self, sandbox: &Sandbox) -> Result<()> {
        let steps = if self.steps.is_empty() { &ALL[..] } else { &self.steps };
        if steps.iter().any(|step| matches!(step, Step::Page | Step::RealParts)) {
            // Asked here, because the tests that need it come after many minutes.
            machine::chromedriver(&sandbox.settings)?;
        }
        let before = tracked_changes(sandbox).await?;
        let ran_before = any_part_runs(sandbox)?;
        let mut times = Vec::new();
        for step in steps {
            let (began, name) = (Instant::now(), step.name());
            print(format!("\n== {name}\n"))?;
            step.test(sandbox).await?;
            times.push(format!("  {name:<14} {}\n", spoken(began.elapsed())));
        }
        if !ran_before && any_part_runs(sandbox)? {
            sandbox.stop(|_, _| {})?;
        }
        if tracked_changes(sandbox).await? != before {
            return Err(Error::Answer("the tests changed tracked files; `git diff` shows which".into()));
        }
        print(format!("\nEverything passed:\n{}", times.concat()))
    }
}

impl Step {
    fn name(self) -> String {
        clap::ValueEnum::to_possible_value(&self)
            .map(|value| value.get_name().to_string())
            .unwrap_or_default()
    }

    async fn test(self, sandbox: &Sandbox) -> Result<()> {
        match self {
            Self::Format => {
                live(cargo(sandbox, &["fmt", "--check"])).await?;
                let ruff = sandbox.python_tools(&Progress::on_stderr()).await?.join("ruff");
                for check in [&["check"][..], &["format", "--check"]] {
                    let config = ["--quiet", "--no-cache", "--config", "sandbox/python/ruff.toml", "sandbox"];
                    live(here(sandbox, "ruff", &ruff).args(check).args(config)).await?;
                }
                Ok(())
            }
            Self::Lints => {
                let every_target = ["clippy", "--workspace", "--all-targets", "--all-features"];
                live(cargo(sandbox, &every_target).args(["--", "--deny", "warnings"])).await
            }
            Self::Dependencies => {
                let deny =
                    CargoDeny::new(&sandbox.settings, &sandbox.layout).set_up(&Progress::on_stderr()).await?;
                let checks = ["--workspace", "check", "bans", "licenses", "sources"];
                live(here(sandbox, "cargo deny", &deny).args(checks)).await
            }
            Self::Offline => live(cargo(sandbox, &["test", "--workspace"])).await,
            Self::StandIn => {
                let python = sandbox.python_tools(&Progress::on_stderr()).await?.join("python");
                let discover = ["-m", "unittest", "discover", "--top-level-directory"];
                let tests = ["sandbox/aws", "sandbox/aws/tests"];
                live(here(sandbox, "test the aws stand-in", &python).args(discover).args(tests)).await
            }
            Self::Package => live(real_parts(sandbox, "sandbox", "package")).await,
            Self::Artifacts => live(real_parts(sandbox, "sandbox", "artifacts")).await,
            Self::Camera => live(real_parts(sandbox, "sandbox", "camera")).await,
            Self::Gpio => live(real_parts(sandbox, "sandbox", "gpio")).await,
            Self::Page => live(real_parts(sandbox, "device", "browser")).await,
            Self::RealParts => live(real_parts(sandbox, "sandbox", "real_parts")).await,
            Self::CommandLine => live(real_parts(sandbox, "xtask", "real_parts")).await,
        }
    }
}

/// The tests `target` of `package` that use the sandbox, one after the other: they share its parts, or the machine.
fn real_parts(sandbox: &Sandbox, package: &str, target: &str) -> Run {
    let target = ["test", "--package", package, "--features", "real-parts", "--test", target];
    cargo(sandbox, &target).args(["--", "--test-threads", "1"])
}

fn cargo(sandbox: &Sandbox, args: &[&str]) -> Run {
    let program = sandbox.settings.find("cargo").unwrap_or_else(|| "cargo".into());
    let what = format!("cargo {}", args.first().copied().unwrap_or_default());
    here(sandbox, &what, &program).args(args)
}

fn here(sandbox: &Sandbox, what: &str, program: &Path) -> Run {
    Run::new(what, program).folder(&sandbox.layout.repository)
}

async fn live(run: Run) -> Result<()> {
    run.live(PATIENCE).await
}

fn any_part_runs(sandbox: &Sandbox) -> Result<bool> {
    for part in parts::ALL.iter().chain(&parts::WHERE_INSTALLED) {
        if part.process(&sandbox.layout)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What differs from the commit, so that a test that changes a tracked file is noticed; nothing without git.
async fn tracked_changes(sandbox: &Sandbox) -> Result<String> {
    if !sandbox.layout.repository.join(".git").try_exists().doing(|| "look for .git".into())? {
        return Ok(String::new());
    }
    let git = sandbox.settings.find("git").unwrap_or_else(|| "git".into());
    let diff = here(sandbox, "git diff", &git).args(["diff", "HEAD", "--no-color", "--no-ext-diff"]);
    diff.output().await.map(|output| output.stdout)
}
