//! A view of a directive: what is needed to forward it, and to answer it when that fails.

use serde_json::Value;

use crate::failure::Failure;
use crate::token::Token;

/// What is read of a directive. The bytes themselves are forwarded as they came.
///
/// Reading never fails, because even what is no directive must be answered with whatever it says about itself.
#[derive(Debug, Default)]
pub(crate) struct Directive {
    /// `header.namespace`, like `Alexa.PowerController`.
    pub(crate) namespace: Option<String>,
    /// `header.name`, like `TurnOn`.
    pub(crate) name: Option<String>,
    /// `header.payloadVersion`; there is only "3".
    payload_version: Option<String>,
    /// `header.correlationToken`, which the reply repeats.
    pub(crate) correlation_token: Option<String>,
    /// `endpoint.endpointId`, which the reply repeats.
    pub(crate) endpoint_id: Option<String>,
    /// The token from account linking, which stands in three places, depending on the directive.
    pub(crate) token: Option<Token>,
}

/// How a directive wants to be answered when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Alexa asks which endpoints there are.
    Discovery,
    /// Alexa hands over the right to send events.
    Grant,
    /// Anything else.
    Other,
}

impl Directive {
    /// Reads what `event`, the function's whole event, says.
    pub(crate) fn read(event: &[u8]) -> Self {
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
            token: token.map(Token::new),
        }
    }

    /// Whether this is a directive that can be forwarded.
    ///
    /// # Errors
    /// When it has no namespace or name, or is of a version that Home Assistant does not take.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match (&self.namespace, &self.name, self.payload_version.as_deref()) {
            (Some(_), Some(_), Some("3")) => Ok(()),
            (Some(_), Some(_), _) => Err(Failure::Invalid("the directive's payloadVersion is not 3")),
            (None, _, _) | (_, None, _) => Err(Failure::Invalid("the event is not a smart home directive")),
        }
    }

    /// How this directive wants to be answered when it fails.
    pub(crate) fn kind(&self) -> Kind {
        match (self.namespace.as_deref(), self.name.as_deref()) {
            (Some("Alexa.Discovery"), Some("Discover")) => Kind::Discovery,
            (Some("Alexa.Authorization"), Some("AcceptGrant")) => Kind::Grant,
            (_, _) => Kind::Other,
        }
    }
}
