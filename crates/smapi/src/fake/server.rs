//! A running fake: the API and Login with Amazon, at one address.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use clock::{Clock, PlayedClock};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::form_urlencoded;

use super::developer::{Developer, token};
use super::refusal::Refusal;
use super::reply::{Reply, json_reply};
use super::smapi::{Smapi, Surroundings};
use crate::access::Access;

/// A running fake, which ends when it is dropped. It has one developer, who acts for one vendor.
#[derive(Debug)]
pub struct FakeSmapi {
    url: Uri,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    clock: PlayedClock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    smapi: Smapi,
    scopes: Vec<String>,
    policies: BTreeMap<String, Value>,
    /// Access tokens, and until when they are good.
    tokens: BTreeMap<String, SystemTime>,
    refresh_token: String,
    /// Codes that a browser brings, and where to.
    codes: BTreeMap<String, String>,
    made: u8,
    /// Answers that come before the fake's own, of the API and of Login with Amazon.
    next: VecDeque<Refusal>,
    next_login: VecDeque<(u16, &'static str)>,
    /// Method and path of each request, in order.
    asked: Vec<String>,
    /// The body of each, where it had one; secrets included.
    bodies: Vec<Value>,
}

impl FakeSmapi {
    /// The id of its vendor.
    pub const VENDOR: &'static str = "M1FAKEVENDOR";
    /// The client that is known to Login with Amazon.
    pub const CLIENT_ID: &'static str = "amzn1.application-oa2-client.made-up";
    /// Its secret.
    pub const CLIENT_SECRET: &'static str = "amzn1.oa2-cs.v1.made-up";
    /// The first refresh token; each refresh replaces it.
    pub const REFRESH_TOKEN: &'static str = "Atzr|made-up-0";
    const ACCOUNT: &'static str = "developer";

    /// Starts it at a free port.
    ///
    /// # Panics
    /// When the machine cannot serve: it is for tests.
    pub async fn start(clock: PlayedClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut smapi = Smapi::default();
        smapi.know_vendor(Self::VENDOR, "Fake vendor", Self::ACCOUNT);
        let state = State {
            smapi,
            scopes: Access::SCOPES.map(str::to_owned).into(),
            policies: BTreeMap::new(),
            tokens: BTreeMap::new(),
            refresh_token: Self::REFRESH_TOKEN.to_owned(),
            codes: BTreeMap::new(),
            made: 0,
            next: VecDeque::new(),
            next_login: VecDeque::new(),
            asked: Vec::new(),
            bodies: Vec::new(),
        };
        let shared = Arc::new(Shared { clock, state: Mutex::new(state) });
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&shared)));
        Self { url: format!("http://{address}").parse().expect("a url"), shared, _serving: serving }
    }

    /// What its developer reaches it with.
    #[must_use]
    pub fn access(&self) -> Access {
        Access {
            lwa: self.url.clone(),
            api: self.url.clone(),
            client_id: Self::CLIENT_ID.to_owned(),
            client_secret: Self::CLIENT_SECRET.into(),
            refresh_token: Self::REFRESH_TOKEN.into(),
        }
    }

    /// Does something to what it knows.
    pub fn with<T>(&self, change: impl FnOnce(&mut Smapi) -> T) -> T {
        change(&mut self.state().smapi)
    }

    /// Has a function let `skill` call it.
    pub fn allow(&self, function: &str, skill: &str) {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "alexa-connectedhome.amazon.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function,
            "Condition": {"StringEquals": {"lambda:EventSourceToken": skill}},
        }]});
        self.state().policies.insert(function.to_owned(), policy);
    }

    /// The developer allows the client these scopes, and no others.
    pub fn grant(&self, scopes: &[&str]) {
        self.state().scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    }

    /// Has the developer allow the client on Amazon's page, and gives the code that a browser brings to `redirect_uri`.
    #[must_use]
    pub fn give_code(&self, redirect_uri: &str) -> String {
        let mut state = self.state();
        state.made += 1;
        let code = format!("MADEUP{}", state.made);
        state.codes.insert(code.clone(), redirect_uri.to_owned());
        code
    }

    /// Access tokens are worth nothing any more, whatever was said about their end.
    pub fn expire_access_tokens(&self) {
        self.state().tokens.clear();
    }

    /// Answers the next request of the API with this; called again, the one after that.
    pub fn answer_next(&self, refusal: Refusal) {
        self.state().next.push_back(refusal);
    }

    /// Answers the next request for tokens with this status and `error`.
    pub fn refuse_next_login(&self, status: u16, error: &'static str) {
        self.state().next_login.push_back((status, error));
    }

    /// Each request in order, as `PUT /v1/skills/…`.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// The body of each request that had one, secrets included.
    #[must_use]
    pub fn bodies(&self) -> Vec<Value> {
        self.state().bodies.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic in a test")
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(async { drop(connection.await) });
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let request = Request::from_parts(head, body);
    let (mut state, now) = (shared.state(), shared.clock.wall());
    state.asked.push(format!("{} {}", request.method(), request.uri()));
    if request.uri().path() == "/auth/o2/token" {
        return Ok(state.tokens(&request, now).map(Full::new));
    }
    state.bodies.extend(serde_json::from_slice::<Value>(request.body()));
    let refusal = state.next.pop_front().unwrap_or(Refusal::Truth);
    let reply = refusal.answer().unwrap_or_else(|| state.own_answer(&request, now));
    // What ends the connection without an answer.
    let is_lost = refusal == Refusal::LostAnswer;
    if is_lost { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(reply.map(Full::new)) }
}

impl State {
    fn own_answer(&mut self, request: &Request<Bytes>, now: SystemTime) -> Reply {
        let until = token(request.headers()).and_then(|token| self.tokens.get(token));
        let is_good = until.is_some_and(|until| now < *until);
        let developer = Developer { account: FakeSmapi::ACCOUNT.into(), scopes: self.scopes.clone() };
        let (policies, made) = (&self.policies, &mut self.made);
        let mut surroundings = Surroundings {
            now,
            developer: is_good.then_some(&developer),
            policies: &|function| policies.get(function).cloned(),
            fresh: &mut || {
                *made += 1;
                [*made; 32]
            },
        };
        self.smapi.answer(request, &mut surroundings)
    }

    /// Login with Amazon: new tokens for the refresh token that was given last, or for a code; either is worth nothing afterwards.
    fn tokens(&mut self, request: &Request<Bytes>, now: SystemTime) -> Reply {
        let refused = |status: u16, error: &str| {
            let status = StatusCode::from_u16(status).expect("a status");
            json_reply(status, &json!({"error": error, "error_description": "made-up words"}))
        };
        if let Some((status, error)) = self.next_login.pop_front() {
            return refused(status, error);
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
        let has = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
        let fields = match form.get("grant_type").map(String::as_str) {
            Some("refresh_token") => 4,
            Some("authorization_code") => 5,
            _ => return refused(400, "invalid_request"),
        };
        if form.len() != fields {
            return refused(400, "invalid_request");
        }
        if !has("client_id", FakeSmapi::CLIENT_ID) || !has("client_secret", FakeSmapi::CLIENT_SECRET) {
            return refused(401, "invalid_client");
        }
        let redirect_uri = form.get("code").and_then(|code| self.codes.remove(code));
        let is_brought = redirect_uri.is_some_and(|uri| has("redirect_uri", &uri));
        if !is_brought && !has("refresh_token", &self.refresh_token) {
            return refused(400, "invalid_grant");
        }
        self.made += 1;
        let access_token = format!("Atza|made-up-{}", self.made);
        self.refresh_token = format!("Atzr|made-up-{}", self.made);
        self.tokens.insert(access_token.clone(), now + Duration::from_secs(3_600));
        let tokens = json!({
            "access_token": access_token,
            "refresh_token": self.refresh_token,
            "token_type": "bearer",
            "expires_in": 3_600,
        });
        json_reply(StatusCode::OK, &tokens)
    }
}
