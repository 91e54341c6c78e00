//! The call.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::Full;
use http_client::Internet;

use super::error::SendError;
use crate::event::AlexaEvent;
use crate::region::Region;
use crate::token::BearerToken;

/// Longest time for one try: a press is worth 30 s, and there may be four tries.
const LIMIT: Duration = Duration::from_secs(5);

/// Most bytes taken of an answer: an error has some hundred.
const ANSWER_LIMIT: usize = 16 * 1024;

/// Most bytes of an event (developer.amazon.com, alexa-discovery: of an AddOrUpdateReport).
const EVENT_LIMIT: usize = 256 * 1024;

/// The gateways of all regions.
#[derive(Clone, Debug)]
pub struct EventGateway {
    internet: Internet,
    elsewhere: HashMap<Region, Uri>,
}

impl EventGateway {
    /// The gateways, each at [`Region::gateway`] unless it is `elsewhere`.
    #[must_use]
    pub fn new(internet: Internet, elsewhere: HashMap<Region, Uri>) -> Self {
        Self { internet, elsewhere }
    }

    /// Whether the gateway of `region` answers at all; nothing is sent but a question without a token.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn reach(&self, region: Region) -> Result<(), SendError> {
        let request = Request::get(self.base(region))
            .body(Full::default())
            .map_err(|error| SendError::Unsendable(error.into()))?;
        self.internet.exchange(request, ANSWER_LIMIT, LIMIT).await?;
        Ok(())
    }

    /// Sends an event to the region of the customer whose grant `access_token` is. It is sent once; whoever calls
    /// decides, by [`SendError::class`], whether it is sent again.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(
        &self,
        region: Region,
        event: &AlexaEvent,
        access_token: &BearerToken,
    ) -> Result<(), SendError> {
        let body = serde_json::to_vec(event).map_err(|error| SendError::Unsendable(error.into()))?;
        if body.len() > EVENT_LIMIT {
            return Err(SendError::Unsendable("the event is longer than alexa takes".into()));
        }
        let authorization = access_token
            .authorization()
            .ok_or_else(|| SendError::Unsendable("the token has characters that no token has".into()))?;
        let base = self.base(region).to_string();
        let request = Request::post(format!("{}/v3/events", base.trim_end_matches('/')))
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(header::AUTHORIZATION, authorization)
            .body(Full::from(body))
            .map_err(|error| SendError::Unsendable(error.into()))?;
        let (status, answer) = self.internet.exchange(request, ANSWER_LIMIT, LIMIT).await?;
        if status == StatusCode::ACCEPTED { Ok(()) } else { Err(SendError::refused(status, &answer)) }
    }

    fn base(&self, region: Region) -> Uri {
        self.elsewhere.get(&region).cloned().unwrap_or_else(|| region.gateway())
    }
}
