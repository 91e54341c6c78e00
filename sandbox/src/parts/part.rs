//! One part, started, watched and ended.

use std::path::PathBuf;
use std::time::Duration;

use super::Kind;
use crate::cache::Key;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::process::{Process, Program};
use crate::progress::Progress;
use crate::ready;
use crate::run::{LAST_LINES, last_lines};

/// One part, ready to be started.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which part it is.
    pub kind: Kind,
    /// What runs.
    pub program: Program,
    /// Files that it reads when it starts; when their content changes it is restarted.
    pub inputs: Vec<PathBuf>,
    /// How long it takes to become ready as a rule.
    pub estimate: Duration,
    /// How long it may take to become ready.
    pub limit: Duration,
}

/// A part that answers its probe within this time is well.
const HEALTHY_WITHIN: Duration = Duration::from_secs(5);

/// What had to be done to have a part running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: it runs, as it should.
    Running,
    /// It was started.
    Started,
    /// It ran and was started anew, for this reason.
    Restarted(&'static str),
}

impl Outcome {
    fn note(self) -> String {
        match self {
            Self::Running => "was running".into(),
            Self::Started => String::new(),
            Self::Restarted(reason) => format!("restarted: {reason}"),
        }
    }
}

impl Part {
    /// Has it running and ready: starts it, restarts it when it is not well or not what it should be, or leaves
    /// it as it is.
    ///
    /// # Errors
    /// When it does not become ready; then it is ended, and the error shows the end of its log.
    pub async fn ensure(&self, layout: &Layout, progress: &Progress) -> Result<Outcome> {
        let work = async { self.ensure_quietly(layout).await.map(|outcome| (outcome, outcome.note())) };
        progress.step_noting(self.kind.title, Some(self.estimate), work).await
    }

    /// Ends it if it runs, and starts it.
    ///
    /// # Errors
    /// As for [`Self::ensure`].
    pub async fn restart(&self, layout: &Layout) -> Result<()> {
        let (kind, place) = (self.kind, layout.clone());
        let ended = tokio::task::spawn_blocking(move || kind.end(&place)).await;
        ended.map_err(|error| Error::Answer(format!("{} was not ended: {error}", kind.title)))??;
        self.ensure_quietly(layout).await.map(drop)
    }

    async fn ensure_quietly(&self, layout: &Layout) -> Result<Outcome> {
        let fingerprint = self.fingerprint()?;
        let probe = (self.kind.probe)(layout);
        let mut outcome = Outcome::Started;
        if let Some(process) = self.kind.process(layout)? {
            if process.fingerprint != fingerprint {
                outcome = Outcome::Restarted("its configuration changed");
            } else if ready::wait(&probe, HEALTHY_WITHIN, || !process.runs()).await.is_err() {
                outcome = Outcome::Restarted("it did not answer");
            } else {
                return Ok(Outcome::Running);
            }
            process.end(self.kind.patience);
        }
        let taken = self.kind.taken_ports();
        if !taken.is_empty() {
            return Err(Error::Machine(taken));
        }
        let (log, pid_file) = (layout.log(self.kind.slug), layout.process(self.kind.slug));
        let starting = Starting(Some(Process::start(&self.program, &fingerprint, &log, &pid_file)?));
        match ready::wait(&probe, self.limit, || !starting.runs()).await {
            Ok(()) => {
                starting.became_ready();
                Ok(outcome)
            }
            Err(cause) => {
                drop(starting);
                let output = std::fs::read(&log).unwrap_or_default();
                let last = last_lines(&String::from_utf8_lossy(&output), LAST_LINES);
                Err(Error::Part { part: self.kind.title, cause, last, log })
            }
        }
    }

    /// Hash of all that it is started with.
    fn fingerprint(&self) -> Result<String> {
        let Program { executable, args, env, folder } = &self.program;
        let mut key = Key::new("part 1").with(format!("{executable:?} {args:?} {env:?} {folder:?}"));
        // Of a program built anew in the same place the time differs; its content would take long to hash.
        let built = std::fs::metadata(executable).and_then(|metadata| metadata.modified());
        key = key.with(format!("{:?}", built.ok()));
        for input in &self.inputs {
            key = key.with_file(input)?;
        }
        Ok(key.text())
    }
}

/// A part that was started and is not ready yet: it is ended when the waiting is given up.
struct Starting(Option<Process>);

impl Starting {
    /// It is asked kindly first, but nothing it did so far is worth waiting for.
    const PATIENCE: Duration = Duration::from_secs(3);

    fn runs(&self) -> bool {
        self.0.as_ref().is_some_and(Process::runs)
    }

    fn became_ready(mut self) {
        self.0 = None;
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(process) = &self.0 {
            process.end(Self::PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::path::Path;

    use super::*;
    use crate::ready::Probe;

    /// A web server that answers; its URL is in a file, because a kind's probe is a function of the layout alone.
    fn answering(layout: &Layout) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        crate::layout::write_private(&layout.state.join("url"), url).unwrap();
        std::thread::spawn(move || {
            use std::io::{Read, Write};
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            }
        });
    }

    fn asks_answering(layout: &Layout) -> Probe {
        Probe::Http { url: crate::layout::read_text(&layout.state.join("url")).unwrap(), ca: None }
    }

    fn part(folder: &Path, script: &str, probe: fn(&Layout) -> Probe) -> Part {
        std::fs::write(folder.join("config"), "one").unwrap();
        Part {
            kind: Kind {
                slug: "test",
                title: "test part",
                ports: &[],
                probe,
                patience: Duration::from_secs(5),
            },
            program: Program {
                executable: "/bin/sh".into(),
                args: vec!["-c".into(), script.into()],
                env: vec![("PATH".into(), "/usr/bin:/bin".into())],
                folder: folder.to_path_buf(),
            },
            inputs: vec![folder.join("config")],
            estimate: Duration::from_secs(1),
            limit: Duration::from_secs(30),
        }
    }

    /// Nothing listens there: the socket's folder does not exist.
    fn never(_: &Layout) -> Probe {
        Probe::Tailnet { folder: "/nonexistent".into() }
    }

    #[tokio::test]
    async fn a_part_is_left_alone_while_it_is_well_and_restarted_when_its_configuration_changes() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        answering(&layout);
        let part = part(folder.path(), "sleep 300", asks_answering);
        let running = || part.kind.process(&layout).unwrap().map(|process| process.pid);
        assert_eq!(part.ensure_quietly(&layout).await.unwrap(), Outcome::Started);
        let first = running();
        assert_eq!(part.ensure_quietly(&layout).await.unwrap(), Outcome::Running);
        assert_eq!(running(), first);
        std::fs::write(folder.path().join("config"), "two").unwrap();
        let changed = Outcome::Restarted("its configuration changed");
        assert_eq!(part.ensure_quietly(&layout).await.unwrap(), changed);
        assert_ne!(running(), first);
        assert!(part.kind.end(&layout).unwrap().is_some());
        assert_eq!(running(), None);
    }

    #[tokio::test]
    async fn a_part_that_ends_by_itself_is_told_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let part = part(folder.path(), "echo no such option; exit 2", never);
        let error = part.ensure_quietly(&Layout::of(folder.path())).await.unwrap_err().to_string();
        assert!(
            error.starts_with("test part did not start: it ended by itself\n  | no such option"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_part_that_is_not_ready_in_time_is_ended_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        let part = Part { limit: Duration::ZERO, ..part(folder.path(), "echo waiting; sleep 300", never) };
        let error = part.ensure_quietly(&layout).await.unwrap_err().to_string();
        assert!(error.starts_with("test part did not start: not ready after 0 s: "), "{error}");
        assert!(part.kind.process(&layout).unwrap().is_none());
    }

    #[tokio::test]
    async fn a_part_that_is_not_ready_when_the_work_is_given_up_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        let part = part(folder.path(), "sleep 300", never);
        let given_up = tokio::time::timeout(Duration::from_millis(300), part.ensure_quietly(&layout)).await;
        assert!(given_up.is_err());
        assert!(part.kind.process(&layout).unwrap().is_none());
    }
}
