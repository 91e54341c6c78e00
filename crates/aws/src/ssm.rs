//! SSM parameters: read with one call, and written.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;

/// How a parameter's value is kept.
#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    /// As it is.
    Plain,
    /// Encrypted with the account's own key.
    Secure,
}

/// A parameter, as it was read.
#[derive(Clone, Debug)]
pub struct ReadParameter {
    /// Its value, decrypted.
    pub value: SecretString,
    /// Since when it has this value; SSM always tells.
    pub written: Option<SystemTime>,
}

/// The decrypted values of the parameters `names`, at most ten, in that order.
///
/// # Errors
/// When SSM does not give them, or one of them does not exist.
pub async fn get_parameters(client: &Client, names: &[&str]) -> Result<Vec<SecretString>, CallError> {
    let parameters = read_parameters(client, names).await?;
    Ok(parameters.into_iter().map(|parameter| parameter.value).collect())
}

/// The same, with since when they have these values.
///
/// # Errors
/// See [`get_parameters`].
pub async fn read_parameters(client: &Client, names: &[&str]) -> Result<Vec<ReadParameter>, CallError> {
    let wanted = json!({ "Names": names, "WithDecryption": true });
    let answer = call(client, "AmazonSSM.GetParameters", &wanted).await?;
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| CallError::Malformed(Service::Ssm))?;
    let read = |found: Parameter| {
        let written = found.last_modified_date.and_then(|date| Duration::try_from_secs_f64(date).ok());
        let written = written.and_then(|date| SystemTime::UNIX_EPOCH.checked_add(date));
        (found.name, ReadParameter { value: found.value, written })
    };
    let mut values: HashMap<_, _> = answer.parameters.into_iter().map(read).collect();
    names
        .iter()
        .map(|name| values.remove(*name).ok_or_else(|| CallError::Absent(format!("parameter {name}"))))
        .collect()
}

/// Those of `names`, at most ten, that there are parameters of. Their values are not decrypted.
///
/// # Errors
/// When SSM does not tell.
pub async fn existing(client: &Client, names: &[&str]) -> Result<Vec<String>, CallError> {
    let wanted = json!({ "Names": names, "WithDecryption": false });
    let answer = call(client, "AmazonSSM.GetParameters", &wanted).await?;
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| CallError::Malformed(Service::Ssm))?;
    Ok(answer.parameters.into_iter().map(|found| found.name).collect())
}

/// Puts `value` into the parameter `name`, whatever was there before; the same may be put once more.
///
/// # Errors
/// When SSM does not take it.
pub async fn put_parameter(
    client: &Client,
    name: &str,
    kind: ParameterKind,
    value: &SecretString,
) -> Result<(), CallError> {
    let kind = match kind {
        ParameterKind::Plain => "String",
        ParameterKind::Secure => "SecureString",
    };
    let wanted = json!({ "Name": name, "Type": kind, "Value": value.expose_secret(), "Overwrite": true });
    call(client, "AmazonSSM.PutParameter", &wanted).await.map(drop)
}

async fn call(client: &Client, target: &'static str, wanted: &Value) -> Result<Bytes, CallError> {
    client.call(Call { service: Service::Ssm, target: Some(target), body: wanted.to_string() }).await
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Parameters")]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: SecretString,
    /// Seconds since 1970.
    last_modified_date: Option<f64>,
}
