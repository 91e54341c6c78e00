//! What the daemon is told by its file: read as a whole, checked as a whole.

mod bells;
mod credentials;
mod history;
mod integrations;
mod secrets;
mod section;
mod values;
mod web;
mod wrong;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alexa::EndpointId;
use aws::Access;
use http::Uri;
use toml::Table;

pub use credentials::parse as parse_credentials;
use integrations::Number;
use secrets::Secrets;
use section::Section;
use wrong::Found;
pub use wrong::WrongSettings;

use crate::button::ButtonSettings;
use crate::environment::Environment;
use crate::history::HistorySettings;
use crate::integration::{IntegrationName, IntegrationSettings};
use crate::log::Priority;
use crate::press::Timings;
use crate::web::WebSettings;

/// Longest file that is read.
const LONGEST: u64 = 64 * 1024;

/// The daemon's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `log`: the least that is logged. Default: `info`.
    pub log: Priority,
    /// `[aws]`: where the grants are.
    pub aws: AwsSettings,
    /// `[alexa]`.
    pub alexa: AlexaSettings,
    /// What the core has to know.
    pub doorbell: Doorbell,
    /// `[history]`: what is kept of those who rang.
    pub history: HistorySettings,
    /// `[web]`: the page.
    pub web: WebSettings,
    /// Where the open presses are kept for the next process; the service manager's runtime folder.
    pub presses: PathBuf,
    /// `[update]`.
    pub update: UpdateSettings,
}

/// How the machine is brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateSettings {
    /// `key`: the file with the public key that packages are signed by. Default: `/etc/porch/package.pub`.
    pub key: PathBuf,
}

/// How AWS is called, and what is asked for.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// `region`, the keys of the file `credentials`, and `endpoint` for trials.
    pub access: Access,
    /// `parameters`: the path in SSM's parameter store below which the stack keeps what a doorbell needs.
    pub parameters: String,
}

/// How Alexa is told.
#[derive(Clone, Debug)]
pub struct AlexaSettings {
    /// `gateway_url`: the event gateway, for trials. Default: that of each customer's region.
    pub gateway: Option<Uri>,
    /// `login_url`: Login with Amazon, for trials. Default: Amazon's.
    pub login: Option<Uri>,
}

/// What there is to watch, and to tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doorbell {
    /// `[[bell]]`, at least one, by `id`.
    pub bells: BTreeMap<EndpointId, BellSettings>,
    /// `alexa.heartbeat_s`: how often a sign of life is written, for each bell. Default: 60 s, which is 44,000 writes a
    /// month, for about 0.03 USD.
    pub heartbeat: Duration,
    /// `[[command]]` and its like: what else is told of presses, by name.
    pub integrations: BTreeMap<IntegrationName, IntegrationSettings>,
}

/// One bell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BellSettings {
    /// `name`: what people call it. Default: its `id`.
    pub name: String,
    /// `gpio`, `active`, `pull`, with `[gpio]`.
    pub button: ButtonSettings,
    /// `stable_ms`, `lockout_ms`, `stuck_s`.
    pub timings: Timings,
}

impl Settings {
    /// Reads the file at `path`, and that with the keys to AWS.
    ///
    /// # Errors
    /// When anything is wrong; all that is wrong is reported at once.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, WrongSettings> {
        let mut text = String::new();
        let read =
            fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text).map(drop));
        match read {
            Ok(()) => Self::parse(&text, environment),
            Err(error) => {
                let mut wrong = WrongSettings::default();
                let found = Found::Described(format!("no readable file: {error}"));
                wrong.report(
                    path.display().to_string(),
                    found,
                    "the settings, or --settings with their path",
                );
                Err(wrong)
            }
        }
    }

    /// Reads the settings from `text`.
    ///
    /// # Errors
    /// See [`Settings::load`].
    pub fn parse(text: &str, environment: &Environment) -> Result<Self, WrongSettings> {
        let mut wrong = WrongSettings::default();
        let file = match toml::from_str::<Table>(text) {
            Ok(file) => file,
            Err(error) => {
                wrong.report(line_of(&error, text), Found::Described(error.message().into()), "TOML");
                return Err(wrong);
            }
        };
        let groups = Groups::split(&file, &mut wrong);
        let (log, mut secrets) = {
            let mut top = Section::new("", &groups.top, &mut wrong);
            let log = top.optional("log", &values::PRIORITY);
            let secrets = top.optional("secrets", &values::PATH);
            // What there is beside it was taken out, and is checked for itself.
            let tables = integrations::tables().map(|(table, _)| table);
            for table in
                ["aws", "alexa", "gpio", "update", "bell", "history", "web"].into_iter().chain(tables)
            {
                top.value(table);
            }
            top.finish();
            let is_told = secrets.is_some();
            let file = secrets.unwrap_or_else(|| environment.credentials.join("secrets"));
            (log, Secrets::load(&file, is_told, &mut wrong))
        };
        let aws = read_aws(&groups.aws, environment, &mut wrong);
        let (alexa, heartbeat) = read_alexa(&groups.alexa, &mut wrong);
        let update = read_update(&groups.update, &mut wrong);
        let bells = bells::read(&groups.gpio, &groups.bells, environment, &mut wrong);
        let names = bells.iter().flatten().map(|(id, bell)| (id.clone(), bell.name.clone())).collect();
        let integrations = integrations::read(&groups.integrations, &names, &mut secrets, &mut wrong);
        let web = web::read(&groups.web, &mut secrets, &mut wrong);
        if integrations.is_some() {
            secrets.finish(&mut wrong);
        }
        let history = history::read(&groups.history, environment, &mut wrong);
        let presses = environment.runtime.join("presses.json");
        let settings = aws.zip(bells).zip(integrations).map(|((aws, bells), integrations)| Self {
            log: log.unwrap_or(Priority::Info),
            aws,
            alexa,
            doorbell: Doorbell { bells, heartbeat, integrations },
            history,
            web,
            presses,
            update,
        });
        wrong.or(settings)
    }
}

/// The line of `text` that is no TOML.
fn line_of(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}", before.matches('\n').count() + 1)
}

/// The file's tables, each of which may be absent.
struct Groups {
    top: Table,
    aws: Table,
    alexa: Table,
    gpio: Table,
    update: Table,
    bells: Vec<Table>,
    history: Table,
    web: Table,
    /// By the names of their tables.
    integrations: BTreeMap<&'static str, Vec<Table>>,
}

impl Groups {
    fn split(file: &Table, wrong: &mut WrongSettings) -> Self {
        let mut top = file.clone();
        let mut table = |name: &str, wrong: &mut WrongSettings| {
            let found = top.remove(name)?;
            if !found.is_table() {
                wrong.report(name, Found::value(&found), format!("a table, `[{name}]`"));
            }
            Some(found.as_table().cloned().unwrap_or_default())
        };
        let [aws, alexa, gpio, update, history, web] = ["aws", "alexa", "gpio", "update", "history", "web"]
            .map(|name| table(name, wrong).unwrap_or_default());
        let mut integrations = BTreeMap::new();
        for (name, _) in integrations::tables().filter(|(_, number)| *number == Number::One) {
            integrations.extend(table(name, wrong).map(|table| (name, vec![table])));
        }
        let mut tables = |name: &str, wrong: &mut WrongSettings| {
            let found = top.remove(name)?;
            let is_table = |value: &toml::Value| value.as_table().cloned();
            let tables: Option<Vec<Table>> =
                found.as_array().and_then(|tables| tables.iter().map(is_table).collect());
            if tables.as_ref().is_none_or(Vec::is_empty) {
                let expected = format!("a table for each {name}, headed `[[{name}]]`");
                wrong.report(name, Found::value(&found), expected);
            }
            Some(tables.unwrap_or_default())
        };
        let bells = tables("bell", wrong);
        for (name, _) in integrations::tables().filter(|(_, number)| *number == Number::Several) {
            integrations.extend(tables(name, wrong).map(|tables| (name, tables)));
        }
        if bells.is_none() {
            wrong.report("bell", Found::Nothing, "a table for each bell, headed `[[bell]]`");
        }
        Self { top, aws, alexa, gpio, update, bells: bells.unwrap_or_default(), history, web, integrations }
    }
}

fn read_aws(table: &Table, environment: &Environment, wrong: &mut WrongSettings) -> Option<AwsSettings> {
    let mut section = Section::new("aws.", table, wrong);
    let region = section.required("region", &values::REGION);
    let parameters = section.required("parameters", &values::PARAMETERS);
    let endpoint = section.optional("endpoint", &values::URL);
    let file = section.optional("credentials", &values::PATH);
    let is_told = section.value("credentials").is_some();
    section.finish();
    let file = if is_told { file } else { Some(environment.credentials.join("aws")) };
    let credentials = file.and_then(|file| credentials::load(&file, wrong));
    let endpoints = endpoint.map(|endpoint| values::SERVICES.map(|service| (service, endpoint.clone())));
    let endpoints = endpoints.into_iter().flatten().collect();
    let access = Access { region: region?, credentials: credentials?, endpoints };
    Some(AwsSettings { access, parameters: parameters? })
}

fn read_alexa(table: &Table, wrong: &mut WrongSettings) -> (AlexaSettings, Duration) {
    let mut section = Section::new("alexa.", table, wrong);
    let heartbeat = section.time("heartbeat_s", 60..=3600, Duration::from_secs(1));
    let gateway = section.optional("gateway_url", &values::URL);
    let login = section.optional("login_url", &values::URL);
    section.finish();
    (AlexaSettings { gateway, login }, heartbeat.unwrap_or(Duration::from_secs(60)))
}

fn read_update(table: &Table, wrong: &mut WrongSettings) -> UpdateSettings {
    let mut section = Section::new("update.", table, wrong);
    let key = section.optional("key", &values::PATH);
    section.finish();
    UpdateSettings { key: key.unwrap_or_else(|| "/etc/porch/package.pub".into()) }
}
