//! Linking: the two things that Amazon must reach to link the skill, and nothing else of Home Assistant.
//!
//! ```text
//! Amazon's servers ──POST /auth/token─────> the same form, without what Home Assistant ignores, through the tunnel
//! the user's phone ──GET /auth/authorize──> 302 to Home Assistant's own page, which only a node of the tailnet opens
//! everybody        ──anything else────────> 404
//! ```
//!
//! What is asked is public, so `policy.rs` decides before anything goes on, from the request alone.

mod log;
mod policy;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tailnet::{Options, Phases};
use tokio::time::timeout_at;

pub use self::log::LinkingLog;
pub(crate) use self::policy::TokenForm;
use self::policy::{Decision, decide};
use self::request::Request;
pub use self::response::Response;
pub(crate) use self::response::TokenAnswer;
use crate::failure::Failure;
use crate::kept_tunnel::KeptTunnel;
use crate::settings::{BaseUrl, Settings};
use crate::tunnel::Tunnel;

/// The function that serves linking, from its start to its end.
#[derive(Debug)]
pub struct Linking {
    /// Where the phone finds Home Assistant.
    page: BaseUrl,
    tunnel: KeptTunnel,
    phases: Phases,
    answered: AtomicBool,
}

/// What a request is answered, and what is to be logged about it.
#[derive(Debug)]
pub struct LinkingAnswer {
    /// What goes back to whoever asked.
    pub response: Response,
    /// What happened.
    pub log: LinkingLog,
}

/// What came of a request, in one word for the log with what belongs to it.
#[derive(Debug)]
enum Outcome {
    /// Home Assistant answered, with success or with a refusal of its own.
    Answered,
    /// The phone was sent to Home Assistant's page.
    Redirected,
    /// Nothing that linking needs; why.
    Refused(&'static str),
    /// Not a request at all.
    Malformed,
    /// Home Assistant's answer is not there.
    Unavailable(Failure),
}

impl Linking {
    /// Starts tailscaled, before there is any request: whoever opens the page comes back with a code soon.
    ///
    /// If that fails, it is tried again for the next request that needs it. Must be called within a Tokio runtime.
    pub fn start(settings: Settings, options: Options, phases: Phases) -> Self {
        let page = settings.phone_url.clone().unwrap_or_else(|| settings.base_url.clone());
        let tunnel = KeptTunnel::start(settings, options, phases.clone());
        Self { page, tunnel, phases, answered: AtomicBool::new(false) }
    }

    /// Answers `event`, the whole event of a function URL, by the deadline.
    pub async fn answer(&self, event: &[u8], deadline: Instant) -> LinkingAnswer {
        let begun = Instant::now();
        let cold = !self.answered.swap(true, Ordering::Relaxed);
        let decision = Request::read(event).map(|request| decide(&request));
        let grant = match &decision {
            Some(Decision::Exchange(form)) => Some(form.grant()),
            Some(Decision::ShowPage(_) | Decision::Refuse(_)) | None => None,
        };
        let (response, outcome) = match decision {
            None => (Response::empty(400), Outcome::Malformed),
            Some(Decision::Refuse(why)) => (Response::empty(404), Outcome::Refused(why)),
            Some(Decision::ShowPage(query)) => {
                (Response::redirect(&self.page.authorize, &query), Outcome::Redirected)
            }
            Some(Decision::Exchange(form)) => match self.exchange(&form, deadline).await {
                Ok(answer) => (Response::token(&answer), Outcome::Answered),
                Err(failure) => (Response::unavailable(), Outcome::Unavailable(failure)),
            },
        };
        let log = LinkingLog::new(&response, &outcome, grant, cold, begun.elapsed(), self.phases.take());
        LinkingAnswer { response, log }
    }

    /// Ends tailscaled, its node having left the tailnet.
    pub async fn stop(&self) {
        self.tunnel.stop().await;
    }

    async fn exchange(&self, form: &TokenForm, deadline: Instant) -> Result<TokenAnswer, Failure> {
        // A code is good only once.
        let exchanged =
            self.tunnel.over(false, async |tunnel: &Tunnel| tunnel.exchange_token(form, deadline).await);
        // Each step of the way says itself that it is late; this is for the ends of one that has failed.
        timeout_at(deadline.into(), exchanged)
            .await
            .unwrap_or(Err(Failure::Late("a new way into the tailnet")))
    }
}
