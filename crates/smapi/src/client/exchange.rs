//! One call: tried until there is an answer that stays.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use serde_json::Value;

use super::Client;
use crate::call::Call;
use crate::error::SmapiError;
use crate::id::ETag;

/// Longest time for a call, with all its tries.
const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Longest time for one try.
const LIMIT: Duration = Duration::from_secs(15);

/// Most bytes taken of an answer: a page of skills, or a manifest in every locale, is far from that.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// The longest pause before the second try; it doubles from then on up to the other.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// What is asked, and with what.
#[derive(Debug)]
pub(super) struct Question {
    call: Call,
    query: Option<String>,
    body: Option<Body>,
    if_match: Option<HeaderValue>,
}

/// It may hold secrets.
struct Body(Bytes);

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) etag: Option<ETag>,
    pub(super) body: Bytes,
}

impl Question {
    pub(super) fn new(call: Call) -> Self {
        Self { call, query: None, body: None, if_match: None }
    }

    pub(super) fn with_query(mut self, query: String) -> Self {
        self.query = Some(query);
        self
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "nobody needs the value any more, and it may hold secrets"
    )]
    pub(super) fn with_body(mut self, body: Value) -> Self {
        self.body = Some(Body(body.to_string().into()));
        self
    }

    pub(super) fn only_if(mut self, etag: Option<&ETag>) -> Self {
        self.if_match = etag.map(ETag::header);
        self
    }

    fn request(&self, api: &str, authorization: HeaderValue) -> http::Result<Request<Full<Bytes>>> {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = Request::builder()
            .method(self.call.method())
            .uri(format!("{api}{}{query}", self.call.path()))
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(header::AUTHORIZATION, authorization);
        if let Some(if_match) = &self.if_match {
            request = request.header(header::IF_MATCH, if_match);
        }
        let body = self.body.as_ref().map(|body| body.0.clone()).unwrap_or_default();
        request.body(Full::new(body))
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Client {
    pub(super) async fn ask(&self, question: &Question) -> Result<Answer, SmapiError> {
        let deadline = self.clock.now() + CALL_LIMIT;
        let (mut longest, mut may_renew) = (FIRST_PAUSE, true);
        loop {
            let error = match self.ask_once(question, &mut may_renew).await {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(error)) => error,
                None => continue,
            };
            let harmless = question.call.may_be_repeated() || !error.may_be_done();
            let now = self.clock.now();
            if !error.is_passing() || !harmless || now + longest >= deadline {
                return Err(error);
            }
            self.clock.pause_until(now + (self.jitter)(longest)).await;
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
    }

    /// Asks once; `None` when the access token turned out to have ended, which happens once.
    async fn ask_once(
        &self,
        question: &Question,
        may_renew: &mut bool,
    ) -> Option<Result<Answer, SmapiError>> {
        let authorization = match self.session.authorization(self.clock.wall()).await {
            Ok(authorization) => authorization,
            Err(error) => return Some(Err(error)),
        };
        let answer = self.send(question, authorization.clone()).await;
        if *may_renew && answer.as_ref().is_err_and(SmapiError::is_unauthorized) {
            *may_renew = false;
            self.session.forget(&authorization).await;
            return None;
        }
        Some(answer)
    }

    async fn send(&self, question: &Question, authorization: HeaderValue) -> Result<Answer, SmapiError> {
        let call = || question.call.clone();
        let request = question.request(&self.api, authorization);
        let request = request.map_err(|_| SmapiError::Unwritable(call(), "the API's URL"))?;
        let answer = self.internet.answer(request, ANSWER_LIMIT, LIMIT).await;
        let answer = answer.map_err(|source| SmapiError::NoAnswer { call: call(), source })?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            let etag = head.headers.get(header::ETAG).map(ETag::of_header);
            return Ok(Answer { etag, body });
        }
        Err(SmapiError::of_status(call(), head.status, &body))
    }
}
