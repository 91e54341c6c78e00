//! The plugin process: it prints its port, which is the whole start-up protocol, and serves the engine.

use std::io::Write as _;
use std::process::ExitCode;

use porch_provider::Settings;
use tokio::net::TcpListener;

/// `EX_USAGE` of sysexits: started wrongly.
const USAGE: u8 = 64;

#[tokio::main]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let lookup = |name: &str| std::env::var_os(name);
    let project = match std::env::current_dir() {
        Ok(project) => project,
        Err(error) => return failed(&format!("the project's folder cannot be found: {error}"), USAGE),
    };
    let settings = match Settings::read(std::env::args().skip(1), project, lookup) {
        Ok(settings) => settings,
        Err(wrong) => return failed(&wrong.to_string(), USAGE),
    };
    if let Err(error) = porch_provider::log::start(&settings.log) {
        // Shown by the engine only if the start fails, and a missing log is no reason to.
        eprintln!("porch-provider: no log at {}: {error}", settings.log.display());
    }
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return failed("another TLS implementation is in place already", 1);
    }
    match run(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string(), 1),
    }
}

async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", listener.local_addr()?.port())?;
    stdout.flush()?;
    Ok(porch_provider::serve(listener, settings).await?)
}

fn failed(reason: &str, code: u8) -> ExitCode {
    tracing::error!("{reason}");
    eprintln!("porch-provider: {reason}");
    ExitCode::from(code)
}
