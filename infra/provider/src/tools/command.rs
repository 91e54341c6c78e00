//! One run of a tool: line by line to whoever waits, with a time limit, ended with all its children when cancelled.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::time::timeout;

use super::{Environment, Tool, output};
use crate::task::Task;

/// How long an interrupted tool may take to remove its temporary files.
const GRACE: Duration = Duration::from_secs(3);

/// Why a tool did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It is not on this machine.
    #[error("{program} is not installed, and {what} needs it; {how_to_install}")]
    Absent {
        /// The tool's file name.
        program: &'static str,
        /// The step that needs it.
        what: String,
        /// What to do about it.
        how_to_install: &'static str,
    },
    /// It is there but could not be started or read.
    #[error("{what}: {program} could not be run: {source}")]
    NotRun {
        /// The tool's file name.
        program: &'static str,
        /// The step that was asked for.
        what: String,
        /// What the system answered.
        source: std::io::Error,
    },
    /// It ended with an error of its own.
    #[error("{what} failed ({status})\n\n{report}\n")]
    Failed {
        /// The step that was asked for.
        what: String,
        /// How the tool ended.
        status: ExitStatus,
        /// What it said, as it said it.
        report: String,
    },
    /// There was no room to write.
    #[error("{what}: the disk is full; free some space and run pulumi again")]
    DiskFull {
        /// The step that was asked for.
        what: String,
    },
    /// It did not end in time.
    #[error("{what} was stopped after {} minutes without an end", limit.as_secs() / 60)]
    TooLong {
        /// The step that was asked for.
        what: String,
        /// The time it had.
        limit: Duration,
    },
    /// Somebody stopped it.
    #[error("{what} was cancelled")]
    Cancelled {
        /// The step that was asked for.
        what: String,
    },
}

impl ToolError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }
}

/// A tool about to be run.
pub(crate) struct Command<'a> {
    tool: Tool,
    file: Option<PathBuf>,
    what: String,
    folder: &'a Path,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
    limit: Duration,
}

impl<'a> Command<'a> {
    /// `what` says in messages what is going on: `building functions/bridge for arm64`.
    pub(crate) fn new(tool: Tool, what: impl Into<String>, folder: &'a Path) -> Self {
        let (arguments, variables) = (Vec::new(), Vec::new());
        let limit = Duration::from_secs(60);
        Self { tool, file: None, what: what.into(), folder, arguments, variables, limit }
    }

    /// Runs this file, and not the first of the tool's name on `PATH`.
    pub(crate) fn file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    pub(crate) fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name, value.as_ref().to_owned()));
        self
    }

    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs the tool and returns its standard output. Each line of its standard error goes to the log and to
    /// `on_line` as it comes.
    pub(crate) async fn run(
        self,
        environment: &Environment,
        task: &Task,
        on_line: impl FnMut(&str),
    ) -> Result<String, ToolError> {
        let program = self.tool.program();
        let Some(file) = self.file.clone().or_else(|| environment.find(program)) else {
            let how_to_install = self.tool.how_to_install();
            return Err(ToolError::Absent { program, what: self.what, how_to_install });
        };
        let not_run = |source| ToolError::NotRun { program, what: self.what.clone(), source };
        tracing::debug!(what = self.what, arguments = ?self.arguments, folder = ?self.folder, "starting {program}");
        let (mut child, group) = self.start(file, environment).map_err(not_run)?;
        let ended = tokio::select! {
            ended = timeout(self.limit, follow(&mut child, on_line)) => ended,
            () = task.cancelled() => {
                group.interrupt(&mut child).await;
                return Err(ToolError::Cancelled { what: self.what });
            }
        };
        let Ok(ended) = ended else {
            group.interrupt(&mut child).await;
            return Err(ToolError::TooLong { what: self.what, limit: self.limit });
        };
        let (status, stdout, stderr) = ended.map_err(not_run)?;
        group.ended();
        if status.success() {
            return Ok(stdout);
        }
        if output::says_disk_full(&stderr) || output::says_disk_full(&stdout) {
            return Err(ToolError::DiskFull { what: self.what });
        }
        let said = if stderr.trim().is_empty() { &stdout } else { &stderr };
        Err(ToolError::Failed { what: self.what, status, report: output::report(said) })
    }

    fn start(&self, file: PathBuf, environment: &Environment) -> std::io::Result<(Child, Group)> {
        let child = tokio::process::Command::new(file)
            .args(&self.arguments)
            .current_dir(self.folder)
            .env_clear()
            .envs(environment.iter())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok((child, Group { leader }))
    }
}

/// Reads both outputs to their ends and waits: status, standard output, standard error.
async fn follow(
    child: &mut Child,
    on_line: impl FnMut(&str),
) -> std::io::Result<(ExitStatus, String, String)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(text(stdout), lines(stderr, on_line))?;
    Ok((child.wait().await?, stdout, stderr))
}

async fn text(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn lines(
    stream: Option<impl AsyncRead + Unpin>,
    mut on_line: impl FnMut(&str),
) -> std::io::Result<String> {
    let (mut all, mut line) = (String::new(), Vec::new());
    let Some(stream) = stream else { return Ok(all) };
    let mut stream = BufReader::new(stream);
    while stream.read_until(b'\n', &mut line).await? > 0 {
        let text = String::from_utf8_lossy(&line);
        tracing::debug!("| {}", text.trim_end());
        on_line(text.trim_end());
        all.push_str(&text);
        line.clear();
    }
    Ok(all)
}

/// The process group of a running tool: cargo starts cargo-lambda, which starts cargo, which starts rustc.
///
/// Dropped before the tool ended, it kills them all.
struct Group {
    leader: Option<Pid>,
}

impl Group {
    fn ended(mut self) {
        self.leader = None;
    }

    /// Ends the group as Ctrl-C would, so that go and cargo remove their temporary files; then by force.
    async fn interrupt(self, child: &mut Child) {
        self.signal(Signal::INT);
        // Not ended in time, or not to be waited for: the drop that follows kills what is left.
        let _ended = timeout(GRACE, child.wait()).await;
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // The group may be gone already, which is what is wanted.
            let _gone = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
