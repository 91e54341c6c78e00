//! The packets of MQTT 5: those that a doorbell sends, and what those of a broker say.

use std::fmt::Debug;
use std::time::Duration;

use mqtt_protocol_core::mqtt::packet::v5_0::{Connack, Connect, Publish, Subscribe};
use mqtt_protocol_core::mqtt::packet::{MessageExpiryInterval, Packet, Qos, SubEntry, SubOpts};
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, DisconnectReasonCode, MqttError, PubackReasonCode,
};
use secrecy::ExposeSecret;

use super::Login;
use super::message::{Keep, Message, OFFLINE};

/// Who asks for a connection.
pub(super) struct Client<'a> {
    /// What the broker knows it by. A second one of the same id ends the first one's connection.
    pub(super) id: String,
    /// The topic to which the broker says that it is offline, when it is lost.
    pub(super) will: Option<String>,
    pub(super) login: Option<&'a Login>,
}

/// What a broker has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It takes messages.
    Welcome,
    /// It has a message, and maybe somebody who is given it; or it refuses the message, for this reason.
    Acknowledged(u16, Result<Audience, String>),
    /// Somebody has published this.
    Message(String, Vec<u8>),
    /// The connection is over, for this reason.
    Over(String),
}

/// Whether anybody is given a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    Somebody,
    Nobody,
}

/// Asks for a connection, on which something is sent so often.
pub(super) fn connect(client: &Client<'_>, keep_alive: Duration) -> Result<Connect, MqttError> {
    let mut connect = Connect::builder()
        .client_id(client.id.as_str())?
        .clean_start(true)
        .keep_alive(u16::try_from(keep_alive.as_secs()).unwrap_or(u16::MAX));
    if let Some(will) = &client.will {
        connect = connect.will_message(will.as_str(), OFFLINE, Qos::AtLeastOnce, true)?;
    }
    if let Some(login) = client.login {
        connect = connect.user_name(login.user.as_str())?;
        if let Some(password) = &login.password {
            connect = connect.password(password.expose_secret())?;
        }
    }
    connect.build()
}

/// Publishes `message` under this number.
pub(super) fn publish(message: &Message, id: u16) -> Result<Publish, MqttError> {
    let publish = Publish::builder()
        .topic_name(message.topic.as_str())?
        .qos(Qos::AtLeastOnce)
        .packet_id(id)
        .retain(message.keep == Keep::Retained)
        .payload(&message.payload[..]);
    match message.keep {
        Keep::Retained => publish.build(),
        Keep::For(time) => {
            let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
            publish.props(vec![MessageExpiryInterval::new(seconds)?.into()]).build()
        }
    }
}

/// Asks to be told of what is published to these topics.
pub(super) fn subscribe(topics: &[String], id: u16) -> Result<Subscribe, MqttError> {
    // What this program publishes itself, it knows.
    let options = SubOpts::new().set_qos(Qos::AtMostOnce).set_nl(true);
    let entries: Result<Vec<SubEntry>, MqttError> =
        topics.iter().map(|topic| SubEntry::new(topic.as_str(), options)).collect();
    Subscribe::builder().packet_id(id).entries(entries?).build()
}

/// What a packet of the broker says.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "nothing else is an answer to what was sent, but that to a ping"
)]
pub(super) fn heard(packet: Packet) -> Option<News> {
    match packet {
        Packet::V5_0Connack(connack) => Some(welcome(&connack)),
        Packet::V5_0Puback(puback) => {
            let answer = match puback.reason_code() {
                None | Some(PubackReasonCode::Success) => Ok(Audience::Somebody),
                Some(PubackReasonCode::NoMatchingSubscribers) => Ok(Audience::Nobody),
                Some(refused) => Err(words(refused)),
            };
            Some(News::Acknowledged(puback.packet_id(), answer))
        }
        Packet::V5_0Publish(publish) => {
            Some(News::Message(publish.topic_name().to_owned(), publish.payload().as_slice().to_vec()))
        }
        Packet::V5_0Disconnect(disconnect) => Some(News::Over(match disconnect.reason_code() {
            Some(DisconnectReasonCode::SessionTakenOver) => {
                "another doorbell has connected with the id of this one: two machines have the same /etc/machine-id"
                    .to_owned()
            }
            Some(DisconnectReasonCode::ServerShuttingDown) => "it shuts down".to_owned(),
            Some(why) => words(why),
            None => "it has ended the connection".to_owned(),
        })),
        _ => None,
    }
}

fn welcome(connack: &Connack) -> News {
    let reason = connack.reason_code();
    if reason == ConnectReasonCode::Success {
        return News::Welcome;
    }
    let login = [ConnectReasonCode::BadUserNameOrPassword, ConnectReasonCode::NotAuthorized];
    if login.contains(&reason) {
        let told = "it refuses the user or the password; see `user`, and `password` of the secrets";
        return News::Over(told.to_owned());
    }
    if reason == ConnectReasonCode::UnsupportedProtocolVersion {
        return News::Over("it does not know MQTT 5, as Mosquitto does since 1.6".to_owned());
    }
    News::Over(format!("it refuses the connection: {}", words(reason)))
}

/// The name of a reason, as MQTT has it, in words: `NotAuthorized` is "not authorized".
pub(super) fn words(reason: impl Debug) -> String {
    let mut words = String::new();
    for letter in format!("{reason:?}").chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
