//! A view of a directive: what is needed to act on it, and to answer it when that fails.

use secrecy::SecretString;
use serde_json::Value;

use crate::token::BearerToken;

/// What is read of a directive.
///
/// Reading never fails, because even what is no directive must be answered with whatever it says about itself.
#[derive(Debug, Default)]
pub struct Directive {
    /// `header.namespace`, like `Alexa.PowerController`.
    pub namespace: Option<String>,
    /// `header.name`, like `TurnOn`.
    pub name: Option<String>,
    /// `header.payloadVersion`; there is only "3".
    pub payload_version: Option<String>,
    /// `header.correlationToken`, which the reply repeats.
    pub correlation_token: Option<String>,
    /// `endpoint.endpointId`, which the reply repeats.
    pub endpoint_id: Option<String>,
    /// The token from account linking, which stands in three places, depending on the directive.
    pub token: Option<BearerToken>,
    /// `payload.grant.code` of an AcceptGrant: Login with Amazon gives tokens for it, once.
    pub grant_code: Option<SecretString>,
}

/// How a directive wants to be answered when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Alexa asks which endpoints there are.
    Discovery,
    /// Alexa hands over the right to send events.
    Grant,
    /// Anything else.
    Other,
}

/// What came is not a directive that a smart home skill can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub &'static str);

impl Directive {
    /// Reads what `event`, the function's whole event, says.
    #[must_use]
    pub fn read(event: &[u8]) -> Self {
        let Ok(event) = serde_json::from_slice::<Value>(event) else {
            return Self::default();
        };
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
        let token = text("/directive/endpoint/scope/token")
            .or_else(|| text("/directive/payload/scope/token"))
            .or_else(|| text("/directive/payload/grantee/token"));
        Self {
            namespace: text("/directive/header/namespace").map(Into::into),
            name: text("/directive/header/name").map(Into::into),
            payload_version: text("/directive/header/payloadVersion").map(Into::into),
            correlation_token: text("/directive/header/correlationToken").map(Into::into),
            endpoint_id: text("/directive/endpoint/endpointId").map(Into::into),
            token: token.map(BearerToken::new),
            grant_code: text("/directive/payload/grant/code").map(Into::into),
        }
    }

    /// Whether this is a directive of the version that there is.
    ///
    /// # Errors
    /// When it has no namespace or name, or is of another version.
    pub fn check(&self) -> Result<(), Invalid> {
        match (&self.namespace, &self.name, self.payload_version.as_deref()) {
            (Some(_), Some(_), Some("3")) => Ok(()),
            (Some(_), Some(_), _) => Err(Invalid("the directive's payloadVersion is not 3")),
            (None, _, _) | (_, None, _) => Err(Invalid("the event is not a smart home directive")),
        }
    }

    /// How this directive wants to be answered when it fails.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match (self.namespace.as_deref(), self.name.as_deref()) {
            (Some("Alexa.Discovery"), Some("Discover")) => Kind::Discovery,
            (Some("Alexa.Authorization"), Some("AcceptGrant")) => Kind::Grant,
            (_, _) => Kind::Other,
        }
    }
}
