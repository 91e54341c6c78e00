//! The house as Alexa sees it and as it is: directives through the deployed bridge, states from Home Assistant.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::error::{Error, Result};
use crate::http;
use crate::lambda::{Invocation, Lambda};
use crate::parts::home_assistant::{Access, URL};

/// How long Home Assistant may take to do what it has said yes to.
const A_WHILE: Duration = Duration::from_secs(5);

/// A device that Alexa was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What the person calls it.
    pub friendly_name: String,
    /// Alexa's name for it.
    pub endpoint_id: String,
    /// What Alexa takes it for, like `LIGHT`.
    pub categories: Vec<String>,
}

impl Device {
    /// Home Assistant's name for it: Alexa's has `#` in place of the first dot.
    #[must_use]
    pub fn entity_id(&self) -> String {
        self.endpoint_id.replacen('#', ".", 1)
    }

    fn is_light(&self) -> bool {
        self.categories.iter().any(|category| category == "LIGHT")
    }
}

/// The lamp to show things with: a light that is called so, else any light.
#[must_use]
pub fn lamp(devices: &[Device]) -> Option<&Device> {
    let lights = || devices.iter().filter(|device| device.is_light());
    lights().find(|device| device.friendly_name == "Lamp").or_else(|| lights().next())
}

/// Alexa, speaking for the owner of the house.
pub struct Alexa<'a> {
    /// The way to the deployed function.
    pub lambda: &'a Lambda,
    /// The function's name.
    pub function: &'a str,
    /// The token that the owner gave to Alexa when they linked the skill.
    pub token: &'a SecretString,
}

impl Alexa<'_> {
    /// Asks for the devices.
    ///
    /// # Errors
    /// When the reply is not what Alexa expects, or lists no device, which is how a Discovery fails.
    pub async fn discover(&self) -> Result<Vec<Device>> {
        let (event, invocation) = self.ask("Alexa.Discovery", "Discover", None).await?;
        let devices = devices(&event)?;
        if devices.is_empty() {
            let log = quoted_log(&invocation);
            return Err(Error::Answer(format!("Discovery through the bridge lists no device{log}")));
        }
        Ok(devices)
    }

    /// Turns a device on.
    ///
    /// # Errors
    /// When the reply is not what Alexa expects.
    pub async fn turn_on(&self, device: &Device) -> Result<()> {
        self.ask("Alexa.PowerController", "TurnOn", Some(device)).await.map(|_| ())
    }

    async fn ask(&self, namespace: &str, name: &str, device: Option<&Device>) -> Result<(Value, Invocation)> {
        let directive = directive(namespace, name, device, self.token);
        let invocation = self.lambda.invoke(self.function, directive.to_string().into_bytes()).await?;
        Ok((answer(&invocation, &format!("{namespace} {name}"))?, invocation))
    }
}

/// The house itself, asked without Alexa.
pub struct House<'a> {
    client: reqwest::Client,
    access: &'a Access,
}

impl<'a> House<'a> {
    /// Home Assistant on this machine.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(access: &'a Access) -> Result<Self> {
        Ok(Self { client: http::client(None, Duration::from_secs(10))?, access })
    }

    /// The state of an entity, like `on`.
    ///
    /// # Errors
    /// When Home Assistant does not tell.
    pub async fn state(&self, entity_id: &str) -> Result<String> {
        let state = self.entity(entity_id).await?["state"].as_str().map(ToString::to_string);
        state.ok_or_else(|| Error::Answer(format!("Home Assistant does not tell the state of {entity_id}")))
    }

    /// An entity, with its attributes.
    ///
    /// # Errors
    /// When Home Assistant does not tell.
    pub async fn entity(&self, entity_id: &str) -> Result<Value> {
        self.send(self.client.get(format!("{URL}/api/states/{entity_id}"))).await
    }

    /// Waits until an entity is in the state `wanted`, and gives the state that it is in after a while at the latest: Home
    /// Assistant answers Alexa before it has done what it was asked for.
    ///
    /// # Errors
    /// When Home Assistant does not tell.
    pub async fn settles(&self, entity_id: &str, wanted: &str) -> Result<String> {
        let until = Instant::now() + A_WHILE;
        loop {
            let state = self.state(entity_id).await?;
            if state == wanted || Instant::now() > until {
                return Ok(state);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Turns an entity off.
    ///
    /// # Errors
    /// When Home Assistant does not do it.
    pub async fn turn_off(&self, entity_id: &str) -> Result<()> {
        let request = self.client.post(format!("{URL}/api/services/homeassistant/turn_off"));
        self.send(request.json(&json!({"entity_id": entity_id}))).await.map(|_| ())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let failed = |error: reqwest::Error| {
            Error::Answer(format!("Home Assistant at {URL}: {}", http::reason(&error)))
        };
        let response = request.bearer_auth(self.access.token.expose_secret()).send().await.map_err(failed)?;
        response.error_for_status().map_err(failed)?.json().await.map_err(failed)
    }
}

/// A directive as Alexa sends it.
#[must_use]
pub fn directive(namespace: &str, name: &str, device: Option<&Device>, token: &SecretString) -> Value {
    let scope = json!({"type": "BearerToken", "token": token.expose_secret()});
    let mut header = json!({
        "namespace": namespace, "name": name, "payloadVersion": "3", "messageId": "00000000-0000-4000-8000-000000000001",
    });
    match device {
        None => json!({"directive": {"header": header, "payload": {"scope": scope}}}),
        Some(device) => {
            header["correlationToken"] = json!("sandbox");
            let endpoint = json!({"scope": scope, "endpointId": device.endpoint_id, "cookie": {}});
            json!({"directive": {"header": header, "endpoint": endpoint, "payload": {}}})
        }
    }
}

/// The event in a reply, unless it says that something failed.
pub(crate) fn answer(invocation: &Invocation, asked: &str) -> Result<Value> {
    let text = String::from_utf8_lossy(&invocation.payload);
    let fail = |why: String| {
        Error::Answer(format!("{asked} through the bridge failed: {why}{}", quoted_log(invocation)))
    };
    if invocation.status != 200 || invocation.function_error.is_some() {
        let kind = invocation.function_error.as_deref().unwrap_or("refused");
        return Err(fail(format!("{kind}, {text}")));
    }
    let reply: Value = serde_json::from_str(&text).map_err(|error| fail(format!("no JSON: {error}")))?;
    if reply["event"]["header"]["name"] == "ErrorResponse" {
        let payload = &reply["event"]["payload"];
        return Err(fail(format!("{}: {}", payload["type"], payload["message"])));
    }
    Ok(reply["event"].clone())
}

fn quoted_log(invocation: &Invocation) -> String {
    let lines = crate::run::last_lines(&invocation.log, 10);
    lines.iter().map(|line| format!("\n  | {line}")).collect()
}

fn devices(event: &Value) -> Result<Vec<Device>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let endpoints = event["payload"]["endpoints"].as_array();
    let endpoints =
        endpoints.ok_or_else(|| Error::Answer("the reply to Discovery lists no endpoints".into()))?;
    Ok(endpoints
        .iter()
        .map(|endpoint| Device {
            friendly_name: text(&endpoint["friendlyName"]),
            endpoint_id: text(&endpoint["endpointId"]),
            categories: endpoint["displayCategories"].as_array().into_iter().flatten().map(text).collect(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(payload: &Value) -> Invocation {
        let payload = payload.to_string().into_bytes();
        Invocation { status: 200, function_error: None, payload, log: "one\ntwo".into() }
    }

    #[test]
    fn the_lamp_is_found_among_the_devices() {
        let endpoint = |id: &str, name: &str, category: &str| json!({"endpointId": id, "friendlyName": name, "displayCategories": [category]});
        let reply = json!({"event": {"header": {"name": "Discover.Response"}, "payload": {"endpoints": [
            endpoint("input_boolean#porch", "Porch light", "LIGHT"),
            endpoint("switch#lamp", "Lamp", "SWITCH"),
            endpoint("light#lamp", "Lamp", "LIGHT"),
        ]}}});
        let devices = devices(&answer(&invocation(&reply), "Discovery").unwrap()).unwrap();
        assert_eq!(lamp(&devices).unwrap().entity_id(), "light.lamp");
        assert_eq!(lamp(&devices[..2]).unwrap().friendly_name, "Porch light");
        assert_eq!(lamp(&devices[1..2]), None);
    }

    #[test]
    fn a_failure_is_told_with_its_type_and_the_end_of_the_log() {
        let payload = json!({"type": "BRIDGE_UNREACHABLE", "message": "no route"});
        let reply = json!({"event": {"header": {"name": "ErrorResponse"}, "payload": payload}});
        let error = answer(&invocation(&reply), "Discovery").unwrap_err().to_string();
        let expected =
            "Discovery through the bridge failed: \"BRIDGE_UNREACHABLE\": \"no route\"\n  | one\n  | two";
        assert_eq!(error, expected);
        let crashed =
            Invocation { function_error: Some("Unhandled".into()), ..invocation(&json!({"errorType": "x"})) };
        assert!(
            answer(&crashed, "Discovery")
                .unwrap_err()
                .to_string()
                .contains("Unhandled, {\"errorType\":\"x\"}")
        );
    }

    #[test]
    fn a_directive_carries_the_token_where_alexa_puts_it() {
        let token = SecretString::from("t");
        let device =
            Device { friendly_name: String::new(), endpoint_id: "light#lamp".into(), categories: Vec::new() };
        let discovery = directive("Alexa.Discovery", "Discover", None, &token);
        assert_eq!(discovery["directive"]["payload"]["scope"]["token"], "t");
        let turn_on = directive("Alexa.PowerController", "TurnOn", Some(&device), &token);
        assert_eq!(turn_on["directive"]["endpoint"]["scope"]["token"], "t");
        assert_eq!(turn_on["directive"]["endpoint"]["endpointId"], "light#lamp");
    }
}
