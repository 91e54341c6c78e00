//! The task that keeps a connection to the broker.
//!
//! What is to be published waits here only while there is a connection, and only as long as somebody waits for it: nothing
//! is left over for the next connection but what is true then as well.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use alexa::Timestamp;
use bytes::BytesMut;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::select;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::diagnostics;
use super::discovery::Discovery;
use super::message::{Message, OFFLINE, ONLINE, Topics};
use super::packet::{Client, News};
use super::session::Session;
use super::traffic::{Reply, Traffic};
use super::transport::{Dialler, Stream};
use super::{Login, MqttSettings};
use crate::backoff::{Backoff, Random};
use crate::clock::{Moment, Monotonic};
use crate::core::Health;

/// How long a broker may take from the first byte to its welcome.
const CONNECT: Duration = Duration::from_secs(10);

/// Longest pause before the next connection.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A connection that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(30);

/// How long a goodbye may take; less than what an integration has for leaving.
const GOODBYE: Duration = Duration::from_millis(800);

/// The most messages that wait, besides those that tell what there is. More are only wanted by a broker that has gone mad.
const MOST: usize = 64;

/// How it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// There was no connection yet.
    Connecting,
    /// There is one; and to this topic the doorbell may not publish, if there is such a one.
    Connected(Option<String>),
    /// There is none, for this reason.
    Down(String),
}

/// What the task is asked for.
pub(super) enum Request {
    /// To publish something, while somebody waits for the answer.
    Publish(Message, Reply),
    /// To say goodbye, and end.
    Leave,
}

/// Keeps the connection.
pub(super) struct Link {
    dialler: Dialler,
    login: Option<Login>,
    topics: Topics,
    discovery: Discovery,
    requests: mpsc::Receiver<Request>,
    condition: watch::Sender<Condition>,
    wake: Arc<Notify>,
    health: watch::Receiver<Health>,
    /// How the doorbell is, as it was told last.
    told: String,
    backoff: Backoff,
    started: Monotonic,
}

/// Why a connection has ended.
enum Ended {
    /// Nobody wants it any more.
    Unwanted,
    Lost(String),
}

impl Link {
    /// A connection as `settings` want it. What it is asked to publish comes through `requests`; `wake` ends a pause.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(super) fn new(
        settings: &MqttSettings,
        topics: Topics,
        requests: mpsc::Receiver<Request>,
        condition: watch::Sender<Condition>,
        wake: Arc<Notify>,
        health: watch::Receiver<Health>,
    ) -> Result<Self, String> {
        let started = Monotonic::now();
        Ok(Self {
            dialler: Dialler::new(&settings.broker)?,
            login: settings.login.clone(),
            discovery: Discovery::new(topics.clone(), &settings.device_name, &settings.bells),
            topics,
            requests,
            condition,
            wake,
            health,
            told: String::new(),
            backoff: Backoff::new(Random::new(started.as_nanos() ^ u64::from(std::process::id()))),
            started,
        })
    }

    /// Runs until it is to leave, or the other end of the requests is gone.
    pub(super) async fn run(mut self) {
        loop {
            let begun = Monotonic::now();
            let why = match self.connection().await {
                Ended::Unwanted => return,
                Ended::Lost(why) => why,
            };
            if Monotonic::now().since(begun) >= GOOD {
                self.backoff.reset();
            }
            self.condition.send_replace(Condition::Down(why));
            let pause = self.backoff.pause(LONGEST_PAUSE);
            select! {
                () = sleep(pause) => {}
                () = self.wake.notified() => {}
                () = unwanted(&mut self.requests) => return,
            }
        }
    }

    /// One connection, from its beginning to its end.
    async fn connection(&mut self) -> Ended {
        let stream = select! {
            dialled = timeout(CONNECT, self.dialler.dial()) => match dialled {
                Ok(Ok(stream)) => stream,
                Ok(Err(why)) => return Ended::Lost(why),
                Err(_) => return Ended::Lost(format!("there was no answer within {} s", CONNECT.as_secs())),
            },
            () = unwanted(&mut self.requests) => return Ended::Unwanted,
        };
        let will = Some(self.topics.status());
        let client = Client { id: self.topics.id(), will, login: self.login.as_ref() };
        let session = match Session::begin(&client, Monotonic::now()) {
            Ok(session) => session,
            Err(why) => return Ended::Lost(why),
        };
        self.serve(stream, Traffic::new(session)).await
    }

    async fn serve(&mut self, stream: Box<dyn Stream>, mut traffic: Traffic) -> Ended {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut read = vec![0; 4096];
        let mut is_unwritten = true;
        let welcome_by = Monotonic::now() + CONNECT;
        loop {
            traffic.publish();
            is_unwritten |= !traffic.session.out.is_empty();
            let now = Monotonic::now();
            let deadline = if traffic.is_welcome { traffic.session.deadline() } else { Some(welcome_by) };
            let until = Instant::now() + deadline.map_or(GOOD, |deadline| deadline.since(now));
            let wants_more = traffic.is_welcome && traffic.waiting.len() < MOST;
            let news = select! {
                count = reader.read(&mut read) => match count {
                    Ok(0) => return Ended::Lost("it has ended the connection".to_owned()),
                    Ok(count) => traffic.session.receive(&read[..count], Monotonic::now()),
                    Err(error) => return Ended::Lost(error.to_string()),
                },
                written = write(&mut writer, &mut traffic.session.out), if is_unwritten => match written {
                    Ok(()) => {
                        is_unwritten = false;
                        Vec::new()
                    }
                    Err(error) => return Ended::Lost(error.to_string()),
                },
                request = self.requests.recv(), if wants_more => match request {
                    Some(Request::Publish(message, reply)) => {
                        // It is somebody at the door.
                        traffic.waiting.push_front((message, Some(reply)));
                        Vec::new()
                    }
                    Some(Request::Leave) | None => {
                        self.say_goodbye(&mut reader, &mut writer, &mut traffic.session).await;
                        return Ended::Unwanted;
                    }
                },
                () = changed(&mut self.health), if wants_more => {
                    traffic.tell(self.news());
                    Vec::new()
                }
                () = sleep_until(until) => {
                    if !traffic.is_welcome && welcome_by <= Monotonic::now() {
                        return Ended::Lost(format!("it has not let anybody in within {} s", CONNECT.as_secs()));
                    }
                    traffic.session.on_deadline(Monotonic::now())
                }
            };
            for news in news {
                if let Some(why) = self.take(news, &mut traffic) {
                    return Ended::Lost(why);
                }
            }
        }
    }

    /// Takes what the broker says: the end of the connection, if it is that.
    fn take(&mut self, news: News, traffic: &mut Traffic) -> Option<String> {
        match news {
            News::Welcome => {
                let topics = [self.topics.birth(), self.topics.configs()];
                if let Err(why) = traffic.session.subscribe(&topics, Monotonic::now()) {
                    return Some(why);
                }
                traffic.is_welcome = true;
                let everything = self.everything();
                traffic.tell(everything);
                self.condition.send_replace(Condition::Connected(None));
            }
            News::Acknowledged(id, answer) => {
                let (topic, reply) = traffic.open.remove(&id)?;
                match reply {
                    // Whoever waited may have given up meanwhile.
                    Some(reply) => drop(reply.send(answer)),
                    None if answer.is_err() => {
                        self.condition.send_replace(Condition::Connected(Some(topic)));
                    }
                    None => {}
                }
            }
            News::Message(topic, payload) if topic == self.topics.birth() => {
                // It is retained, but a Home Assistant that has started may have been cleared of it.
                if payload == ONLINE.as_bytes() && traffic.waiting.is_empty() {
                    let everything = self.everything();
                    traffic.tell(everything);
                }
            }
            News::Message(topic, payload) => {
                if traffic.waiting.len() < MOST {
                    traffic.tell(self.discovery.removal(&topic, &payload));
                }
            }
            News::Over(why) => return Some(why),
        }
        None
    }

    /// All that is true at any time; last that the doorbell is there.
    fn everything(&mut self) -> Vec<Message> {
        let started = Moment::now().wall_at(self.started);
        let state = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "started": started.map(|at: SystemTime| String::from(Timestamp::of(at))),
        });
        let mut messages = self.discovery.messages();
        messages.push(Message::retained(self.topics.state(), state.to_string()));
        self.told.clear();
        messages.extend(self.news());
        messages.push(Message::retained(self.topics.status(), ONLINE));
        messages
    }

    /// How the doorbell is, if that is not what was told last.
    fn news(&mut self) -> Option<Message> {
        let payload = diagnostics::payload(&self.health.borrow_and_update());
        let is_news = payload != self.told;
        self.told.clone_from(&payload);
        is_news.then(|| Message::retained(self.topics.diagnostics(), payload))
    }

    /// Says that the doorbell is not there any more, if the broker still listens.
    async fn say_goodbye(
        &self,
        reader: &mut (impl AsyncRead + Unpin),
        writer: &mut (impl AsyncWrite + Unpin),
        session: &mut Session,
    ) {
        let now = Monotonic::now();
        let offline = Message::retained(self.topics.status(), OFFLINE);
        if session.publish(&offline, now).is_ok() {
            session.close(now);
            let goodbye = async {
                write(writer, &mut session.out).await?;
                // The broker ends the connection when it has read that.
                tokio::io::copy(reader, &mut tokio::io::sink()).await
            };
            // If it comes to nothing, the broker says so itself.
            let _ = timeout(GOODBYE, goodbye).await;
        }
    }
}

/// Ends when the doorbell is not as it was; never when nobody tells any more.
async fn changed(health: &mut watch::Receiver<Health>) {
    if health.changed().await.is_err() {
        pending::<()>().await;
    }
}

/// Writes all of `out`. What is written of it is gone from it, so that it can be given up at any time and begun anew.
async fn write(writer: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> io::Result<()> {
    while !out.is_empty() {
        writer.write_buf(out).await?;
    }
    writer.flush().await
}

/// Ends when nobody is there any more who could ask; whoever asks while there is no connection is told so.
async fn unwanted(requests: &mut mpsc::Receiver<Request>) {
    while let Some(Request::Publish(..)) = requests.recv().await {}
}
