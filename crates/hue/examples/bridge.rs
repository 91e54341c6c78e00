//! A bridge to try things with: `cargo run -p hue --features fake --example bridge PORT FOLDER`.
//!
//! It listens on 127.0.0.1, and keeps in FOLDER its certificate and, as `bridge.json`, how to reach it. A line on standard
//! input presses its button.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use hue::SystemClock;
use hue::fake::{Certificate, FakeBridge};
use tokio::sync::mpsc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let port = arguments.next().and_then(|port| port.parse().ok());
    let (Some(port), Some(folder)) = (port, arguments.next().map(PathBuf::from)) else {
        eprintln!("usage: bridge PORT FOLDER");
        return ExitCode::from(64);
    };
    let certificate = match prepare(port, &folder) {
        Ok(certificate) => certificate,
        Err(error) => {
            eprintln!("bridge: {} cannot be written: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    };
    let bridge = FakeBridge::start_at(port, &certificate, Arc::new(SystemClock)).await;
    eprintln!("bridge: it listens on {}", bridge.address());
    let mut lines = lines();
    while lines.recv().await.is_some() {
        bridge.press_button();
        eprintln!("bridge: the button was pressed");
    }
    // Without an input it serves until it is ended.
    std::future::pending().await
}

/// Writes how to reach it before it listens, so that whoever finds it there finds that as well.
fn prepare(port: u16, folder: &Path) -> io::Result<Certificate> {
    let certificate = Certificate::kept(folder, FakeBridge::ID)?;
    let reach = serde_json::json!({
        "address": format!("127.0.0.1:{port}"),
        "id": FakeBridge::ID,
        "pin": certificate.fingerprint().to_string(),
        "key": FakeBridge::KEY,
    });
    fs::write(folder.join("bridge.json"), reach.to_string())?;
    Ok(certificate)
}

/// A message for each line of standard input.
fn lines() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lines() {
            if line.is_err() || sender.blocking_send(()).is_err() {
                return;
            }
        }
    });
    receiver
}
