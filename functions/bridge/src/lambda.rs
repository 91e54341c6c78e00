//! Lambda's runtime loop around the bridge.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::answer::Bridge;
use crate::ending::Ending;
use crate::metrics;

/// Longest time for an answer: Alexa waits 8 s from when it asks.
const LONGEST: Duration = Duration::from_secs(7);

/// Time kept for the answer's way back before Lambda ends the invocation.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Answers invocations until Lambda ends the function; then the node leaves its tailnet, so that no dead one stays.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn serve(bridge: Bridge) -> Result<(), lambda_runtime::Error> {
    let bridge = Arc::new(bridge);
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| {
        let bridge = bridge.clone();
        async move {
            let (deadline, function) = (event.context.deadline(), &event.context.env_config.function_name);
            let deadline = Instant::now() + budget(deadline, SystemTime::now());
            let answer =
                bridge.answer(Bytes::from(Box::<str>::from(event.payload).into_string()), deadline).await;
            metrics::write(&answer.log, function, SystemTime::now(), &mut std::io::stderr());
            Ok::<_, Infallible>(answer.event)
        }
    });
    let ending = Ending::announced().await;
    tokio::select! {
        // Dropped at the end with the directive that it is at, if any: nobody waits for that any more.
        served = Runtime::new(handler).layer(MapRequestLayer::new(only_json)).run() => return served,
        () = ending.comes() => {}
    }
    bridge.stop().await;
    Ok(())
}

/// How long an answer may take.
fn budget(ends: SystemTime, now: SystemTime) -> Duration {
    let remaining = ends.duration_since(now).unwrap_or_default();
    LONGEST.min(remaining.saturating_sub(WAY_BACK))
}

/// Puts `null`, which is no directive, in place of an event that is not JSON, which the runtime would answer with an
/// error of Lambda's instead of an Alexa event.
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
            assert_eq!(budget(ends, now), Duration::from_millis(budget_ms));
        }
        assert_eq!(budget(now - WAY_BACK, now), Duration::ZERO);
    }
}
