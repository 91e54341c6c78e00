//! AWS's word about who is asking: for whoever asks, and for others than AWS.

use secrecy::SecretString;
use url::form_urlencoded::Serializer;

use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;
use crate::xml::element;

/// How long the token is good, in seconds: it is used at once. AWS gives 60 to 3600.
pub const TOKEN_LIFE: u32 = 300;

/// How the token is signed. Of AWS's two ways, the one that every OpenID provider has to know.
pub const TOKEN_ALGORITHM: &str = "RS256";

/// A JSON web token about the caller's role, for `audience` (AWS STS, GetWebIdentityToken; there is none at the global
/// endpoint, and the account must have outbound identity federation switched on).
///
/// # Errors
/// When STS does not give one.
pub async fn get_web_identity_token(client: &Client, audience: &str) -> Result<SecretString, CallError> {
    let body = Serializer::new(String::new())
        .append_pair("Action", "GetWebIdentityToken")
        .append_pair("Version", "2011-06-15")
        .append_pair("Audience.member.1", audience)
        .append_pair("DurationSeconds", &TOKEN_LIFE.to_string())
        .append_pair("SigningAlgorithm", TOKEN_ALGORITHM)
        .finish();
    let answer = client.call(Call { service: Service::Sts, target: None, body }).await?;
    let answer = String::from_utf8_lossy(&answer);
    element(&answer, "WebIdentityToken")
        .filter(|token| is_token(token))
        .map(Into::into)
        .ok_or(CallError::Malformed(Service::Sts))
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account's number.
    pub account: String,
    /// The user or the role's session.
    pub arn: String,
}

/// Who is calling (AWS STS, GetCallerIdentity): nobody who has credentials needs a permission for it.
///
/// # Errors
/// When STS does not say.
pub async fn get_caller_identity(client: &Client) -> Result<CallerIdentity, CallError> {
    let body = Serializer::new(String::new())
        .append_pair("Action", "GetCallerIdentity")
        .append_pair("Version", "2011-06-15")
        .finish();
    let answer = client.call(Call { service: Service::Sts, target: None, body }).await?;
    let answer = String::from_utf8_lossy(&answer);
    let text = |name| element(&answer, name).map(str::to_owned).ok_or(CallError::Malformed(Service::Sts));
    Ok(CallerIdentity { account: text("Account")?, arn: text("Arn")? })
}

fn is_token(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split('.').count() == 3 && text.split('.').all(part)
}
