//! What Alexa is told of presses: whom, when, and when no more.
//!
//! A press is announced to each user in one message, whose id follows from the press and the user. The same message is
//! sent again as long as nobody has said what became of it, until the press is [`WORTH`] old. So
//!
//! - **lost** is a press that was not accepted in its time, although the gateway would have accepted it in one of the
//!   tries that Amazon allows;
//! - **doubled** is a press that was accepted under two ids, or was sent once more after its acceptance was known.
//!
//! Whether Amazon announces a message twice that reaches it twice is not documented. By its id it can tell; and to
//! whoever waits at a door, a chime too many is worth more than none.

mod delivery;
mod grants;
mod kept;
mod press;

use std::collections::BTreeMap;
use std::time::Duration;

use alexa::grant::Grant;
use alexa::lwa::UserId;
use alexa::{AlexaEvent, Timestamp};
use uuid::Uuid;

pub use delivery::{Answer, Failure};
pub use grants::{Read, Refreshed};
pub use kept::KeptPress;
pub use press::{Boot, Press, PressId};

use crate::backoff::Random;
use crate::clock::{Moment, Monotonic};
use crate::event::{Effect, Try};
use crate::report::{Report, Stages};
use delivery::{Delivery, Next, State};
use grants::{Access, Grants};

/// How old a press may be and still be announced. After that nobody waits at the door.
pub const WORTH: Duration = Duration::from_secs(30);

/// How long one try may take, if the press is worth that long.
const TRY: Duration = Duration::from_secs(5);

/// Announces presses to all who have linked the skill.
#[derive(Debug)]
pub struct Announcer {
    boot: Boot,
    grants: Grants,
    open: BTreeMap<PressId, Open>,
    /// Whether what is kept differs from what was told to be kept.
    changed: bool,
}

/// A press that is young enough to matter.
#[derive(Debug)]
struct Open {
    press: Press,
    /// When this process took it up.
    queued: Monotonic,
    /// By user. None while it is not known who has linked the skill.
    deliveries: Option<BTreeMap<UserId, Delivery>>,
    /// What an earlier process has settled.
    settled: Vec<Uuid>,
}

impl Announcer {
    /// Goes on with what an earlier process of this start of the machine has kept.
    pub fn new(boot: Boot, kept: &[KeptPress], now: Monotonic, random: Random) -> Self {
        let open = kept.iter().map(|kept| {
            let press = kept.press();
            let settled = kept.settled().to_vec();
            (press.id.clone(), Open { press, queued: now, deliveries: None, settled })
        });
        Self { boot, grants: Grants::new(random), open: open.collect(), changed: false }
    }

    /// Announces a press.
    pub fn on_press(&mut self, press: Press, now: Moment, effects: &mut Vec<Effect>) {
        let open = Open { queued: now.monotonic, deliveries: None, settled: Vec::new(), press };
        self.open.insert(open.press.id.clone(), open);
        self.changed = true;
        self.grants.hurry(now.monotonic);
        self.advance(now, effects);
    }

    /// Takes what the table said.
    pub fn on_read(&mut self, read: Read, now: Moment, effects: &mut Vec<Effect>) {
        self.grants.on_read(read, now, self.is_pressing(), effects);
        self.advance(now, effects);
    }

    /// Takes what came of refreshing the grant of `user`.
    pub fn on_refreshed(
        &mut self,
        user: &UserId,
        refreshed: Refreshed,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        self.grants.on_refreshed(user, refreshed, now.monotonic, self.is_pressing(), effects);
        self.advance(now, effects);
    }

    /// Takes what came of a try.
    pub fn on_answer(
        &mut self,
        press: &PressId,
        user: &UserId,
        answer: Answer,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        // An answer about a press that is too old changes nothing any more.
        let Some(open) = self.open.get_mut(press) else { return };
        let Some(delivery) = open.deliveries.as_mut().and_then(|deliveries| deliveries.get_mut(user)) else {
            return;
        };
        let next = delivery.on_answer(&answer, now.monotonic);
        let message_id = delivery.message_id;
        let Some((sent, token)) = delivery.sent() else { return };
        let stages = Stages::of(press, open.press.stable, open.queued, sent, now.monotonic);
        let tries = delivery.tries();
        match next {
            Next::Accepted | Next::Again | Next::GivenUp => {}
            Next::Renew => self.grants.refuse(user, token, now.monotonic),
            Next::EndGrant => self.grants.end(user, effects),
        }
        self.changed |= !matches!(next, Next::Again | Next::Renew);
        let press = press.clone();
        effects.push(Effect::Report(match answer {
            Ok(()) => Report::Accepted { press, message_id, tries, stages },
            Err(Failure { told, .. }) if matches!(next, Next::Again | Next::Renew) => {
                Report::NotYetAccepted { press, message_id, why: told }
            }
            Err(Failure { told, .. }) => Report::GivenUp { press, message_id: Some(message_id), why: told },
        }));
        self.advance(now, effects);
    }

    /// To be called when [`Announcer::deadline`] has come.
    pub fn advance(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.let_go(now.monotonic, effects);
        self.address(now.monotonic, effects);
        self.date(now);
        if std::mem::take(&mut self.changed) {
            // Before what depends on it is sent, so that this process may end at any time.
            effects.push(Effect::Keep(self.kept()));
        }
        self.send(now, effects);
        self.grants.advance(now, effects);
    }

    /// When something is due, as far as that is known at `now`.
    pub fn deadline(&self, now: Moment) -> Option<Monotonic> {
        let presses = self.open.values().flat_map(|open| {
            let worth = open.press.id.edge + WORTH;
            let waiting = open.deliveries.iter().flat_map(BTreeMap::values).filter_map(|delivery| {
                match delivery.state {
                    State::Waiting(until) if until > now.monotonic => Some(until),
                    // The grants, the clock or the press's end have the next word.
                    State::Waiting(_) | State::Sent | State::Settled => None,
                }
            });
            waiting.chain([worth])
        });
        presses.chain(self.grants.deadline(now)).min()
    }

    /// Whether a try is not answered yet.
    pub fn is_sending(&self) -> bool {
        let deliveries =
            self.open.values().flat_map(|open| open.deliveries.iter().flat_map(BTreeMap::values));
        deliveries.into_iter().any(|delivery| delivery.state == State::Sent)
    }

    /// Whether a press waits for anything.
    fn is_pressing(&self) -> bool {
        self.open.values().any(|open| !open.is_settled())
    }

    fn kept(&self) -> Vec<KeptPress> {
        self.open.values().map(|open| KeptPress::of(&open.press, open.settled())).collect()
    }

    /// Forgets presses that are worth nothing any more.
    fn let_go(&mut self, now: Monotonic, effects: &mut Vec<Effect>) {
        let is_worth = |id: &PressId| now < id.edge + WORTH;
        for open in self.open.values().filter(|open| !is_worth(&open.press.id)) {
            self.changed = true;
            let why = || "nobody is told of a press that is older than 30 s".to_owned();
            let press = open.press.id.clone();
            match &open.deliveries {
                None => effects.push(Effect::Report(Report::GivenUp { press, message_id: None, why: why() })),
                Some(deliveries) => effects.extend(
                    deliveries.values().filter(|delivery| !delivery.is_settled()).map(|delivery| {
                        let message_id = Some(delivery.message_id);
                        Effect::Report(Report::GivenUp { press: press.clone(), message_id, why: why() })
                    }),
                ),
            }
        }
        self.open.retain(|id, _| is_worth(id));
    }

    /// Finds out who is to be told of presses that are new.
    fn address(&mut self, now: Monotonic, effects: &mut Vec<Effect>) {
        let Some(users) = self.grants.users() else { return };
        for open in self.open.values_mut().filter(|open| open.deliveries.is_none()) {
            let press = &open.press.id;
            let delivery = |user: &UserId| {
                let message_id = self.boot.message_id(press, user);
                (!open.settled.contains(&message_id)).then(|| (user.clone(), Delivery::new(message_id, now)))
            };
            open.deliveries = Some(users.iter().filter_map(delivery).collect());
            if users.is_empty() {
                effects.push(Effect::Report(Report::NobodyLinked { press: press.clone() }));
            }
        }
    }

    /// Gives presses the time at which they were, once the clock is set.
    fn date(&mut self, now: Moment) {
        for open in self.open.values_mut().filter(|open| open.press.timestamp.is_none()) {
            open.press.timestamp = now.wall_at(open.press.id.edge).map(Timestamp::of);
            self.changed |= open.press.timestamp.is_some();
        }
    }

    fn send(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        let Some(wall) = now.wall() else { return };
        for open in self.open.values_mut() {
            let Some(timestamp) = open.press.timestamp else { continue };
            for (user, delivery) in open.deliveries.iter_mut().flatten() {
                if !delivery.is_due(now.monotonic) {
                    continue;
                }
                let (press, message_id) = (open.press.id.clone(), delivery.message_id);
                match self.grants.access(user, wall) {
                    Access::Coming => {}
                    Access::Over => {
                        delivery.give_up();
                        self.changed = true;
                        let why = "its user has unlinked the skill".to_owned();
                        effects.push(Effect::Report(Report::GivenUp {
                            press,
                            message_id: Some(message_id),
                            why,
                        }));
                    }
                    Access::Granted(grant, token) => {
                        delivery.on_send(now.monotonic, token);
                        let deadline = (now.monotonic + TRY).min(press.edge + WORTH);
                        effects.push(attempt(press, timestamp, grant, message_id, deadline));
                    }
                }
            }
        }
    }
}

/// A try to tell the user of `grant` of a press.
fn attempt(
    press: PressId,
    timestamp: Timestamp,
    grant: &Grant,
    message_id: Uuid,
    deadline: Monotonic,
) -> Effect {
    let access_token = grant.access_token.clone();
    let event = AlexaEvent::doorbell_press(&press.bell, timestamp, access_token.clone(), message_id);
    let (user, region) = (grant.user.clone(), grant.region);
    Effect::Send(Box::new(Try { press, user, region, event, access_token, deadline }))
}

impl Open {
    fn is_settled(&self) -> bool {
        self.deliveries.as_ref().is_some_and(|all| all.values().all(Delivery::is_settled))
    }

    fn settled(&self) -> Vec<Uuid> {
        let deliveries = self.deliveries.iter().flat_map(BTreeMap::values);
        let now = deliveries.filter(|delivery| delivery.is_settled()).map(|delivery| delivery.message_id);
        self.settled.iter().copied().chain(now).collect()
    }
}
