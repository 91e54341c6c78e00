//! Lambda's runtime loop, around what a function answers.

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
pub use lambda_runtime::Error;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Longest time for a directive: Alexa waits 8 s from when it asks.
pub const LONGEST_DIRECTIVE: Duration = Duration::from_secs(7);

/// Time kept for the answer's way back before Lambda ends the invocation.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Answers each event with what `answer` makes of it, by a deadline that is at most `longest` ahead and under the
/// function's name. It ends only when Lambda's runtime API fails.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn run<A, R>(longest: Duration, answer: &A) -> Result<(), Error>
where
    A: AsyncFn(Bytes, Instant, &str) -> R,
    R: Serialize,
{
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (deadline, function) = (event.context.deadline(), &event.context.env_config.function_name);
        let deadline = Instant::now() + budget(longest, deadline, SystemTime::now());
        let event = Bytes::from(Box::<str>::from(event.payload).into_string());
        Ok::<_, Infallible>(answer(event, deadline, function).await)
    });
    Runtime::new(handler).layer(MapRequestLayer::new(only_json)).run().await
}

/// How long an answer may take.
fn budget(longest: Duration, ends: SystemTime, now: SystemTime) -> Duration {
    let remaining = ends.duration_since(now).unwrap_or_default();
    longest.min(remaining.saturating_sub(WAY_BACK))
}

/// Puts `null`, which is neither a directive nor a request, in place of an event that is not JSON, which the runtime
/// would answer with an error of Lambda's instead of one of ours.
fn only_json(mut invocation: LambdaInvocation) -> LambdaInvocation {
    if serde_json::from_slice::<IgnoredAny>(&invocation.body).is_err() {
        invocation.body = Bytes::from_static(b"null");
    }
    invocation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_7_s_or_what_the_function_has_left_for_it() {
        let now = SystemTime::now();
        for (left_ms, budget_ms) in
            [(60_000, 7_000), (8_000, 7_000), (7_400, 6_900), (3_000, 2_500), (400, 0)]
        {
            let ends = now + Duration::from_millis(left_ms);
            assert_eq!(budget(LONGEST_DIRECTIVE, ends, now), Duration::from_millis(budget_ms));
        }
        assert_eq!(budget(LONGEST_DIRECTIVE, now - WAY_BACK, now), Duration::ZERO);
    }
}
