//! The parts that keep running: which there are, and what each is.

pub mod amazon;
pub mod camera;
pub mod doorbell;
pub mod headscale;
pub mod home_assistant;
pub mod home_node;
pub mod hue_bridge;
pub mod lambda_runner;
pub mod ministack;
pub mod mosquitto;
pub mod name_server;
pub mod node;
mod part;
pub mod phone;

use std::ffi::OsString;
use std::time::Duration;

use crate::error::Result;
use crate::layout::Layout;
use crate::process::Process;
use crate::procfs::{self, Protocol};
use crate::ready::Probe;
use crate::settings::Settings;
pub use part::{Outcome, Part};

/// One of the parts: what is known about it before anything is set up.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in file names.
    pub slug: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Ports on 127.0.0.1 that it needs.
    pub ports: &'static [(Protocol, u16)],
    /// How it is known to be ready.
    probe: fn(&Layout) -> Probe,
    /// How long it may take to end after SIGTERM.
    patience: Duration,
}

/// All parts of `cargo xtask up`, in the order in which they are ended: who uses others before the others.
pub const ALL: [Kind; 8] = [
    doorbell::KIND,
    hue_bridge::KIND,
    lambda_runner::KIND,
    amazon::KIND,
    home_node::KIND,
    home_assistant::KIND,
    headscale::KIND,
    ministack::KIND,
];

/// Parts of `cargo xtask up` that it leaves out where they are not installed: they are Debian's.
pub const WHERE_INSTALLED: [Kind; 2] = [camera::KIND, mosquitto::KIND];

/// What only tests and measurements start, and end themselves unless they are killed.
pub const FOR_TESTS: [Kind; 5] =
    [doorbell::MEASURED, lambda_runner::ABROAD, phone::KIND, name_server::KIND, home_assistant::HTTPS_KIND];

impl Kind {
    /// Its process, if it runs.
    ///
    /// # Errors
    /// When its pid file cannot be read.
    pub fn process(&self, layout: &Layout) -> Result<Option<Process>> {
        Process::find(&layout.process(self.slug))
    }

    /// Asks it once whether it is well.
    ///
    /// # Errors
    /// Why it is not, as the end of a sentence.
    pub async fn ask(&self, layout: &Layout) -> Result<(), String> {
        (self.probe)(layout).ask().await
    }

    /// Ends it and gives its process id, or `None` when it did not run.
    ///
    /// # Errors
    /// When its pid file cannot be read.
    pub fn end(&self, layout: &Layout) -> Result<Option<i32>> {
        let Some(process) = self.process(layout)? else { return Ok(None) };
        process.end(self.patience);
        Ok(Some(process.pid))
    }

    /// One line for each of its ports that another process holds, with what to do.
    #[must_use]
    pub fn taken_ports(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (protocol, port) in self.ports {
            for holder in procfs::listeners(*protocol, *port) {
                lines.push(self.taken_port(*port, holder));
            }
        }
        lines
    }

    fn taken_port(&self, port: u16, holder: Option<i32>) -> String {
        let held = match holder {
            Some(pid) => format!("is held by process {pid} (`{}`)", procfs::command_line(pid)),
            None => "is held by another user's process".to_string(),
        };
        format!(
            "port {port} on 127.0.0.1, for {}, {held}: end it; if it belongs to another checkout of porch, \
             run `cargo xtask down` there",
            self.title
        )
    }
}

/// The environment of every part: a few of the person's variables, `PATH`, and the part's own.
fn environment(settings: &Settings, own: &[(&str, OsString)]) -> Vec<(OsString, OsString)> {
    let inherited = settings.inherited.iter().map(|(name, value)| (OsString::from(name), value.clone()));
    let path = [(OsString::from("PATH"), settings.path_with(&[]))];
    let own = own.iter().map(|(name, value)| (OsString::from(name), value.clone()));
    inherited.chain(path).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn who_holds_a_port_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let kind = Kind { ports: Box::leak(Box::new([(Protocol::Tcp, port)])), ..lambda_runner::KIND };
        let lines = kind.taken_ports();
        let me =
            format!("port {port} on 127.0.0.1, for Lambda runner, is held by process {}", std::process::id());
        assert!(lines.len() == 1 && lines[0].starts_with(&me), "{lines:?}");
    }
}
