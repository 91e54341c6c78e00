//! Who may see what. Every request passes here before anything else looks at it.
//!
//! - **The name** in `Host` is an address, `localhost`, this machine's own name, one of a tailnet or one of the settings.
//!   A stranger's web site that has its own name point here (DNS rebinding) is refused.
//! - **The password** is asked of everybody who does not come from this machine or the tailnet: of a connection, both
//!   ends have to be of it.
//! - **A form** counts only if it was on a page that this browser got from here: it has a token that follows from the
//!   browser's cookie, and an `Origin` that is no other's.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::response::Response;
use http::header::{COOKIE, HOST, ORIGIN};
use http::request::Parts;
use http::{Method, StatusCode};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::places::is_of_tailnet;
use super::sessions::{Failures, Key, Sessions};
use super::{LONGEST_WAIT, reply};
use crate::clock::Monotonic;
use crate::hex::hex;
use crate::password::Hash;

/// The cookies: who is logged in, and which browser it is.
const SESSION: &str = "porch_session";
const BROWSER: &str = "porch_browser";

/// Letters of what a cookie holds: 32 bytes in hexadecimal digits.
const DIGITS: usize = 64;

/// The page that is open to everybody, because the password is shown there.
pub(super) const LOGIN: &str = "/login";

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    /// From where.
    pub(super) peer: IpAddr,
    /// Whether he comes from this machine or from the tailnet.
    pub(super) is_of_house: bool,
}

impl Caller {
    /// Whoever connects from `peer` to this machine's address `here`.
    pub(super) fn of(peer: IpAddr, here: IpAddr) -> Self {
        let (from, to) = (peer.to_canonical(), here.to_canonical());
        let is_here = from.is_loopback() && to.is_loopback();
        let is_of_house = is_here || (is_of_tailnet(from) && is_of_tailnet(to));
        Self { peer, is_of_house }
    }
}

/// What is known of a request that may go on.
#[derive(Clone, Debug)]
pub(super) struct Visa {
    /// What the token in forms has to be.
    pub(super) token: String,
    /// The cookie that the browser is to get, if it has none yet.
    pub(super) cookie: Option<String>,
    /// Whether somebody has logged in, and can log out.
    pub(super) is_logged_in: bool,
}

/// Lets through, or not.
pub(super) struct Guard {
    names: Vec<String>,
    password: Option<Hash>,
    key: hmac::Key,
    random: SystemRandom,
    sessions: Mutex<Sessions>,
    failures: Mutex<Failures>,
    /// One password is tried at a time: each costs memory and half a second of a Raspberry Pi.
    trying: Semaphore,
}

/// What came of a try to log in.
pub(super) enum Login {
    /// It was the password; the cookie that says so from now on.
    In(String),
    /// It was not.
    Wrong,
    /// There were too many wrong ones, or there are too many at once; when to try again, in seconds.
    Wait(u64),
}

impl Guard {
    /// A guard for a page that is known by `names` as well.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn new(names: Vec<String>, password: Option<Hash>) -> Result<Self, ring::error::Unspecified> {
        let random = SystemRandom::new();
        Ok(Self {
            names,
            password,
            key: hmac::Key::generate(hmac::HMAC_SHA256, &random)?,
            random,
            sessions: Mutex::default(),
            failures: Mutex::default(),
            trying: Semaphore::new(1),
        })
    }

    /// Whether a request may go on; else the answer to it.
    pub(super) fn admit(
        &self,
        request: &Parts,
        caller: Caller,
        now: Monotonic,
    ) -> Result<Visa, Box<Response>> {
        let refuse = |status, why: &str| Err(Box::new(reply::plain(status, why)));
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
        let Some(host) = host.filter(|host| self.knows(host)) else {
            let why = "This page is not known by that name. Ask for it by its address, or add the name to web.names.";
            return refuse(StatusCode::MISDIRECTED_REQUEST, why);
        };
        if ![Method::GET, Method::HEAD, Method::POST].contains(&request.method) {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "There is nothing that could be done so.");
        }
        if request.method == Method::POST && !is_own(request, host) {
            return refuse(StatusCode::FORBIDDEN, "This form was on another site.");
        }
        let session = cookie(request, SESSION).map(|cookie| hash(&cookie));
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let is_logged_in = session.is_some_and(|key| sessions.know(&key, now));
        let path = request.uri.path();
        let is_open = path == LOGIN || path.starts_with(super::assets::FOLDER);
        if !caller.is_of_house && !is_logged_in && !is_open {
            return Err(Box::new(match request.method {
                Method::GET if super::pages::is_page(path) => reply::see(LOGIN),
                _ => reply::plain(StatusCode::UNAUTHORIZED, "Log in first."),
            }));
        }
        let known = cookie(request, BROWSER);
        let fresh = if known.is_none() { self.draw() } else { None };
        let browser = known.or(fresh.clone()).unwrap_or_default();
        let token = hex(hmac::sign(&self.key, browser.as_bytes()).as_ref());
        // Not `Strict`: it opens nothing, and would be another one for whoever follows a link to here.
        let cookie = fresh.map(|browser| format!("{BROWSER}={browser}; Path=/; HttpOnly; SameSite=Lax"));
        Ok(Visa { token, cookie, is_logged_in })
    }

    /// Tries a password.
    pub(super) async fn log_in(&self, password: SecretString, caller: Caller, now: Monotonic) -> Login {
        let Ok(Ok(_permit)) = timeout(LONGEST_WAIT, self.trying.acquire()).await else {
            return Login::Wait(5);
        };
        let wait = {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.wait(caller.peer, now)
        };
        if let Some(wait) = wait {
            return Login::Wait(wait.as_secs() + 1);
        }
        let Some(hash_of_it) = self.password.clone() else { return Login::Wrong };
        let is_right = spawn_blocking(move || hash_of_it.is_of(&password)).await.unwrap_or(false);
        match self.draw().filter(|_| is_right) {
            Some(secret) => {
                let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                sessions.begin(hash(&secret), now);
                Login::In(format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800"))
            }
            None => {
                let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.add(caller.peer, now);
                Login::Wrong
            }
        }
    }

    /// Ends what a browser's cookie says; the cookie that says nothing any more.
    pub(super) fn log_out(&self, request: &Parts) -> String {
        if let Some(cookie) = cookie(request, SESSION) {
            self.sessions.lock().unwrap_or_else(PoisonError::into_inner).end(&hash(&cookie));
        }
        format!("{SESSION}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    fn knows(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let own = rustix::system::uname();
        is_address
            || name == "localhost"
            || name.ends_with(".ts.net")
            || own.nodename().to_str().is_ok_and(|own| own.eq_ignore_ascii_case(&name))
            || self.names.contains(&name)
    }

    /// A secret that nobody can guess; `None` if the system gives none, and then nobody is known by it.
    fn draw(&self) -> Option<String> {
        let mut secret = [0; DIGITS / 2];
        self.random.fill(&mut secret).ok()?;
        Some(hex(&secret))
    }
}

/// Whether two texts are the same, told in a time that says nothing of where they differ.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let hashes = [a, b].map(hash);
    hashes[0] == hashes[1]
}

/// Whether a form came from a page of this name. Programs that are no browsers send no `Origin`, and have no cookie that
/// somebody else could use.
fn is_own(request: &Parts, host: &str) -> bool {
    request.headers.get(ORIGIN).is_none_or(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host))
    })
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The cookie of this name, if it is one of ours.
fn cookie(request: &Parts, name: &str) -> Option<String> {
    let all = request.headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let found = all.flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
        cookie
            .trim()
            .strip_prefix(name)?
            .strip_prefix('=')
            .filter(|value| value.len() == DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    found.map(str::to_owned)
}

fn hash(text: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    key
}
