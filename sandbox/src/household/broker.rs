//! The broker between the doorbell and Home Assistant, which is told of it as a person does it.

use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::layout::{Layout, read_text, write_private};
use crate::parts::home_assistant::{Access, URL};
use crate::parts::mosquitto::{self, Account};
use crate::progress::Progress;
use crate::{Running, Sandbox, http, secrets};

/// Home Assistant's account at the broker.
pub const HOME_ASSISTANT: &str = "home-assistant";

/// Where Home Assistant's API has its integrations.
const ENTRIES: &str = "/api/config/config_entries/entry";
const FLOWS: &str = "/api/config/config_entries/flow";

impl Sandbox {
    /// Has the broker running and known to Home Assistant, and gives the doorbell's password.
    pub(super) async fn broker(&self, running: &Running, progress: &Progress) -> Result<SecretString> {
        let Self { settings, layout } = self;
        let [home_assistant, doorbell] =
            ["mqtt-home-assistant", "mqtt-doorbell"].map(|name| secrets::made_once(layout, name));
        let (home_assistant, doorbell) = (home_assistant?, doorbell?);
        let account = |user: &str, password: &SecretString, access: &[&str]| Account {
            user: user.to_owned(),
            password: password.clone(),
            access: access.iter().map(|line| (*line).to_owned()).collect(),
        };
        let accounts = [
            account(HOME_ASSISTANT, &home_assistant, &["topic readwrite #"]),
            account(
                mosquitto::DOORBELL,
                &doorbell,
                &["topic readwrite porch/#", "topic readwrite homeassistant/#"],
            ),
        ];
        mosquitto::part(settings, layout, &accounts).await?.ensure(layout, progress).await?;
        let integrations = Integrations::of(&running.access)?;
        let know = integrations.know_broker(layout, &home_assistant);
        progress.step("Home Assistant's MQTT integration", Some(Duration::from_secs(1)), know).await?;
        Ok(doorbell)
    }
}

/// Home Assistant's integrations, by the API of its own frontend.
#[derive(Debug)]
pub struct Integrations<'a> {
    client: reqwest::Client,
    access: &'a Access,
}

impl<'a> Integrations<'a> {
    /// Those of the house that `access` is for.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn of(access: &'a Access) -> Result<Self> {
        Ok(Self { client: http::client(None, Duration::from_secs(20))?, access })
    }

    /// Tells it of the broker, unless it was; what a test has told it is forgotten.
    async fn know_broker(&self, layout: &Layout, password: &SecretString) -> Result<()> {
        let known = layout.part(mosquitto::KIND.slug).join("home-assistant-entry");
        let ours = read_text(&known).ok();
        if self.forget_brokers(ours.as_deref()).await? {
            return Ok(());
        }
        write_private(&known, self.add_broker(password).await?)
    }

    /// Forgets every broker but the one of this `entry`, and says whether that one is there.
    ///
    /// # Errors
    /// When Home Assistant does not answer.
    pub async fn forget_brokers(&self, entry: Option<&str>) -> Result<bool> {
        let entries = self.ask(Method::GET, ENTRIES, None).await?;
        let entries = entries.as_array().into_iter().flatten().filter(|entry| entry["domain"] == "mqtt");
        let mut is_there = false;
        for id in entries.filter_map(|entry| entry["entry_id"].as_str()) {
            if entry == Some(id) {
                is_there = true;
            } else {
                self.ask(Method::DELETE, &format!("{ENTRIES}/{id}"), None).await?;
            }
        }
        Ok(is_there)
    }

    /// Tells it of the broker, with the password of [`HOME_ASSISTANT`]; gives the entry's id.
    ///
    /// # Errors
    /// When it does not answer, or does not reach the broker.
    pub async fn add_broker(&self, password: &SecretString) -> Result<String> {
        let flow = self.ask(Method::POST, FLOWS, Some(json!({"handler": "mqtt"}))).await?;
        let step = format!("{FLOWS}/{}", text(&flow["flow_id"]));
        let broker = json!({
            "broker": "127.0.0.1", "port": mosquitto::PORT, "username": HOME_ASSISTANT, "password": password.expose_secret(),
        });
        let entry = self.ask(Method::POST, &step, Some(broker)).await?;
        if entry["type"] != "create_entry" {
            let why = format!("{}{}", entry["errors"], entry["reason"]);
            return Err(Error::Answer(format!("Home Assistant does not take the broker: {why}")));
        }
        Ok(text(&entry["result"]["entry_id"]).to_owned())
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let failed = |error: reqwest::Error| {
            Error::Answer(format!("Home Assistant at {URL}{path}: {}", http::reason(&error)))
        };
        let request = self.client.request(method, format!("{URL}{path}"));
        let request = request.bearer_auth(self.access.token.expose_secret());
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let response = request.send().await.map_err(failed)?;
        response.error_for_status().map_err(failed)?.json().await.map_err(failed)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
