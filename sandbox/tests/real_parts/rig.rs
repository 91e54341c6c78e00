//! The running sandbox, and stacks on it.

use std::ffi::OsString;
use std::path::Path;

use sandbox::exports::variables;
use sandbox::house::{Alexa, House};
use sandbox::lambda::{Invocation, Lambda};
use sandbox::lock::Lock;
use sandbox::parts::{Part, home_assistant};
use sandbox::progress::Progress;
use sandbox::pulumi::{Stack, StackConfig};
use sandbox::run::{Output, Run};
use sandbox::settings::Settings;
use sandbox::tools::Tools;
use sandbox::{Running, Sandbox};
use serde_json::Value;
use tokio::sync::OnceCell;

/// Every part, running.
pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) tools: Tools,
    pub(crate) running: Running,
    pub(crate) progress: Progress,
    _lock: Lock,
}

/// A stack that is deployed, and the way to its function.
pub(crate) struct Deployed {
    pub(crate) stack: Stack,
    pub(crate) lambda: Lambda,
}

/// The sandbox of this checkout, started by the first test that asks for it.
pub(crate) async fn rig() -> &'static Rig {
    static RIG: OnceCell<Rig> = OnceCell::const_new();
    RIG.get_or_init(Rig::start).await
}

/// A stack as `dev` is, deployed by the first test that asks for it. It stays, so that the next run is quick.
pub(crate) async fn deployed() -> &'static Deployed {
    static DEPLOYED: OnceCell<Deployed> = OnceCell::const_new();
    DEPLOYED
        .get_or_init(async || {
            let rig = rig().await;
            rig.deploy("tests", &rig.config()).await
        })
        .await
}

impl Rig {
    async fn start() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where these tests read their environment"
        )]
        let settings = Settings::read(repository, |name: &str| std::env::var_os(name)).unwrap();
        let sandbox = Sandbox::new(settings);
        let lock = sandbox.lock().unwrap();
        let progress = Progress::on_stderr();
        let tools = sandbox.prepare(&progress).await.unwrap();
        let running = sandbox.start(&tools, &progress).await.unwrap();
        sandbox.aws_plugin(&tools, &progress).await.unwrap();
        Self { sandbox, tools, running, progress, _lock: lock }
    }

    /// The dev stack's configuration.
    pub(crate) fn config(&self) -> StackConfig {
        self.sandbox.dev_config(&self.running).unwrap()
    }

    /// The stack `name`, configured with `config`, whatever an earlier run left of it.
    pub(crate) async fn stack(&self, name: &str, config: &StackConfig) -> Stack {
        let stack = self.sandbox.stack(name);
        stack.prepare(config).await.unwrap();
        stack
    }

    /// The stack `name`, deployed with `config`.
    pub(crate) async fn deploy(&self, name: &str, config: &StackConfig) -> Deployed {
        let stack = self.stack(name, config).await;
        stack.up(true).await.unwrap();
        Deployed { stack, lambda: Lambda::new().unwrap() }
    }

    /// What exists in the emulator for the stack `name`, one line a resource.
    pub(crate) async fn inventory(&self, name: &str) -> Vec<String> {
        let script = self.sandbox.layout.source("aws/inventory.py");
        let listed = Run::new("list the emulator's resources", &self.tools.python)
            .args([script])
            .env(self.variables(name))
            .output()
            .await;
        let names = [format!("porch-{name}-"), format!("porch/{name}/")];
        let of_stack = |line: &&str| names.iter().any(|name| line.contains(name));
        listed.unwrap().stdout.lines().filter(of_stack).map(str::to_string).collect()
    }

    /// What `cargo xtask env` would export for the stack `name`.
    pub(crate) fn variables(&self, name: &str) -> Vec<(&'static str, OsString)> {
        variables(&self.sandbox.settings, &self.sandbox.layout, name)
    }

    /// The house, asked without Alexa.
    pub(crate) fn house(&self) -> House<'_> {
        House::new(&self.running.access).unwrap()
    }
}

impl Deployed {
    /// Its function's name.
    pub(crate) fn function(&self) -> String {
        self.stack.bridge_function()
    }

    /// Alexa, speaking for the owner of the house; `function` is [`Self::function`].
    pub(crate) fn alexa<'a>(&'a self, rig: &'a Rig, function: &'a str) -> Alexa<'a> {
        Alexa { lambda: &self.lambda, function, token: &rig.running.access.token }
    }

    /// Sends `event` as it is.
    pub(crate) async fn invoke(&self, event: impl Into<Vec<u8>>) -> Invocation {
        self.lambda.invoke(&self.function(), event.into()).await.unwrap()
    }

    /// Destroys it, and forgets the stack.
    pub(crate) async fn destroy(&self) {
        succeeds(self.stack.pulumi(["destroy", "--yes", "--skip-preview"])).await;
        succeeds(self.stack.pulumi(["stack", "rm", "--yes", "--preserve-config"])).await;
    }
}

/// Home Assistant, stopped.
pub(crate) struct Stopped<'a> {
    rig: &'a Rig,
}

impl<'a> Stopped<'a> {
    pub(crate) fn stop(rig: &'a Rig) -> Self {
        home_assistant::KIND.end(&rig.sandbox.layout).unwrap().expect("it runs");
        Self { rig }
    }

    pub(crate) async fn start_again(self) {
        self.start_changed(str::to_string).await;
    }

    /// Starts it with a configuration that `change` makes of its own.
    pub(crate) async fn start_changed(self, change: impl FnOnce(&str) -> String) {
        let Rig { sandbox, tools, progress, .. } = self.rig;
        let part: Part = home_assistant::part(&sandbox.settings, &sandbox.layout, tools).await.unwrap();
        let file = &part.inputs[0];
        let changed = change(&std::fs::read_to_string(file).unwrap());
        std::fs::write(file, changed).unwrap();
        part.ensure(&sandbox.layout, progress).await.unwrap();
        home_assistant::onboard(&sandbox.layout, tools, progress).await.unwrap();
    }
}

/// The function's reply, which must be one.
pub(crate) fn reply(invocation: &Invocation) -> Value {
    let text = String::from_utf8_lossy(&invocation.payload);
    assert!(invocation.status == 200 && invocation.function_error.is_none(), "{invocation:?}: {text}");
    serde_json::from_slice(&invocation.payload).unwrap()
}

/// Runs a command that must end well, and gives what it printed.
pub(crate) async fn succeeds(run: Run) -> Output {
    let output = run.finish().await.unwrap();
    assert!(output.status.success(), "{}\n{}", output.stdout, output.stderr);
    output
}

/// Runs a command that must fail, and gives all that it printed.
pub(crate) async fn fails(run: Run) -> String {
    let output = run.finish().await.unwrap();
    assert!(!output.status.success(), "{}\n{}", output.stdout, output.stderr);
    output.stdout + &output.stderr
}
