//! The way to Home Assistant: one tailscaled with its secrets, and the client that goes through it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use alexa::Directive;
use bytes::Bytes;
use serde_json::value::RawValue;
use tailnet::{AuthKeyEntry, Options, Phases, Sidecar};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::failure::Failure;
use crate::home_assistant::HomeAssistant;
use crate::linking::{TokenAnswer, TokenForm};
use crate::repeat::is_safe_to_repeat;
use crate::secrets::{self, Secrets, SecretsError};
use crate::settings::Settings;

/// The secrets, once there is something to say about them.
type Gathered = Option<Result<Secrets, Arc<SecretsError>>>;

/// A started tailscaled and what goes through it.
#[derive(Debug)]
pub(crate) struct Tunnel {
    sidecar: Sidecar,
    secrets: watch::Receiver<Gathered>,
    home_assistant: HomeAssistant,
    /// Owns the task that gathers the secrets.
    _gathering: JoinSet<()>,
}

impl Tunnel {
    /// Starts tailscaled, and gathers the secrets while it gets ready. Notes the phase `secrets`.
    pub(crate) fn start(settings: &Settings, options: &Options, phases: &Phases) -> Result<Self, Failure> {
        let (sidecar, auth_key) = Sidecar::start(options, phases.clone())?;
        let url = settings.base_url.clone();
        let home_assistant = HomeAssistant::new(url, sidecar.connector(), phases.clone());
        let (sender, secrets) = watch::channel(None);
        let mut gathering = JoinSet::new();
        gathering.spawn(gather(settings.clone(), auth_key, sender, phases.clone()));
        Ok(Self { sidecar, secrets, home_assistant, _gathering: gathering })
    }

    /// Takes a directive to Home Assistant and returns its reply.
    pub(crate) async fn ask(
        &self,
        directive: &Directive,
        bytes: Bytes,
        deadline: Instant,
    ) -> Result<Box<RawValue>, Failure> {
        let secrets = self.secrets(deadline).await?;
        let token = secrets.long_lived_token.as_ref().or(directive.token.as_ref()).ok_or(Failure::NoToken)?;
        self.sidecar.running(deadline).await?;
        let repeatable = is_safe_to_repeat(directive);
        let reply = self.home_assistant.ask(bytes, token, &secrets.tls, repeatable);
        timeout_at(deadline.into(), reply).await.map_err(|_| Failure::Late("home assistant's reply"))?
    }

    /// Gets into the tailnet, and makes a connection to Home Assistant that is not used.
    pub(crate) async fn warm(&self, deadline: Instant) -> Result<(), Failure> {
        self.secrets(deadline).await?;
        self.sidecar.running(deadline).await?;
        self.home_assistant.touch().await
    }

    /// Takes a form to Home Assistant's token endpoint and returns its answer.
    pub(crate) async fn exchange_token(
        &self,
        form: &TokenForm,
        deadline: Instant,
    ) -> Result<TokenAnswer, Failure> {
        let secrets = self.secrets(deadline).await?;
        self.sidecar.running(deadline).await?;
        let answer = self.home_assistant.exchange_token(form, &secrets.tls);
        timeout_at(deadline.into(), answer).await.map_err(|_| Failure::Late("home assistant's answer"))?
    }

    /// The secrets, once they are gathered.
    pub(crate) async fn secrets(&self, deadline: Instant) -> Result<Secrets, Failure> {
        const LATE: Failure = Failure::Late("the reply of ssm");
        let mut secrets = self.secrets.clone();
        let gathered =
            timeout_at(deadline.into(), secrets.wait_for(Option::is_some)).await.map_err(|_| LATE)?;
        match gathered.map(|gathered| gathered.clone()) {
            Ok(Some(gathered)) => Ok(gathered?),
            Ok(None) | Err(_) => Err(LATE),
        }
    }

    /// Since when there is the auth key that it has, as far as that is known.
    pub(crate) fn key_written(&self) -> Option<SystemTime> {
        self.secrets.borrow().as_ref()?.as_ref().ok()?.key_written
    }

    pub(crate) fn sidecar(&self) -> &Sidecar {
        &self.sidecar
    }

    pub(crate) fn home_assistant(&self) -> &HomeAssistant {
        &self.home_assistant
    }

    /// Ends tailscaled.
    pub(crate) async fn stop(self) {
        self.sidecar.stop().await;
    }

    /// Whether it is up, as far as is known.
    pub(crate) fn is_up(&self) -> bool {
        self.sidecar.is_running()
    }

    /// Whether it was its tailscaled that failed, so that a new tunnel may do better.
    pub(crate) async fn turns_out_failed(&self) -> bool {
        self.sidecar.turns_out_failed().await
    }

    /// Whether only a new tunnel can get better.
    pub(crate) fn is_failed(&self) -> bool {
        self.sidecar.is_failed() || matches!(&*self.secrets.borrow(), Some(Err(_)))
    }
}

impl Settings {
    /// How the function starts its tailscaled.
    #[must_use]
    pub fn sidecar(&self) -> Options {
        Options {
            tailscaled: self.tailscaled.clone(),
            // In Lambda only /tmp can be written. Elsewhere several functions may share it.
            directory: format!("/tmp/tailscaled-{}", std::process::id()).into(),
            socks: None,
            hostname: self.hostname.clone(),
            control_url: self.control_url.clone(),
            ca_certificates: self.ca_certificates.clone(),
            first_dial: Options::FIRST_DIAL,
        }
    }
}

async fn gather(settings: Settings, auth_key: AuthKeyEntry, sender: watch::Sender<Gathered>, phases: Phases) {
    let secrets = phases.time("secrets", secrets::gather(&settings)).await;
    if let Ok(secrets) = &secrets
        && let Err(error) = auth_key.hand_over(&secrets.auth_key).await
    {
        // Whoever waits for tailscaled is told how it ended.
        tracing::debug!("tailscaled did not take its auth key: {error}");
    }
    sender.send_replace(Some(secrets.map_err(Arc::new)));
}
