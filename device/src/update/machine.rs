//! The machine: dpkg, and the service manager.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use package::{Architecture, NAME, Version};
use rustix::fs::{MemfdFlags, memfd_create};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::error::UpdateError;

/// Longest time for a question.
const ASK: Duration = Duration::from_secs(20);

/// Longest time for dpkg: its own start of the daemon may take one of the unit's 60 s, and a Raspberry Pi Zero is slow.
const INSTALL: Duration = Duration::from_secs(240);

/// Longest time until the daemon is ready: the unit gives it 60 s, and systemd some to say so.
const READY: Duration = Duration::from_secs(70);

/// How long it has to stay so.
const SETTLED: Duration = Duration::from_secs(5);

/// How long is waited before dpkg, which refuses while another one runs, is asked again.
const PAUSE: Duration = Duration::from_secs(20);

/// How much of what a program says is told.
const SAID: usize = 400;

/// What dpkg has of the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// Nothing.
    Absent,
    /// All of it.
    Whole(Version, Architecture),
    /// Something between: it has to go on.
    Unfinished,
}

impl Installed {
    /// The version and architecture.
    ///
    /// # Errors
    /// When it is not all there.
    pub fn whole(self) -> Result<(Version, Architecture), UpdateError> {
        match self {
            Self::Whole(version, architecture) => Ok((version, architecture)),
            Self::Absent => Err(UpdateError::NotInstalled),
            Self::Unfinished => Err(UpdateError::Unfinished),
        }
    }
}

/// A program did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct ProgramError {
    /// What was run, like `dpkg --install`.
    pub what: String,
    /// How it ended, and what it said last.
    pub why: String,
}

/// What an update needs of a machine.
pub trait Machine {
    /// What is installed.
    fn package(&self) -> impl Future<Output = Result<Installed, UpdateError>>;
    /// Installs the package in `file`, whatever is there.
    fn install(&self, file: &Path) -> impl Future<Output = Result<(), ProgramError>>;
    /// Finishes an installation that has not come to its end.
    fn configure(&self) -> impl Future<Output = Result<(), ProgramError>>;
    /// Waits before something is tried again.
    fn pause(&self) -> impl Future<Output = ()>;
    /// Restarts the daemon, and waits until it is ready and stays so.
    fn restart(&self) -> impl Future<Output = Result<(), ProgramError>>;
}

/// A machine with dpkg and systemd: Debian, Raspberry Pi OS.
#[derive(Clone, Copy, Debug)]
pub struct Debian;

impl Machine for Debian {
    async fn package(&self) -> Result<Installed, UpdateError> {
        let format = "--showformat=${db:Status-Status} ${Version} ${Architecture}";
        let output = ask("dpkg-query", &["--show", format, NAME]).await?;
        if !output.status.success() {
            return Ok(Installed::Absent);
        }
        installed(&String::from_utf8_lossy(&output.stdout))
    }

    async fn install(&self, file: &Path) -> Result<(), ProgramError> {
        let file = file.display().to_string();
        // A person's settings stay as they are, and nobody is there to be asked about them.
        act("dpkg", &["--force-confdef", "--force-confold", "--install", &file], INSTALL).await
    }

    async fn configure(&self) -> Result<(), ProgramError> {
        act("dpkg", &["--force-confdef", "--force-confold", "--configure", NAME], INSTALL).await
    }

    async fn pause(&self) {
        sleep(PAUSE).await;
    }

    async fn restart(&self) -> Result<(), ProgramError> {
        // Given up so often that systemd would not start it any more, it is started all the same.
        let _ = act("systemctl", &["reset-failed", NAME], ASK).await;
        // Of a Type=notify unit this returns when the daemon is ready, or has failed.
        act("systemctl", &["restart", NAME], READY).await?;
        sleep(SETTLED).await;
        act("systemctl", &["is-active", NAME], ASK).await
    }
}

/// What `dpkg-query` says, as status, version and architecture.
fn installed(text: &str) -> Result<Installed, UpdateError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["installed", version, architecture] => {
            let foreign = || UpdateError::Foreign(format!("{version} for {architecture}"));
            let version = Version::try_from(version.to_owned()).map_err(|_| foreign())?;
            Ok(Installed::Whole(version, architecture.parse().map_err(|_| foreign())?))
        }
        ["not-installed" | "config-files", ..] => Ok(Installed::Absent),
        _ => Ok(Installed::Unfinished),
    }
}

/// What a program answers.
async fn ask(program: &str, arguments: &[&str]) -> Result<Output, ProgramError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).env("LC_ALL", "C").kill_on_drop(true);
    match timeout(ASK, command.output()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(failure(program, arguments, error.to_string())),
        Err(_) => Err(late(program, arguments, ASK)),
    }
}

/// Runs a program that changes something, which has to end well.
///
/// It is on its own: neither the end of this process, nor a Ctrl-C, nor an end of its time takes it along, since a dpkg
/// that is killed leaves more behind than one that goes on. So what it says goes to memory, and not to a pipe.
async fn act(program: &str, arguments: &[&str], limit: Duration) -> Result<(), ProgramError> {
    let failed = |error: io::Error| failure(program, arguments, error.to_string());
    let mut said =
        File::from(memfd_create("said", MemfdFlags::CLOEXEC).map_err(|error| failed(error.into()))?);
    let copy = || said.try_clone().map(Stdio::from).map_err(failed);
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(copy()?).stderr(copy()?).process_group(0);
    command.env("LC_ALL", "C").env("DEBIAN_FRONTEND", "noninteractive");
    let mut child = command.spawn().map_err(failed)?;
    let status = match timeout(limit, child.wait()).await {
        Ok(ended) => ended.map_err(failed)?,
        Err(_) => return Err(late(program, arguments, limit)),
    };
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    // What it wrote has moved the place to read from as well. What is no text is not told.
    let _ = said.rewind().and_then(|()| said.read_to_string(&mut text));
    Err(failure(program, arguments, format!("{status}; it said: {}", last_of(&text))))
}

/// The end of what a program said, in one line.
fn last_of(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    let start = line.char_indices().rev().nth(SAID).map_or(0, |(at, _)| at);
    line[start..].to_owned()
}

fn late(program: &str, arguments: &[&str], limit: Duration) -> ProgramError {
    failure(program, arguments, format!("it did not end within {} s", limit.as_secs()))
}

fn failure(program: &str, arguments: &[&str], why: String) -> ProgramError {
    let verb = arguments.iter().find(|argument| !argument.starts_with("--force")).unwrap_or(&"");
    ProgramError { what: format!("{program} {verb}"), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dpkg_has_is_all_some_or_nothing() {
        let version = Version::try_from("0.1.0+20260301081530.1a".to_owned()).expect("a version");
        let cases = [
            ("installed 0.1.0+20260301081530.1a arm64", Installed::Whole(version, Architecture::Arm64)),
            ("config-files 0.1.0 arm64", Installed::Absent),
            ("not-installed  arm64", Installed::Absent),
            ("half-configured 0.1.0 arm64", Installed::Unfinished),
            ("unpacked 0.1.0 arm64", Installed::Unfinished),
            ("half-installed 0.1.0 arm64", Installed::Unfinished),
            ("triggers-pending 0.1.0 arm64", Installed::Unfinished),
            ("", Installed::Unfinished),
        ];
        for (text, wanted) in cases {
            assert_eq!(installed(text).expect(text), wanted, "{text}");
        }
        for foreign in ["installed 1:0.1.0-1 arm64", "installed 0.1.0 riscv64"] {
            assert!(matches!(installed(foreign), Err(UpdateError::Foreign(_))), "{foreign}");
        }
    }

    #[tokio::test]
    async fn a_program_that_fails_is_told_with_its_last_words() {
        let script = "echo of the start >&2; echo of the end >&2; exit 3";
        let error = act("sh", &["-c", script], ASK).await.expect_err("it fails");
        assert_eq!(error.to_string(), "sh -c: exit status: 3; it said: of the start of the end");
        let error = act("no-such-program", &[], ASK).await.expect_err("there is none");
        assert!(error.to_string().starts_with("no-such-program : No such file"), "{error}");
        let error = act("sleep", &["1"], Duration::from_millis(20)).await.expect_err("it is late");
        assert_eq!(error.why, "it did not end within 0 s");
    }
}
