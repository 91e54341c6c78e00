//! The services themselves: AWS, Amazon, Tailscale, Home Assistant.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use alexa::lwa::{Class, ClientSecret, Lwa, LwaError};
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use http_client::{Internet, Kept, told};
use secrecy::SecretString;
use serde::Deserialize;
use smapi::{Access, Call, Client, SmapiError, SystemClock};
use tailscale_api::{Api, ApiError, ClientSecret as OauthSecret, Credentials};
use url::Url;

use super::check::{Checks, Profile, Trouble, Vendor};
use super::consent::{self, AUTHORIZE, Brought, Callback};
use super::console::Console;
use super::question::Question;
use super::words::{self, CALLBACK_PORT};
use crate::pulumi::{Place, aws as account};
use crate::{error::Error, secrets};

/// Longest time for what may be tried more than once.
const LIMIT: Duration = Duration::from_secs(20);
/// Longest time for Home Assistant, and most bytes taken of what it says about itself.
const HOUSE_LIMIT: Duration = Duration::from_secs(5);
const HOUSE_SAYS: usize = 64 * 1024;
/// Where they are.
#[derive(Clone, Debug)]
pub struct Services {
    /// The page on which a developer allows something.
    pub authorize: Url,
    /// Login with Amazon.
    pub lwa: Uri,
    /// The Skill Management API.
    pub smapi: Uri,
    /// Tailscale's API.
    pub tailscale: Url,
    /// Whose AWS is asked.
    pub aws: Place,
    /// The port of this machine to which a browser brings Amazon's answer; 0 for any that is free.
    pub callback: u16,
}

/// Where everybody has them.
impl Default for Services {
    fn default() -> Self {
        let url = |text: &str| text.parse().expect("a constant");
        Self {
            authorize: AUTHORIZE.parse().expect("a constant"),
            lwa: url(Lwa::URL),
            smapi: url(Access::API),
            tailscale: "https://api.tailscale.com".parse().expect("a constant"),
            aws: Place::Account,
            callback: CALLBACK_PORT,
        }
    }
}

impl Checks for Services {
    async fn caller(&self, region: &str) -> Result<String, Trouble> {
        let way_out =
            "`aws configure sso` or `aws configure` gives you credentials, AWS_PROFILE chooses some";
        let failed = |why: String| Trouble::elsewhere(format!("{why}; {way_out}"));
        let client = account::client(self.aws, region).await.map_err(|error| failed(error.to_string()))?;
        let caller = aws::sts::get_caller_identity(&client).await.map_err(|error| failed(told(&error)))?;
        Ok(format!("account {}, as {}", caller.account, caller.arn))
    }

    async fn consent(&self, profile: &Profile, console: &mut impl Console) -> Result<SecretString, Trouble> {
        let elsewhere = |error: Error| Trouble::elsewhere(error.to_string());
        let callback = Callback::open(self.callback).await.map_err(elsewhere)?;
        let (redirect, state) = (callback.url().map_err(elsewhere)?, secrets::random().map_err(elsewhere)?);
        let page = consent::page(&self.authorize, &profile.client_id, &redirect, &state);
        console.say(&words::about_page(&page)).map_err(elsewhere)?;
        match callback.answer(&state).await.map_err(elsewhere)? {
            Brought::Code(code) => self.exchange(profile, &code, &redirect).await,
            Brought::Refusal(word) => {
                let why = format!("Amazon's page says {word}: porch may not make skills");
                Err(Trouble::of(&[Question::Consent], why))
            }
            Brought::Nothing => {
                Err(Trouble::of(&[Question::Consent], "nothing came back from Amazon's page"))
            }
        }
    }

    async fn vendors(&self, profile: &Profile, refresh_token: &SecretString) -> Result<Vec<Vendor>, Trouble> {
        let access = Access {
            lwa: self.lwa.clone(),
            api: self.smapi.clone(),
            client_id: profile.client_id.clone(),
            client_secret: profile.client_secret.clone(),
            refresh_token: refresh_token.clone(),
        };
        let client = Client::new(internet()?, access, Arc::new(SystemClock), jitter);
        client.vendors().await.map_err(|error| Trouble::of(to_blame(&error), told(&error)))
    }

    async fn tailnet(&self, client_id: &str, secret: SecretString) -> Result<(), Trouble> {
        let api = Api::new(internet()?.client(), self.tailscale.clone(), jitter);
        let (client_id, secret) = (client_id.to_owned(), OauthSecret::new(secret));
        let credentials = Credentials::OauthClient { client_id, secret };
        api.prove(&credentials, Instant::now() + LIMIT).await.map_err(|error| {
            let is_refused = matches!(error, ApiError::Refused { .. });
            let to_blame: &[Question] =
                if is_refused { &[Question::OauthClientId, Question::OauthSecret] } else { &[] };
            Trouble::of(to_blame, told(&error))
        })
    }

    async fn home_assistant(&self, base_url: &str) -> Result<(), Trouble> {
        /// What browsers are told of the app.
        #[derive(Deserialize)]
        struct Manifest {
            name: String,
        }
        let uri = format!("{}/manifest.json", base_url.trim_end_matches('/'));
        let request = Request::get(uri).body(Full::<Bytes>::default());
        let request = request.map_err(|error| Trouble::elsewhere(error.to_string()))?;
        let answer = internet()?.exchange(request, HOUSE_SAYS, HOUSE_LIMIT).await;
        let (status, body) = answer.map_err(|error| {
            Trouble::elsewhere(format!("this machine does not reach it: {}", told(&error)))
        })?;
        match serde_json::from_slice::<Manifest>(&body) {
            Ok(manifest) if manifest.name == "Home Assistant" => Ok(()),
            _ => Err(Trouble::elsewhere(format!(
                "what answers there ({status}) does not say that it is Home Assistant"
            ))),
        }
    }
}

impl Services {
    async fn exchange(
        &self,
        profile: &Profile,
        code: &SecretString,
        redirect: &str,
    ) -> Result<SecretString, Trouble> {
        let secret = ClientSecret::new(profile.client_secret.clone());
        let lwa = Lwa::new(internet()?, self.lwa.clone(), profile.client_id.clone(), secret);
        let tokens =
            lwa.exchange_redirected(code, redirect, SystemTime::now()).await.map_err(|error| {
                match (error.class(), &error) {
                    (Class::Client, _) => {
                        let why = "Amazon does not know the security profile by this id and secret";
                        Trouble::of(&[Question::ClientId, Question::ClientSecret], why)
                    }
                    (_, LwaError::Refused { status, error, .. }) => {
                        Trouble::of(&[Question::Consent], format!("Amazon gave no token: {status} {error}"))
                    }
                    _ => Trouble::elsewhere(told(&error)),
                }
            })?;
        let token = tokens.refresh_token.ok_or_else(|| Trouble::elsewhere("Amazon gave no refresh token"))?;
        Ok(token.into_secret())
    }
}

fn internet() -> Result<Internet, Trouble> {
    Internet::new(["https"], Kept::Not).map_err(|error| Trouble::elsewhere(format!("no TLS: {error}")))
}

fn jitter(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

/// The answers that Amazon's refusal is about.
fn to_blame(error: &SmapiError) -> &'static [Question] {
    match error {
        SmapiError::Refused { call: Call::AccessToken, refusal, .. } => match refusal.code.as_deref() {
            Some("invalid_client" | "unauthorized_client") => &[Question::ClientId, Question::ClientSecret],
            _ => &[Question::Consent],
        },
        refused if refused.is_not_allowed() => &[Question::Consent],
        SmapiError::Refused { .. }
        | SmapiError::Busy { .. }
        | SmapiError::NoAnswer { .. }
        | SmapiError::Malformed { .. }
        | SmapiError::BuildFailed { .. }
        | SmapiError::BuildUnfinished { .. }
        | SmapiError::Unwritable(..) => &[],
    }
}
