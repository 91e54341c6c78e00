//! Login with Amazon, the gateway and the table, as they are when nothing is out of order: whose tokens are good, what
//! was accepted, and that nothing is sent which should not be.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::grant::Grant;
use alexa::lwa::{RefreshToken, UserId};
use alexa::{BearerToken, Region};
use device::announce::{PressId, WORTH};
use device::clock::Monotonic;
use device::event::Try;
use serde_json::Value;

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(crate) struct Amazon {
    pub(crate) table: BTreeMap<UserId, Grant>,
    /// The number of the one good access token of each user.
    good: BTreeMap<UserId, u64>,
    /// Of each press and user, the message that was sent, without its token.
    sent: BTreeMap<(PressId, UserId), Value>,
    /// How often each was accepted.
    pub(crate) accepted: BTreeMap<(PressId, UserId), u32>,
    /// How often each was refused for a reason that passes, and how often for its token.
    pub(crate) refused: BTreeMap<(PressId, UserId), [u32; 2]>,
}

impl Amazon {
    pub(crate) fn link(&mut self, user: &UserId, wall: SystemTime) {
        let refresh_token = RefreshToken::new("made-up");
        let grant = Grant {
            user: user.clone(),
            access_token: BearerToken::new("0"),
            refresh_token: refresh_token.clone(),
            expires_at: wall + HOUR,
            region: Region::Europe,
            in_row: refresh_token,
            ended: None,
        };
        self.table.insert(user.clone(), grant);
        self.good.insert(user.clone(), 0);
    }

    /// All access tokens end now.
    pub(crate) fn expire(&mut self) {
        self.good.values_mut().for_each(|number| *number += 1);
    }

    /// The grant with a new access token.
    pub(crate) fn refreshed(&mut self, grant: Grant, wall: SystemTime) -> Grant {
        let number = self.good.get_mut(&grant.user).expect("the user is known");
        *number += 1;
        Grant { access_token: BearerToken::new(number.to_string()), expires_at: wall + HOUR, ..grant }
    }

    pub(crate) fn is_good(&self, attempt: &Try) -> bool {
        let number = self.good[&attempt.user];
        attempt.access_token.authorization().expect("a header") == format!("Bearer {number}")
    }

    /// Looks at a message that arrives, whatever is answered.
    pub(crate) fn look_at(&mut self, attempt: &Try, now: Monotonic) {
        let Try { press, user, event, .. } = attempt;
        assert!(now < press.edge + WORTH, "a press is sent when it is too old: {press:?} at {now:?}");
        let mut message = serde_json::to_value(event).expect("json");
        message["event"]["endpoint"]["scope"] = Value::Null;
        let first = self.sent.entry((press.clone(), user.clone())).or_insert_with(|| message.clone());
        assert_eq!(*first, message, "the message about a press is another one than before");
    }

    pub(crate) fn accept(&mut self, attempt: &Try) {
        *self.accepted.entry((attempt.press.clone(), attempt.user.clone())).or_default() += 1;
    }

    pub(crate) fn refuse(&mut self, attempt: &Try, why: usize) {
        self.refused.entry((attempt.press.clone(), attempt.user.clone())).or_default()[why] += 1;
    }

    /// Ids of messages are of one press and user each.
    pub(crate) fn check_ids(&self) {
        let id = |message: &Value| message["event"]["header"]["messageId"].to_string();
        let ids: std::collections::BTreeSet<String> = self.sent.values().map(id).collect();
        assert_eq!(ids.len(), self.sent.len(), "one message id is used twice");
    }
}
