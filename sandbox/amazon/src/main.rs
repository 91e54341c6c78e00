//! The fake as a program: settings, logging, then every host until SIGTERM or Ctrl-C.

use std::io;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::Parser;
use fake_amazon::Amazon;
use fake_amazon::policies::Aws;
use fake_amazon::server::{Listeners, Server};
use fake_amazon::settings::{Arguments, Settings};
use fake_amazon::storage::Storage;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let settings = match Settings::check(&Arguments::parse()) {
        Ok(settings) => settings,
        Err(wrong) => {
            eprint!("{wrong}");
            return ExitCode::from(64); // EX_USAGE
        }
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_target(false).init();
    match run(&settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fake-amazon: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(settings: &Settings) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let seed = uuid::Uuid::new_v4().into_bytes();
    let (storage, world) = Storage::open(&settings.state, seed)?;
    let listeners = Listeners::bind(settings.listen).await?;
    let addresses = listeners.addresses()?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tracing::info!(?addresses, "fake-amazon is ready");
    let aws = settings.aws.as_ref().map(|url| Aws::new(url, SystemTime::now)).transpose()?;
    let server = Server::new(Amazon::new(world), Some(storage), aws, SystemTime::now);
    tokio::select! {
        served = server.serve(listeners) => served?,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
