//! What the watch stream tells about `tailscaled`: a pure fold of its messages into one state.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;

/// How far `tailscaled` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// It was started and has not yet been admitted by the control server. If it tried and failed for a reason that
    /// may pass, like a server that cannot be reached, this is the reason.
    Starting(Option<String>),
    /// The control server admitted the node; the network map or a relay is still missing.
    Registered,
    /// Peers can be reached.
    Running,
    /// It was told not to run (`WantRunning` is false).
    Stopped,
    /// The control server refused the node, as a rule because of its auth key. `tailscaled` goes on trying.
    Refused(String),
    /// The node waits for a person who approves it in the admin console.
    NeedsApproval,
    /// The process has ended; status and last lines of its log.
    Exited(String),
}

impl Backend {
    /// The state after one more message of the watch stream.
    #[must_use]
    pub fn after(self, message: &Notify) -> Self {
        if let Some(refusal) = &message.err_message {
            return Self::Refused(refusal.clone());
        }
        if message.browse_to_url.is_some() {
            return Self::Refused(
                "it asks for a login in a browser, so the auth key was empty or not accepted".into(),
            );
        }
        match message.state {
            // Before a login it is only on its way to one.
            Some(STATE_NEEDS_LOGIN) if !matches!(self, Self::Starting(_)) => {
                Self::Refused("the node is logged out; its key has expired or it was removed".into())
            }
            Some(STATE_NEEDS_MACHINE_AUTH) => Self::NeedsApproval,
            Some(STATE_STOPPED) => Self::Stopped,
            Some(STATE_STARTING) => Self::Registered,
            Some(STATE_RUNNING) => Self::Running,
            Some(_) | None => self.after_login_error(message.login_error()),
        }
    }

    fn after_login_error(self, error: Option<&str>) -> Self {
        match (self, error) {
            (Self::Starting(_), Some(error)) => Self::Starting(Some(error.into())),
            (unchanged, _) => unchanged,
        }
    }

    /// Whether waiting for [`Backend::Running`] is in vain, because only somebody else can change it.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        match self {
            Self::Refused(_) | Self::NeedsApproval | Self::Exited(_) => true,
            Self::Starting(_) | Self::Registered | Self::Running | Self::Stopped => false,
        }
    }
}

/// What can be said of `tailscaled`: "is running", "was refused by the control server: ...".
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting(None) => f.write_str("is not yet registered at the control server"),
            Self::Starting(Some(error)) => write!(f, "is not yet registered at the control server: {error}"),
            Self::Registered => f.write_str("is registered, but has no network map or relay yet"),
            Self::Running => f.write_str("is running"),
            Self::Stopped => f.write_str("is stopped"),
            Self::Refused(refusal) => write!(f, "was refused by the control server: {refusal}"),
            Self::NeedsApproval => {
                f.write_str("waits for approval in the admin console, or for a pre-approved auth key")
            }
            Self::Exited(end) => write!(f, "has ended: {end}"),
        }
    }
}

/// One message of LocalAPI's `watch-ipn-bus`, as far as it is used (`ipn.Notify` in tailscale's ipn/backend.go).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Notify {
    state: Option<u8>,
    err_message: Option<String>,
    #[serde(rename = "BrowseToURL")]
    browse_to_url: Option<String>,
    health: Option<Health>,
}

// The values of `ipn.State` that mean something here.
const STATE_NEEDS_LOGIN: u8 = 2;
const STATE_NEEDS_MACHINE_AUTH: u8 = 3;
const STATE_STOPPED: u8 = 4;
const STATE_STARTING: u8 = 5;
const STATE_RUNNING: u8 = 6;

impl Notify {
    fn login_error(&self) -> Option<&str> {
        self.health
            .as_ref()?
            .warnings
            .as_ref()?
            .get("login-state")?
            .args
            .as_ref()?
            .get("error")
            .map(String::as_str)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Health {
    warnings: Option<HashMap<String, Warning>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Warning {
    args: Option<HashMap<String, String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: Backend, message: &str, wanted: &Backend) {
        let message: Notify = serde_json::from_str(message).expect(message);
        assert_eq!(before.after(&message), *wanted);
    }

    #[test]
    fn each_message_leads_to_the_state_that_it_tells() {
        let starting = || Backend::Starting(None);
        let refused = |text: &str| Backend::Refused(text.into());
        let unreachable =
            r#"{"Health":{"Warnings":{"login-state":{"Args":{"error":"connection refused"}}}}}"#;
        for (before, message, wanted) in [
            (starting(), r#"{"State":0}"#, starting()),
            (starting(), r#"{"State":2}"#, starting()),
            (
                Backend::Running,
                r#"{"State":2}"#,
                refused("the node is logged out; its key has expired or it was removed"),
            ),
            (starting(), r#"{"State":3}"#, Backend::NeedsApproval),
            (starting(), r#"{"State":5}"#, Backend::Registered),
            (Backend::Registered, r#"{"State":6}"#, Backend::Running),
            (Backend::Running, r#"{"State":4}"#, Backend::Stopped),
            (starting(), r#"{"ErrMessage":"invalid pre auth key"}"#, refused("invalid pre auth key")),
            (refused("rate limited"), r#"{"State":6}"#, Backend::Running),
            (starting(), unreachable, Backend::Starting(Some("connection refused".into()))),
            (Backend::Running, unreachable, Backend::Running),
            (Backend::Running, "{}", Backend::Running),
        ] {
            check(before, message, &wanted);
        }
    }

    #[test]
    fn a_wish_for_a_browser_is_a_refusal() {
        let message: Notify =
            serde_json::from_str(r#"{"BrowseToURL":"https://login.example/a/1"}"#).expect("json");
        assert!(Backend::Starting(None).after(&message).is_failed());
    }

    #[test]
    fn captured_messages_are_read() {
        let bus = include_str!("../tests/fixtures/bus-wrong-key.jsonl");
        let end = bus.lines().fold(Backend::Starting(None), |state, line| {
            state.after(&serde_json::from_str(line).expect(line))
        });
        assert_eq!(end, Backend::Refused("invalid pre auth key".into()));
        let bus = include_str!("../tests/fixtures/bus-good-key.jsonl");
        let states: Vec<Backend> = bus
            .lines()
            .scan(Backend::Starting(None), |state, line| {
                *state = state.clone().after(&serde_json::from_str(line).expect(line));
                Some(state.clone())
            })
            .collect();
        assert!(states.contains(&Backend::Registered), "{states:?}");
        assert_eq!(states.last(), Some(&Backend::Running));
    }
}
