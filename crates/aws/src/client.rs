//! The client of all services.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::Full;
use http_client::{Internet, Kept};

use crate::access::{Access, Region, Service};
use crate::call::Call;
use crate::error::CallError;

/// Longest time for a call, as a part of the 7 s that a directive has.
const LIMIT: Duration = Duration::from_secs(3);

/// Most bytes taken of an answer: a page of a table has at most 1 MB of data, in more of JSON.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// The wall clock, because AWS compares it with its own.
pub type Clock = fn() -> SystemTime;

/// Calls the services; its clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    access: Arc<Access>,
    internet: Internet,
    clock: Clock,
}

impl Client {
    /// A client that calls as `access` says; nothing is asked yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(access: Access, kept: Kept, clock: Clock) -> Result<Self, rustls::Error> {
        let endpoints =
            [Service::DynamoDb, Service::Ssm, Service::Sts].map(|service| access.endpoint(service));
        let internet = Internet::new(endpoints.iter().filter_map(Uri::scheme_str), kept)?;
        Ok(Self { access: Arc::new(access), internet, clock })
    }

    /// The same client for the services of another region. Where one is told to be elsewhere, it still is.
    #[must_use]
    pub fn in_region(&self, region: Region) -> Self {
        let access = Access { region, ..Access::clone(&self.access) };
        Self { access: Arc::new(access), ..self.clone() }
    }

    /// The body of the answer, if it is a success.
    pub(crate) async fn call(&self, call: Call) -> Result<Bytes, CallError> {
        let service = call.service;
        let request = call.signed(&self.access, (self.clock)()).map_err(CallError::Unsigned)?;
        let answer = self.internet.exchange(request.map(Full::from), ANSWER_LIMIT, LIMIT).await;
        let (status, answer) = answer.map_err(|source| CallError::NoAnswer { service, source })?;
        if status == StatusCode::OK { Ok(answer) } else { Err(CallError::refused(service, status, &answer)) }
    }
}
