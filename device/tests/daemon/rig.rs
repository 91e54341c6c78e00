//! A door: the program, the folders of its unit, and the fakes that it talks to.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use alexa::Region;
use alexa::fake::FakeAmazon;
use alexa::grant::GrantStore;
use alexa::lwa::{ClientSecret, Lwa, UserId};
use aws::dynamodb::{Item, Table, TableName};
use aws::fake::FakeAws;
use device::clock::Monotonic;
use http_client::{Internet, Kept};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_porch-doorbell");

const TABLE: &str = "grants";
const USER: &str = "amzn1.account.A";

/// What must never be in the log: secrets, how tokens of Amazon begin, and who the user is.
const SECRETS: [&str; 6] =
    [FakeAws::SECRET_ACCESS_KEY, FakeAmazon::CLIENT_SECRET, "Atza|", "Atzr|", USER, "a made-up password"];

/// The longest that anything may take here; far more than it does.
pub(crate) const LONGEST: Duration = Duration::from_secs(25);

pub(crate) struct Rig {
    pub(crate) amazon: FakeAmazon,
    pub(crate) aws: FakeAws,
    folder: TempDir,
    manager: UnixDatagram,
    process: Option<(Child, Lines<BufReader<ChildStderr>>)>,
}

impl Rig {
    /// A door whose program runs, and knows whom to tell.
    pub(crate) async fn start() -> Self {
        let mut rig = Self::prepare().await;
        rig.run();
        rig.notice("READY=1");
        // Written by the same parameters as the grants are read.
        rig.heartbeat("OK").await;
        rig
    }

    /// A door whose program does not run yet. One user has linked the skill.
    pub(crate) async fn prepare() -> Self {
        let amazon = FakeAmazon::start().await;
        let parameters = [
            ("/porch/test/doorbell/table", "String", TABLE),
            ("/porch/test/doorbell/table-region", "String", FakeAws::REGION),
            ("/porch/test/doorbell/lwa-client-id", "String", FakeAmazon::CLIENT_ID),
            ("/porch/test/doorbell/lwa-client-secret", "SecureString", FakeAmazon::CLIENT_SECRET),
        ];
        let aws = FakeAws::start(&parameters, "").await;
        aws.make_table(TABLE, "user");
        let folder = tempfile::tempdir().expect("a folder");
        let manager = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
        manager.set_read_timeout(Some(LONGEST)).expect("a deadline");
        let rig = Self { amazon, aws, folder, manager, process: None };
        rig.link().await;
        let keys = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            FakeAws::ACCESS_KEY_ID,
            FakeAws::SECRET_ACCESS_KEY
        );
        fs::write(rig.path("aws"), keys).expect("a file");
        rig.write_settings("[[bell]]\nid = \"front-door\"\n");
        rig
    }

    async fn link(&self) {
        let internet = Internet::new([], Kept::Not).expect("a client");
        let (id, secret) = (FakeAmazon::CLIENT_ID.to_owned(), ClientSecret::new(FakeAmazon::CLIENT_SECRET));
        let login = Lwa::new(internet, self.amazon.url().clone(), id, secret);
        let now = std::time::SystemTime::now();
        let tokens = login.exchange(&self.amazon.issue_code(USER).into(), now).await.expect("tokens");
        let client =
            aws::Client::new(self.aws.access(), Kept::Not, std::time::SystemTime::now).expect("a client");
        let grants = GrantStore::new(Table::new(client, TableName::parse(TABLE).expect("a name")));
        let user = UserId::parse(USER).expect("an id");
        grants.accept(&user, &tokens, Region::Europe).await.expect("a row");
    }

    /// Writes the settings, with `bells`.
    pub(crate) fn write_settings(&self, bells: &str) {
        let access = self.aws.access();
        let (aws, amazon) = (access.endpoint(aws::Service::Ssm), self.amazon.url());
        let text = format!(
            "[aws]\nregion = \"{}\"\nparameters = \"/porch/test/doorbell\"\nendpoint = \"{aws}\"\n\
             [alexa]\ngateway_url = \"{amazon}\"\nlogin_url = \"{amazon}\"\n\
             [gpio]\nbackend = \"simulated\"\n[web]\nlisten = [\"loopback\"]\nport = 0\n{bells}",
            FakeAws::REGION
        );
        fs::write(self.path("doorbell.toml"), text).expect("a file");
    }

    /// Writes the secrets of integrations.
    pub(crate) fn write_secrets(&self, text: &str) {
        fs::write(self.path("secrets"), text).expect("a file");
    }

    /// Starts the program.
    pub(crate) fn run(&mut self) {
        let mut child = Command::new(PROGRAM)
            .arg("--settings")
            .arg(self.path("doorbell.toml"))
            .env_clear()
            .env("RUNTIME_DIRECTORY", self.folder.path())
            .env("STATE_DIRECTORY", self.folder.path())
            .env("CREDENTIALS_DIRECTORY", self.folder.path())
            .env("NOTIFY_SOCKET", self.path("notify"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let log = BufReader::new(child.stderr.take().expect("it has a log")).lines();
        self.process = Some((child, log));
    }

    /// What the program says of all that it needs, and its exit code.
    pub(crate) async fn check(&self) -> (Option<i32>, String) {
        let check = Command::new(PROGRAM)
            .arg("check")
            .arg("--settings")
            .arg(self.path("doorbell.toml"))
            .env_clear()
            .env("RUNTIME_DIRECTORY", self.folder.path())
            .env("CREDENTIALS_DIRECTORY", self.folder.path())
            .kill_on_drop(true)
            .output();
        let output = timeout(LONGEST, check).await.expect("it ends").expect("the program starts");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    }

    /// The next line of the log that begins with `message`.
    pub(crate) async fn log(&mut self, message: &str) -> String {
        let (_, log) = self.process.as_mut().expect("the program runs");
        let mut heard = Vec::new();
        let found = timeout(LONGEST, async {
            while let Some(line) = log.next_line().await.expect("text") {
                for secret in SECRETS {
                    assert!(!line.contains(secret), "a secret is in the log: {line}");
                }
                if line.starts_with(message) {
                    return Some(line);
                }
                heard.push(line);
            }
            None
        });
        found.await.ok().flatten().unwrap_or_else(|| panic!("no line `{message}` after {heard:#?}"))
    }

    /// The next notice to the service manager that begins so.
    pub(crate) fn notice(&self, begin: &str) -> String {
        loop {
            let mut heard = [0; 500];
            let length = self.manager.recv(&mut heard).expect("a notice");
            let notice = String::from_utf8(heard[..length].to_vec()).expect("text");
            if notice.starts_with(begin) {
                return notice;
            }
        }
    }

    /// Presses the button at the front door, with bounce.
    pub(crate) async fn press(&self) {
        let mut player = UnixStream::connect(self.path("front-door.button")).await.expect("a button");
        let now = Monotonic::now().as_nanos();
        // Four milliseconds of bounce, and then it is held.
        let edges = [("pressed", 4), ("released", 3), ("pressed", 2), ("released", 1), ("pressed", 0)];
        for (level, milliseconds_ago) in edges {
            let line = format!("{level} {}\n", now - milliseconds_ago * 1_000_000);
            player.write_all(line.as_bytes()).await.expect("the button listens");
        }
        let mut answers = BufReader::new(player).lines();
        for _ in edges {
            assert_eq!(answers.next_line().await.expect("text").as_deref(), Some("ok"));
        }
    }

    /// The one event that the gateway has accepted since it was asked last.
    pub(crate) async fn event(&self) -> Value {
        let events = until(|| Some(self.amazon.events()).filter(|events| !events.is_empty())).await;
        assert_eq!(events.len(), 1, "{events:?}");
        events[0].clone()
    }

    /// The heartbeat in the table, once it says that the doorbell is so.
    pub(crate) async fn heartbeat(&self, connectivity: &str) -> Item {
        until(|| {
            let item = self.aws.items(TABLE).remove("bell#front-door")?;
            (item["connectivity"].text() == Some(connectivity)).then_some(item)
        })
        .await
    }

    pub(crate) fn reload(&self) {
        self.signal(Signal::HUP);
    }

    pub(crate) fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.process = None;
    }

    /// Ends the program as the service manager does.
    pub(crate) async fn terminate(&mut self) {
        self.signal(Signal::TERM);
        let (mut child, _) = self.process.take().expect("the program runs");
        let status = timeout(LONGEST, child.wait()).await.expect("it ends").expect("a status");
        assert!(status.success(), "{status}");
    }

    fn signal(&self, signal: Signal) {
        let (child, _) = self.process.as_ref().expect("the program runs");
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw).expect("it runs");
        kill_process(id, signal).expect("it runs");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Looks until there is something.
async fn until<T>(look: impl Fn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONGEST, looking).await.expect("it happens")
}
