//! An environment's init: process 1 of a pid namespace of its own. It makes the root file system, starts AWS's
//! runtime interface emulator, collects orphans, and freezes, thaws or ends all the others when told to. When it
//! ends, for whatever reason, the kernel ends every process of the namespace, frozen or not.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, wait};

use super::control::{Order, Plan, Report};
use super::{mount_points, root};

/// The hidden argument with which the daemon starts itself as an init.
pub const ARGUMENT: &str = "environment-init";

/// How long init waits for processes to have stopped. Only one that is in the kernel's hands takes longer.
const STOP_DEADLINE: Duration = Duration::from_secs(1);

/// Whether this process was started as an init.
pub fn is_asked_for(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.nth(1).is_some_and(|argument| argument == ARGUMENT)
}

/// Runs until the emulator ends or the daemon is gone.
pub fn run() -> ExitCode {
    let mut orders = BufReader::new(io::stdin());
    match start(&mut orders) {
        Ok(rie) => {
            say(&Report::Started);
            thread::spawn(move || follow(orders, rie));
            wait_for(rie);
            ExitCode::SUCCESS
        }
        Err(why) => {
            say(&Report::Failed(why));
            ExitCode::FAILURE
        }
    }
}

fn start(orders: &mut impl BufRead) -> Result<Pid, String> {
    let mut line = String::new();
    orders.read_line(&mut line).map_err(|error| format!("cannot read the plan: {error}"))?;
    let plan: Plan = serde_json::from_str(&line).map_err(|error| format!("cannot read the plan: {error}"))?;
    root::enter(&plan).map_err(|error| error.to_string())?;
    let log = || {
        let log = io::stderr().as_fd().try_clone_to_owned();
        log.map(Stdio::from).map_err(|error| format!("cannot pass on the log: {error}"))
    };
    let mut rie = Command::new(format!("/{}", mount_points::RIE));
    // The level is given so that a function's own LOG_LEVEL, which the emulator would read, is no matter.
    rie.args(["--log-level", "info"])
        .args(["--runtime-interface-emulator-address", &plan.invoke_address])
        .args(["--runtime-api-address", &plan.runtime_address])
        .args(&plan.command)
        .env_clear()
        .envs(&plan.variables)
        .current_dir(&plan.working_directory)
        .stdin(Stdio::null())
        .stdout(log()?)
        .stderr(log()?);
    if let Some(user) = plan.user {
        rie.uid(user.uid).gid(user.gid);
    }
    let folder = plan.working_directory.display();
    let child = rie.spawn().map_err(|error| format!("cannot start the emulator in `{folder}`: {error}"))?;
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| "the emulator has no pid".to_owned())
}

/// Collects whatever ends, until the emulator has.
fn wait_for(rie: Pid) {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, _))) if pid == rie => return,
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Follows orders until there can be no more, then ends everything.
fn follow(orders: impl BufRead, rie: Pid) {
    let mut programs = Vec::new();
    for line in orders.lines() {
        match line.ok().and_then(|line| serde_json::from_str(&line).ok()) {
            Some(Order::Freeze) => {
                say(&freeze());
                programs = children(rie);
            }
            Some(Order::Thaw) => {
                let living = children(rie);
                let lost = programs.iter().any(|program| !living.contains(program));
                signal_all(Signal::CONT);
                say(&Report::Thawed { lost });
            }
            Some(Order::Terminate) => {
                signal_all(Signal::CONT);
                // It may have ended already; then `wait_for` ends this process too.
                let _ended = kill_process(rie, Signal::TERM);
            }
            None => break,
        }
    }
    signal_all(Signal::KILL);
}

/// One signal stops every process there is, so that none can be started meanwhile; then they are looked at until
/// the last thread has stopped.
fn freeze() -> Report {
    let deadline = Instant::now() + STOP_DEADLINE;
    loop {
        signal_all(Signal::STOP);
        let processes = others();
        let running = processes.iter().filter(|process| !process.stopped).count();
        let processes = processes.len();
        if running == 0 || Instant::now() >= deadline {
            return Report::Frozen { processes, running };
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// `kill(-1, signal)`: every process of the namespace but this one.
fn signal_all(signal: Signal) {
    // It fails only when there is no other process.
    let _none = kill_process_group(Pid::INIT, signal);
}

/// A living process.
struct Process {
    pid: i32,
    parent: i32,
    /// Whether all its threads have stopped.
    stopped: bool,
}

impl Process {
    /// `None` when it has ended, whether or not that was noticed.
    fn of(pid: i32) -> Option<Self> {
        let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let states: Vec<char> = fs::read_dir(format!("/proc/{pid}/task"))
            .ok()?
            .filter_map(|thread| thread_state(&fs::read_to_string(thread.ok()?.path().join("stat")).ok()?))
            .filter(|state| !matches!(state, 'Z' | 'X'))
            .collect();
        let stopped = states.iter().all(|state| *state == 'T');
        (!states.is_empty()).then_some(Self { pid, parent: parent(&line)?, stopped })
    }
}

/// Every living process but this one.
fn others() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid != 1).filter_map(Process::of).collect()
}

/// The living children of a process: of the emulator, the function's program.
fn children(parent: Pid) -> Vec<i32> {
    let parent = parent.as_raw_nonzero().get();
    others().into_iter().filter(|process| process.parent == parent).map(|process| process.pid).collect()
}

/// The state in a line of `/proc/PID/stat`, `PID (NAME) STATE PARENT ...`; the name may have spaces and parentheses.
fn thread_state(line: &str) -> Option<char> {
    let (_, rest) = line.rsplit_once(") ")?;
    rest.chars().next()
}

/// The parent's process id in such a line.
fn parent(line: &str) -> Option<i32> {
    let (_, rest) = line.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn say(report: &Report) {
    let line = serde_json::to_string(report).expect("a report has only text and numbers");
    let mut out = io::stdout().lock();
    // When the daemon is gone nobody listens, and the end of its orders ends this process.
    let _unheard = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_and_parent_are_found_whatever_the_process_is_called() {
        assert_eq!(thread_state("12 (bootstrap) T 1 1 0"), Some('T'));
        assert_eq!(thread_state("12 (a) R ) Z 1 1 0"), Some('Z'));
        assert_eq!(thread_state(""), None);
        assert_eq!(parent("12 (a) R ) Z 7 1 0"), Some(7));
        assert_eq!(parent("12 (a)"), None);
    }
}
