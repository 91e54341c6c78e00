//! AWS's word about who the function is, for others than AWS.

use http::{StatusCode, Uri};
use secrecy::SecretString;
use url::form_urlencoded::Serializer;

use crate::aws_call::{AwsCall, AwsCallError};
use crate::settings::Aws;

/// How long the token is good, in seconds: it is used at once. AWS gives 60 to 3600.
pub const TOKEN_LIFE: u32 = 300;

/// How the token is signed. Of AWS's two ways, the one that every OpenID provider has to know.
pub const TOKEN_ALGORITHM: &str = "RS256";

/// A JSON web token about the function's role, for `audience` (AWS STS, GetWebIdentityToken; there is none at the
/// global endpoint, and the account must have outbound identity federation switched on).
pub(crate) async fn get_web_identity_token(
    aws: &Aws,
    endpoint: &Uri,
    audience: &str,
) -> Result<SecretString, StsError> {
    let body = Serializer::new(String::new())
        .append_pair("Action", "GetWebIdentityToken")
        .append_pair("Version", "2011-06-15")
        .append_pair("Audience.member.1", audience)
        .append_pair("DurationSeconds", &TOKEN_LIFE.to_string())
        .append_pair("SigningAlgorithm", TOKEN_ALGORITHM)
        .finish();
    let content_type = "application/x-www-form-urlencoded";
    let call = AwsCall { service: "sts", endpoint, content_type, target: None, body };
    let (status, answer) = call.send(aws).await?;
    let answer = String::from_utf8_lossy(&answer);
    if status != StatusCode::OK {
        let part = |name| element(&answer, name).unwrap_or_default();
        let said = format!("{} {}", part("Code"), part("Message")).trim().to_owned();
        return Err(StsError::Refused { status, said });
    }
    element(&answer, "WebIdentityToken")
        .filter(|token| is_token(token))
        .map(Into::into)
        .ok_or(StsError::Malformed)
}

/// The text of the only element `name`: what is read here has neither attributes nor anything escaped.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

fn is_token(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split('.').count() == 3 && text.split('.').all(part)
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StsError {
    /// No answer.
    #[error(transparent)]
    Call(#[from] AwsCallError),
    /// An answer that is no success.
    #[error(
        "sts answered {status}: {said}; is outbound identity federation switched on in the account, and may the \
         function's role get a token?"
    )]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The kind of error and AWS's words about it.
        said: String,
    },
    /// Success, but without a token.
    #[error("sts answered something that is not understood")]
    Malformed,
}
