//! What a client proves itself with, and the token that it gets for it.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded::Serializer;

/// The secret of an OAuth client, `tskey-client-…`. It does not expire.
#[derive(Clone, Debug)]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Takes a secret as it was given; only Tailscale can say whether it is good.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }
}

/// A JSON web token of another identity provider, about who is asking, for the audience [`audience`].
#[derive(Clone, Debug)]
pub struct IdentityToken(SecretString);

impl IdentityToken {
    /// Takes a token as it was given; only Tailscale can say whether it trusts its issuer.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }
}

/// Who a token must be meant for, that it can be exchanged by the federated identity `client_id`: what Tailscale gives
/// an identity when it is created without an audience of its own (Terraform's `tailscale_federated_identity`).
#[must_use]
pub fn audience(client_id: &str) -> String {
    format!("api.tailscale.com/{client_id}")
}

/// What a client proves itself with. `client_id` is no secret.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// An OAuth client's own secret.
    OauthClient {
        /// Id of the client.
        client_id: String,
        /// Its secret.
        secret: ClientSecret,
    },
    /// The word of an identity provider that the tailnet trusts; nothing is kept.
    WorkloadIdentity {
        /// Id of the federated identity.
        client_id: String,
        /// The provider's word.
        token: IdentityToken,
    },
}

impl Credentials {
    /// Where they are taken.
    pub(crate) fn path(&self) -> &'static str {
        match self {
            Self::OauthClient { .. } => "/api/v2/oauth/token",
            Self::WorkloadIdentity { .. } => "/api/v2/oauth/token-exchange",
        }
    }

    /// The body of the request (RFC 6749, section 4.4; for the exchange, Tailscale's own two fields).
    pub(crate) fn form(&self) -> String {
        let mut form = Serializer::new(String::new());
        match self {
            Self::OauthClient { client_id, secret } => form
                .append_pair("grant_type", "client_credentials")
                .append_pair("client_id", client_id)
                .append_pair("client_secret", secret.0.expose_secret()),
            Self::WorkloadIdentity { client_id, token } => {
                form.append_pair("client_id", client_id).append_pair("jwt", token.0.expose_secret())
            }
        };
        form.finish()
    }
}

/// What the other calls are made with; good for an hour.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken(SecretString);

impl AccessToken {
    pub(crate) fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// The value of the `Authorization` header, unless the token has characters that no header can carry.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
