//! Lambda's runtime loop around the renewal.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::de::IgnoredAny;

use super::{KeyRenewal, RenewalLog};

/// Time kept for the answer's way back before Lambda ends the invocation.
const WAY_BACK: Duration = Duration::from_secs(1);

/// Renews the key at each invocation, if it is time, until Lambda ends the function. What the event says is of no
/// matter. A renewal that fails fails the invocation.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn serve(renewal: KeyRenewal) -> Result<(), lambda_runtime::Error> {
    let renewal = Arc::new(renewal);
    let handler = service_fn(|event: LambdaEvent<IgnoredAny>| {
        let renewal = renewal.clone();
        async move {
            let (begun, now) = (Instant::now(), SystemTime::now());
            let left = event.context.deadline().duration_since(now).unwrap_or_default();
            let outcome = renewal.renew(now, begun + left.saturating_sub(WAY_BACK)).await;
            RenewalLog::new(outcome.as_ref(), begun.elapsed()).write(&mut std::io::stderr());
            outcome.map_err(|error| Diagnostic {
                error_type: "KeyNotRenewed".to_owned(),
                error_message: error.told(),
            })
        }
    });
    Runtime::new(handler).run().await
}
