//! What the bridge serves, until Lambda ends the environment.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use function::lambda::{self, LONGEST_DIRECTIVE};
use serde::Serialize;
use tailnet::Phases;

use crate::answer::Bridge;
use crate::doctor::Report;
use crate::ending::Ending;
use crate::errand::Errand;
use crate::linking::Linking;
use crate::reply::Reply;
use crate::settings::{Serve, Settings};
use crate::warm::Warmth;

/// Longest time for getting warm, so that a house that cannot be reached does not count as slow answers: the alarm
/// about those looks at all invocations and rings at 6 s.
const LONGEST_WARM: Duration = Duration::from_secs(5);

/// Longest time for a request of linking: Amazon waits 4.5 s for tokens (Alexa Skills Kit, account linking), and of
/// those the start of an execution environment takes its part before the function is called.
const LONGEST_LINKING: Duration = Duration::from_millis(3500);

/// Starts what the settings say is to be served, and answers invocations until Lambda ends the function; then the node
/// leaves its tailnet, so that no dead one stays.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn serve(settings: Settings, phases: Phases) -> Result<(), lambda::Error> {
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
    Doctor(Report),
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
        Some(Errand::Doctor(token)) => {
            let examination = bridge.examine(token, SystemTime::now(), deadline).await;
            examination.log.write(log);
            Answered::Doctor(examination.report)
        }
    }
}

/// Answers each event with what `answer` makes of it, until the environment is about to end.
async fn run<A, R>(longest: Duration, answer: &A) -> Result<(), lambda::Error>
where
    A: AsyncFn(Bytes, Instant, &str) -> R,
    R: Serialize,
{
    let ending = Ending::announced().await;
    tokio::select! {
        // Dropped at the end with the event that it is at, if any: nobody waits for that any more.
        served = lambda::run(longest, answer) => served,
        () = ending.comes() => Ok(()),
    }
}
