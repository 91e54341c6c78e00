//! The way of a directive, examined hop by hop, so that a person learns where it ends and what to do.
//!
//! ```text
//! settings ─> secrets ─> tailscaled ─> netmap ─> name ─> tcp ─> tls ─> http ─> home_assistant ─> alexa ─> token
//!             function.rs ...................tailnet.rs ........tls.rs ......................home_assistant.rs
//! ```
//!
//! Connections are new ones, since one that was kept may work where no new one can be made. Home Assistant counts every
//! 401 as a failed login, and bans an address after some of them if it is told to, so nothing is asked that only a
//! token opens, until there is one; and a token that is not accepted is shown once.

mod certificate;
mod function;
mod home_assistant;
mod log;
mod report;
mod tailnet;
mod tls;
mod walk;

use std::time::{Instant, SystemTime};

use alexa::BearerToken;
use tokio::time::timeout_at;

pub use self::log::DoctorLog;
pub use self::report::{Finding, Hop, Outcome, Report};
use self::walk::{Passed, Stopped, Walk};
use crate::failure::Failure;
use crate::kept_tunnel::KeptTunnel;
use crate::settings::Settings;

/// A report, and what is to be logged about it.
#[derive(Debug)]
pub struct Examination {
    /// What goes back to whoever asked.
    pub report: Report,
    /// What happened.
    pub log: DoctorLog,
}

/// What is examined.
pub(crate) struct Patient<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) tunnel: &'a KeptTunnel,
    /// The token that the event carries: used before the settings' own.
    pub(crate) token: Option<BearerToken>,
}

impl Patient<'_> {
    /// Examines the way, within the time until `deadline`; `now` is what certificates' times are compared with.
    pub(crate) async fn examine(self, now: SystemTime, deadline: Instant) -> Examination {
        let begun = Instant::now();
        let mut walk = Walk::until(deadline);
        // Where it stopped is in the findings.
        let _ = self.walk(&mut walk, now).await;
        let report = walk.report();
        let log = DoctorLog::new(&report, begun.elapsed());
        Examination { report, log }
    }

    async fn walk(self, walk: &mut Walk, now: SystemTime) -> Result<(), Stopped> {
        let Self { settings, tunnel, token } = self;
        walk.hop(Hop::Settings, async |_| Ok(Passed::new((), function::settings_told(settings)))).await?;
        let late = |_| Err(Failure::Late("a new way into the tailnet"));
        let tunnel = match timeout_at(walk.deadline.into(), tunnel.get()).await.unwrap_or_else(late) {
            Ok(tunnel) => tunnel,
            Err(failure) => {
                return walk.hop(Hop::Tailscaled, async |_| Err(function::not_started(&failure))).await;
            }
        };
        let secrets = walk
            .hop(Hop::Secrets, async |until| function::secrets(&tunnel, settings, until, now).await)
            .await?;

        let sidecar = tunnel.sidecar();
        walk.hop(Hop::Tailscaled, async |until| tailnet::running(sidecar, settings, until).await).await?;
        let url = &settings.base_url;
        walk.hop(Hop::Netmap, async |_| tailnet::peer(sidecar, url).await).await?;
        walk.hop(Hop::Name, async |_| tailnet::address(sidecar, url).await).await?;
        let stream = walk.hop(Hop::Tcp, async |_| tailnet::dial(sidecar, url).await).await?;
        if url.is_https() {
            let dialled = tls::Dialled { sidecar, settings, stream };
            walk.hop(Hop::Tls, async |_| tls::agree(dialled, &secrets.tls, now).await).await?;
        } else {
            walk.skip(Hop::Tls, "not https; the tailnet encrypts it all the same", None);
        }
        let token = token.or(secrets.long_lived_token);
        home_assistant::Asked::new(tunnel.home_assistant(), &secrets.tls, url, token).walk(walk).await
    }
}
