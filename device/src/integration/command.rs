//! `[[command]]`: a program that is run.
//!
//! No shell is in between, and nothing of a press is on its command line. The program finds in its environment `PATH`,
//!
//! - `PORCH_EVENT`: `press` or `picture`
//! - `PORCH_BELL` and `PORCH_BELL_NAME`: the bell's id, and what people call it
//! - `PORCH_TIME`: when somebody rang, as `2026-12-01T08:15:30Z`; empty while the clock is not set
//! - `PORCH_TRIAL`: `true` if somebody only tries the bell, else `false`
//!
//! and, with a picture, the JPEG on standard input. It and whatever it has started are killed if it has not ended when its time is over.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use alexa::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::select;
use tokio::time::timeout;

use super::{Done, Failure, Integration, Occasion, Told};

/// How much of what a program says about its failure is kept.
const SAID: u64 = 4096;

/// How long is waited for the rest of what it says, once it has ended.
const LINGER: Duration = Duration::from_millis(200);

/// Where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandSettings {
    /// `run`: the program, by its name or absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl CommandSettings {
    /// Whether the program is there.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn check(&self) -> Result<String, String> {
        let program = &self.program;
        // An absolute path stays what it is.
        let mut places = PATH.split(':').map(|folder| PathBuf::from(folder).join(program));
        match places.find(|place| is_executable(place)) {
            Some(place) => Ok(format!("{} is there", place.display())),
            None => Err(format!(
                "there is no program {} that can be run: install it, or give its absolute path",
                program.display()
            )),
        }
    }
}

/// A program that is run for each press.
#[derive(Debug)]
pub struct Command {
    settings: CommandSettings,
}

impl Command {
    /// Runs what `settings` say.
    pub fn new(settings: CommandSettings) -> Self {
        Self { settings }
    }

    async fn run(&self, occasion: Occasion) -> Result<Done, Failure> {
        let program = self.settings.program.display();
        let mut command = tokio::process::Command::new(&self.settings.program);
        command
            .args(&self.settings.arguments)
            .env_clear()
            .env("PATH", PATH)
            .envs(variables(&occasion))
            .current_dir("/")
            .stdin(if matches!(occasion, Occasion::Picture(..)) { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        let cannot = |error| Failure::Lasting(format!("{program} cannot be run: {error}"));
        let mut child = Family::new(command.spawn().map_err(cannot)?);
        let (input, errors) = (child.0.stdin.take(), child.0.stderr.take());
        let feed = async {
            if let (Some(mut input), Occasion::Picture(_, picture)) = (input, &occasion) {
                // A program that does not care for the picture closes its input, which is its affair.
                let _ = input.write_all(&picture.jpeg).await;
            }
        };
        let talk = async { tokio::join!(feed, last_line(errors)).1 };
        let mut talk = pin!(talk);
        let (said, status) = select! {
            said = &mut talk => (said, child.0.wait().await),
            // What it leaves behind may hold its output open for ever.
            status = child.0.wait() => (timeout(LINGER, talk).await.unwrap_or_default(), status),
        };
        let status = status.map_err(|error| Failure::Lasting(format!("{program} is lost: {error}")))?;
        if status.success() {
            return Ok(Done::new(format!("{program} has run")));
        }
        let mut told = format!("{program} ended with {status}");
        if !said.is_empty() {
            let _ = write!(told, ": {said}");
        }
        Err(Failure::Passing(told))
    }
}

impl Integration for Command {
    fn tell(self: Arc<Self>, occasion: Occasion) -> Told {
        Box::pin(async move { self.run(occasion).await })
    }
}

/// Whether it is a file that somebody may execute.
fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn variables(occasion: &Occasion) -> [(&'static str, String); 5] {
    let visit = occasion.visit();
    let event = match occasion {
        Occasion::Press(_) => "press",
        Occasion::Picture(..) => "picture",
    };
    let time = visit.at.map(|at| Timestamp::of(at).into()).unwrap_or_default();
    [
        ("PORCH_EVENT", event.to_owned()),
        ("PORCH_BELL", visit.press.bell.to_string()),
        ("PORCH_BELL_NAME", visit.bell.clone()),
        ("PORCH_TIME", time),
        ("PORCH_TRIAL", visit.is_trial.to_string()),
    ]
}

/// The last line of what is said, in one line whatever came. All of it is read, so that nobody is held up by it.
async fn last_line(mut errors: Option<impl AsyncRead + Unpin>) -> String {
    let Some(errors) = &mut errors else { return String::new() };
    let mut said = Vec::new();
    let _ = errors.take(SAID).read_to_end(&mut said).await;
    let _ = tokio::io::copy(errors, &mut tokio::io::sink()).await;
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// A program and all that it has started, killed with it.
struct Family(Child);

impl Family {
    fn new(child: Child) -> Self {
        Self(child)
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        // One that has ended has no id any more, and what it has left behind is meant to stay.
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}
