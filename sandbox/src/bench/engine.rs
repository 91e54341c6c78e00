//! How long Pulumi takes when there is nothing to do.

use std::time::Instant;

use super::figures::{Figure, Measured, NOOP_UP, PREVIEW};
use super::stats::median;
use crate::error::Result;
use crate::pulumi::Stack;

const RUNS: usize = 5;

/// Plain `pulumi preview` and `pulumi up --yes` of a deployed stack.
///
/// # Errors
/// When Pulumi fails.
pub(super) async fn measure(stack: &Stack) -> Result<Vec<Measured>> {
    let preview = command(PREVIEW, stack, ["preview"]).await?;
    Ok(vec![preview, command(NOOP_UP, stack, ["up", "--yes"]).await?])
}

async fn command<const N: usize>(figure: Figure, stack: &Stack, args: [&str; N]) -> Result<Measured> {
    let mut elapsed = Vec::new();
    // The first one, which does not count, builds what Pulumi starts.
    for run in 0..=RUNS {
        let begun = Instant::now();
        stack.pulumi(args).output().await?;
        if run > 0 {
            elapsed.push(begun.elapsed().as_secs_f64());
        }
    }
    let note = format!("median; stack {}, wall time of `pulumi {}`", stack.name(), args.join(" "));
    Ok(figure.measured(median(&elapsed).unwrap_or(f64::INFINITY), RUNS, note))
}
