//! One integration: what it is being told, and how it has been of late.

use std::collections::BTreeMap;
use std::time::Duration;

use alexa::EndpointId;

use super::JobId;
use super::breaker::Breaker;
use crate::backoff::{Backoff, Random};
use crate::clock::Monotonic;
use crate::integration::{Done, Failure, IntegrationSettings, Occasion, Picture};
use crate::record::Outcome;

/// The most jobs at once. More than that have come faster than it can do them.
const MOST: usize = 4;

/// The longest pause before a job is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How much longer than its time a try may take to say that it was too long.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Station {
    pub(super) settings: IntegrationSettings,
    jobs: BTreeMap<JobId, Job>,
    breaker: Breaker,
    random: Random,
    trouble: Option<String>,
}

#[derive(Debug)]
struct Job {
    occasion: Occasion,
    /// When it is worth nothing any more.
    end: Monotonic,
    tries: u32,
    backoff: Backoff,
    state: State,
    /// What the latest try failed with.
    failed: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// To be tried at this moment.
    Waiting(Monotonic),
    /// Being tried, until then at the latest.
    Trying(Monotonic),
}

/// How a job ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) occasion: Occasion,
    pub(super) outcome: Outcome,
    pub(super) told: String,
    pub(super) tries: u32,
}

impl Station {
    pub(super) fn new(settings: IntegrationSettings, random: Random) -> Self {
        Self { settings, jobs: BTreeMap::new(), breaker: Breaker::default(), random, trouble: None }
    }

    pub(super) fn is_for(&self, bell: &EndpointId) -> bool {
        self.settings.terms.bells.as_ref().is_none_or(|bells| bells.contains(bell))
    }

    /// Takes up a job, or says why not.
    pub(super) fn begin(
        &mut self,
        id: JobId,
        occasion: Occasion,
        end: Monotonic,
        now: Monotonic,
    ) -> Option<Ending> {
        let skipped = |occasion, told| Some(Ending { occasion, outcome: Outcome::Skipped, told, tries: 0 });
        if let Some(until) = self.breaker.open_until(now) {
            let (failures, wait) = (self.breaker.failures(), until.since(now).as_secs().max(1));
            let trouble = self.trouble.as_deref().unwrap_or("it failed");
            let told = format!(
                "it has failed {failures} times in a row, and is left alone for {wait} s more: {trouble}"
            );
            return skipped(occasion, told);
        }
        if self.jobs.len() >= MOST {
            return skipped(occasion, format!("it is still busy with {MOST} others"));
        }
        let (backoff, state) = (Backoff::new(self.random.fork()), State::Waiting(now));
        self.jobs.insert(id, Job { occasion, end, tries: 0, backoff, state, failed: None });
        None
    }

    /// What is to be tried now, and how long that may take.
    pub(super) fn due(&mut self, now: Monotonic) -> Vec<(JobId, Occasion, Duration)> {
        let longest = self.settings.terms.deadline;
        let mut due = Vec::new();
        for (id, job) in &mut self.jobs {
            if matches!(job.state, State::Waiting(at) if at <= now) {
                let time = longest.min(job.end.since(now));
                job.tries += 1;
                job.state = State::Trying(now + time + GRACE);
                due.push((*id, job.occasion.clone(), time));
            }
        }
        due
    }

    /// Takes what came of a try: the end of the job with what was taken, or nothing yet.
    pub(super) fn on_told(
        &mut self,
        id: JobId,
        result: Result<Done, Failure>,
        now: Monotonic,
    ) -> Option<(Ending, Vec<Picture>)> {
        let job = self.jobs.get_mut(&id)?;
        match result {
            Ok(Done { told, pictures }) => {
                self.breaker.on_success();
                self.trouble = None;
                let Job { occasion, tries, .. } = self.jobs.remove(&id)?;
                Some((Ending { occasion, outcome: Outcome::Done, told, tries }, pictures))
            }
            Err(Failure::Passing(told)) if job.tries < self.settings.terms.tries => {
                let at = now + job.backoff.pause(LONGEST_PAUSE);
                job.failed = Some(told);
                job.state = State::Waiting(at);
                // If that is too late, it ends now and not then.
                if at < job.end { None } else { self.fail(id, None, now).map(|ending| (ending, Vec::new())) }
            }
            Err(failure) => {
                self.fail(id, Some(failure.told().to_owned()), now).map(|ending| (ending, Vec::new()))
            }
        }
    }

    /// Ends what has taken too long.
    pub(super) fn expire(&mut self, now: Monotonic) -> Vec<Ending> {
        let late = |job: &Job| match job.state {
            State::Waiting(_) => job.end <= now,
            State::Trying(until) => until <= now,
        };
        let late: Vec<JobId> = self.jobs.iter().filter(|(_, job)| late(job)).map(|(id, _)| *id).collect();
        late.into_iter().filter_map(|id| self.fail(id, None, now)).collect()
    }

    pub(super) fn deadline(&self) -> Option<Monotonic> {
        let deadline = |job: &Job| match job.state {
            State::Waiting(at) => at.min(job.end),
            State::Trying(until) => until,
        };
        self.jobs.values().map(deadline).min()
    }

    pub(super) fn is_busy(&self) -> bool {
        self.jobs.values().any(|job| matches!(job.state, State::Trying(_)))
    }

    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub(super) fn is_left_alone(&self, now: Monotonic) -> bool {
        self.breaker.open_until(now).is_some()
    }

    fn fail(&mut self, id: JobId, why: Option<String>, now: Monotonic) -> Option<Ending> {
        let Job { occasion, tries, failed, .. } = self.jobs.remove(&id)?;
        let told = why.or(failed).unwrap_or_else(|| "it did not end in its time".to_owned());
        self.breaker.on_failure(now);
        self.trouble = Some(told.clone());
        Some(Ending { occasion, outcome: Outcome::Failed, told, tries })
    }
}
