//! `cargo xtask preview`: what `pulumi up` would change.

use std::time::Duration;

use sandbox::interrupt::unless_interrupted;
use sandbox::preview::comment;
use sandbox::{DEV, Result, Sandbox};

use super::print;
use crate::exit::{FAILED, tell};

/// Which stacks, and for whom.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Preview {
    /// The stack; any but the sandbox's own is asked for through your Pulumi and AWS accounts
    #[arg(default_value = DEV)]
    stack: String,
    /// Every stack that has a Pulumi.STACK.yaml; the sandbox's own where it is set up
    #[arg(long, conflicts_with = "stack")]
    all: bool,
    /// Print one comment for a pull request, in place of Pulumi's own words
    #[arg(long)]
    markdown: bool,
    /// Compare with what is in AWS, not only with what the last `up` left there
    #[arg(long)]
    refresh: bool,
}

const AFTER_HELP: &str = "\
Nothing is built or changed. A stack that fails keeps none of the others from being previewed. The comment begins with a
line that nobody sees, by which it is found again; it has no secrets, and no more characters than GitHub takes.

Exit codes: 0 all could be previewed, 1 one could not, and those of `cargo xtask`.";

/// How long an engine that is given up may take to put things in order.
const PATIENCE: Duration = Duration::from_secs(30);

impl Preview {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        unless_interrupted(self.preview(sandbox)).await
    }

    async fn preview(&self, sandbox: &Sandbox) -> Result<u8> {
        let stacks = if self.all { sandbox.stacks()? } else { vec![self.stack.clone()] };
        let failed = if self.markdown {
            self.tell_github(sandbox, &stacks).await?
        } else {
            self.tell_a_person(sandbox, &stacks).await
        };
        Ok(if failed { FAILED } else { 0 })
    }

    async fn tell_github(&self, sandbox: &Sandbox, stacks: &[String]) -> Result<bool> {
        let mut reports = Vec::new();
        for stack in stacks {
            tell(&format!("preview {stack}"));
            reports.push(sandbox.preview(stack, self.refresh).await);
        }
        print(comment(&reports))?;
        Ok(reports.iter().any(|report| report.failure.is_some()))
    }

    async fn tell_a_person(&self, sandbox: &Sandbox, stacks: &[String]) -> bool {
        let mut failed = false;
        for stack in stacks {
            let previewed = match sandbox.preview_run(stack, self.refresh) {
                Ok(run) => run.live(PATIENCE).await,
                Err(error) => Err(error),
            };
            if let Err(error) = previewed {
                tell(&format!("{stack}: {error}"));
                failed = true;
            }
        }
        failed
    }
}
