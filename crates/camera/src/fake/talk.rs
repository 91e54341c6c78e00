//! What an RTSP server says: answers, the description of a stream, and packets of it.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::film::{Film, Frame};

/// The payload of a packet is at most as long as Ethernet likes.
const PACKET: usize = 1_400;

/// One request, its head read to the empty line.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    head: &'a str,
}

impl<'a> Request<'a> {
    pub(super) fn read(head: &'a str) -> Option<Self> {
        let first = head.lines().next()?;
        let mut words = first.split(' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        (version == "RTSP/1.0" && url.starts_with("rtsp://") && !url.contains('@'))
            .then_some(Self { method, head })
    }

    fn header(&self, name: &str) -> Option<&'a str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether it comes from `user` with `password`.
    pub(super) fn is_from(&self, user: &str, password: &str) -> bool {
        let wanted = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        self.header("Authorization") == Some(&wanted)
    }

    /// Whether it asks for packets within the connection.
    pub(super) fn is_interleaved(&self) -> bool {
        self.header("Transport").is_some_and(|transport| {
            transport.starts_with("RTP/AVP/TCP;") && transport.contains("interleaved=0-1")
        })
    }

    /// An answer to it.
    pub(super) fn answer(&self, status: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut answer = format!("RTSP/1.0 {status}\r\nCSeq: {}\r\n", self.header("CSeq").unwrap_or("0"));
        for (name, value) in headers {
            let _ = write!(answer, "{name}: {value}\r\n");
        }
        if !body.is_empty() {
            let _ = write!(answer, "Content-Length: {}\r\n", body.len());
        }
        answer + "\r\n" + body
    }
}

/// The description of the film (RFC 8866), said to be coded as `coding`.
pub(super) fn description(film: &Film, coding: &str) -> String {
    let is_set = |unit: &&bytes::Bytes| unit.first().is_some_and(|kind| matches!(kind & 0x1f, 7 | 8));
    let sets = film.frames.iter().take(1).flat_map(|frame| frame.nal_units.iter().filter(is_set));
    let sets: Vec<_> = sets.map(|set| STANDARD.encode(set)).collect();
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=fake\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 {coding}/90000\r\n\
         a=fmtp:96 packetization-mode=1;sprop-parameter-sets={}\r\na=framerate:25\r\na=control:track1\r\n",
        sets.join(",")
    )
}

/// Packets of a stream.
#[derive(Debug, Default)]
pub(super) struct Packets {
    sequence: u16,
    timestamp: u32,
}

impl Packets {
    /// The packets of `frame` (RFC 6184), as they are sent within the connection (RFC 2326, 10.12).
    pub(super) fn of(&mut self, frame: &Frame) -> Vec<u8> {
        let mut sent = Vec::new();
        for (at, unit) in frame.nal_units.iter().enumerate() {
            let is_last = at + 1 == frame.nal_units.len();
            let (Some(kind), true) = (unit.first(), unit.len() > PACKET) else {
                self.packet(&mut sent, &[], unit, is_last);
                continue;
            };
            let pieces = unit[1..].chunks(PACKET);
            let last = pieces.len() - 1;
            for (piece, content) in pieces.enumerate() {
                let ends = u8::from(piece == 0) << 7 | u8::from(piece == last) << 6;
                self.packet(
                    &mut sent,
                    &[kind & 0xe0 | 28, kind & 0x1f | ends],
                    content,
                    is_last && piece == last,
                );
            }
        }
        self.timestamp = self.timestamp.wrapping_add(3_600);
        sent
    }

    fn packet(&mut self, to: &mut Vec<u8>, head: &[u8], content: &[u8], is_last: bool) {
        let length = u16::try_from(12 + head.len() + content.len()).unwrap_or_default();
        to.extend([b'$', 0]);
        to.extend(length.to_be_bytes());
        to.extend([0x80, u8::from(is_last) << 7 | 96]);
        to.extend(self.sequence.to_be_bytes());
        to.extend(self.timestamp.to_be_bytes());
        to.extend([0, 0, 0, 1]);
        to.extend_from_slice(head);
        to.extend_from_slice(content);
        self.sequence = self.sequence.wrapping_add(1);
    }
}
