//! A directive in, an Alexa event out: always, and before the deadline.

use std::time::{Instant, SystemTime};

use alexa::{AlexaEvent, Body, Connectivity, Directive, Invalid, Property, Region, Timestamp};
use http_client::told;
use tokio::time::timeout_at;
use uuid::Uuid;

use crate::bell::Bell;
use crate::failure::Failure;
use crate::grant;
use crate::log::DirectiveLog;
use crate::parameters::ParameterReader;
use crate::settings::Settings;

/// The function, from its start to its end.
#[derive(Debug)]
pub struct Doorbell {
    parameters: ParameterReader,
    /// Where the function runs, by which its customers' region is known.
    aws_region: String,
}

/// An Alexa event, and what is to be logged about it.
#[derive(Debug)]
pub struct Answer {
    /// What goes back to Alexa.
    pub event: AlexaEvent,
    /// What happened.
    pub log: DirectiveLog,
}

impl Doorbell {
    /// Gets ready; nothing is asked yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, rustls::Error> {
        let aws_region = settings.aws.region.as_str().to_owned();
        Ok(Self { parameters: ParameterReader::new(settings)?, aws_region })
    }

    /// Reads the parameters before there is any directive. If that fails, it is tried again for each directive.
    pub async fn prepare(&self, now: SystemTime) {
        if let Err(error) = self.parameters.get(now).await {
            tracing::warn!("the parameters could not be read yet: {}", told(&error));
        }
    }

    /// Answers `event`, the whole event of an invocation at `now`, by the deadline.
    pub async fn answer(&self, event: &[u8], now: SystemTime, deadline: Instant) -> Answer {
        let begun = Instant::now();
        let directive = Directive::read(event);
        let done = timeout_at(deadline.into(), self.done(&directive, now, deadline)).await;
        let (event, failure) = match done.unwrap_or(Err(Failure::Late)) {
            Ok((body, properties)) => {
                let reply = AlexaEvent::reply(&directive, body, Uuid::new_v4());
                (AlexaEvent { properties, ..reply }, None)
            }
            Err(failure) => {
                let (r#type, message) = (failure.error_type(), failure.told());
                (AlexaEvent::failed(&directive, r#type, message, Uuid::new_v4()), Some(failure))
            }
        };
        let log = DirectiveLog::new(&directive, failure.as_ref(), begun.elapsed());
        Answer { event, log }
    }

    async fn done(
        &self,
        directive: &Directive,
        now: SystemTime,
        deadline: Instant,
    ) -> Result<(Body, Vec<Property>), Failure> {
        directive.check()?;
        match (directive.namespace.as_deref(), directive.name.as_deref()) {
            (Some("Alexa.Discovery"), Some("Discover")) => {
                let parameters = self.parameters.get(now).await?;
                let endpoints = parameters.bells.iter().map(Bell::discovered).collect();
                Ok((Body::Discovered(endpoints), Vec::new()))
            }
            (Some("Alexa.Authorization"), Some("AcceptGrant")) => {
                let region = Region::of_aws(&self.aws_region)
                    .ok_or_else(|| Failure::NoAlexaRegion(self.aws_region.clone()))?;
                let parameters = self.parameters.get(now).await?;
                grant::accept(&parameters, directive, region, now, deadline).await?;
                Ok((Body::GrantAccepted, Vec::new()))
            }
            (Some("Alexa"), Some("ReportState")) => {
                Ok((Body::StateReport, vec![self.state(directive, now).await?]))
            }
            (_, _) => Err(Invalid("a doorbell has no such directive").into()),
        }
    }

    /// Whether the bell is there, by its last heartbeat. One that never had any is not.
    async fn state(&self, directive: &Directive, now: SystemTime) -> Result<Property, Failure> {
        let parameters = self.parameters.get(now).await?;
        let wanted = directive.endpoint_id.as_deref().unwrap_or_default();
        let bell =
            parameters.bells.iter().find(|bell| bell.id.as_str() == wanted).ok_or(Failure::NoSuchBell)?;
        let heartbeat = parameters.heartbeats.read(&bell.id).await.map_err(Failure::Heartbeat)?;
        let never = Property {
            connectivity: Connectivity::Unreachable,
            time_of_sample: Timestamp::of(now),
            uncertainty_in_milliseconds: 0,
        };
        Ok(heartbeat.map_or(never, |heartbeat| heartbeat.property(now)))
    }
}
