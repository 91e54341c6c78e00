//! The running sandbox, and stacks on it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use alexa::Region;
use sandbox::certificates::Certificates;
use sandbox::exports::variables;
use sandbox::house::{Alexa, Device, House, directive};
use sandbox::lambda::{Invocation, Lambda};
use sandbox::lock::Lock;
use sandbox::parts::{Kind, Part, home_assistant, lambda_runner, ministack};
use sandbox::progress::Progress;
use sandbox::pulumi::{Stack, StackConfig};
use sandbox::run::{Output, Run};
use sandbox::settings::Settings;
use sandbox::tools::Tools;
use sandbox::{DEV, Running, Sandbox};
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::OnceCell;

/// Where the emulator writes down what it allows.
const USED: &str = "state/used";

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
        // What an earlier run made use of is nothing that this one needs; nor are the environments that it left, since what
        // they did at their start they do not do again.
        lambda_runner::KIND.end(&sandbox.layout).unwrap();
        let _ = fs::remove_file(sandbox.layout.part(ministack::KIND.slug).join(USED));
        let progress = Progress::on_stderr();
        let tools = sandbox.prepare(&progress).await.unwrap();
        let running = sandbox.start(&tools, &progress).await.unwrap();
        sandbox.aws_plugin(&tools, &progress).await.unwrap();
        Self { sandbox, tools, running, progress, _lock: lock }
    }

    /// The dev stack's configuration, without the doorbell and without skills of its own.
    pub(crate) fn config(&self) -> StackConfig {
        self.sandbox.dev_config(&self.running).unwrap().without_doorbell().with_given_skill()
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

    /// The sandbox's certificates.
    pub(crate) fn certificates(&self) -> Certificates {
        Certificates::of(&self.sandbox.layout).unwrap()
    }

    /// A directive of the house's owner: turn on the lamp.
    pub(crate) fn turn_on(&self) -> Value {
        turn_on(&self.running.access.token)
    }

    /// What exists in the emulator for the stack `name`, one line a resource.
    pub(crate) async fn inventory(&self, name: &str) -> Vec<String> {
        self.inventory_in(Region::NorthAmerica, name).await
    }

    /// The same of a stack that is in `region`.
    pub(crate) async fn inventory_in(&self, region: Region, name: &str) -> Vec<String> {
        self.listed(region, &[&format!("porch-{name}-"), &format!("porch/{name}/")]).await
    }

    /// What exists in the emulator in `region` with one of `names` in its own.
    pub(crate) async fn listed(&self, region: Region, names: &[&str]) -> Vec<String> {
        let script = ["aws/inventory.py", region.aws()];
        let listed = self.tell(DEV, "list the emulator's resources", &script).await;
        let is_one = |line: &&str| names.iter().any(|name| line.contains(name));
        listed.lines().filter(is_one).map(str::to_string).collect()
    }

    /// What the roles and users of the stack `name` may do, without the stack's name: one line an action, like
    /// `role bridge ssm:GetParameters ssm:parameter/bridge/tailscale-auth-key`. Every other action was asked about, and
    /// would be denied.
    pub(crate) async fn allowed(&self, name: &str) -> Vec<String> {
        let prefix = format!("porch-{name}-");
        let listed = self.tell(name, "ask what roles may do", &["aws/allowed.py", &prefix]).await;
        without_stack(name, &listed)
    }

    /// Those lines of [`Self::allowed`] about `whom` that nothing has made use of since these tests began: each of them is a
    /// right that nobody needs.
    pub(crate) async fn unused(&self, name: &str, whom: &[&str]) -> Vec<String> {
        let is_meant = |allowed: &String| whom.iter().any(|one| allowed.starts_with(one));
        let allowed: Vec<String> = self.allowed(name).await.into_iter().filter(is_meant).collect();
        let is_unused = self.is_unused(name);
        allowed.into_iter().filter(|allowed| is_unused(allowed)).collect()
    }

    /// Whether nothing has made use of a line of [`Self::allowed`] since these tests began.
    pub(crate) fn is_unused(&self, name: &str) -> impl Fn(&str) -> bool + use<> {
        let used = without_stack(name, &fs::read_to_string(self.used()).unwrap_or_default());
        move |allowed| !used.iter().any(|line| is_like(line, allowed))
    }

    /// What came of the schedules of the stack `name` when their time was there: one line each, without the stack's name, with
    /// Lambda's answer.
    pub(crate) async fn on_schedule(&self, name: &str) -> Vec<String> {
        let prefix = format!("porch-{name}-");
        let told = self.tell(name, "do what is scheduled", &["aws/scheduled.py", &prefix]).await;
        told.lines().map(|line| line.replace(&prefix, "")).collect()
    }

    /// Where the emulator writes down what it allows.
    fn used(&self) -> PathBuf {
        self.sandbox.layout.part(ministack::KIND.slug).join(USED)
    }

    /// What a script prints that asks the emulator about the stack `name`.
    pub(crate) async fn tell(&self, name: &str, what: &str, script: &[&str]) -> String {
        let path = self.sandbox.layout.source(script[0]);
        let run = Run::new(what, &self.tools.python).args([path]).args(&script[1..]);
        run.env(self.variables(name)).output().await.unwrap().stdout
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

    /// Deploys it anew with another `config`.
    pub(crate) async fn change(&self, config: &StackConfig) {
        self.stack.prepare(config).await.unwrap();
        self.stack.up(false).await.unwrap();
    }

    /// That Alexa was answered by Home Assistant, and by no error of it.
    #[track_caller]
    pub(crate) fn answers(&self, invocation: &Invocation) {
        let event = &reply(invocation)["event"];
        assert_eq!(event["header"]["name"], "Response", "{event}\n{}", invocation.log);
    }

    /// That Alexa was told that Home Assistant cannot be reached, and the log why.
    #[track_caller]
    pub(crate) fn refuses(&self, invocation: &Invocation, reason: &str) {
        let event = &reply(invocation)["event"];
        assert_eq!(event["payload"]["type"], "BRIDGE_UNREACHABLE", "{event}\n{}", invocation.log);
        let line = invocation.answered().unwrap_or_default();
        let failure = line["failure"].as_str().unwrap_or_default();
        assert!(failure.contains(reason), "`{reason}` is not in\n{}", invocation.log);
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

/// A part that only one test needs: it ends with this value.
pub(crate) struct Ended {
    rig: &'static Rig,
    kind: Kind,
}

impl Ended {
    /// Ends `kind` at last.
    pub(crate) fn at_last(rig: &'static Rig, kind: Kind) -> Self {
        Self { rig, kind }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // The test's own failure is the one to be told; `cargo xtask down` ends what is left.
        let _ = self.kind.end(&self.rig.sandbox.layout);
    }
}

/// Lines about what roles and users may do, without the name of the stack `name`.
fn without_stack(name: &str, lines: &str) -> Vec<String> {
    let (prefix, path) = (format!("porch-{name}-"), format!("/porch/{name}/"));
    lines.lines().map(|line| line.replace(&prefix, "").replace(&path, "/")).collect()
}

/// Whether `line` is what `pattern` says, which has `*` for any text.
fn is_like(line: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return line == pattern };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    let Some(mut line) = line.strip_prefix(start).and_then(|line| line.strip_suffix(end)) else {
        return false;
    };
    parts.iter().all(|part| match line.split_once(part) {
        Some((_, after)) => {
            line = after;
            true
        }
        None => false,
    })
}

/// The directive to turn on the lamp, of who has `token`.
pub(crate) fn turn_on(token: &SecretString) -> Value {
    let lamp =
        Device { friendly_name: "Lamp".into(), endpoint_id: "light#lamp".into(), categories: Vec::new() };
    directive("Alexa.PowerController", "TurnOn", Some(&lamp), token)
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
