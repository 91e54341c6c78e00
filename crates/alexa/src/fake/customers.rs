//! Who has which tokens.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::FakeAmazon;

/// Customers, by what they have been given.
#[derive(Debug)]
pub(super) struct Customers {
    codes: BTreeMap<String, String>,
    access: BTreeMap<String, String>,
    refresh: BTreeMap<String, String>,
    linked: BTreeMap<String, String>,
    given: usize,
    /// Whether a refresh token is used up by its first use.
    pub(super) rotate: bool,
}

impl Default for Customers {
    fn default() -> Self {
        let none = BTreeMap::new;
        Self { codes: none(), access: none(), refresh: none(), linked: none(), given: 0, rotate: true }
    }
}

/// Why there are no tokens: status, `error` and `error_description`.
pub(super) type Refused = (u16, &'static str, &'static str);

impl Customers {
    pub(super) fn issue_code(&mut self, user: &str) -> String {
        let code = self.new_word("code");
        self.codes.insert(code.clone(), user.to_owned());
        code
    }

    pub(super) fn link(&mut self, user: &str) -> String {
        let token = self.new_word("Atza|linked");
        self.linked.insert(token.clone(), user.to_owned());
        token
    }

    pub(super) fn revoke(&mut self, user: &str) {
        self.refresh.retain(|_, owner| owner != user);
    }

    pub(super) fn expire(&mut self) {
        self.access.clear();
    }

    /// Whose the access token for the gateway is.
    pub(super) fn owner(&self, access_token: &str) -> Option<&str> {
        self.access.get(access_token).map(String::as_str)
    }

    /// The profile behind a token of linking.
    pub(super) fn profile(&self, token: &str) -> Result<Value, Refused> {
        let user =
            self.linked.get(token).ok_or((400, "invalid_token", "The request has an invalid token"))?;
        Ok(json!({ "user_id": user }))
    }

    /// Tokens for a form, which has exactly the fields that are documented.
    pub(super) fn tokens(&mut self, form: &HashMap<String, String>) -> Result<Value, Refused> {
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let (grant, what) = match field("grant_type") {
            "authorization_code" => ("code", "The request has an invalid grant parameter : code"),
            "refresh_token" => (
                "refresh_token",
                "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
            ),
            _ => return Err((400, "unsupported_grant_type", "The grant type is not supported")),
        };
        let known = ["grant_type", grant, "client_id", "client_secret"];
        if form.len() != known.len() || !known.iter().all(|name| form.contains_key(*name)) {
            return Err((
                400,
                "invalid_request",
                "The request is missing a required parameter, or has others",
            ));
        }
        if (field("client_id"), field("client_secret")) != (FakeAmazon::CLIENT_ID, FakeAmazon::CLIENT_SECRET)
        {
            return Err((401, "invalid_client", "Client authentication failed"));
        }
        let user = match grant {
            "code" => self.codes.remove(field("code")),
            _ if self.rotate => self.refresh.remove(field("refresh_token")),
            _ => self.refresh.get(field("refresh_token")).cloned(),
        };
        let user = user.ok_or((400, "invalid_grant", what))?;
        let access_token = self.new_word("Atza|access");
        self.access.insert(access_token.clone(), user.clone());
        let mut answer = json!({"access_token": access_token, "token_type": "bearer", "expires_in": 3600});
        if self.rotate || grant == "code" {
            let refresh_token = self.new_word("Atzr|refresh");
            self.refresh.insert(refresh_token.clone(), user);
            answer["refresh_token"] = refresh_token.into();
        }
        Ok(answer)
    }

    fn new_word(&mut self, kind: &str) -> String {
        self.given += 1;
        format!("{kind}-made-up-{}", self.given)
    }
}
