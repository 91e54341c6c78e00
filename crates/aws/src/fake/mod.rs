//! The services for tests: a real server on 127.0.0.1 that refuses whatever the real ones would, and some more.

mod account;
mod expression;
mod identity;
mod objects;
mod parameters;
mod refusal;
mod server;
mod tables;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::access::{Access, Credentials, Region, Service};
use crate::dynamodb::Item;
use account::{Account, Function};
use objects::Buckets;
use parameters::Parameters;
pub use refusal::Refusal;
use tables::Tables;

/// A running fake, which ends when it is dropped.
#[derive(Debug)]
pub struct FakeAws {
    /// Where it is, for all services.
    pub url: String,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

/// What the server and those who watch it share.
#[derive(Debug, Default)]
struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    parameters: Parameters,
    tables: Tables,
    buckets: Buckets,
    account: Account,
    /// What STS answers.
    token: String,
    /// Names of parameters, and operations, that are refused.
    denied: Vec<String>,
    /// Answers that come before the services' own.
    next: VecDeque<Refusal>,
    /// Operations in order, with the parameter that was written, or the audience.
    asked: Vec<String>,
    /// Connections that were accepted.
    connections: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic in a test")
    }
}

impl FakeAws {
    /// The only id of an access key that it knows.
    pub const ACCESS_KEY_ID: &'static str = "AKIAMADEUP";
    /// Its secret.
    pub const SECRET_ACCESS_KEY: &'static str = "made-up";
    /// The only region.
    pub const REGION: &'static str = "eu-west-1";

    /// Starts it with parameters (name, type, value), and the token that STS gives.
    ///
    /// # Panics
    /// When the machine cannot serve: it is for tests.
    pub async fn start(parameters: &[(&str, &str, &str)], token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state =
            State { parameters: Parameters::new(parameters), token: token.to_owned(), ..State::default() };
        let shared = Arc::new(Shared(Mutex::new(state)));
        let mut serving = JoinSet::new();
        serving.spawn(server::serve(listener, shared.clone()));
        Self { url, shared, _serving: serving }
    }

    /// How to call it.
    ///
    /// # Panics
    /// Never: it is for tests.
    #[must_use]
    pub fn access(&self) -> Access {
        let url: http::Uri = self.url.parse().expect("a url");
        Access {
            region: Region::parse(Self::REGION).expect("a region"),
            credentials: Credentials {
                access_key_id: Self::ACCESS_KEY_ID.to_owned(),
                secret_access_key: Self::SECRET_ACCESS_KEY.into(),
                session_token: None,
            },
            endpoints: Service::ALL.map(|service| (service, url.clone())).into(),
        }
    }

    /// The value of a parameter.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn value(&self, name: &str) -> String {
        self.shared.state().parameters.value(name)
    }

    /// Makes an empty table whose partition key is the text `key`.
    pub fn make_table(&self, name: &str, key: &str) {
        self.shared.state().tables.make(name, key);
    }

    /// The items of a table, by the text of their key.
    ///
    /// # Panics
    /// When there is no such table.
    #[must_use]
    pub fn items(&self, table: &str) -> BTreeMap<String, Item> {
        self.shared.state().tables.items(table)
    }

    /// Puts an item into a table, as if somebody else had.
    ///
    /// # Panics
    /// When there is no such table, or the item has no key.
    pub fn put_item(&self, table: &str, item: Item) {
        self.shared.state().tables.put(table, item);
    }

    /// Makes a repository.
    pub fn make_repository(&self, name: &str) {
        self.shared.state().account.repositories.insert(name.to_owned());
    }

    /// Makes a role at `path`.
    pub fn make_role(&self, name: &str, path: &str) {
        self.shared.state().account.roles.insert(name.to_owned(), path.to_owned());
    }

    /// Makes a user.
    pub fn make_user(&self, name: &str) {
        self.shared.state().account.users.insert(name.to_owned());
    }

    /// Makes a function of an `Image` or a `Zip`, with a policy that says who may call it, and maybe a URL.
    pub fn make_function(&self, name: &str, package_type: &str, policy: Option<Value>, has_url: bool) {
        let function = Function { package_type: package_type.to_owned(), policy, has_url };
        self.shared.state().account.functions.insert(name.to_owned(), function);
    }

    /// Makes a managed policy, or has the account trust an identity provider.
    pub fn make_arn(&self, arn: &str) {
        self.shared.state().account.arns.insert(arn.to_owned());
    }

    /// Makes a schedule.
    pub fn make_schedule(&self, name: &str) {
        self.shared.state().account.schedules.insert(name.to_owned());
    }

    /// Makes a log.
    pub fn make_log_group(&self, name: &str) {
        self.shared.state().account.log_groups.insert(name.to_owned());
    }

    /// Makes an empty bucket that keeps versions.
    pub fn make_bucket(&self, name: &str) {
        self.shared.state().buckets.make(name);
    }

    /// Removes a bucket with all that is in it.
    pub fn remove_bucket(&self, name: &str) {
        self.shared.state().buckets.remove(name);
    }

    /// The latest objects of a bucket, by key.
    ///
    /// # Panics
    /// When there is no such bucket.
    #[must_use]
    pub fn objects(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        self.shared.state().buckets.latest(bucket)
    }

    /// How many versions and markers there are in a bucket.
    ///
    /// # Panics
    /// When there is no such bucket.
    #[must_use]
    pub fn versions(&self, bucket: &str) -> usize {
        self.shared.state().buckets.versions(bucket)
    }

    /// Puts an object into a bucket, or the marker of a removal, as if somebody else had.
    ///
    /// # Panics
    /// When there is no such bucket.
    pub fn put_object(&self, bucket: &str, key: &str, object: Option<&[u8]>) {
        self.shared.state().buckets.put(bucket, key, object.map(<[u8]>::to_vec));
    }

    /// The operations since this was asked last.
    #[expect(clippy::must_use_candidate, reason = "tests also forget what was asked so far")]
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().asked)
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Answers the next request with this, whatever it is; called again, the one after that.
    pub fn answer_next(&self, refusal: Refusal) {
        self.shared.state().next.push_back(refusal);
    }

    /// Refuses an operation, or to write a parameter, from now on.
    pub fn deny(&self, what: &str) {
        self.shared.state().denied.push(what.to_owned());
    }

    /// Refuses nothing any more.
    pub fn allow_all(&self) {
        self.shared.state().denied.clear();
    }
}
