//! One connection's worth of MQTT 5: bytes and time in, bytes and news out.
//!
//! Version 5 it is because its broker says whether a message was allowed, and whether anybody listens; with 3.1.1 a press
//! that an access list forbids looks like one that was heard.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::BytesMut;
use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event, TimerKind};
use mqtt_protocol_core::mqtt::packet::Packet;
use mqtt_protocol_core::mqtt::packet::v5_0::Disconnect;
use mqtt_protocol_core::mqtt::prelude::*;
use mqtt_protocol_core::mqtt::{Connection, Version, role};

use super::message::Message;
use super::packet::{self, Client, News, heard, words};
use crate::clock::Monotonic;

/// Longest packet that is read. What is subscribed to is Home Assistant's birth and what this program has published.
const LONGEST: u32 = 16 * 1024;

/// How often something is sent if there is nothing to send; without it for half as long again, the broker says that the
/// doorbell is offline.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long the broker may take to answer that.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it may take to acknowledge a message. What lies in a connection that hangs would arrive when it goes on, however
/// late that is: such a connection is given up, with all that is in it.
const ACKNOWLEDGED: Duration = Duration::from_secs(8);

/// A connection to a broker.
pub(super) struct Session {
    core: Connection<role::Client>,
    /// What is to be written.
    pub(super) out: BytesMut,
    ping: Option<Monotonic>,
    pong: Option<Monotonic>,
    /// Published, and to be acknowledged by then.
    open: BTreeMap<u16, Monotonic>,
}

impl Session {
    /// Asks for a connection.
    ///
    /// # Errors
    /// When the login cannot be sent at all.
    pub(super) fn begin(client: &Client<'_>, now: Monotonic) -> Result<Self, String> {
        let options = ConnectionOptions::new().maximum_packet_size_recv(LONGEST);
        let mut core = Connection::<role::Client>::with_options(Version::V5_0, options);
        core.set_auto_pub_response(true);
        core.set_pingresp_recv_timeout(milliseconds(PATIENCE));
        let connect = packet::connect(client, KEEP_ALIVE)
            .map_err(|error| format!("user or password: {}", words(error)))?;
        let mut session = Self { core, out: BytesMut::new(), ping: None, pong: None, open: BTreeMap::new() };
        let events = session.core.checked_send(connect);
        session.carry(events, now);
        Ok(session)
    }

    /// Takes what has been read.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Monotonic) -> Vec<News> {
        let mut cursor = Cursor::new(bytes);
        let mut news = Vec::new();
        while !cursor.remaining_slice().is_empty() && !matches!(news.last(), Some(News::Over(_))) {
            let events = self.core.recv(&mut cursor);
            news.extend(self.carry(events, now));
        }
        news
    }

    /// To be called when [`Session::deadline`] has come.
    pub(super) fn on_deadline(&mut self, now: Monotonic) -> Vec<News> {
        if self.pong.take_if(|at| *at <= now).is_some() {
            let told = format!("it has not answered for {} s", PATIENCE.as_secs());
            return vec![News::Over(told)];
        }
        if self.open.values().any(|by| *by <= now) {
            let told = format!("it has not acknowledged a message for {} s", ACKNOWLEDGED.as_secs());
            return vec![News::Over(told)];
        }
        if self.ping.take_if(|at| *at <= now).is_some() {
            let events = self.core.notify_timer_fired(TimerKind::PingreqSend);
            return self.carry(events, now);
        }
        Vec::new()
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Option<Monotonic> {
        self.ping.into_iter().chain(self.pong).chain(self.open.values().copied()).min()
    }

    /// Whether the broker takes another message before it has acknowledged one.
    pub(super) fn has_room(&self) -> bool {
        self.core.get_receive_maximum_vacancy_for_send().is_none_or(|room| room > 0)
    }

    /// Publishes `message`, to be acknowledged by this number.
    ///
    /// # Errors
    /// When it cannot be sent; why.
    pub(super) fn publish(&mut self, message: &Message, now: Monotonic) -> Result<u16, String> {
        let id = self.core.acquire_packet_id().map_err(words)?;
        let publish = packet::publish(message, id).map_err(words)?;
        self.send(publish.into(), now)?;
        self.open.insert(id, now + ACKNOWLEDGED);
        Ok(id)
    }

    /// Asks to be told of what is published to these topics.
    ///
    /// # Errors
    /// When it cannot be sent; why.
    pub(super) fn subscribe(&mut self, topics: &[String], now: Monotonic) -> Result<(), String> {
        let id = self.core.acquire_packet_id().map_err(words)?;
        let subscribe = packet::subscribe(topics, id).map_err(words)?;
        self.send(subscribe.into(), now)
    }

    /// Says goodbye, so that the broker does not take the end of the connection for the doorbell's.
    pub(super) fn close(&mut self, now: Monotonic) {
        if let Ok(disconnect) = Disconnect::builder().build() {
            let events = self.core.checked_send(disconnect);
            self.carry(events, now);
        }
    }

    fn send(&mut self, packet: Packet, now: Monotonic) -> Result<(), String> {
        let events = self.core.send(packet);
        match self.carry(events, now).pop() {
            Some(News::Over(why)) => Err(why),
            _ => Ok(()),
        }
    }

    /// Does what the protocol wants, and gives what is news to others.
    fn carry(&mut self, events: Vec<Event>, now: Monotonic) -> Vec<News> {
        let mut news = Vec::new();
        let mut over = None;
        for event in events {
            match event {
                Event::RequestSendPacket { packet, .. } => {
                    self.out.extend_from_slice(&packet.to_continuous_buffer());
                }
                Event::RequestTimerReset { kind, duration_ms } => {
                    self.set(kind, Some(now + Duration::from_millis(duration_ms)));
                }
                Event::RequestTimerCancel(kind) => self.set(kind, None),
                Event::NotifyPacketReceived(packet) => match heard(packet) {
                    Some(News::Over(why)) => over = Some(why),
                    other => {
                        if let Some(News::Acknowledged(id, _)) = &other {
                            self.open.remove(id);
                        }
                        news.extend(other);
                    }
                },
                Event::NotifyError(error) => over = over.or_else(|| Some(words(error))),
                Event::RequestClose => over = over.or_else(|| Some("it breaks the rules of MQTT".to_owned())),
                Event::NotifyPacketIdReleased(_) => {}
            }
        }
        news.extend(over.map(News::Over));
        news
    }

    fn set(&mut self, kind: TimerKind, at: Option<Monotonic>) {
        match kind {
            TimerKind::PingreqSend => self.ping = at,
            TimerKind::PingrespRecv => self.pong = at,
            // That is a broker's.
            TimerKind::PingreqRecv => {}
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use mqtt_protocol_core::mqtt::packet::v5_0::{Connack, Puback, Publish};
    use mqtt_protocol_core::mqtt::packet::{Qos, ReceiveMaximum};
    use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, PubackReasonCode};
    use proptest::prelude::*;

    use super::*;
    use crate::integration::mqtt::message::Keep;
    use crate::integration::mqtt::packet::Audience;

    const NOW: Monotonic = Monotonic::from_nanos(1_000_000_000);

    fn begin() -> Session {
        let client = Client { id: "porch-1".to_owned(), will: Some("porch/status".to_owned()), login: None };
        Session::begin(&client, NOW).expect("a session")
    }

    fn message() -> Message {
        Message { topic: "porch/press".to_owned(), payload: b"{}"[..].into(), keep: Keep::For(PATIENCE) }
    }

    /// The packets of a conversation, as a broker sends them.
    fn conversation() -> Vec<Vec<u8>> {
        let connack = Connack::builder().session_present(false).reason_code(ConnectReasonCode::Success);
        let room = ReceiveMaximum::new(20).expect("a number");
        let connack = connack.props(vec![room.into()]).build().expect("a packet");
        let puback = Puback::builder().packet_id(1).reason_code(PubackReasonCode::NoMatchingSubscribers);
        let publish = Publish::builder().topic_name("homeassistant/status").expect("a topic");
        let publish: Publish = publish.qos(Qos::AtMostOnce).payload(b"online").build().expect("a packet");
        let puback = puback.build().expect("a packet").to_continuous_buffer();
        vec![connack.to_continuous_buffer(), puback, publish.to_continuous_buffer()]
    }

    #[test]
    fn a_conversation_is_understood_however_it_is_cut() {
        let all = conversation();
        for size in [1, 2, 3, 7, 100] {
            let mut session = begin();
            let mut news = session.receive(&all[0], NOW);
            assert_eq!(session.publish(&message(), NOW), Ok(1));
            for bytes in all[1..].concat().chunks(size) {
                news.extend(session.receive(bytes, NOW));
            }
            let said = News::Message("homeassistant/status".to_owned(), b"online".to_vec());
            assert_eq!(news, [News::Welcome, News::Acknowledged(1, Ok(Audience::Nobody)), said], "{size}");
        }
    }

    #[test]
    fn a_broker_that_does_not_answer_a_ping_is_given_up() {
        let mut session = begin();
        session.receive(&conversation()[0], NOW);
        session.out.clear();
        let ping = session.deadline().expect("a ping is due");
        assert_eq!(ping, NOW + KEEP_ALIVE);
        assert_eq!(session.on_deadline(ping), []);
        assert_eq!(&session.out[..], [0xc0, 0]);
        let end = ping + PATIENCE;
        assert_eq!(session.on_deadline(end), [News::Over("it has not answered for 10 s".to_owned())]);
    }

    #[test]
    fn a_broker_that_does_not_acknowledge_a_message_is_given_up() {
        let all = conversation();
        let mut session = begin();
        session.receive(&all[0], NOW);
        assert_eq!(session.publish(&message(), NOW), Ok(1));
        let end = NOW + ACKNOWLEDGED;
        assert_eq!(session.deadline(), Some(end));
        let told = "it has not acknowledged a message for 8 s".to_owned();
        assert_eq!(session.on_deadline(end), [News::Over(told)]);
        session.receive(&all[1], end);
        assert_eq!(session.deadline(), Some(NOW + KEEP_ALIVE));
    }

    #[test]
    fn a_broker_that_answers_pings_is_asked_again() {
        let mut session = begin();
        session.receive(&conversation()[0], NOW);
        let mut now = NOW;
        for _ in 0..3 {
            now = session.deadline().expect("a ping is due");
            assert_eq!(session.on_deadline(now), []);
            assert_eq!(session.receive(&[0xd0, 0], now + Duration::from_millis(5)), []);
        }
        assert_eq!(now, NOW + KEEP_ALIVE * 3);
    }

    proptest! {
        #[test]
        fn nothing_that_a_broker_sends_ends_in_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4),
        ) {
            let mut session = begin();
            session.receive(&bytes, NOW);
            let mut session = begin();
            let mut all = conversation().concat();
            for (at, byte) in changes {
                let at = usize::from(at) % all.len();
                all[at] = byte;
            }
            session.receive(&all[..conversation()[0].len()], NOW);
            let _ = session.publish(&message(), NOW);
            session.receive(&all[conversation()[0].len()..], NOW);
            session.receive(&bytes, NOW);
        }
    }
}
