//! Examines a stack hop by hop: what this machine can see of it, then what its function sees of the way to Home
//! Assistant.
//!
//! A stack of the sandbox is invoked where it runs, any other by Lambda's Invoke API with the person's own
//! credentials. Its calls are signed here: three of them do not make up for what AWS's SDK for Lambda takes to build.

mod aws;
mod report;
mod stack;
mod table;

use std::time::{Duration, Instant};

use secrecy::SecretString;

use self::aws::Aws;
use self::report::Trouble;
pub use self::report::{Finding, Outcome, Report};
use self::stack::Function;
use crate::Sandbox;
use crate::error::Result;
use crate::lambda::{Invocation, Lambda};
use crate::parts::{home_assistant, ministack};
use crate::pulumi::Place;

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
                let function = Function::of(&outputs, name)?;
                let found = format!("{name}, in {}", function.region);
                Ok((function, found))
            })
            .await?;
        let (function, region) = (function.name.as_str(), function.region.as_str());
        let aws = hops
            .hop("function", async {
                let aws = match place {
                    Place::Sandbox => Aws::emulator(ministack::URL, region),
                    Place::Account => Aws::account(region).await,
                };
                let aws = aws.map_err(|error| stack::silent(place, &error))?;
                let found = stack::function(&aws, function).await?;
                Ok((aws, found))
            })
            .await?;
        hops.hop("permission", async { Ok(((), stack::permission(&aws, function).await?)) }).await?;

        let begun = Instant::now();
        let invoked = match place {
            Place::Sandbox => self.invoke(function, token).await,
            Place::Account => aws.invoke(function, stack::event(token.as_ref())).await,
        };
        let answered = match invoked {
            Ok(invocation) => stack::answered(&invocation),
            Err(error) => Err(("invocation", stack::silent(place, &error))),
        };
        match answered {
            Ok(report) => {
                let found = format!("the function, version {}, answered", report.version);
                hops.see("invocation", begun.elapsed(), Ok((report, found)))
            }
            Err((hop, trouble)) => hops.see(hop, begun.elapsed(), Err(trouble)),
        }
    }

    /// Sends the event to where the sandbox runs functions, with its owner's token if there is no other.
    async fn invoke(&self, function: &str, token: Option<SecretString>) -> Result<Invocation> {
        let owner = || home_assistant::access(&self.layout).ok().map(|access| access.token);
        Lambda::new()?.invoke(function, stack::event(token.or_else(owner).as_ref())).await
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
