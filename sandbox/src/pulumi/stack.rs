//! One stack of the porch program in the sandbox: its configuration, and Pulumi's commands on it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::Value;

use super::config::StackConfig;
use super::lock::{self, Lock};
use crate::deployed::Function;
use crate::error::{Error, Result};
use crate::exports::{config_file, variables};
use crate::layout::{Layout, make_folder, read_text, remove, write_if_changed, write_private};
use crate::run::Run;
use crate::secrets;
use crate::settings::Settings;

/// A stack's outputs by name.
pub type Outputs = BTreeMap<String, Value>;

/// Every command's --config-file.
const CONFIG_FILE: &str = "PULUMI_OPTION_CONFIG_FILE";
/// How long an interrupted engine may take to finish the resources that it is at.
const ENGINE_PATIENCE: Duration = Duration::from_secs(120);

/// One stack.
#[derive(Clone, Debug)]
pub struct Stack {
    name: String,
    settings: Settings,
    layout: Layout,
}

impl Stack {
    /// The stack `name` of the checkout.
    #[must_use]
    pub fn new(settings: &Settings, layout: &Layout, name: &str) -> Self {
        Self { name: name.into(), settings: settings.clone(), layout: layout.clone() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The physical name of the bridge's function, where the configuration gives it none of its own: who has time to ask the
    /// stack, asks with [`Self::function`].
    #[must_use]
    pub fn bridge_function(&self) -> String {
        format!("porch-{}-bridge", self.name)
    }

    /// The same of the function that serves linking, where the configuration has one.
    #[must_use]
    pub fn linking_function(&self) -> String {
        format!("porch-{}-linking", self.name)
    }

    /// The same of the doorbell's function.
    #[must_use]
    pub fn doorbell_function(&self) -> String {
        format!("porch-{}-doorbell", self.name)
    }

    /// What the stack says that `function` is called.
    ///
    /// # Errors
    /// When the stack is not there, or does not have it.
    pub async fn function(&self, function: Function) -> Result<String> {
        if !config_file(&self.layout, &self.name).exists() {
            return Err(Error::NotSetUp);
        }
        let outputs = self.outputs().await?;
        let name = function.named(&outputs).map(str::to_owned);
        name.ok_or_else(|| {
            Error::Answer(format!("the stack {} has no function {}", self.name, function.name()))
        })
    }

    /// Makes the stack unless it is there, frees a lock that a killed engine left, and writes its configuration
    /// when `config` is not what it was written from the last time.
    ///
    /// # Errors
    /// When an engine is at work on it, or Pulumi refuses.
    pub async fn prepare(&self, config: &StackConfig) -> Result<()> {
        make_folder(&self.layout.pulumi_state())?;
        make_folder(&self.layout.pulumi_home())?;
        secrets::passphrase(&self.layout)?;
        let project = self.project()?;
        // A project that consists of its name is all that making stacks and setting their configuration needs, and
        // so nothing of it can touch the tracked files.
        let text = format!("name: {project}\nruntime: yaml\n");
        write_if_changed(&self.layout.stacks().join("Pulumi.yaml"), text)?;
        if lock::of(&self.layout, &project, &self.name)? == Lock::Stale {
            self.aside("free the stack's lock", ["cancel", "--yes", "--stack", &self.name]).output().await?;
        }
        if !self.exists(&project) {
            self.aside("make the stack", ["stack", "init", "--no-select", &self.name]).output().await?;
        }
        self.configure(config).await
    }

    /// `pulumi` with these arguments on this stack, in the project's folder, ready to be run.
    #[must_use]
    pub fn pulumi<const N: usize>(&self, args: [&str; N]) -> Run {
        let what = format!("pulumi {}", args.first().copied().unwrap_or_default());
        let variables = variables(&self.settings, &self.layout, &self.name);
        let run = self.run(&what).args(args).args(["--stack", &self.name]);
        run.env(variables).folder(&self.layout.repository)
    }

    /// `pulumi up` with its own output on the terminal. With `refresh` the state is compared with the emulator first.
    ///
    /// # Errors
    /// When it fails; interrupted, the engine finishes what it is at and frees its lock.
    pub async fn up(&self, refresh: bool) -> Result<()> {
        let mut run = self.pulumi(["up", "--yes", "--skip-preview", "--color", self.color()]);
        if refresh {
            run = run.args(["--refresh"]);
        }
        run.live(ENGINE_PATIENCE).await
    }

    /// The same without `refresh`, for who waits for it: functions are built by the profile `quick`, and what is told is what
    /// changes.
    ///
    /// # Errors
    /// See [`Self::up`].
    pub async fn up_quickly(&self) -> Result<()> {
        let run = self.pulumi(["up", "--yes", "--skip-preview", "--color", self.color()]);
        let run = run.args(["--suppress-outputs", "--suppress-progress"]);
        run.env([("PORCH_FUNCTION_PROFILE", "quick")]).live(ENGINE_PATIENCE).await
    }

    /// Selects it, so that plain `pulumi` commands in the project's folder are about it.
    ///
    /// # Errors
    /// When Pulumi refuses.
    pub async fn select(&self) -> Result<()> {
        self.pulumi(["stack", "select"]).output().await.map(|_| ())
    }

    /// Its outputs.
    ///
    /// # Errors
    /// When the stack is not there.
    pub async fn outputs(&self) -> Result<Outputs> {
        self.outputs_of(self.pulumi(["stack", "output", "--json"])).await
    }

    /// Its outputs, those that are secret in clear.
    ///
    /// # Errors
    /// When the stack is not there.
    pub async fn secret_outputs(&self) -> Result<Outputs> {
        self.outputs_of(self.pulumi(["stack", "output", "--json", "--show-secrets"])).await
    }

    async fn outputs_of(&self, run: Run) -> Result<Outputs> {
        let answer = run.output().await?;
        serde_json::from_str(&answer.stdout)
            .map_err(|error| Error::Answer(format!("pulumi stack output printed no JSON: {error}")))
    }

    fn color(&self) -> &'static str {
        use std::io::IsTerminal;
        if !self.settings.no_color && std::io::stdout().is_terminal() { "always" } else { "never" }
    }

    /// The project's name, from the tracked `Pulumi.yaml`.
    fn project(&self) -> Result<String> {
        let file = self.layout.repository.join("Pulumi.yaml");
        let name =
            read_text(&file)?.lines().find_map(|line| Some(line.strip_prefix("name:")?.trim().to_string()));
        name.ok_or_else(|| Error::Answer(format!("{} has no line `name: ...`", file.display())))
    }

    fn exists(&self, project: &str) -> bool {
        let file = format!(".pulumi/stacks/{project}/{}.json", self.name);
        self.layout.pulumi_state().join(file).exists()
    }

    async fn configure(&self, config: &StackConfig) -> Result<()> {
        let (file, mark) = (config_file(&self.layout, &self.name), self.mark());
        let fingerprint = config.fingerprint();
        if file.exists() && read_text(&mark).is_ok_and(|old| old == fingerprint) {
            return Ok(());
        }
        remove(&mark)?;
        write_private(&file, config.text(&file))?;
        for (path, value) in &config.changes {
            let change = match value {
                Some(value) => {
                    let args = ["config", "set", "--path", path, "--stack", &self.name];
                    // As an argument, PEM would be taken for an option: it begins with a hyphen.
                    self.aside(&format!("set {path}"), args).stdin(value.as_bytes())
                }
                None => {
                    let args = ["config", "rm", "--path", path, "--stack", &self.name];
                    self.aside(&format!("take {path} away"), args)
                }
            };
            change.output().await?;
        }
        for (key, value) in &config.secrets {
            let args = ["config", "set", "--secret", key, "--stack", &self.name];
            let secret = value.expose_secret().as_bytes();
            self.aside(&format!("set the secret {key}"), args).stdin(secret).output().await?;
        }
        write_private(&mark, fingerprint)
    }

    /// Pulumi in the folder of the stacks' configuration files.
    fn aside<const N: usize>(&self, what: &str, args: [&str; N]) -> Run {
        let variables = variables(&self.settings, &self.layout, &self.name);
        // There the configuration file is where Pulumi expects it, and some commands know no --config-file.
        let variables = variables.into_iter().filter(|(name, _)| *name != CONFIG_FILE);
        self.run(what).args(args).env(variables).without(CONFIG_FILE).folder(&self.layout.stacks())
    }

    fn run(&self, what: &str) -> Run {
        let run = Run::new(what, self.layout.pulumi_cli().join("pulumi")).args(["--non-interactive"]);
        // A passphrase in the person's environment would win over the sandbox's file.
        run.without("PULUMI_CONFIG_PASSPHRASE")
    }

    fn mark(&self) -> PathBuf {
        self.layout.stacks().join(format!(".{}.fingerprint", self.name))
    }
}
