//! Where answers are kept: the stack's config, as Pulumi writes it.

use std::path::PathBuf;

use secrecy::SecretString;

use super::change::Change;
use super::known::{Known, Text};
use crate::error::{Error, Result};
use crate::run::Run;
use crate::settings::Settings;

/// A stack's config.
pub trait Config {
    /// What is in it, as `pulumi config --json --show-secrets` prints it; the stack is made if there is none.
    fn open(&mut self) -> impl Future<Output = Result<SecretString>>;

    /// Changes what an answer changes.
    fn change(&mut self, change: &Change) -> impl Future<Output = Result<()>>;
}

/// Through a Pulumi, in the project's folder.
#[derive(Debug)]
pub struct Pulumi {
    /// The program.
    pub program: PathBuf,
    /// The folder of `Pulumi.yaml`.
    pub folder: PathBuf,
    /// Variables on top of the person's own.
    pub variables: Vec<(&'static str, std::ffi::OsString)>,
    /// The stack's name.
    pub stack: String,
}

impl Pulumi {
    /// The person's own.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn of_person(settings: &Settings, stack: &str) -> Result<Self> {
        let program = settings.find("pulumi").ok_or_else(|| {
            Error::Machine(vec![
                "pulumi is not on your PATH: install it (https://www.pulumi.com/docs/install/), then `pulumi login`"
                    .into(),
            ])
        })?;
        let folder = settings.repository.clone();
        Ok(Self { program, folder, variables: Vec::new(), stack: stack.into() })
    }

    fn run(&self, what: &str, args: &[&str]) -> Run {
        let run =
            Run::new(what, &self.program).args(args).args(["--stack", &self.stack, "--non-interactive"]);
        run.env(self.variables.clone()).folder(&self.folder)
    }
}

impl Config for Pulumi {
    async fn open(&mut self) -> Result<SecretString> {
        // Makes it, unless it is there.
        self.run("make or select the stack", &["stack", "select", "--create"]).output().await?;
        let listing = self.run("read the stack's config", &["config", "--json", "--show-secrets"]);
        listing.output().await.map(|output| output.stdout.into())
    }

    async fn change(&mut self, change: &Change) -> Result<()> {
        let mut plain: Vec<String> = Vec::new();
        for (path, text) in &change.sets {
            match text {
                Text::Plain(text) => plain.extend(["--plaintext".to_owned(), format!("{path}={text}")]),
                // Never as an argument, which every process on the machine can read.
                Text::Secret(_) => {
                    let what = format!("set the secret {path}");
                    let run = self.run(&what, &["config", "set", "--secret", path]);
                    run.stdin(text.expose().as_bytes()).output().await?;
                }
            }
        }
        for (verb, texts) in [("set-all", &plain), ("rm-all", &change.removes)] {
            if !texts.is_empty() {
                let args: Vec<&str> =
                    ["config", verb, "--path"].into_iter().chain(texts.iter().map(String::as_str)).collect();
                self.run("write the stack's config", &args).output().await?;
            }
        }
        Ok(())
    }
}

/// What [`Config::open`] tells, as paths.
pub(super) async fn known(config: &mut impl Config) -> Result<Known> {
    Known::of_listing(&config.open().await?)
}
