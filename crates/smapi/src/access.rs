//! What a developer's account is reached with.

use http::Uri;
use secrecy::SecretString;

/// A security profile of "Login with Amazon", and what its developer allowed it. Never that of Amazon's own command
/// line: its use anywhere else is forbidden.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where Login with Amazon is: `https://api.amazon.com`, but for tests.
    pub lwa: Uri,
    /// Where the API is: [`Access::API`], but for tests.
    pub api: Uri,
    /// The profile's client id.
    pub client_id: String,
    /// The profile's client secret.
    pub client_secret: SecretString,
    /// What the developer got once, in a browser, for the [scopes](Access::SCOPES).
    pub refresh_token: SecretString,
}

impl Access {
    /// Where the API is.
    pub const API: &'static str = "https://api.amazonalexa.com";

    /// What a refresh token has to be for: to make and change skills, and to enable them.
    pub const SCOPES: [&'static str; 2] = ["alexa::ask:skills:readwrite", "alexa::ask:skills:test"];
}
