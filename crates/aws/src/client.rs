//! The client of all services.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use http_client::{Internet, Kept};

use crate::access::{Access, Region, Service};
use crate::call::{Call, sign_request};
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
        let endpoints = Service::ALL.map(|service| access.endpoint(service));
        let internet = Internet::new(endpoints.iter().filter_map(Uri::scheme_str), kept)?;
        Ok(Self { access: Arc::new(access), internet, clock })
    }

    /// The same client for the services of another region. Where one is told to be elsewhere, it still is.
    #[must_use]
    pub fn in_region(&self, region: Region) -> Self {
        let access = Access { region, ..Access::clone(&self.access) };
        Self { access: Arc::new(access), ..self.clone() }
    }

    /// How it calls.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The body of the answer, if it is a success.
    pub(crate) async fn call(&self, call: Call) -> Result<Bytes, CallError> {
        let service = call.service;
        let request = call.request(&self.access)?;
        let answer = self.send(service, request, ANSWER_LIMIT, LIMIT).await?;
        if answer.status() == StatusCode::OK {
            Ok(answer.into_body())
        } else {
            Err(CallError::refused(service, answer.status(), answer.body()))
        }
    }

    /// Signs `request` and gives the answer, of at most `limit` bytes and within `time`, success or not.
    pub(crate) async fn send(
        &self,
        service: Service,
        mut request: Request<Bytes>,
        limit: usize,
        time: Duration,
    ) -> Result<Response<Bytes>, CallError> {
        let Access { region, credentials, .. } = &*self.access;
        sign_request(&mut request, service, region, credentials, (self.clock)())
            .map_err(CallError::Unsigned)?;
        let answer = self.internet.answer(request.map(Full::new), limit, time).await;
        answer.map_err(|source| CallError::NoAnswer { service, source })
    }
}
