//! Programs that run to their end: builds, installers, command lines of the parts.
//!
//! Each gets a process group of its own, so that a command that is given up takes everything it had started
//! with it, and so that Ctrl-C reaches it only through the sandbox, once.

mod group;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::error::{Doing, Error, Result};
use crate::layout::make_folder;
use group::{Farewell, Group};

/// How many lines of a failed program's output are shown.
pub const LAST_LINES: usize = 30;

/// Variables that `cargo run` sets for xtask. A cargo started from here must not see them: build scripts that
/// watch them would build again each time that cargo is called from somewhere else.
const CARGO_RUN: [&str; 20] = [
    "CARGO",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_DESCRIPTION",
    "CARGO_PKG_HOMEPAGE",
    "CARGO_PKG_LICENSE",
    "CARGO_PKG_LICENSE_FILE",
    "CARGO_PKG_NAME",
    "CARGO_PKG_README",
    "CARGO_PKG_REPOSITORY",
    "CARGO_PKG_RUST_VERSION",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// A program about to be run to its end.
#[derive(Debug)]
pub struct Run {
    what: String,
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    without: Vec<&'static str>,
    folder: Option<PathBuf>,
    stdin: Option<Vec<u8>>,
    patience: Option<Duration>,
}

/// How a program ended, and what it printed.
#[derive(Debug)]
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Run {
    /// `program`, whose purpose is `what` (an infinitive, as in "build headscale failed").
    pub fn new(what: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        Self {
            what: what.into(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            without: Vec::new(),
            folder: None,
            stdin: None,
            patience: None,
        }
    }

    /// Adds arguments. Never a secret: arguments are visible to every process on the machine.
    #[must_use]
    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_os_string()));
        self
    }

    /// Sets variables on top of the person's environment.
    #[must_use]
    pub fn env<K: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.env.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Hides a variable of the person's environment from it.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.without.push(name);
        self
    }

    /// Sets the folder it runs in.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_path_buf());
        self
    }

    /// Gives it `bytes` on standard input: the way for secrets.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Has [`Self::logged`] let it end by itself when the waiting is given up, and kill it only after `patience`: for what takes
    /// a moment, and is better done than half done. Only there, since whoever has lost the reader of his output ends at once.
    #[must_use]
    pub fn to_its_end(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Runs it, keeping its output.
    ///
    /// # Errors
    /// [`Error::Program`] with the last lines of its output when it cannot be started or does not end with 0.
    pub async fn output(self) -> Result<Output> {
        let output = self.finish().await?;
        if output.status.success() {
            return Ok(output);
        }
        let Output { status, stdout, stderr } = &output;
        let told = if stderr.trim().is_empty() { stdout } else { stderr };
        Err(self.failure(status.to_string(), told, None))
    }

    /// Runs it, keeping its output, however it ends.
    ///
    /// # Errors
    /// [`Error::Program`] when it cannot be started.
    pub async fn finish(&self) -> Result<Output> {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.spawn(&mut command)?;
        let (input, stdout, stderr) =
            (child.child.stdin.take(), child.child.stdout.take(), child.child.stderr.take());
        let input = write(input, self.stdin.as_deref());
        let (stdout, stderr, (), status) =
            tokio::join!(read(stdout), read(stderr), input, child.child.wait());
        let status = status.doing(|| self.what.clone())?;
        child.ended();
        Ok(Output { status, stdout, stderr })
    }

    /// Runs it with all that it prints going into the file `log`, where a person can follow it.
    ///
    /// # Errors
    /// [`Error::Program`] with the last lines of the log when it cannot be started or does not end with 0.
    pub async fn logged(self, log: &Path) -> Result<()> {
        if let Some(folder) = log.parent() {
            make_folder(folder)?;
        }
        let what = || format!("write {}", log.display());
        let file = File::create(log).doing(what)?;
        let mut command = self.command();
        command.stdout(file.try_clone().doing(what)?).stderr(file);
        let mut child = self.spawn(&mut command)?;
        if let Some(patience) = self.patience {
            child.farewell = Farewell::Await(patience);
        }
        let input = child.child.stdin.take();
        let (status, ()) = tokio::join!(child.child.wait(), write(input, self.stdin.as_deref()));
        child.ended();
        let status = status.doing(|| self.what.clone())?;
        if status.success() {
            return Ok(());
        }
        let output = std::fs::read(log).unwrap_or_default();
        Err(self.failure(status.to_string(), &String::from_utf8_lossy(&output), Some(log)))
    }

    /// Runs it with its output going straight to the person's terminal, and asks it to end with SIGINT when
    /// the waiting is given up.
    ///
    /// # Errors
    /// [`Error::Program`] when it cannot be started or does not end with 0.
    pub async fn live(self, patience: Duration) -> Result<()> {
        let mut command = self.command();
        command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut child = self.spawn(&mut command)?;
        child.farewell = Farewell::Interrupt(patience);
        let status = child.child.wait().await.doing(|| self.what.clone())?;
        child.ended();
        if status.success() { Ok(()) } else { Err(self.failure(status.to_string(), "", None)) }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).process_group(0).kill_on_drop(false);
        for name in CARGO_RUN.iter().chain(&self.without) {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command
    }

    fn spawn(&self, command: &mut Command) -> Result<Group> {
        Group::spawn(command)
            .map_err(|error| self.failure(format!("it could not be started: {error}"), "", None))
    }

    fn failure(&self, cause: String, output: &str, log: Option<&Path>) -> Error {
        Error::Program {
            what: self.what.clone(),
            cause,
            last: last_lines(output, LAST_LINES),
            log: log.map(Path::to_path_buf),
            hint: unreachable_network(output),
        }
    }
}

async fn read(stream: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What was read until the pipe broke is still worth showing.
        let _ = stream.read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn write(input: Option<tokio::process::ChildStdin>, bytes: Option<&[u8]>) {
    if let (Some(mut input), Some(bytes)) = (input, bytes) {
        // A program that ends without reading tells why by its exit status.
        let _ = input.write_all(bytes).await;
    }
}

/// The last `count` lines of `text`, without terminal colours and trailing blanks.
pub fn last_lines(text: &str, count: usize) -> Vec<String> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].iter().map(|line| line.trim_end().to_string()).collect()
}

/// Recognises the ways in which Go, uv, pip and cargo say that they cannot reach the network.
fn unreachable_network(output: &str) -> Option<String> {
    const SIGNS: [&str; 10] = [
        "no such host",
        "dial tcp",
        "network is unreachable",
        "temporary failure in name resolution",
        "name or service not known",
        "could not resolve host",
        "dns error",
        "connection refused",
        "error sending request",
        "failed to establish a new connection",
    ];
    let lower = output.to_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign)).then(|| {
        "the network seems out of reach: the first set-up fetches Go modules, Python packages and crates; \
         behind a mirror set GOPROXY, UV_DEFAULT_INDEX, PIP_INDEX_URL and cargo's source replacement"
            .to_string()
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Run {
        Run::new("try a script", "/bin/sh").args(["-c", script])
    }

    #[tokio::test]
    async fn output_is_kept_and_input_is_given() {
        let output = shell("cat; echo $PORCH_TEST").stdin("in, ").env([("PORCH_TEST", "env")]).output().await;
        assert_eq!(output.unwrap().stdout, "in, env\n");
    }

    #[tokio::test]
    async fn a_failure_names_the_purpose_the_status_and_the_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("logs/try.log");
        let script = "echo before; echo wrong >&2; exit 3";
        let error = shell(script).output().await.unwrap_err().to_string();
        assert_eq!(error, "try a script failed: exit status: 3\n  | wrong");
        let error = shell(script).logged(&log).await.unwrap_err().to_string();
        let whole = format!("\n  whole log: {}", log.display());
        assert_eq!(error, format!("try a script failed: exit status: 3\n  | before\n  | wrong{whole}"));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_told() {
        let error = Run::new("try nothing", "/nonexistent/program").output().await.unwrap_err();
        assert!(error.to_string().starts_with("try nothing failed: it could not be started"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_is_given_up_takes_its_children_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script = format!("sleep 300 & echo $! > {}; wait", file.display());
        let run = tokio::time::timeout(Duration::from_millis(500), shell(&script).output());
        assert!(run.await.is_err());
        let child: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        let until = Instant::now() + Duration::from_secs(5);
        while crate::procfs::start_time(child).is_some() {
            assert!(Instant::now() < until, "process {child} still runs");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn a_program_that_is_to_end_by_itself_does_when_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let (log, file) = (folder.path().join("log"), folder.path().join("done"));
        let script = format!("sleep 0.3; echo said; touch {}", file.display());
        let run = shell(&script).to_its_end(Duration::from_secs(10)).logged(&log);
        assert!(tokio::time::timeout(Duration::from_millis(50), run).await.is_err());
        assert!(file.exists() && std::fs::read_to_string(&log).unwrap() == "said\n");
    }

    #[test]
    fn an_unreachable_network_gets_a_hint() {
        for output in [
            "go: example.com/x@v1: Get \"https://proxy.golang.org/x\": dial tcp: lookup proxy.golang.org: no such host",
            "error: Failed to fetch: `https://pypi.org/simple/uv/`\n  Caused by: error sending request for url",
        ] {
            assert!(unreachable_network(output).is_some(), "{output}");
        }
        assert_eq!(unreachable_network("undefined: foo"), None);
    }
}
