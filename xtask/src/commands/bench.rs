//! `cargo xtask bench`: how quick and how large it is, next to what it is to reach.

use sandbox::bench::{Bench as Measurements, figures, host};
use sandbox::interrupt::{listen_for_insistence, unless_interrupted};
use sandbox::progress::Progress;
use sandbox::{Result, Sandbox};

use super::print;

/// What is to be measured, and how it is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Bench {
    /// Only these; all but from-nothing when none is given
    subjects: Vec<Subject>,
    /// Print one JSON object per line and figure
    #[arg(long)]
    json: bool,
    /// Few runs, in a minute or two: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// How many freezes, in place of 200
    #[arg(long, value_name = "N")]
    freeze_cycles: Option<usize>,
    /// What freezes and faults follow from, to have the same ones again; a new one when absent
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
}

const AFTER_HELP: &str = "\
Needs the dev stack that `cargo xtask up` deploys, and a machine that does nothing else. The figures go to stdout, of
all of them less is better; a figure that misses its goal is no failure.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// The deployed function: warm, cold, thawed; its size; the usual design beside it
    Bridge,
    /// Of these, what is about freezes
    Freezes,
    /// Of these, what is about faults on the way
    Faults,
    /// Pulumi on a stack with nothing to do
    Infra,
    /// `cargo xtask up` in a clone of this checkout, whose own sandbox is ended for it
    FromNothing,
    /// The daemon's Debian packages
    Package,
    /// The doorbell as it ships: presses, with Alexa alone and in a house with everything; many that are played with faults
    Press,
}

impl Bench {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        listen_for_insistence()?;
        unless_interrupted(self.measure(sandbox)).await?;
        Ok(0)
    }

    async fn measure(&self, sandbox: &Sandbox) -> Result<()> {
        let _lock = sandbox.lock()?;
        let progress = Progress::on_stderr();
        let machine = format!("Measured on {}.", host::describe());
        if self.json {
            progress.say(&machine);
        } else {
            print(format!("{machine}\n\n{}", figures::HEADING))?;
        }
        let chosen = |subject| self.subjects.is_empty() || self.subjects.contains(&subject);
        let measurements = Measurements {
            bridge: chosen(Subject::Bridge),
            freezes: chosen(Subject::Bridge) || chosen(Subject::Freezes),
            faults: chosen(Subject::Bridge) || chosen(Subject::Faults),
            infra: chosen(Subject::Infra),
            // It ends what runs, and takes as long as all others.
            from_nothing: self.subjects.contains(&Subject::FromNothing),
            press: chosen(Subject::Press),
            package: chosen(Subject::Package),
            quick: self.quick,
            freeze_cycles: self.freeze_cycles,
            seed: self.seed,
        };
        let show =
            |measured: &figures::Measured| print(if self.json { measured.json() } else { measured.row() });
        measurements.run(sandbox, &progress, show).await
    }
}
