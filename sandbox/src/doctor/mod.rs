//! Examines a stack hop by hop: what this machine can see of it, then what its function sees of the way to Home
//! Assistant.
//!
//! A stack of the sandbox is invoked where it runs, any other by Lambda's Invoke API with the person's own
//! credentials.

mod report;
mod stack;
mod table;

use std::time::{Duration, Instant};

use secrecy::SecretString;

use self::report::Trouble;
pub use self::report::{Finding, Outcome, Report};
use crate::Sandbox;
use crate::error::Result;
use crate::lambda::{Invocation, Lambda};
use crate::pulumi::{Place, aws as account};

/// The hops that were seen so far.
#[derive(Default)]
struct Hops(Vec<Finding>);

/// A hop has failed: there is no way on.
struct Stopped;

impl Sandbox {
    /// Examines the stack `name`, with `token` of Home Assistant to try; a stack of the sandbox tries its owner's.
    pub async fn examine(&self, name: &str, token: Option<SecretString>) -> Report {
        let mut hops = Hops::default();
        // Where it stopped is in the findings.
        let function = self.walk(name, token, &mut hops).await.ok();
        Report::new(hops.0, function)
    }

    async fn walk(
        &self,
        name: &str,
        token: Option<SecretString>,
        hops: &mut Hops,
    ) -> Result<Report, Stopped> {
        let place = self.place_of(name);
        let function = hops
            .hop("stack", async {
                let outputs = self.outputs_of(name, place).await;
                let outputs = outputs.map_err(|error| stack::without_outputs(place, &error, name))?;
                let function = stack::deployed(&outputs, name)?;
                let found = format!("{name}, in {}", function.region());
                Ok((function, found))
            })
            .await?;
        let (function, region) = (function.name(), function.region());
        let client = hops
            .hop("function", async {
                let client = account::client(place, region).await;
                let client = client.map_err(|error| stack::silent(place, &error))?;
                let found = stack::function(&client, place, function).await?;
                Ok((client, found))
            })
            .await?;
        hops.hop("permission", async { Ok(((), stack::permission(&client, place, function).await?)) })
            .await?;

        let begun = Instant::now();
        let event = stack::event(token.or_else(|| self.owner_s_token(name).ok().flatten()).as_ref());
        let answered = match place {
            Place::Sandbox => async { Lambda::new()?.invoke(function, event).await }
                .await
                .map_err(|error| stack::silent(place, &error)),
            Place::Account => aws::lambda::invoke(&client, function, event)
                .await
                .map(Invocation::from)
                .map_err(|error| stack::not_done(place, &error, "lambda:InvokeFunction")),
        };
        let answered = match answered {
            Ok(invocation) => stack::answered(&invocation),
            Err(trouble) => Err(("invocation", trouble)),
        };
        match answered {
            Ok(report) => {
                let found = format!("the function, version {}, answered", report.version);
                hops.see("invocation", begun.elapsed(), Ok((report, found)))
            }
            Err((hop, trouble)) => hops.see(hop, begun.elapsed(), Err(trouble)),
        }
    }
}

impl Hops {
    async fn hop<T>(
        &mut self,
        hop: &str,
        step: impl Future<Output = Result<(T, String), Trouble>>,
    ) -> Result<T, Stopped> {
        let begun = Instant::now();
        let seen = step.await;
        self.see(hop, begun.elapsed(), seen)
    }

    fn see<T>(
        &mut self,
        hop: &str,
        elapsed: Duration,
        seen: Result<(T, String), Trouble>,
    ) -> Result<T, Stopped> {
        let (value, seen) = match seen {
            Ok((value, found)) => (Ok(value), Ok(found)),
            Err(trouble) => (Err(Stopped), Err(trouble)),
        };
        self.0.push(Finding::of(hop, elapsed, seen));
        value
    }
}
