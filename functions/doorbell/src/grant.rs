//! AcceptGrant: who the customer is, what he gives, and where it is kept.

use std::time::{Instant, SystemTime};

use alexa::grant::GrantError;
use alexa::lwa::{Class, LwaError};
use alexa::{Directive, Invalid, Region};
use http_client::NoAnswer;

use crate::failure::Failure;
use crate::parameters::Parameters;
use crate::persistence;

/// Takes the grant of `directive` for the customers of `region`. If it fails, nothing is stored.
///
/// The code is good for one use, so it is used last of what can fail at Amazon, and sent once. What is known for good
/// about the customer is his id at Login with Amazon; the token itself changes every hour.
pub(crate) async fn accept(
    parameters: &Parameters,
    directive: &Directive,
    region: Region,
    now: SystemTime,
    deadline: Instant,
) -> Result<(), Failure> {
    let (Some(code), Some(token)) = (&directive.grant_code, &directive.token) else {
        return Err(Invalid("the grant has no code, or no token of the customer").into());
    };
    let lwa = &parameters.lwa;
    let passes = |error: &LwaError| error.class() == Class::Passing;
    let user = persistence::until(deadline, passes, async || lwa.profile(token).await)
        .await
        .map_err(Failure::Profile)?;
    let unsent = |error: &LwaError| matches!(error, LwaError::NoAnswer(NoAnswer::Unreachable(_)));
    let tokens = persistence::until(deadline, unsent, async || lwa.exchange(code, now).await)
        .await
        .map_err(Failure::Exchange)?;
    let passes = |error: &GrantError| match error {
        GrantError::Call(error) => error.class() == aws::Class::Passing,
        GrantError::Malformed { .. } | GrantError::NoRefreshToken => false,
    };
    let accept = async || parameters.grants.accept(&user, &tokens, region).await;
    persistence::until(deadline, passes, accept).await.map_err(Failure::Table)
}
