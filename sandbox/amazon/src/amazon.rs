//! All of the fake, as one value that turns requests into answers.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::host::{Host, Service};
use crate::policies::Policies;
use crate::record::{Record, Seen, written};
use crate::reply::{Answer, Reply, empty, text};
use crate::script::{Outcome, Script};
use crate::world::World;
use crate::{gateway, lwa, skills};

/// The world, what is scripted to happen to it, and what was asked of it.
#[derive(Debug)]
pub struct Amazon {
    /// Customers, skills and tokens.
    pub world: World,
    /// What the next requests are answered instead.
    pub script: Script,
    /// Requests and accepted events so far.
    pub record: Record,
}

impl Amazon {
    /// Amazon as it is after a restart: the world is remembered, script and record begin anew.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { world, script: Script::default(), record: Record::default() }
    }

    /// Answers a request that arrived at `host`, when these are the policies of the functions that it names. `now` is
    /// the machine's time.
    pub fn answer(
        &mut self,
        host: Host,
        request: &Request<Bytes>,
        policies: &Policies,
        now: SystemTime,
    ) -> Reply {
        let now = self.world.time(now);
        let Some(service) = host.service(request.uri().path()) else {
            return Reply::prompt(Answer::granted(empty(StatusCode::NOT_FOUND)));
        };
        let Some(scripted) = self.script.next(service) else {
            let answer = self.ask(service, request, policies, now);
            self.note(service, request, &answer, false, now);
            return Reply::prompt(answer);
        };
        // What is processed has its effect, whatever the caller is told about it.
        let own = scripted.processed.then(|| self.ask(service, request, policies, now));
        let answer = match scripted.outcome.clone() {
            Outcome::Truth | Outcome::Cut => own.unwrap_or_else(|| Answer::granted(empty(StatusCode::OK))),
            Outcome::Lwa(error) => error.answer(),
            Outcome::Gateway(error) => error.answer(&mut self.world),
            Outcome::Smapi(refusal) => skills::refused(&refusal),
            Outcome::Other(status, body) => Answer::granted(text(status, body)),
        };
        self.note(service, request, &answer, true, now);
        let cut = matches!(scripted.outcome, Outcome::Cut);
        Reply { answer, delay: scripted.delay, cut }
    }

    fn ask(
        &mut self,
        service: Service,
        request: &Request<Bytes>,
        policies: &Policies,
        now: SystemTime,
    ) -> Answer {
        let wanted = if service == Service::LwaProfile { Method::GET } else { Method::POST };
        if request.method() != wanted && service != Service::Smapi {
            return Answer::granted(empty(StatusCode::METHOD_NOT_ALLOWED));
        }
        match service {
            Service::LwaToken => lwa::token(&mut self.world, request, now),
            Service::LwaProfile => lwa::profile(&mut self.world, request, now),
            Service::GatewayNa | Service::GatewayEu | Service::GatewayFe => {
                gateway::events(&mut self.world, &mut self.record, service, request, now)
            }
            Service::Smapi => skills::answer(&mut self.world, request, policies, now),
        }
    }

    fn note(
        &mut self,
        service: Service,
        request: &Request<Bytes>,
        answer: &Answer,
        scripted: bool,
        now: SystemTime,
    ) {
        self.record.request(Seen {
            at: written(now),
            service,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            status: answer.response.status().as_u16(),
            error: answer.error,
            reason: answer.reason.clone(),
            scripted,
        });
    }
}
