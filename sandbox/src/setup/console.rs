//! The person at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use crate::error::{Doing, Error, Result};

/// Longer lines are nobody's answer.
const LONGEST: u64 = 16 * 1024;

/// Who answers.
pub trait Console {
    /// Tells something.
    ///
    /// # Errors
    /// When nobody can be told.
    fn say(&mut self, text: &str) -> Result<()>;

    /// Asks for a line.
    fn ask(&mut self, question: &str) -> impl Future<Output = Result<String>>;

    /// Asks for a line that nobody is to see, over a shoulder or in the terminal's history.
    fn ask_secret(&mut self, question: &str) -> impl Future<Output = Result<SecretString>>;
}

/// The terminal that the command was started from.
#[derive(Debug)]
pub struct Terminal(File);

impl Terminal {
    /// Opens it.
    ///
    /// # Errors
    /// When there is none.
    pub fn open() -> Result<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
        let nobody =
            || "ask you anything, since there is no terminal; with --from FILE nothing is asked".into();
        terminal.map(Self).doing(nobody)
    }

    /// A line, read on a thread of its own: one that the runtime does not wait for when the command is interrupted.
    async fn line(&self) -> Result<SecretString> {
        let doing = || "read from the terminal".to_owned();
        let terminal = self.0.try_clone().doing(doing)?;
        let (sender, receiver) = oneshot::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(terminal.take(LONGEST)).read_line(&mut line);
            // Who has given up listens no more.
            let _ = sender.send(read.map(|_| SecretString::from(line)));
        });
        let line = receiver.await.map_err(|_| Error::Interrupted)?.doing(doing)?;
        // An end of input, and no line that is empty.
        let is_ended = line.expose_secret().is_empty();
        if is_ended { Err(Error::Interrupted) } else { Ok(line) }
    }
}

impl Console for Terminal {
    fn say(&mut self, text: &str) -> Result<()> {
        writeln!(self.0, "{text}").doing(|| "write to the terminal".into())
    }

    async fn ask(&mut self, question: &str) -> Result<String> {
        write!(self.0, "{question} ").doing(|| "write to the terminal".into())?;
        let line = self.line().await?;
        Ok(line.expose_secret().trim().to_owned())
    }

    async fn ask_secret(&mut self, question: &str) -> Result<SecretString> {
        write!(self.0, "{question} (not shown) ").doing(|| "write to the terminal".into())?;
        let silence = Silence::begin(&self.0)?;
        let line = self.line().await;
        drop(silence);
        self.say("")?;
        Ok(line?.expose_secret().trim().into())
    }
}

/// A terminal that does not show what is typed, for as long as this lives.
struct Silence {
    terminal: File,
    before: Termios,
}

impl Silence {
    fn begin(terminal: &File) -> Result<Self> {
        let doing = || "keep the terminal from showing what you type".to_owned();
        let terminal = terminal.try_clone().doing(doing)?;
        let before = tcgetattr(&terminal).map_err(Into::into).doing(doing)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent).map_err(Into::into).doing(doing)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
