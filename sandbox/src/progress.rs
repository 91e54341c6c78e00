//! One line per step: what is done now, how long it takes as a rule, how long it took.
//!
//! On a terminal the running steps are redrawn in place; in a plain log each step says when it starts, that it
//! is still at it every half minute, and when it ends. Everything goes to stderr.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;

/// Where the steps of one command are shown.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    running: Vec<Running>,
    /// How many lines of running steps the terminal shows now.
    drawn: usize,
    next_id: u64,
}

#[derive(Clone, Debug)]
struct Running {
    id: u64,
    name: String,
    estimate: Option<Duration>,
    since: Instant,
}

/// How often a plain log hears of a step that takes long.
const REMINDER: Duration = Duration::from_secs(30);
/// A plain log does not announce shorter steps: it will say soon enough that they are done.
const WORTH_ANNOUNCING: Duration = Duration::from_secs(10);
const FRAME: Duration = Duration::from_millis(250);
const NAME_WIDTH: usize = 44;

impl Progress {
    /// Progress for people: in place when stderr is a terminal, else line by line.
    #[must_use]
    pub fn on_stderr() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), lines: Mutex::default() }
    }

    /// Shows `work` as the step `name`, which as a rule takes `estimate` (`None`: no time worth telling).
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn step<T>(
        &self,
        name: &str,
        estimate: Option<Duration>,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.step_noting(name, estimate, async { Ok((work.await?, String::new())) }).await
    }

    /// Like [`Self::step`], for work that also says what it found, like `already running`.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn step_noting<T>(
        &self,
        name: &str,
        estimate: Option<Duration>,
        work: impl Future<Output = Result<(T, String)>>,
    ) -> Result<T> {
        let shown = self.begin(name, estimate);
        let mut tick = tokio::time::interval(if self.terminal { FRAME } else { REMINDER });
        tick.tick().await;
        let mut work = std::pin::pin!(work);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = tick.tick() => self.remind(&shown.running),
            }
        };
        let took = spoken(shown.running.since.elapsed());
        drop(shown);
        match result {
            Ok((value, note)) => {
                let took = if note.is_empty() { took } else { format!("{took}, {note}") };
                self.print(&line("done", name, &took));
                Ok(value)
            }
            Err(error) => {
                self.print(&line("FAIL", name, &took));
                Err(error)
            }
        }
    }

    /// Prints a line of its own between the steps.
    pub fn say(&self, text: &str) {
        self.print(text);
    }

    fn begin(&self, name: &str, estimate: Option<Duration>) -> Shown<'_> {
        let mut lines = self.lines();
        lines.next_id += 1;
        let running = Running { id: lines.next_id, name: name.into(), estimate, since: Instant::now() };
        lines.running.push(running.clone());
        drop(lines);
        if self.terminal {
            self.redraw("");
        } else if let Some(estimate) = estimate.filter(|estimate| *estimate >= WORTH_ANNOUNCING) {
            self.print(&line("....", name, &format!("about {}", spoken(estimate))));
        }
        Shown { progress: self, running }
    }

    fn remind(&self, running: &Running) {
        if self.terminal {
            self.redraw("");
        } else {
            self.print(&running_line(running, Instant::now()));
        }
    }

    fn print(&self, text: &str) {
        self.redraw(&format!("{text}\n"));
    }

    /// Takes the running steps off the terminal, prints `above`, and draws the steps again below it.
    fn redraw(&self, above: &str) {
        let mut lines = self.lines();
        let mut text = String::new();
        if self.terminal && lines.drawn > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "\x1b[{}F\x1b[J", lines.drawn);
        }
        text += above;
        if self.terminal {
            let (now, width) = (Instant::now(), terminal_width());
            for running in &lines.running {
                text.extend(running_line(running, now).chars().take(width.saturating_sub(1)));
                text.push('\n');
            }
            lines.drawn = lines.running.len();
        }
        // Progress that nobody can read any more is no reason to stop the work.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step on display; it goes from the display when it ends, also when its work is dropped half-way.
struct Shown<'a> {
    progress: &'a Progress,
    running: Running,
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.progress.lines().running.retain(|other| other.id != self.running.id);
        if self.progress.terminal {
            self.progress.redraw("");
        }
    }
}

fn running_line(running: &Running, now: Instant) -> String {
    let elapsed = spoken(now.saturating_duration_since(running.since));
    let of = running.estimate.map(|estimate| format!(" of about {}", spoken(estimate))).unwrap_or_default();
    line("....", &running.name, &format!("{elapsed}{of}"))
}

fn line(mark: &str, name: &str, rest: &str) -> String {
    format!("  {mark}  {name:<NAME_WIDTH$}  {rest}").trim_end().to_string()
}

fn terminal_width() -> usize {
    rustix::termios::tcgetwinsize(std::io::stderr()).map_or(80, |size| usize::from(size.ws_col).max(20))
}

/// A duration as a person says it: `0.4 s`, `12 s`, `2 min 48 s`, `12 min`.
#[must_use]
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 if duration.subsec_nanos() == 0 => format!("{seconds} s"),
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..600 => format!("{} min {} s", seconds / 60, seconds % 60),
        600..7_200 => format!("{} min", (seconds + 30) / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_people_say_them() {
        let cases = [
            (Duration::from_millis(40), "0.0 s"),
            (Duration::from_millis(9_940), "9.9 s"),
            (Duration::from_secs(4), "4 s"),
            (Duration::from_secs(59), "59 s"),
            (Duration::from_secs(60), "1 min"),
            (Duration::from_secs(168), "2 min 48 s"),
            (Duration::from_secs(725), "12 min"),
            (Duration::from_secs(3 * 3_600 + 60), "3 h"),
            (Duration::from_secs(50 * 3_600), "2 days"),
        ];
        for (duration, text) in cases {
            assert_eq!(spoken(duration), text);
        }
    }

    #[test]
    fn a_running_step_tells_its_time_and_what_is_usual() {
        let since = Instant::now();
        let running = |estimate| Running { id: 1, name: "build headscale".into(), estimate, since };
        let now = since + Duration::from_secs(34);
        assert_eq!(
            running_line(&running(Some(Duration::from_secs(90))), now),
            "  ....  build headscale                               34 s of about 1 min 30 s"
        );
        assert_eq!(
            running_line(&running(None), now),
            "  ....  build headscale                               34 s"
        );
    }

    #[tokio::test]
    async fn a_step_that_is_given_up_leaves_the_display() {
        let progress = Progress { terminal: false, lines: Mutex::default() };
        let never = progress.step("wait", None, std::future::pending::<Result<()>>());
        assert!(tokio::time::timeout(Duration::from_millis(5), never).await.is_err());
        assert!(progress.lines().running.is_empty());
        let failed = progress.step("fail", None, async { Err::<(), _>(crate::Error::NotSetUp) }).await;
        assert!(failed.is_err());
        assert!(progress.lines().running.is_empty());
    }
}
