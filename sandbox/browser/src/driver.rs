//! The program that speaks WebDriver for Chromium.

use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::PATIENCE;

/// It runs, with the browser that it starts; both end with this value.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    pub(crate) async fn start(program: &Path) -> Self {
        let mut command = Command::new(program);
        // In a group of its own, with the browser.
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let child = command.spawn().expect("chromedriver (Debian: apt install chromium chromium-driver)");
        let mut driver = Self { child, port: 0 };
        driver.port = timeout(PATIENCE, driver.says_port()).await.expect("it says where it listens");
        driver
    }

    /// Where it listens on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The port that it chose, which it prints.
    async fn says_port(&mut self) -> u16 {
        let mut lines = BufReader::new(self.child.stdout.take().expect("its words")).lines();
        while let Some(line) = lines.next_line().await.expect("text") {
            let port =
                line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').parse());
            if let Some(Ok(port)) = port {
                return port;
            }
        }
        panic!("chromedriver ended before it listened");
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // What is gone already needs no end.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
