//! The grants as this process knows them: read ahead and kept fresh, so that a press waits for neither.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::grant::{Ended, Grant};
use alexa::lwa::UserId;

use crate::backoff::{Backoff, Random};
use crate::clock::{Moment, Monotonic};
use crate::event::{Effect, Renewal};
use crate::report::Report;

/// How often the table is read: somebody who links the skill rings from then on. It is 44,000 reads of half a unit a
/// month, for less than 0.01 USD.
const READ: Duration = Duration::from_secs(60);

/// The longest pause before trying again, and the longest while a press waits.
const PATIENT: Duration = Duration::from_secs(60);
const PRESSING: Duration = Duration::from_secs(2);

/// An access token that is good for less than this is not sent any more.
const SPARE: Duration = Duration::from_secs(5);

/// What the table said.
pub type Read = Result<Vec<Grant>, String>;

/// What came of refreshing a grant.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The grant with a good access token, and why it is not in the table if it is not.
    Fresh(Box<Grant>, Option<String>),
    /// The grant is over; why, for people.
    Over(String),
    /// There are no new tokens now; why, for people.
    Failed(String),
}

/// Which access token of a user it is, among all that this process has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TokenNumber(u64);

/// All grants.
#[derive(Debug)]
pub(super) struct Grants {
    /// None before the table was read for the first time.
    held: Option<BTreeMap<UserId, Held>>,
    reading: Task,
    /// What is held is not to be believed before the table is read once more.
    doubted: bool,
    tokens: u64,
    random: Random,
}

#[derive(Debug)]
struct Held {
    grant: Grant,
    token: TokenNumber,
    refreshing: Task,
    /// The gateway does not take the access token.
    refused: bool,
    /// The tokens are not in the table.
    unsaved: bool,
}

/// Something that is done again and again.
#[derive(Debug)]
struct Task {
    /// When it is due; it runs if this is not known.
    due: Option<Monotonic>,
    backoff: Backoff,
    failing: bool,
}

/// Whether something can be sent to a user.
pub(super) enum Access<'a> {
    /// With this grant, whose access token is this one.
    Granted(&'a Grant, TokenNumber),
    /// Not yet: the access token is being refreshed.
    Coming,
    /// Not any more.
    Over,
}

impl Grants {
    pub(super) fn new(mut random: Random) -> Self {
        let reading = Task::new(Monotonic::default(), random.fork());
        Self { held: None, reading, doubted: false, tokens: 0, random }
    }

    /// Those who are to be told of a press now; `None` while that is not known.
    pub(super) fn users(&self) -> Option<Vec<UserId>> {
        let held = self.held.as_ref().filter(|_| !self.doubted)?;
        let users = held.iter().filter(|(_, held)| held.grant.ended.is_none());
        Some(users.map(|(user, _)| user.clone()).collect())
    }

    pub(super) fn access(&self, user: &UserId, wall: SystemTime) -> Access<'_> {
        match self.held.as_ref().and_then(|held| held.get(user)) {
            None => Access::Over,
            Some(held) if held.grant.ended.is_some() => Access::Over,
            Some(held) if held.refused || wall + SPARE >= held.grant.expires_at => Access::Coming,
            Some(held) => Access::Granted(&held.grant, held.token),
        }
    }

    /// A press waits: what failed is tried again at once. If nobody is known to tell, the table is read first, because
    /// somebody may have linked the skill just now.
    pub(super) fn hurry(&mut self, now: Monotonic) {
        self.doubted |= self.users().is_none_or(|users| users.is_empty());
        if self.doubted || self.reading.failing {
            self.reading.hurry(now);
        }
        for held in self.held.iter_mut().flat_map(BTreeMap::values_mut).filter(|held| held.refreshing.failing)
        {
            held.refreshing.hurry(now);
        }
    }

    /// The gateway does not take this access token of `user`. If there is another by now, that says nothing about it.
    pub(super) fn refuse(&mut self, user: &UserId, token: TokenNumber, now: Monotonic) {
        let held = self.held.as_mut().and_then(|held| held.get_mut(user));
        if let Some(held) = held.filter(|held| held.token == token) {
            held.refused = true;
            held.refreshing.hurry(now);
        }
    }

    /// The gateway says that `user` has disabled the skill.
    pub(super) fn end(&mut self, user: &UserId, effects: &mut Vec<Effect>) {
        if let Some(held) = self.held.as_mut().and_then(|held| held.get_mut(user)) {
            held.grant.ended = Some(Ended::SkillDisabled);
            effects.push(Effect::EndGrant(Box::new(held.grant.clone()), Ended::SkillDisabled));
        }
    }

    pub(super) fn on_read(&mut self, read: Read, now: Moment, pressing: bool, effects: &mut Vec<Effect>) {
        let failed = read.as_ref().err().cloned();
        if self.reading.on_end(failed.is_some(), READ, pressing, now.monotonic) {
            effects.push(Effect::Report(Report::GrantsRead(failed.map_or(Ok(()), Err))));
        }
        let Ok(grants) = read else { return };
        self.doubted = false;
        let mut known = self.held.take().unwrap_or_default();
        let held = grants.into_iter().map(|grant| {
            self.tokens += 1;
            let (user, token) = (grant.user.clone(), TokenNumber(self.tokens));
            let held = match known.remove(&user) {
                Some(held) => held.updated(grant, token),
                None => Held::new(grant, token, Task::new(now.monotonic, self.random.fork())),
            };
            (user, held)
        });
        self.held = Some(held.collect());
    }

    pub(super) fn on_refreshed(
        &mut self,
        user: &UserId,
        refreshed: Refreshed,
        now: Monotonic,
        pressing: bool,
        effects: &mut Vec<Effect>,
    ) {
        let Some(held) = self.held.as_mut().and_then(|held| held.get_mut(user)) else { return };
        let failed = match refreshed {
            Refreshed::Fresh(grant, unsaved) => {
                // What was only written to the table has the access token that it had, and may be refused.
                if grant.expires_at != held.grant.expires_at {
                    self.tokens += 1;
                    held.token = TokenNumber(self.tokens);
                    held.refused = false;
                }
                held.grant = *grant;
                held.unsaved = unsaved.is_some();
                unsaved
            }
            Refreshed::Over(why) => {
                held.grant.ended = Some(held.grant.ended.unwrap_or(Ended::Revoked));
                effects.push(Effect::Report(Report::GrantOver(why)));
                None
            }
            Refreshed::Failed(why) => Some(why),
        };
        if held.refreshing.on_end(failed.is_some(), Duration::ZERO, pressing, now) {
            effects.push(Effect::Report(Report::Refreshed(failed.map_or(Ok(()), Err))));
        }
    }

    /// Starts what is due.
    pub(super) fn advance(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        // AWS and Amazon take nothing from a clock that is not set, and it says nothing about the age of a token.
        let Some(wall) = now.wall() else { return };
        if self.reading.start(now.monotonic) {
            effects.push(Effect::ReadGrants);
        }
        for held in self.held.iter_mut().flat_map(BTreeMap::values_mut) {
            if let Some(renewal) = held.renewal(wall)
                && held.refreshing.start(now.monotonic)
            {
                effects.push(Effect::Refresh(Box::new(held.grant.clone()), renewal));
            }
        }
    }

    /// When something is due, as far as that is known at `now`.
    pub(super) fn deadline(&self, now: Moment) -> Option<Monotonic> {
        let wall = now.wall()?;
        let held = self.held.iter().flat_map(BTreeMap::values);
        held.filter_map(|held| held.deadline(now.monotonic, wall)).chain(self.reading.due).min()
    }
}

impl Held {
    fn new(grant: Grant, token: TokenNumber, refreshing: Task) -> Self {
        Self { grant, token, refreshing, refused: false, unsaved: false }
    }

    /// What is held after the table said `grant`, whose access token may be the one numbered `token`, or the same.
    fn updated(self, grant: Grant, token: TokenNumber) -> Self {
        let both_live = self.grant.ended.is_none() && grant.ended.is_none();
        match self.grant.expires_at.cmp(&grant.expires_at) {
            // What was read may be older than what was refreshed meanwhile, and than what could not be written.
            Ordering::Greater if both_live => self,
            Ordering::Equal if both_live => Self { grant, ..self },
            Ordering::Greater | Ordering::Equal | Ordering::Less => Self::new(grant, token, self.refreshing),
        }
    }

    /// What has to be done for the grant at `wall`.
    fn renewal(&self, wall: SystemTime) -> Option<Renewal> {
        match () {
            () if self.grant.ended.is_some() => None,
            () if self.refused => Some(Renewal::Anyway),
            () if !self.grant.is_fresh(wall) => Some(Renewal::IfDue),
            () if self.unsaved => Some(Renewal::Save),
            () => None,
        }
    }

    fn deadline(&self, now: Monotonic, wall: SystemTime) -> Option<Monotonic> {
        let due = self.refreshing.due?;
        if self.grant.ended.is_some() {
            return None;
        }
        let needed = match self.renewal(wall) {
            Some(_) => now,
            None => now + self.grant.refresh_at().duration_since(wall).unwrap_or_default(),
        };
        Some(due.max(needed))
    }
}

impl Task {
    fn new(due: Monotonic, random: Random) -> Self {
        Self { due: Some(due), backoff: Backoff::new(random), failing: false }
    }

    /// Whether it is to start now.
    fn start(&mut self, now: Monotonic) -> bool {
        let starts = self.due.is_some_and(|due| due <= now);
        if starts {
            self.due = None;
        }
        starts
    }

    fn hurry(&mut self, now: Monotonic) {
        self.due = self.due.map(|due| due.min(now));
    }

    /// It has ended. Says whether that is news: the first failure, or the first success after one.
    fn on_end(&mut self, failed: bool, pause: Duration, pressing: bool, now: Monotonic) -> bool {
        let pause = if failed {
            self.backoff.pause(if pressing { PRESSING } else { PATIENT })
        } else {
            self.backoff.reset();
            pause
        };
        self.due = Some(now + pause);
        std::mem::replace(&mut self.failing, failed) != failed
    }
}
