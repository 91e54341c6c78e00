//! A bridge to try things with: `cargo run -p hue --features fake --example bridge PORT FOLDER`.
//!
//! It listens on 127.0.0.1, keeps its certificate in FOLDER, and tells in one line of JSON how to reach it. A line on
//! standard input presses its button.

use std::env;
use std::io;
use std::path::PathBuf;
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
    let certificate = match Certificate::kept(&folder, FakeBridge::ID) {
        Ok(certificate) => certificate,
        Err(error) => {
            eprintln!("bridge: the certificate cannot be kept in {}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    };
    let bridge = FakeBridge::start_at(port, &certificate, Arc::new(SystemClock)).await;
    tell(&bridge);
    let mut lines = lines();
    while lines.recv().await.is_some() {
        bridge.press_button();
        eprintln!("bridge: the button was pressed");
    }
    // Without an input it serves until it is ended.
    std::future::pending().await
}

#[expect(clippy::print_stdout, reason = "whoever starts it reads this line")]
fn tell(bridge: &FakeBridge) {
    let line = serde_json::json!({
        "address": bridge.address().to_string(),
        "id": FakeBridge::ID,
        "pin": bridge.pin.to_string(),
        "key": FakeBridge::KEY,
    });
    println!("{line}");
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
