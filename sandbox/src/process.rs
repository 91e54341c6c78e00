//! Processes that keep running after the command ends: started in a session of their own, found again by a
//! pid file, ended with SIGTERM and, when that is not enough, SIGKILL.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::error::{Doing, Result};
use crate::layout::{make_folder, read_text, write_private};
use crate::procfs;

/// How to start a process.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub executable: PathBuf,
    /// Its arguments; never a secret, because every process on the machine can read them.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// The folder it runs in.
    pub folder: PathBuf,
}

/// What a pid file says about a process that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its process id, which is its session's id as well.
    pub pid: i32,
    /// When it was started, in clock ticks since boot: another process with the same id has another one.
    start_time: u64,
    /// The boot in which it was started.
    boot_id: String,
    /// When it was started, in seconds since 1970.
    pub since: u64,
    /// Hash of what it was started with.
    pub fingerprint: String,
}

impl Process {
    /// Starts `program` detached, its output going to `log` (an earlier log is kept as `.1`), and records it.
    ///
    /// # Errors
    /// When the program, the log or the pid file cannot be opened.
    pub fn start(program: &Program, fingerprint: &str, log: &Path, pid_file: &Path) -> Result<Self> {
        make_folder(&program.folder)?;
        if let Some(folder) = log.parent() {
            make_folder(folder)?;
        }
        if log.exists() {
            fs::rename(log, log.with_extension("log.1")).doing(|| format!("keep {}", log.display()))?;
        }
        let output = File::create(log).doing(|| format!("write {}", log.display()))?;
        let errors = output.try_clone().doing(|| format!("write {}", log.display()))?;
        // util-linux's setsid replaces itself by the program, which keeps its process id.
        let child = Command::new("setsid")
            .arg(&program.executable)
            .args(&program.args)
            .env_clear()
            .envs(program.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&program.folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .doing(|| format!("start {}", program.executable.display()))?;
        let pid = i32::try_from(child.id()).unwrap_or_default();
        let process = Self {
            pid,
            start_time: procfs::start_time(pid).unwrap_or_default(),
            boot_id: procfs::boot_id(),
            since: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            fingerprint: fingerprint.to_string(),
        };
        if let Err(error) = process.record(pid_file) {
            process.end(Duration::ZERO);
            return Err(error);
        }
        Ok(process)
    }

    /// The process that `pid_file` tells of, if it still runs.
    ///
    /// # Errors
    /// When the pid file is there but cannot be read.
    pub fn find(pid_file: &Path) -> Result<Option<Self>> {
        if !pid_file.exists() {
            return Ok(None);
        }
        // A pid file that does not parse was cut off by a crash: it tells of no process.
        let process: Option<Self> = serde_json::from_str(&read_text(pid_file)?).ok();
        Ok(process.filter(Self::runs))
    }

    /// Whether it still runs; a recycled process id does not count.
    #[must_use]
    pub fn runs(&self) -> bool {
        procfs::start_time(self.pid) == Some(self.start_time) && procfs::boot_id() == self.boot_id
    }

    /// Ends it: SIGTERM, and SIGKILL for all that is left of its session after `patience`.
    ///
    /// Blocks until it is gone. A process that is not this one any more is left alone.
    pub fn end(&self, patience: Duration) {
        let until = Instant::now() + patience;
        if self.runs() {
            signal(self.pid, Signal::TERM);
            while self.runs() && Instant::now() < until && !crate::interrupt::insisted() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        // A session's id is not given to a new process while the session has members: what is left of the session
        // is this process's, unless the id belongs to another process by now.
        let recycled = procfs::start_time(self.pid).is_some_and(|start_time| start_time != self.start_time);
        if recycled || procfs::boot_id() != self.boot_id {
            return;
        }
        for pid in procfs::session(self.pid) {
            signal(pid, Signal::KILL);
        }
        while self.runs() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn record(&self, pid_file: &Path) -> Result<()> {
        // A struct of numbers and strings always serialises.
        write_private(pid_file, serde_json::to_string(self).unwrap_or_default())
    }
}

/// Kills a process, whatever it is at, frozen included.
pub fn kill(pid: i32) {
    signal(pid, Signal::KILL);
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // A process that is gone meanwhile is what was wanted.
        let _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(folder: &Path, script: &str) -> (Program, PathBuf, PathBuf) {
        let program = Program {
            executable: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            folder: folder.to_path_buf(),
        };
        (program, folder.join("logs/part.log"), folder.join("run/part.json"))
    }

    #[test]
    fn a_started_process_is_found_again_and_ended_with_its_session() {
        let folder = tempfile::tempdir().unwrap();
        let (program, log, pid_file) = sleeper(folder.path(), "sleep 300 & echo ready; sleep 300");
        let started = Process::start(&program, "abc", &log, &pid_file).unwrap();
        let found = Process::find(&pid_file).unwrap().unwrap();
        assert_eq!(found, started);
        found.end(Duration::from_secs(5));
        assert!(!found.runs());
        assert!(procfs::session(started.pid).is_empty());
        assert_eq!(Process::find(&pid_file).unwrap(), None);
    }

    #[test]
    fn one_that_does_not_listen_to_sigterm_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let (program, log, pid_file) =
            sleeper(folder.path(), "trap '' TERM; echo ready; while :; do sleep 0.1; done");
        let started = Process::start(&program, "abc", &log, &pid_file).unwrap();
        while !fs::read_to_string(&log).unwrap().contains("ready") {
            std::thread::sleep(Duration::from_millis(5));
        }
        started.end(Duration::from_millis(200));
        assert!(!started.runs());
    }

    #[test]
    fn a_recycled_process_id_is_never_taken_for_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let mut bystander = Command::new("setsid").args(["sleep", "300"]).spawn().unwrap();
        let pid = i32::try_from(bystander.id()).unwrap();
        let pid_file = folder.path().join("part.json");
        let started = procfs::start_time(pid).unwrap();
        for (start_time, boot_id) in [(started - 1, procfs::boot_id()), (started, "another boot".into())] {
            let dead = Process { pid, start_time, boot_id, since: 0, fingerprint: String::new() };
            dead.record(&pid_file).unwrap();
            assert_eq!(Process::find(&pid_file).unwrap(), None);
            dead.end(Duration::ZERO);
        }
        assert!(bystander.try_wait().unwrap().is_none(), "the other process was ended");
        bystander.kill().unwrap();
        bystander.wait().unwrap();
    }

    #[test]
    fn a_pid_file_cut_off_half_way_tells_of_no_process() {
        let folder = tempfile::tempdir().unwrap();
        let pid_file = folder.path().join("part.json");
        fs::write(&pid_file, "{\"pid\": 1").unwrap();
        assert_eq!(Process::find(&pid_file).unwrap(), None);
    }
}
