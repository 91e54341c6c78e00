//! What surrounds the core: time, the ends of what it has begun, and what outlives its process.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use alexa::gateway::Class;
use alexa::grant::Grant;
use alexa::lwa::UserId;
use device::announce::{Failure, KeptPress, Refreshed};
use device::backoff::Random;
use device::clock::{Moment, Monotonic};
use device::event::{Effect, Event, Renewal, Try};
use device::press::Level;
use device::report::Report;
use uuid::Uuid;

use crate::amazon::Amazon;
use crate::plan::{Outage, Plan, millis};
use crate::run::Seen;

/// 2026-12-01, when every run begins.
const BEGIN: u64 = 1_796_083_200;

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) now: Monotonic,
    pub(crate) random: Random,
    pub(crate) amazon: Amazon,
    /// The file of open presses.
    pub(crate) kept: Vec<KeptPress>,
    /// All presses that ever were in it, or were told of.
    pub(crate) presses: BTreeSet<Monotonic>,
    /// Messages of which the file has said that nothing more is to be sent.
    settled: BTreeSet<Uuid>,
    /// What will happen, and to which process; the gateway does not mind which it was.
    pub(crate) coming: BTreeMap<(Monotonic, u64), Coming>,
    number: u64,
    /// When there was no process.
    pub(crate) down: Vec<Outage>,
    pub(crate) seen: Seen,
}

pub(crate) enum Coming {
    /// To the process of this number, if it is still there.
    ToProcess(u64, Event),
    /// A message reaches the gateway, and what it does then.
    Arrival(u64, Box<Try>, Fate),
    /// All access tokens end.
    Expiry,
    Kill,
    Start,
}

/// What becomes of a message that reaches the gateway.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Handled,
    Throttled,
    /// It is handled, and the answer is lost.
    Unanswered,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let plan = Plan::new(&mut random);
        let mut world = Self {
            plan,
            now: Monotonic::default(),
            random,
            amazon: Amazon::default(),
            kept: Vec::new(),
            presses: BTreeSet::new(),
            settled: BTreeSet::new(),
            coming: BTreeMap::new(),
            number: 0,
            down: Vec::new(),
            seen: Seen::default(),
        };
        let right = SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN);
        for user in 0..world.plan.users {
            world.amazon.link(&UserId::parse(&format!("amzn1.account.{user}")).expect("a user"), right);
        }
        for at in world.plan.expiries.clone() {
            world.comes(at, Coming::Expiry);
        }
        for at in world.plan.kills.clone() {
            world.comes(at, Coming::Kill);
        }
        world
    }

    pub(crate) fn moment(&self) -> Moment {
        let right =
            SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN) + self.now.since(Monotonic::default());
        let leaps = self.plan.leaps.iter().rev();
        let ahead = leaps.into_iter().find(|(at, _)| *at <= self.now).map_or(0, |(_, ahead)| *ahead);
        let far = Duration::from_secs(ahead.unsigned_abs());
        Moment::new(self.now, if ahead < 0 { right - far } else { right + far })
    }

    pub(crate) fn comes(&mut self, at: Monotonic, what: Coming) {
        self.number += 1;
        self.coming.insert((at, self.number), what);
    }

    fn answers(&mut self, process: u64, after: Duration, event: Event) {
        self.comes(self.now + after, Coming::ToProcess(process, event));
    }

    pub(crate) fn is_out(&self, outages: &[Outage]) -> bool {
        outages.iter().any(|(begin, end)| *begin <= self.now && self.now < *end)
    }

    /// Some milliseconds, up to `most`.
    fn some(&mut self, most: u64) -> Duration {
        millis(1 + self.random.number() % most)
    }

    /// Does what the core of `process` wants.
    pub(crate) fn start(&mut self, process: u64, effect: Effect) {
        match effect {
            Effect::Watch(bell, _) => {
                let before = self.plan.edges().into_iter().rfind(|edge| edge.at <= self.now);
                let level = before.map_or(Level::Released, |edge| edge.level);
                self.answers(process, Duration::ZERO, Event::Watched(bell, level));
            }
            Effect::Keep(kept) => {
                self.presses.extend(kept.iter().map(|kept| kept.press().id.edge));
                self.settled.extend(kept.iter().flat_map(KeptPress::settled).copied());
                self.kept = kept;
            }
            Effect::ReadGrants => {
                let read = if self.is_out(&self.plan.network) || self.is_out(&self.plan.table) {
                    self.seen.unread += 1;
                    (self.some(5000), Err("throttled".to_owned()))
                } else {
                    (self.some(60), Ok(self.amazon.table.values().cloned().collect()))
                };
                self.answers(process, read.0, Event::Read(read.1));
            }
            Effect::Refresh(grant, renewal) => {
                let user = grant.user.clone();
                let (after, refreshed) = self.refresh(*grant, renewal);
                self.answers(process, after, Event::Refreshed(user, refreshed));
            }
            Effect::Send(attempt) => self.send(process, attempt),
            Effect::Beat(heartbeat) => {
                let result = if self.is_out(&self.plan.table) { Err("throttled".to_owned()) } else { Ok(()) };
                let after = self.some(60);
                self.answers(process, after, Event::Beaten(heartbeat.endpoint_id, result));
            }
            Effect::EndGrant(..) => panic!("nobody has disabled the skill"),
            Effect::LookForUpdate => self.answers(process, Duration::ZERO, Event::Looked(Ok(None))),
            Effect::Report(Report::Pressed(press)) => {
                self.presses.insert(press.edge);
            }
            Effect::Equip(..) | Effect::Unequip(_) | Effect::Tell(_) => panic!("there are no integrations"),
            Effect::Unwatch(_) | Effect::Record(_) | Effect::Notify(_) | Effect::Report(_) => {}
        }
    }

    fn refresh(&mut self, grant: Grant, renewal: Renewal) -> (Duration, Refreshed) {
        let wall = self.moment().wall().expect("nothing is refreshed before the clock is set");
        if renewal == Renewal::IfDue && grant.is_fresh(wall) {
            return (self.some(60), Refreshed::Fresh(Box::new(grant), None));
        }
        let network = self.is_out(&self.plan.network);
        if renewal != Renewal::Save && (network || self.is_out(&self.plan.login)) {
            self.seen.unrefreshed += 1;
            return (self.some(4000), Refreshed::Failed("login with amazon cannot be reached".to_owned()));
        }
        let grant = if renewal == Renewal::Save { grant } else { self.amazon.refreshed(grant, wall) };
        if network || self.is_out(&self.plan.table) {
            self.seen.unsaved += 1;
            return (self.some(3000), Refreshed::Fresh(Box::new(grant), Some("throttled".to_owned())));
        }
        self.amazon.table.insert(grant.user.clone(), grant.clone());
        (self.some(120), Refreshed::Fresh(Box::new(grant), None))
    }

    fn send(&mut self, process: u64, attempt: Box<Try>) {
        let id = attempt.event.message_id;
        assert!(!self.settled.contains(&id), "a press is sent that is known to be accepted");
        assert!(attempt.deadline <= attempt.press.edge + device::announce::WORTH);
        let worth = attempt.deadline.since(self.now);
        if self.is_out(&self.plan.network) {
            // Either there is no connection, or nothing is heard on one that was kept.
            let (class, after) = if self.random.number().is_multiple_of(2) {
                self.seen.unsent += 1;
                (Class::Unsent, self.some(3000).min(worth))
            } else {
                self.seen.unanswered += 1;
                (Class::Unknown, worth)
            };
            return self.answer(process, after, &attempt, Err(class));
        }
        let after = self.some(40);
        if after >= worth {
            return self.answer(process, worth, &attempt, Err(Class::Unknown));
        }
        let is_out = self.is_out(&self.plan.gateway);
        let fate = match self.random.number() % 4 {
            0 if is_out => Fate::Unanswered,
            _ if is_out => Fate::Throttled,
            _ => Fate::Handled,
        };
        self.comes(self.now + after, Coming::Arrival(process, attempt, fate));
    }

    /// What the gateway does with a message that has arrived.
    pub(crate) fn arrive(&mut self, process: u64, attempt: &Try, fate: Fate) {
        self.amazon.look_at(attempt, self.now);
        let is_good = self.amazon.is_good(attempt);
        let answer = match fate {
            Fate::Throttled => {
                self.seen.throttled += 1;
                self.amazon.refuse(attempt, 0);
                Err(Class::Passing)
            }
            Fate::Handled | Fate::Unanswered if !is_good => {
                self.seen.refused += 1;
                self.amazon.refuse(attempt, 1);
                Err(Class::Token)
            }
            Fate::Handled | Fate::Unanswered => {
                self.amazon.accept(attempt);
                Ok(())
            }
        };
        let rest = attempt.deadline.since(self.now);
        let (after, answer) = match fate {
            Fate::Unanswered => {
                self.seen.unanswered += 1;
                (rest, Err(Class::Unknown))
            }
            Fate::Handled | Fate::Throttled => (self.some(40).min(rest), answer),
        };
        self.answer(process, after, attempt, answer);
    }

    fn answer(&mut self, process: u64, after: Duration, attempt: &Try, answer: Result<(), Class>) {
        let answer = answer.map_err(|class| Failure { class, told: format!("{class:?}") });
        let event = Event::Answered(attempt.press.clone(), attempt.user.clone(), answer);
        self.answers(process, after, event);
    }
}
