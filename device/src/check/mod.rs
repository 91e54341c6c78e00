//! `porch-doorbell check`: looks at all that the daemon needs, and says what to do about what fails.
//!
//! It disturbs nothing: nobody is rung, and a daemon that runs keeps its buttons and its connections.

mod alexa;
mod table;

use std::time::Duration;

use tokio::time::timeout;

use crate::button;
use crate::clock::Moment;
use crate::integration::IntegrationKind;
use crate::settings::Settings;
use crate::update::{self, News};
use http_client::told;

pub use table::table;

/// Longest time for looking at one integration.
const LONGEST: Duration = Duration::from_secs(10);

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The thing.
    pub what: String,
    /// What was found, in a few words.
    pub outcome: Result<String, Fault>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub remedy: String,
}

/// Looks at everything, in the order in which one thing needs another.
pub async fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![clock(Moment::now())];
    for (id, bell) in &settings.doorbell.bells {
        let remedy = "see which GPIO the button is wired to, whether another program uses it, and whether this user \
                      is in the group that may read it (gpio on a Raspberry Pi); or run this with sudo";
        findings.push(Finding::of(
            id.as_str(),
            button::check(&bell.button).map_err(|error| told(&error)),
            remedy,
        ));
    }
    findings.extend(alexa::look(settings).await);
    findings.push(package(settings).await);
    for (name, integration) in &settings.doorbell.integrations {
        let found = look_at(&integration.kind).await;
        let remedy = format!("put that right, or its table in the settings; `name = \"{name}\"` is its name");
        findings.push(Finding::of(name.as_str(), found, &remedy));
    }
    findings
}

/// Whether it is the newest. That there is a newer one is good as well: it runs all the same.
async fn package(settings: &Settings) -> Finding {
    let found = match update::look(settings).await {
        Ok(None) => {
            let key = settings.update.key.display();
            Ok(format!("{}, and nothing newer is taken without {key}", env!("CARGO_PKG_VERSION")))
        }
        Ok(Some(news)) if news.is_update_available() => {
            let News { installed, published } = news;
            Ok(format!("{installed}; `sudo porch-doorbell update` installs {published}"))
        }
        Ok(Some(news)) => Ok(format!("{}, the newest", news.installed)),
        Err(error) => Err(told(&error)),
    };
    Finding::of("package", found, "put that right, or it stays at the version that it has")
}

async fn look_at(kind: &IntegrationKind) -> Result<String, String> {
    let late = |_| Err(format!("there is no answer within {} s", LONGEST.as_secs()));
    timeout(LONGEST, kind.check()).await.unwrap_or_else(late)
}

fn clock(now: Moment) -> Finding {
    let found = match now.wall() {
        Some(wall) => Ok(String::from(::alexa::Timestamp::of(wall))),
        None => Err("it is not set, so that nobody can be told when somebody rang".to_owned()),
    };
    Finding::of("clock", found, "`timedatectl` says whether it is set by a time server, and by which")
}

impl Finding {
    fn of(what: &str, found: Result<String, String>, remedy: &str) -> Self {
        let fault = |found| Fault { found, remedy: remedy.to_owned() };
        Self { what: what.to_owned(), outcome: found.map_err(fault) }
    }
}
