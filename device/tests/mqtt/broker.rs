//! A strict broker: it refuses what a real one would refuse, and remembers what it was told.

#![expect(clippy::wildcard_enum_match_arm, reason = "of all that MQTT has, a doorbell uses little")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::Event;
use mqtt_protocol_core::mqtt::packet::v5_0::{Connack, Connect, Puback, Publish, Suback};
use mqtt_protocol_core::mqtt::packet::{Packet, Property, Qos, ReceiveMaximum};
use mqtt_protocol_core::mqtt::prelude::*;
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, PubackReasonCode, SubackReasonCode};
use mqtt_protocol_core::mqtt::{Connection, Version, role};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::select;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// The longest that anything may take.
const LONGEST: Duration = Duration::from_secs(5);

/// Who may come in.
pub(crate) const USER: &str = "bell";
pub(crate) const PASSWORD: &str = "made-up-password";

/// Something that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) retain: bool,
    /// After how many seconds nobody is given it any more.
    pub(crate) expiry: Option<u32>,
}

/// What the broker answers to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken,
    NobodyListens,
    Refused,
    /// None, until [`Broker::release`].
    Nothing,
}

#[derive(Default)]
struct World {
    published: Vec<Published>,
    retained: BTreeMap<String, Vec<u8>>,
    /// The ids of those who were let in.
    clients: Vec<String>,
    goodbyes: u32,
    /// What is not answered with [`Answer::Taken`], by the end of its topic.
    answers: BTreeMap<String, Answer>,
}

#[derive(Clone)]
enum Order {
    Say(String, Vec<u8>),
    Bytes(Vec<u8>),
    Release,
    Hang,
}

/// A broker on a port of its own.
pub(crate) struct Broker {
    pub(crate) address: SocketAddr,
    world: Arc<Mutex<World>>,
    orders: broadcast::Sender<Order>,
    open: watch::Sender<bool>,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        Self::with(None, 20).await
    }

    /// One that takes so many messages before it has acknowledged the first, and maybe with TLS.
    pub(crate) async fn with(tls: Option<TlsAcceptor>, room: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let world = Arc::new(Mutex::new(World::default()));
        let (orders, _) = broadcast::channel(16);
        let (open, is_open) = watch::channel(true);
        let (told, commands) = (Arc::clone(&world), orders.clone());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (world, mut is_open, tls) = (Arc::clone(&told), is_open.clone(), tls.clone());
                let orders = commands.subscribe();
                if !*is_open.borrow() {
                    continue;
                }
                tokio::spawn(async move {
                    let client = async {
                        match tls {
                            None => serve(tcp, world, orders, room).await,
                            Some(tls) => match tls.accept(tcp).await {
                                Ok(stream) => serve(stream, world, orders, room).await,
                                Err(_) => None,
                            },
                        }
                    };
                    select! {
                        _ = client => {}
                        _ = is_open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Self { address, world, orders, open }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test has panicked")
    }

    /// Ends all connections, and takes no more.
    pub(crate) fn close(&self) {
        self.open.send_replace(false);
    }

    /// Takes connections again.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    /// Publishes something to those who have subscribed.
    pub(crate) fn say(&self, topic: &str, payload: &str) {
        let _ = self.orders.send(Order::Say(topic.to_owned(), payload.into()));
    }

    /// Sends these bytes, whatever they are.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let _ = self.orders.send(Order::Bytes(bytes.to_vec()));
    }

    /// Acknowledges what it has not.
    pub(crate) fn release(&self) {
        let _ = self.orders.send(Order::Release);
    }

    /// Reads and says nothing any more on the connections there are.
    pub(crate) fn hang(&self) {
        let _ = self.orders.send(Order::Hang);
    }

    /// Answers messages whose topic ends so from now on.
    pub(crate) fn answer(&self, topic: &str, answer: Answer) {
        self.world().answers.insert(topic.to_owned(), answer);
    }

    /// All that was published so far, to topics that end so.
    pub(crate) fn published(&self, topic: &str) -> Vec<Published> {
        let all = self.world().published.clone();
        all.into_iter().filter(|message| message.topic.ends_with(topic)).collect()
    }

    /// What is kept for those who come later.
    pub(crate) fn retained(&self) -> BTreeMap<String, Vec<u8>> {
        self.world().retained.clone()
    }

    /// Keeps this for those who come later.
    pub(crate) fn retain(&self, topic: &str, payload: &str) {
        self.world().retained.insert(topic.to_owned(), payload.into());
    }

    /// The ids of all who were let in, one after the other.
    pub(crate) fn clients(&self) -> Vec<String> {
        self.world().clients.clone()
    }

    pub(crate) fn goodbyes(&self) -> u32 {
        self.world().goodbyes
    }
}

/// Looks until it is so.
pub(crate) async fn until(mut look: impl FnMut() -> bool) {
    let looking = async {
        while !look() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(LONGEST, looking).await.expect("it happens");
}

/// One client, until it is gone or has done what is forbidden.
async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    world: Arc<Mutex<World>>,
    mut orders: broadcast::Receiver<Order>,
    room: u16,
) -> Option<()> {
    let mut core = Connection::<role::Server>::new(Version::V5_0);
    let mut will: Option<(String, Vec<u8>)> = None;
    let mut subscribed: Vec<String> = Vec::new();
    let mut held = Vec::new();
    let mut read = [0; 4096];
    loop {
        let mut out = Vec::new();
        let events = select! {
            count = stream.read(&mut read) => match count {
                Ok(count) if count > 0 => {
                    let mut cursor = Cursor::new(&read[..count]);
                    let mut events = Vec::new();
                    while !cursor.remaining_slice().is_empty() {
                        events.extend(core.recv(&mut cursor));
                    }
                    events
                }
                _ => {
                    // It is gone without a word.
                    world.lock().ok()?.retained.extend(will);
                    return None;
                }
            },
            order = orders.recv() => match order.ok()? {
                Order::Say(topic, payload) => {
                    if subscribed.iter().any(|filter| matches(filter, &topic)) {
                        core.send(message(&topic, &payload, false))
                    } else {
                        Vec::new()
                    }
                }
                Order::Bytes(bytes) => {
                    out.extend(bytes);
                    Vec::new()
                }
                Order::Release => {
                    let acknowledge = |id| core.send(acknowledgement(id, PubackReasonCode::Success));
                    std::mem::take(&mut held).into_iter().flat_map(acknowledge).collect()
                }
                Order::Hang => std::future::pending().await,
            },
        };
        let mut events = std::collections::VecDeque::from(events);
        while let Some(event) = events.pop_front() {
            match event {
                Event::RequestSendPacket { packet, .. } => out.extend(packet.to_continuous_buffer()),
                Event::NotifyError(error) => panic!("the client breaks the rules of MQTT: {error:?}"),
                Event::NotifyPacketReceived(packet) => match packet {
                    Packet::V5_0Connect(connect) => {
                        let reason = admit(&connect);
                        will = connect
                            .will_topic()
                            .map(str::to_owned)
                            .zip(connect.will_payload().map(<[u8]>::to_vec));
                        let mut connack = Connack::builder().session_present(false).reason_code(reason);
                        if reason == ConnectReasonCode::Success {
                            world.lock().ok()?.clients.push(connect.client_id().to_owned());
                            let room = ReceiveMaximum::new(room).expect("a number");
                            connack = connack.props(vec![room.into()]);
                        }
                        events.extend(core.send(connack.build().expect("a packet").into()));
                    }
                    Packet::V5_0Subscribe(subscribe) => {
                        let granted = subscribe.entries().iter().map(|_| SubackReasonCode::GrantedQos0);
                        let suback = Suback::builder().packet_id(subscribe.packet_id());
                        let suback = suback.reason_codes(granted.collect()).build().expect("a packet");
                        events.extend(core.send(suback.into()));
                        subscribed
                            .extend(subscribe.entries().iter().map(|entry| entry.topic_filter().to_owned()));
                        for (topic, payload) in &world.lock().ok()?.retained {
                            if subscribed.iter().any(|filter| matches(filter, topic)) {
                                events.extend(core.send(message(topic, payload, true)));
                            }
                        }
                    }
                    Packet::V5_0Publish(publish) => {
                        let answer = take(&publish, &mut *world.lock().ok()?);
                        let id = publish.packet_id().expect("a number");
                        let reason = match answer {
                            Answer::Taken => PubackReasonCode::Success,
                            Answer::NobodyListens => PubackReasonCode::NoMatchingSubscribers,
                            Answer::Refused => PubackReasonCode::NotAuthorized,
                            Answer::Nothing => {
                                held.push(id);
                                continue;
                            }
                        };
                        events.extend(core.send(acknowledgement(id, reason)));
                    }
                    Packet::V5_0Disconnect(_) => {
                        world.lock().ok()?.goodbyes += 1;
                        return None;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        stream.write_all(&out).await.ok()?;
        stream.flush().await.ok()?;
    }
}

/// Whether a client may come in; what it must never do ends the test.
fn admit(connect: &Connect) -> ConnectReasonCode {
    assert!(connect.client_id().starts_with("porch-"), "{}", connect.client_id());
    assert!(connect.clean_start() && (10..=60).contains(&connect.keep_alive()));
    if connect.will_flag() {
        assert!(connect.will_retain() && connect.will_qos() == Qos::AtLeastOnce);
    }
    let login = (connect.user_name(), connect.password());
    let is_known = login == (Some(USER), Some(PASSWORD.as_bytes()));
    if is_known { ConnectReasonCode::Success } else { ConnectReasonCode::NotAuthorized }
}

fn take(publish: &Publish, world: &mut World) -> Answer {
    assert_eq!(publish.qos(), Qos::AtLeastOnce);
    let topic = publish.topic_name().to_owned();
    let of = |(end, answer): (&String, &Answer)| topic.ends_with(end.as_str()).then_some(*answer);
    let answer = world.answers.iter().find_map(of).unwrap_or(Answer::Taken);
    let expiry = publish.props().iter().find_map(|property| match property {
        Property::MessageExpiryInterval(seconds) => Some(seconds.val()),
        _ => None,
    });
    let payload = publish.payload().as_slice().to_vec();
    if answer != Answer::Refused {
        if publish.retain() && payload.is_empty() {
            world.retained.remove(&topic);
        } else if publish.retain() {
            world.retained.insert(topic.clone(), payload.clone());
        }
        world.published.push(Published { topic, payload, retain: publish.retain(), expiry });
    }
    answer
}

fn acknowledgement(id: u16, reason: PubackReasonCode) -> Packet {
    Puback::builder().packet_id(id).reason_code(reason).build().expect("a packet").into()
}

fn message(topic: &str, payload: &[u8], retain: bool) -> Packet {
    let publish = Publish::builder().topic_name(topic).expect("a topic").qos(Qos::AtMostOnce);
    publish.retain(retain).payload(payload).build().expect("a packet").into()
}

/// Whether a filter with `+` is for a topic.
fn matches(filter: &str, topic: &str) -> bool {
    let (filter, topic): (Vec<&str>, Vec<&str>) = (filter.split('/').collect(), topic.split('/').collect());
    filter.len() == topic.len()
        && filter.iter().zip(topic).all(|(level, found)| *level == "+" || *level == found)
}
