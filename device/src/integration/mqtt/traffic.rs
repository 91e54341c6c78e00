//! What one connection has to publish: in which order, and for how long it is wanted.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::oneshot;

use super::message::Message;
use super::packet::Audience;
use super::session::Session;
use crate::clock::Monotonic;

/// As much is being written before the next message is looked at.
const WRITING: usize = 64 * 1024;

/// Where the broker's answer to a message is waited for.
pub(super) type Reply = oneshot::Sender<Result<Audience, String>>;

/// What one connection is doing.
pub(super) struct Traffic {
    pub(super) session: Session,
    /// In their order; those without a reply are true at any time.
    pub(super) waiting: VecDeque<(Message, Option<Reply>)>,
    /// Published, and not acknowledged.
    pub(super) open: BTreeMap<u16, (String, Option<Reply>)>,
    /// Whether the broker takes messages.
    pub(super) is_welcome: bool,
}

impl Traffic {
    pub(super) fn new(session: Session) -> Self {
        Self { session, waiting: VecDeque::new(), open: BTreeMap::new(), is_welcome: false }
    }

    /// Publishes what waits, as far as the broker takes it, and nothing that nobody waits for any more.
    pub(super) fn publish(&mut self) {
        while self.is_welcome && self.session.has_room() && self.session.out.len() < WRITING {
            let Some((message, reply)) = self.waiting.pop_front() else { return };
            if reply.as_ref().is_some_and(oneshot::Sender::is_closed) {
                continue;
            }
            match (self.session.publish(&message, Monotonic::now()), reply) {
                (Ok(id), reply) => {
                    self.open.insert(id, (message.topic, reply));
                }
                (Err(why), Some(reply)) => {
                    let _ = reply.send(Err(why));
                }
                (Err(_), None) => {}
            }
        }
    }

    /// Has messages published that are true at any time.
    pub(super) fn tell(&mut self, messages: impl IntoIterator<Item = Message>) {
        self.waiting.extend(messages.into_iter().map(|message| (message, None)));
    }
}
