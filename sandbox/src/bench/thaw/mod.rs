//! The first directive after a freeze, with what may go wrong meanwhile.

mod plan;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{RwLock, Semaphore};
use tokio::time::sleep;

use self::plan::{Freeze, Mishap, Question};
use super::caller::{Asked, Caller};
use super::figures::{Measured, THAW_FAILURES, THAW_P95};
use super::stats::{greatest, p95};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parts::Part;
use crate::process;
use crate::progress::Progress;

/// Environments that are frozen at the same time. Frozen they take memory and nothing else.
const ENVIRONMENTS: u8 = 32;

/// What is to be frozen, and what goes wrong meanwhile.
pub(super) struct Thaw<'a> {
    pub(super) layout: &'a Layout,
    pub(super) progress: &'a Progress,
    pub(super) home_node: Part,
    /// ReportState, which may be sent twice.
    pub(super) repeatable: Caller<'a>,
    /// AdjustBrightness, which may not.
    pub(super) unrepeatable: Caller<'a>,
    /// From which the freezes follow.
    pub(super) seed: u64,
    pub(super) freezes: usize,
    /// No freezes of half a minute and more.
    pub(super) only_short: bool,
}

/// One run: what is left to do, and what came of the rest.
struct Run<'a> {
    thaw: &'a Thaw<'a>,
    left: Mutex<std::vec::IntoIter<Freeze>>,
    /// Whoever asks something reads it. Who restarts the home node writes it, so that this happens while all environments
    /// are frozen: a directive for which there is no house is rightly answered with an error.
    house: RwLock<()>,
    /// For one start at a time: a machine that starts many at once is too slow for all of them.
    starting: Semaphore,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// After long freezes; after all where there are only short ones.
    elapsed_ms: Vec<f64>,
    slowest_ms: f64,
    failures: u32,
}

impl Thaw<'_> {
    /// How long it takes.
    pub(super) fn estimate(&self) -> Duration {
        let plan = plan::plan(self.seed, self.freezes, self.only_short);
        plan.iter().map(|freeze| freeze.lasting).sum::<Duration>() / u32::from(ENVIRONMENTS)
    }

    /// Goes through the freezes. Each failure is told when it is seen.
    ///
    /// # Errors
    /// When the runner cannot be reached, the directive before the first freeze fails, or the home node does not start.
    pub(super) async fn measure(&self) -> Result<Vec<Measured>> {
        let plan = plan::plan(self.seed, self.freezes, self.only_short);
        let note = plan::told(&plan, self.seed);
        let n = plan.len();
        let run = Run {
            thaw: self,
            left: Mutex::new(plan.into_iter()),
            house: RwLock::new(()),
            starting: Semaphore::new(1),
            seen: Mutex::default(),
        };
        // Not more than there is to do: each is a start.
        let environments = ENVIRONMENTS.min(u8::try_from(n).unwrap_or(ENVIRONMENTS));
        let lives: FuturesUnordered<_> = (0..environments).map(|number| run.live(number)).collect();
        lives.try_collect::<()>().await?;
        self.repeatable.retire().await?;
        let seen = run.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let slowest = greatest(&seen.elapsed_ms).unwrap_or_default().max(seen.slowest_ms);
        let after = if self.only_short { "after all" } else { "after those of 30 s and more" };
        let parallel = format!("{environments} environments at once");
        Ok(vec![
            THAW_P95.measured(
                p95(&seen.elapsed_ms).unwrap_or(f64::INFINITY),
                seen.elapsed_ms.len(),
                format!("{after}: {note}; the slowest of all {slowest:.0} ms; {parallel}"),
            ),
            THAW_FAILURES.measured(f64::from(seen.failures), n, format!("{note}; {parallel}")),
        ])
    }
}

impl Run<'_> {
    /// The life of one environment: frozen and thawed until nothing is left to do.
    async fn live(&self, number: u8) -> Result<()> {
        let callers = [&self.thaw.repeatable, &self.thaw.unrepeatable];
        let [repeatable, unrepeatable] = callers.map(|caller| caller.in_environment(number));
        {
            let _alone = self.starting.acquire().await;
            self.ask(&repeatable).await?.replied()?;
        }
        while let Some(freeze) = self.next() {
            let caller = match freeze.question {
                Question::ReportState => &repeatable,
                Question::AdjustBrightness => &unrepeatable,
            };
            self.freeze(&freeze, caller).await?;
            let asked = self.ask(caller).await?;
            self.note(number, &freeze, asked);
        }
        Ok(())
    }

    fn next(&self) -> Option<Freeze> {
        lock(&self.left).next()
    }

    async fn ask(&self, caller: &Caller<'_>) -> Result<Asked> {
        let _the_house_is_there = self.house.read().await;
        caller.ask().await
    }

    /// A freeze from its beginning to its end. The runner begins it, after each directive, and ends it with the next.
    async fn freeze(&self, freeze: &Freeze, caller: &Caller<'_>) -> Result<()> {
        if let Some(Mishap::KilledBefore(after)) = freeze.mishap {
            let killing = async {
                sleep(after).await;
                kill_tailscaled(caller).await
            };
            let (asked, killed) = tokio::join!(self.ask(caller), killing);
            killed?;
            let asked = asked?;
            if !asked.is_event {
                self.fail(&format!(
                    "a directive within which tailscaled was killed got no event: {:?}",
                    asked.failure
                ));
            }
        }
        let half = freeze.lasting / 2;
        sleep(half).await;
        match freeze.mishap {
            Some(Mishap::HomeNodeRestarted) => {
                let _nobody_asks = self.house.write().await;
                self.thaw.home_node.restart(self.thaw.layout).await?;
            }
            Some(Mishap::KilledDuring) => kill_tailscaled(caller).await?,
            Some(Mishap::KilledBefore(_)) | None => {}
        }
        sleep(freeze.lasting - half).await;
        Ok(())
    }

    fn note(&self, number: u8, freeze: &Freeze, asked: Asked) {
        let took_ms = asked.took(&["thaw", "start", "invoke"]);
        // An environment that did not live through the freeze is a failure as well, though a new one replied.
        let is_another = asked.timing.of("thaw").is_none();
        if asked.failure.is_some() || is_another {
            let why = asked
                .failure
                .map_or_else(|| "another environment replied".to_string(), |why| why.to_string());
            self.fail(&format!("environment {number}, {freeze:?}, after {took_ms:.0} ms: {why}"));
        }
        let mut seen = lock(&self.seen);
        seen.slowest_ms = seen.slowest_ms.max(took_ms);
        if freeze.is_long() || self.thaw.only_short {
            seen.elapsed_ms.push(took_ms);
        }
    }

    fn fail(&self, how: &str) {
        self.thaw.progress.say(how);
        lock(&self.seen).failures += 1;
    }
}

/// Kills the function's `tailscaled`, frozen or not. It may be gone already, killed before and not needed since.
async fn kill_tailscaled(caller: &Caller<'_>) -> Result<()> {
    let Some(environment) = caller.environment().await? else {
        return Err(Error::Answer(format!("the function {} has lost an environment", caller.function)));
    };
    environment.processes("tailscaled").into_iter().for_each(process::kill);
    Ok(())
}

/// What these locks guard is whole after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
