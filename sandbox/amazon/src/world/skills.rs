//! Skills that are managed by the API: what it knows of them, the others learn.

use std::collections::BTreeSet;
use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};
use smapi::fake::{Developer, Surroundings, token};

use super::{Permission, Secret, Skill, World};
use crate::policies::Policies;

impl World {
    /// Answers a request for skills. Login with Amazon and the event gateways know at once what came of it.
    pub fn manage_skills(
        &mut self,
        request: &Request<Bytes>,
        policies: &Policies,
        now: SystemTime,
    ) -> Response<Bytes> {
        let grant = token(request.headers()).and_then(|token| self.grant(token, now));
        let developer =
            grant.map(|grant| Developer { account: grant.customer.clone(), scopes: grant.scopes.clone() });
        let before: BTreeSet<String> = self.smapi.skills().map(str::to_owned).collect();
        let (smapi, mint) = (&mut self.smapi, &mut self.mint);
        let mut surroundings = Surroundings {
            now,
            developer: developer.as_ref(),
            policies: &|function| policies.get(function).cloned(),
            fresh: &mut || mint.bytes(),
        };
        let answer = smapi.answer(request, &mut surroundings);
        self.learn(&before);
        answer
    }

    /// Has the skills that the API knows, and none that it knew `before` and does not any more.
    fn learn(&mut self, before: &BTreeSet<String>) {
        for (id, credentials, permissions) in self.smapi.messaging() {
            let sends = permissions.contains(&super::EVENTS);
            let skill = Skill {
                client_id: credentials.client_id.clone(),
                client_secret: Secret::from(credentials.client_secret.expose()),
                permissions: sends.then_some(Permission::SendEvents).into_iter().collect(),
            };
            self.skills.insert(id.to_owned(), skill);
        }
        let now: BTreeSet<&str> = self.smapi.skills().collect();
        for gone in before.iter().filter(|id| !now.contains(id.as_str())) {
            self.skills.remove(gone);
        }
    }
}
