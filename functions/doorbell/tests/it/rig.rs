//! A function with all that it talks to.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alexa::fake::FakeAmazon;
use aws::dynamodb::{Table, TableName};
use aws::fake::FakeAws;
use doorbell::{Answer, Doorbell, Settings};
use http_client::Kept;
use serde_json::Value;

/// Name of the table.
pub(crate) const TABLE: &str = "porch-test-doorbell";
/// The customer.
pub(crate) const USER: &str = "amzn1.account.A";
/// The parameters that Pulumi makes.
pub(crate) const PARAMETERS: [(&str, &str, &str); 5] = [
    ("/porch/test/doorbell/table", "String", TABLE),
    ("/porch/test/doorbell/table-region", "String", "eu-west-1"),
    (
        "/porch/test/doorbell/bells",
        "String",
        r#"[{"id":"front-door","name":"Front door"},{"id":"gate","name":"Gate"}]"#,
    ),
    ("/porch/test/doorbell/lwa-client-id", "String", FakeAmazon::CLIENT_ID),
    ("/porch/test/doorbell/lwa-client-secret", "SecureString", FakeAmazon::CLIENT_SECRET),
];

/// What the function's environment has, but for where things are.
pub(crate) const GOOD: [(&str, &str); 8] = [
    ("TABLE_PARAMETER", PARAMETERS[0].0),
    ("TABLE_REGION_PARAMETER", PARAMETERS[1].0),
    ("BELLS_PARAMETER", PARAMETERS[2].0),
    ("LWA_CLIENT_ID_PARAMETER", PARAMETERS[3].0),
    ("LWA_CLIENT_SECRET_PARAMETER", PARAMETERS[4].0),
    ("AWS_REGION", FakeAws::REGION),
    ("AWS_ACCESS_KEY_ID", FakeAws::ACCESS_KEY_ID),
    ("AWS_SECRET_ACCESS_KEY", FakeAws::SECRET_ACCESS_KEY),
];

pub(crate) struct Rig {
    pub(crate) doorbell: Doorbell,
    pub(crate) amazon: FakeAmazon,
    pub(crate) aws: FakeAws,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(&PARAMETERS).await
    }

    pub(crate) async fn with(parameters: &[(&str, &str, &str)]) -> Self {
        let amazon = FakeAmazon::start().await;
        let aws = FakeAws::start(parameters, "").await;
        aws.make_table(TABLE, "user");
        let lwa_url = amazon.url().to_string();
        let mut environment =
            HashMap::from([("AWS_ENDPOINT_URL", aws.url.as_str()), ("LWA_URL", lwa_url.as_str())]);
        environment.extend(GOOD);
        let settings =
            Settings::read(|name| environment.get(name).map(OsString::from)).expect("good settings");
        Self { doorbell: Doorbell::new(settings).expect("a function"), amazon, aws }
    }

    pub(crate) async fn ask(&self, event: &str) -> Answer {
        self.doorbell.answer(event.as_bytes(), now(), Instant::now() + Duration::from_secs(7)).await
    }

    /// An AcceptGrant of the customer, with a code that is good.
    pub(crate) fn accept_grant(&self) -> String {
        fixture("accept-grant")
            .replace("made-up-code", &self.amazon.issue_code(USER))
            .replace("made-up-token-of-the-linked-user", &self.amazon.link(USER))
    }

    /// The table, as the daemon sees it.
    pub(crate) fn table(&self) -> Table {
        let client = aws::Client::new(self.aws.access(), Kept::Not, SystemTime::now).expect("a client");
        Table::new(client, TableName::parse(TABLE).expect("a name"))
    }
}

pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_772_352_930)
}

pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect(name)
}

/// The reply as Alexa gets it.
pub(crate) fn value(answer: &Answer) -> Value {
    serde_json::to_value(&answer.event).expect("json")
}

/// The line in the log.
pub(crate) fn logged(answer: &Answer) -> String {
    let mut line = Vec::new();
    answer.log.write("porch-test-doorbell", now(), &mut line);
    String::from_utf8(line).expect("text")
}
