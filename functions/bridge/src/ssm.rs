//! SSM parameters: read with one signed call, and written.

use std::collections::HashMap;

use bytes::Bytes;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws_call::{AwsCall, AwsCallError};
use crate::settings::Aws;

/// How a parameter's value is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ParameterKind {
    /// As it is.
    Plain,
    /// Encrypted with the account's own key.
    Secure,
}

/// The decrypted values of the parameters `names`, at most ten, in that order.
pub(crate) async fn get_parameters(aws: &Aws, names: &[&str]) -> Result<Vec<SecretString>, SsmError> {
    let wanted = json!({ "Names": names, "WithDecryption": true });
    let answer = call(aws, "AmazonSSM.GetParameters", &wanted).await?;
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| SsmError::Malformed)?;
    let mut values: HashMap<_, _> =
        answer.parameters.into_iter().map(|found| (found.name, found.value)).collect();
    names
        .iter()
        .map(|name| values.remove(*name).ok_or_else(|| SsmError::NoParameter((*name).into())))
        .collect()
}

/// Puts `value` into the parameter `name`, whatever was there before; the same may be put once more.
pub(crate) async fn put_parameter(
    aws: &Aws,
    name: &str,
    kind: ParameterKind,
    value: &SecretString,
) -> Result<(), SsmError> {
    let kind = match kind {
        ParameterKind::Plain => "String",
        ParameterKind::Secure => "SecureString",
    };
    let wanted = json!({ "Name": name, "Type": kind, "Value": value.expose_secret(), "Overwrite": true });
    call(aws, "AmazonSSM.PutParameter", &wanted).await.map(drop)
}

async fn call(aws: &Aws, target: &'static str, wanted: &Value) -> Result<Bytes, SsmError> {
    let call = AwsCall {
        service: "ssm",
        endpoint: &aws.ssm_endpoint,
        content_type: "application/x-amz-json-1.1",
        target: Some(target),
        body: wanted.to_string(),
    };
    let (status, answer) = call.send(aws).await?;
    if status == StatusCode::OK { Ok(answer) } else { Err(SsmError::refused(status, &answer)) }
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
}

/// Why SSM did not give the parameters, or take one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SsmError {
    /// No answer.
    #[error(transparent)]
    Call(#[from] AwsCallError),
    /// An answer that is no success.
    #[error("ssm answered {status}: {said}; may the function's role do that?")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The kind of error and AWS's words about it.
        said: String,
    },
    /// A parameter that does not exist.
    #[error("there is no parameter {0}")]
    NoParameter(String),
    /// Success, but not what the call answers.
    #[error("ssm answered something that is not understood")]
    Malformed,
}

impl SsmError {
    fn refused(status: StatusCode, answer: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Refusal {
            #[serde(rename = "__type")]
            kind: String,
            #[serde(alias = "Message")]
            message: String,
        }
        let Refusal { kind, message } = serde_json::from_slice(answer).unwrap_or_default();
        Self::Refused { status, said: format!("{kind} {message}").trim().to_owned() }
    }
}
