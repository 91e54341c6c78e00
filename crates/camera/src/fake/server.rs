//! The server: strict about what it is asked, and as bad as it is told to be.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::film::Film;
use super::talk::{Packets, Request, description};
use crate::{Address, AddressError};

/// The user that the camera knows.
const USER: &str = "porch";
/// And the password.
const PASSWORD: &str = "a made-up password";

/// How the camera behaves.
#[derive(Clone, Debug)]
pub enum Manner {
    /// It plays its film, as far as it is told to.
    Plays,
    /// It wants the user `porch` with `a made-up password`, and then plays.
    WantsCredentials,
    /// It says that its stream is coded so.
    Codes(&'static str),
    /// It says that there is no such stream.
    NotFound,
    /// It agrees to play, then sends these bytes, and nothing more.
    Sends(Vec<u8>),
    /// It says nothing at all.
    Silent,
}

/// A camera on 127.0.0.1, which ends when it is dropped.
#[derive(Debug)]
pub struct FakeCamera {
    at: SocketAddr,
    /// How many frames of the film were told to be sent.
    told: watch::Sender<usize>,
    _server: JoinSet<()>,
}

impl FakeCamera {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start(film: Arc<Film>, manner: Manner) -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), film, manner).await
    }

    /// Starts one where another one was.
    ///
    /// # Errors
    /// When somebody else is there.
    pub async fn start_at(at: SocketAddr, film: Arc<Film>, manner: Manner) -> io::Result<Self> {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(at)?;
        let listener = socket.listen(16)?;
        let at = listener.local_addr()?;
        let told = watch::Sender::new(0);
        let mut server = JoinSet::new();
        server.spawn(serve(listener, film, manner, told.subscribe()));
        Ok(Self { at, told, _server: server })
    }

    /// Where it is.
    #[must_use]
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// Its stream's address.
    ///
    /// # Errors
    /// Never: it is one.
    pub fn address(&self) -> Result<Address, AddressError> {
        Address::parse(&format!("rtsp://{}/stream", self.at))
    }

    /// Has it send the film's frames up to the one with this number.
    pub fn send_up_to(&self, number: usize) {
        self.told.send_replace(number + 1);
    }
}

async fn serve(listener: TcpListener, film: Arc<Film>, manner: Manner, told: watch::Receiver<usize>) {
    let mut viewers = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (film, manner, told) = (Arc::clone(&film), manner.clone(), told.clone());
        // A viewer who leaves ends its task.
        viewers.spawn(async move { drop(show(stream, &film, &manner, told).await) });
    }
}

async fn show(
    mut stream: TcpStream,
    film: &Film,
    manner: &Manner,
    mut told: watch::Receiver<usize>,
) -> io::Result<()> {
    loop {
        let head = head(&mut stream).await?;
        let request = Request::read(&head).ok_or(io::ErrorKind::InvalidData)?;
        let answer = match (request.method, manner) {
            (_, Manner::Silent) => std::future::pending().await,
            (_, Manner::NotFound) => request.answer("404 Not Found", &[], ""),
            (_, Manner::WantsCredentials) if !request.is_from(USER, PASSWORD) => {
                request.answer("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"fake\"")], "")
            }
            ("DESCRIBE", _) => {
                let coding = if let Manner::Codes(coding) = manner { coding } else { "H264" };
                let kind = [("Content-Type", "application/sdp")];
                request.answer("200 OK", &kind, &description(film, coding))
            }
            ("SETUP", _) if !request.is_interleaved() => request.answer("461 Unsupported Transport", &[], ""),
            ("SETUP", _) => {
                let transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00000001");
                request.answer("200 OK", &[("Session", "1;timeout=60"), transport], "")
            }
            ("PLAY", _) => {
                stream.write_all(request.answer("200 OK", &[("Session", "1")], "").as_bytes()).await?;
                break;
            }
            _ => request.answer("501 Not Implemented", &[], ""),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
    if let Manner::Sends(bytes) = manner {
        stream.write_all(bytes).await?;
        return std::future::pending().await;
    }
    let (mut packets, mut sent) = (Packets::default(), 0);
    loop {
        let up_to = *told.borrow_and_update();
        for frame in film.frames.get(sent..up_to).unwrap_or_default() {
            stream.write_all(&packets.of(frame)).await?;
        }
        sent = sent.max(up_to);
        told.changed().await.map_err(io::Error::other)?;
    }
}

/// Reads a request up to its empty line; none here has a body.
async fn head(stream: &mut TcpStream) -> io::Result<String> {
    const LONGEST: usize = 4_096;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    String::from_utf8(head).map_err(io::Error::other)
}
