//! The Skill Management API, as the crate `smapi` has it, with this world's tokens.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use smapi::fake::Refusal;

use crate::policies::Policies;
use crate::reply::Answer;
use crate::world::World;

/// Answers a request for skills.
pub fn answer(world: &mut World, request: &Request<Bytes>, policies: &Policies, now: SystemTime) -> Answer {
    told(world.manage_skills(request, policies, now))
}

/// The answer of a script.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    told(refusal.answer().unwrap_or_default())
}

/// An answer, with the code that the status stands for, and Amazon's words.
fn told(response: Response<Bytes>) -> Answer {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return Answer::granted(response);
    }
    let same =
        |refusal: &Refusal| refusal.answer().is_some_and(|answer| answer.status() == response.status());
    let code = Refusal::DOCUMENTED.into_iter().find(|(_, refusal)| same(refusal)).map(|(code, _)| code);
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let violations = body["violations"].as_array().into_iter().flatten();
    let words = [&body].into_iter().chain(violations).filter_map(|problem| problem["message"].as_str());
    let reason = words.collect::<Vec<_>>().join(" ");
    Answer { response, error: code, reason: Some(reason) }
}
