//! Lambda's runtime loop, around what the function is to serve.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tailnet::Phases;

use crate::answer::Bridge;
use crate::linking::Linking;
use crate::settings::{Serve, Settings};

/// Longest time for a directive: Alexa waits 8 s from when it asks.
const LONGEST_DIRECTIVE: Duration = Duration::from_secs(7);

/// Longest time for a request of linking: Amazon waits 4.5 s for tokens (Alexa Skills Kit, account linking), and of
/// those the start of an execution environment takes its part before the function is called.
const LONGEST_LINKING: Duration = Duration::from_millis(3500);

/// Time kept for the answer's way back before Lambda ends the invocation.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Starts what the settings say is to be served, and answers invocations until Lambda ends the function.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn serve(settings: Settings, phases: Phases) -> Result<(), lambda_runtime::Error> {
    let sidecar = settings.sidecar();
    match settings.serve {
        Serve::Directives => {
            let bridge = Arc::new(Bridge::start(settings, sidecar, phases));
            run(LONGEST_DIRECTIVE, move |event, deadline| {
                let bridge = bridge.clone();
                async move {
                    let answer = bridge.answer(event, deadline).await;
                    answer.log.write(&mut std::io::stderr());
                    answer.event
                }
            })
            .await
        }
        Serve::Linking => {
            let linking = Arc::new(Linking::start(settings, sidecar, phases));
            run(LONGEST_LINKING, move |event, deadline| {
                let linking = linking.clone();
                async move {
                    let answer = linking.answer(&event, deadline).await;
                    answer.log.write(&mut std::io::stderr());
                    answer.response
                }
            })
            .await
        }
    }
}

/// Answers each event with what `answer` makes of it by a deadline that is at most `longest` ahead.
async fn run<A, F, R>(longest: Duration, answer: A) -> Result<(), lambda_runtime::Error>
where
    A: Fn(Bytes, Instant) -> F,
    F: Future<Output = R>,
    R: Serialize,
{
    let answer = &answer;
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = Instant::now() + budget(longest, event.context.deadline(), SystemTime::now());
        let event = Bytes::from(Box::<str>::from(event.payload).into_string());
        Ok::<_, Infallible>(answer(event, deadline).await)
    });
    Runtime::new(handler).layer(MapRequestLayer::new(only_json)).run().await
}

/// How long an answer may take.
fn budget(longest: Duration, ends: SystemTime, now: SystemTime) -> Duration {
    let remaining = ends.duration_since(now).unwrap_or_default();
    longest.min(remaining.saturating_sub(WAY_BACK))
}

/// Puts `null`, which is neither a directive nor a request, in place of an event that is not JSON, which the runtime would answer with an
/// error of Lambda's instead of one of ours.
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
        assert_eq!(budget(LONGEST_LINKING, now + LONGEST_DIRECTIVE, now), LONGEST_LINKING);
    }
}
