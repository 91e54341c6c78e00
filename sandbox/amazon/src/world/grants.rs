//! Codes and tokens: how they are given out, used up, expire and die.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Secret, World};

/// How long a code can be exchanged.
pub const CODE_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long an access token is good.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Who allowed which client what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The driver's name for the customer.
    pub customer: String,
    /// The client.
    pub client_id: String,
    /// What is allowed.
    pub scopes: Vec<String>,
}

/// An authorization code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What it stands for.
    pub grant: Grant,
    /// Where the browser was sent with it; `None` for a code that came in an `AcceptGrant`.
    pub redirect_uri: Option<String>,
    /// The PKCE challenge (S256), if there was one.
    pub code_challenge: Option<String>,
    /// It is worth nothing from here on.
    pub expires: SystemTime,
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// What it stands for.
    pub grant: Grant,
    /// It is worth nothing from here on.
    pub expires: SystemTime,
}

/// What a refresh does with the refresh token. Amazon's documents promise a new one and say that the old one is good
/// until the customer takes the permission back; clients in the field expect each of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refreshed {
    /// There is a new one, and the old one stays good.
    #[default]
    OldStaysGood,
    /// There is a new one, and the old one is worth nothing any more.
    OldDies,
    /// There is no new one in the answer.
    NoNewOne,
}

/// The tokens of one answer.
#[derive(Debug)]
pub struct Given {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, if the answer has one.
    pub refresh_token: Option<Secret>,
}

impl World {
    /// A code for `code.grant`.
    pub fn give_code(&mut self, code: Code) -> Secret {
        let secret = self.mint.code();
        self.codes.insert(secret.clone(), code);
        secret
    }

    /// The code with this text, which is worth nothing afterwards, whatever comes of it.
    pub fn use_up_code(&mut self, text: &str, now: SystemTime) -> Option<Code> {
        let code = self.codes.remove(&Secret::from(text))?;
        (now < code.expires).then_some(code)
    }

    /// A new pair of tokens.
    pub fn give_tokens(&mut self, grant: Grant, now: SystemTime) -> Given {
        let access_token = self.give_access_token(grant.clone(), now);
        let refresh_token = self.mint.token("Atzr");
        self.refresh_tokens.insert(refresh_token.clone(), grant);
        Given { access_token, refresh_token: Some(refresh_token) }
    }

    /// New tokens for a refresh token that is good and belongs to the client.
    pub fn refresh(&mut self, refresh_token: &str, client_id: &str, now: SystemTime) -> Option<Given> {
        let old = Secret::from(refresh_token);
        let grant = self.refresh_tokens.get(&old).filter(|grant| grant.client_id == client_id)?.clone();
        if self.refreshed == Refreshed::NoNewOne {
            let access_token = self.give_access_token(grant, now);
            return Some(Given { access_token, refresh_token: None });
        }
        if self.refreshed == Refreshed::OldDies {
            self.refresh_tokens.remove(&old);
        }
        Some(self.give_tokens(grant, now))
    }

    /// What an access token stands for, as long as it is good.
    #[must_use]
    pub fn grant(&self, access_token: &str, now: SystemTime) -> Option<&Grant> {
        let token = self.access_tokens.get(&Secret::from(access_token))?;
        (now < token.expires).then_some(&token.grant)
    }

    /// Makes every access token expire; refresh tokens stay.
    pub fn expire_access_tokens(&mut self) {
        self.access_tokens.clear();
    }

    /// Takes back what the customer allowed: codes, access and refresh tokens, of this client or of all.
    pub fn revoke(&mut self, customer: &str, client_id: Option<&str>) {
        let stays = |grant: &Grant| {
            grant.customer != customer || client_id.is_some_and(|client_id| grant.client_id != client_id)
        };
        self.codes.retain(|_, code| stays(&code.grant));
        self.access_tokens.retain(|_, token| stays(&token.grant));
        self.refresh_tokens.retain(|_, grant| stays(grant));
    }

    /// Also forgets what has expired, so that a world does not grow with time.
    fn give_access_token(&mut self, grant: Grant, now: SystemTime) -> Secret {
        self.codes.retain(|_, code| now < code.expires);
        self.access_tokens.retain(|_, token| now < token.expires);
        let secret = self.mint.token("Atza");
        self.access_tokens.insert(secret.clone(), AccessToken { grant, expires: now + TOKEN_LIFETIME });
        secret
    }
}
