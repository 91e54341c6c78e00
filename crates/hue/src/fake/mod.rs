//! A bridge for tests: a real server with TLS on 127.0.0.1 that keeps what its lights are told, and refuses whatever is
//! not documented, and some more.

mod certificate;
mod house;
mod refusal;
mod rules;
mod server;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use certificates::Fingerprint;
use clock::Clock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::address::Address;
use crate::bridge::BridgeSettings;
use crate::key::ApplicationKey;
pub use certificate::Certificate;
pub use clock::PlayedClock;
use house::House;
pub use refusal::Refusal;

/// How long the button counts as pressed.
const PRESSED: Duration = Duration::from_secs(30);

/// A running bridge, which ends when it is dropped. Its house is that of `tests/fixtures/answers`.
#[derive(Debug)]
pub struct FakeBridge {
    /// The fingerprint of the certificate that it shows.
    pub pin: Fingerprint,
    address: Address,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

/// What the server and those who watch it share.
#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    house: House,
    /// The keys that it has given.
    keys: Vec<String>,
    /// Until when its button counts as pressed.
    pressed: Option<Instant>,
    /// Answers that come before its own, to any request and to a change.
    next: VecDeque<Refusal>,
    next_change: VecDeque<Refusal>,
    /// Method, path and body of each request, in order.
    asked: Vec<String>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic in a test")
    }
}

impl FakeBridge {
    /// Its id.
    pub const ID: &'static str = "001788fffe23bfc2";
    /// The key that it knows from the beginning.
    pub const KEY: &'static str = "DDmXlk3-madeup-Rc2sfT4N1bVvOq0pAaJkL5WuE";

    /// Starts one at a free port, with a certificate of its own, that goes by `clock`.
    ///
    /// # Panics
    /// When the machine cannot serve: it is for tests.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_at(0, &Certificate::new(Self::ID), clock).await
    }

    /// Starts one at `port`, with this certificate.
    ///
    /// # Panics
    /// When somebody else listens there.
    pub async fn start_at(port: u16, certificate: &Certificate, clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let state = State {
            house: House::new(),
            keys: vec![Self::KEY.to_owned()],
            pressed: None,
            next: VecDeque::new(),
            next_change: VecDeque::new(),
            asked: Vec::new(),
        };
        let shared = Arc::new(Shared { clock, state: Mutex::new(state) });
        let mut serving = JoinSet::new();
        serving.spawn(server::serve(listener, certificate.acceptor(), Arc::clone(&shared)));
        Self {
            pin: certificate.fingerprint(),
            address: Address::parse(&address).expect("an address"),
            shared,
            _serving: serving,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What it takes to talk to it.
    ///
    /// # Panics
    /// Never: its key is one.
    #[must_use]
    pub fn settings(&self) -> BridgeSettings {
        let key = ApplicationKey::parse(Self::KEY).expect("a key");
        BridgeSettings { address: self.address.clone(), pin: self.pin, key }
    }

    /// Presses its button.
    pub fn press_button(&self) {
        let now = self.shared.clock.now();
        self.shared.state().pressed = Some(now + PRESSED);
    }

    /// Answers the next request with this, whatever it is; called again, the one after that.
    pub fn answer_next(&self, refusal: Refusal) {
        self.shared.state().next.push_back(refusal);
    }

    /// The same for the next change.
    pub fn answer_next_change(&self, refusal: Refusal) {
        self.shared.state().next_change.push_back(refusal);
    }

    /// Each request in order, as `PUT /clip/v2/resource/light/… {"on":{"on":true}}`.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.state().asked.clone()
    }

    /// Each change that it was asked for, as `light/Hallway lamp {"on":{"on":true}}`.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let state = self.shared.state();
        let puts = state.asked.iter().filter_map(|asked| asked.strip_prefix("PUT /clip/v2/resource/"));
        puts.map(|put| state.house.with_name(put)).collect()
    }

    /// What a light is like, as `on`, `brightness`, `mirek` and `xy`, by its name.
    ///
    /// # Panics
    /// When there is no such light.
    #[must_use]
    pub fn light(&self, name: &str) -> Value {
        let now = self.shared.clock.now();
        let mut state = self.shared.state();
        state.house.settle(now);
        state.house.look(name)
    }

    /// Somebody changes a light in the app: `change` is as in a PUT.
    ///
    /// # Panics
    /// When there is no such light, or it cannot be changed so.
    pub fn change_light(&self, name: &str, change: &Value) {
        let now = self.shared.clock.now();
        let doubts = self.shared.state().house.change_light(name, change, now).expect("a good change");
        assert!(doubts.is_empty(), "{doubts:?}");
    }

    /// Switches a light's power off at the wall, or on again. Then nothing that it is told has an effect.
    ///
    /// # Panics
    /// When there is no such light.
    pub fn power(&self, name: &str, is_on: bool) {
        self.shared.state().house.power(name, is_on);
    }

    /// Removes a light from the house.
    pub fn remove_light(&self, name: &str) {
        self.shared.state().house.remove_light(name);
    }

    /// Forgets all keys, as when somebody removes the app.
    pub fn forget_keys(&self) {
        self.shared.state().keys.clear();
    }
}
