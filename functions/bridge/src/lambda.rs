//! Lambda's runtime loop, around what the function is to serve.

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tailnet::Phases;

use crate::answer::Bridge;
use crate::ending::Ending;
use crate::errand::Errand;
use crate::linking::Linking;
use crate::reply::Reply;
use crate::settings::{Serve, Settings};
use crate::warm::Warmth;

/// Longest time for a directive: Alexa waits 8 s from when it asks.
const LONGEST_DIRECTIVE: Duration = Duration::from_secs(7);

/// Longest time for getting warm, so that a house that cannot be reached does not count as slow answers: the alarm
/// about those looks at all invocations and rings at 6 s.
const LONGEST_WARM: Duration = Duration::from_secs(5);

/// Longest time for a request of linking: Amazon waits 4.5 s for tokens (Alexa Skills Kit, account linking), and of
/// those the start of an execution environment takes its part before the function is called.
const LONGEST_LINKING: Duration = Duration::from_millis(3500);

/// Time kept for the answer's way back before Lambda ends the invocation.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Starts what the settings say is to be served, and answers invocations until Lambda ends the function; then the node
/// leaves its tailnet, so that no dead one stays.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn serve(settings: Settings, phases: Phases) -> Result<(), lambda_runtime::Error> {
    let sidecar = settings.sidecar();
    match settings.serve {
        Serve::Directives => {
            let bridge = Bridge::start(settings, sidecar, phases);
            let answer =
                async |event, deadline, function: &str| reply(&bridge, event, deadline, function).await;
            run(LONGEST_DIRECTIVE, &answer).await?;
            bridge.stop().await;
        }
        Serve::Linking => {
            let linking = Linking::start(settings, sidecar, phases);
            let answer = async |event: Bytes, deadline, _: &str| {
                let answer = linking.answer(&event, deadline).await;
                answer.log.write(&mut std::io::stderr());
                answer.response
            };
            run(LONGEST_LINKING, &answer).await?;
            linking.stop().await;
        }
    }
    Ok(())
}

/// What goes back from a function that serves directives.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answered {
    Directive(Reply),
    Warm(Warmth),
}

/// Answers a directive or an errand, and writes the line about it.
async fn reply(bridge: &Bridge, event: Bytes, deadline: Instant, function: &str) -> Answered {
    let log = &mut std::io::stderr();
    match Errand::read(&event) {
        None => {
            let answer = bridge.answer(event, deadline).await;
            answer.log.write(function, SystemTime::now(), log);
            Answered::Directive(answer.event)
        }
        Some(Errand::Warm) => {
            let warmed = bridge.warm(deadline.min(Instant::now() + LONGEST_WARM)).await;
            warmed.log.write(log);
            Answered::Warm(warmed.warmth)
        }
    }
}

/// Answers each event with what `answer` makes of it, by a deadline that is at most `longest` ahead and under the
/// function's name, until the environment is about to end.
async fn run<A, R>(longest: Duration, answer: &A) -> Result<(), lambda_runtime::Error>
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
    let ending = Ending::announced().await;
    tokio::select! {
        // Dropped at the end with the event that it is at, if any: nobody waits for that any more.
        served = Runtime::new(handler).layer(MapRequestLayer::new(only_json)).run() => served,
        () = ending.comes() => Ok(()),
    }
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
        assert_eq!(budget(LONGEST_LINKING, now + LONGEST_DIRECTIVE, now), LONGEST_LINKING);
    }
}
