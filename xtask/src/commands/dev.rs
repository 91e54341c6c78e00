//! `cargo xtask dev`: what is written is deployed to the sandbox, again and again.

use std::time::Instant;

use sandbox::interrupt::unless_interrupted;
use sandbox::progress::{Progress, spoken};
use sandbox::watch::{Sources, changed};
use sandbox::{DEV, Error, Result, Sandbox};

/// How many changed files are named.
const NAMED: usize = 3;

pub(crate) async fn run(sandbox: &Sandbox) -> Result<u8> {
    match unless_interrupted(watch(sandbox)).await {
        // That is how one ends it.
        Err(Error::Interrupted) => Ok(0),
        watched => watched.map(|()| 0),
    }
}

async fn watch(sandbox: &Sandbox) -> Result<()> {
    let _lock = sandbox.lock()?;
    let progress = Progress::on_stderr();
    let repository = &sandbox.layout.repository;
    let stack = sandbox.stack(DEV);
    // A sandbox that is not there is told before anybody waits.
    stack.outputs().await.map_err(|_| Error::NotSetUp)?;
    let mut deployed = Sources::default();
    loop {
        let sources = changed(repository, &deployed).await;
        let files = sources.since(&deployed);
        if deployed != Sources::default() {
            let named: Vec<_> = files.iter().take(NAMED).map(|file| relative(file, repository)).collect();
            let more = files.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            progress.say(&format!("\n{}{more}", named.join(", ")));
        } else {
            progress.say(
                "Deploying what is there, built to be there quickly. The first time that takes minutes.",
            );
        }
        let began = Instant::now();
        match stack.up_quickly().await {
            Ok(()) => progress.say(&format!(
                "Deployed in {}. Write something, or Ctrl-C; `cargo xtask up` deploys it as it is released.",
                spoken(began.elapsed())
            )),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            // What does not compile will be written again.
            Err(error) => progress.say(&error.to_string()),
        }
        deployed = sources;
    }
}

fn relative(file: &std::path::Path, repository: &std::path::Path) -> String {
    file.strip_prefix(repository).unwrap_or(file).display().to_string()
}
