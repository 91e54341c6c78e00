//! `cargo xtask logs`: what a stack's functions have logged, and what they are logging.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::deployed::{Deployed, Entry, Function, Tail, for_people};
use sandbox::interrupt::unless_interrupted;
use sandbox::{DEV, Error, Result, Sandbox};

use super::{function, print};

/// How often is looked for something new: CloudWatch takes ten such questions a second of one account, and a line is there
/// some seconds after it was written.
const PAUSE: Duration = Duration::from_secs(2);

/// Which logs, from when on, and how they are shown.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Logs {
    /// Only these; all that the stack has when none is given
    #[arg(value_parser = function())]
    functions: Vec<Function>,
    /// The stack; any but the sandbox's own is asked for through your Pulumi and AWS accounts
    #[arg(long, value_name = "S", default_value = DEV)]
    stack: String,
    /// From how long ago on: a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = ago)]
    since: Duration,
    /// Go on until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Lines as they were written, Lambda's own too
    #[arg(long)]
    raw: bool,
}

const AFTER_HELP: &str = "\
Times are UTC. Of your AWS user or role it needs logs:FilterLogEvents on the functions' log groups.";

impl Logs {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        match unless_interrupted(self.show(sandbox)).await {
            // That is how one stops following.
            Err(Error::Interrupted) if self.follow => Ok(0),
            shown => shown.map(|()| 0),
        }
    }

    async fn show(&self, sandbox: &Sandbox) -> Result<()> {
        let deployed = sandbox.deployed(&self.stack).await?;
        let functions = if self.functions.is_empty() { deployed.functions() } else { self.functions.clone() };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = now.saturating_sub(self.since).as_millis();
        let mut tail = Tail::new(u64::try_from(since).unwrap_or(u64::MAX));
        loop {
            for entry in tail.news(read(&deployed, &functions, tail.from()).await?) {
                let line = if self.raw { Some(raw(&entry)) } else { for_people(&entry) };
                print(line.unwrap_or_default())?;
            }
            if !self.follow {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn read(deployed: &Deployed, functions: &[Function], since: u64) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for function in functions {
        entries.extend(deployed.logged(*function, since).await?);
    }
    Ok(entries)
}

fn raw(entry: &Entry) -> String {
    format!("{}\n", entry.event.message.trim_end())
}

/// `90s`, `10m`, `3h`, `2d`.
fn ago(text: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a number with s, m, h or d, like 90s or 3h; found `{text}`");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(number.checked_mul(seconds).ok_or_else(wrong)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_a_number_with_a_unit() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("3h", 10_800), ("2d", 172_800), ("0s", 0)] {
            assert_eq!(ago(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "10", "m", "-1m", "1.5h", "10é", "1w", "18446744073709551615d"] {
            assert!(ago(wrong).is_err_and(|said| said.contains("like 90s")), "{wrong}");
        }
    }
}
