//! Amazon for tests: Login with Amazon and the event gateway, as a real server on 127.0.0.1 that refuses whatever the
//! real ones would, and some more.

mod customers;
mod server;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use http::Uri;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use customers::Customers;

/// A running fake, which ends when it is dropped.
#[derive(Debug)]
pub struct FakeAmazon {
    url: Uri,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

/// What is told instead of the fake's own answer.
#[derive(Clone, Debug)]
pub enum Told {
    /// This status and body.
    Answer(u16, String),
    /// What was asked for is done, and the answer is lost.
    LostAnswer,
}

#[derive(Debug, Default)]
struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    customers: Customers,
    /// Answers that come before the fake's own.
    next: VecDeque<Told>,
    /// Paths in order, of a token request with its grant type.
    asked: Vec<String>,
    /// Events that were accepted.
    events: Vec<Value>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic in a test")
    }
}

impl FakeAmazon {
    /// The one client of Login with Amazon that is known.
    pub const CLIENT_ID: &'static str = "amzn1.application-oa2-client.made-up";
    /// Its secret.
    pub const CLIENT_SECRET: &'static str = "amzn1.oa2-cs.v1.made-up";

    /// Starts it.
    ///
    /// # Panics
    /// When the machine cannot serve: it is for tests.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let mut serving = JoinSet::new();
        serving.spawn(server::serve(listener, shared.clone()));
        Self { url: format!("http://{address}").parse().expect("a url"), shared, _serving: serving }
    }

    /// Where both are, without a path.
    #[must_use]
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// A code with which `user` gives his grant.
    #[must_use]
    pub fn issue_code(&self, user: &str) -> String {
        self.shared.state().customers.issue_code(user)
    }

    /// A token by which `user` is known where the skill is linked.
    #[must_use]
    pub fn link(&self, user: &str) -> String {
        self.shared.state().customers.link(user)
    }

    /// Takes the grant of `user` back: his refresh tokens are no good any more.
    pub fn revoke(&self, user: &str) {
        self.shared.state().customers.revoke(user);
    }

    /// Forgets all access tokens, as if their hour were over.
    pub fn expire_access_tokens(&self) {
        self.shared.state().customers.expire();
    }

    /// From now on a refresh token stays good, and no new one is given.
    pub fn keep_refresh_tokens(&self) {
        self.shared.state().customers.rotate = false;
    }

    /// Tells this at the next request, whatever it is; called again, at the one after that.
    pub fn answer_next(&self, told: Told) {
        self.shared.state().next.push_back(told);
    }

    /// An exception of the gateway, as the next answer.
    pub fn refuse_next(&self, status: u16, code: &str) {
        self.answer_next(Told::Answer(status, server::exception(code)));
    }

    /// The events that were accepted since this was asked last.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        std::mem::take(&mut self.shared.state().events)
    }

    /// What was asked for since this was asked last.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().asked)
    }
}
