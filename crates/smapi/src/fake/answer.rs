//! From a request to its answer, where it is not about one skill. In which order Amazon looks for what is wrong is not documented: here it is the token,
//! its scopes, the resource, the body, the state.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::build::{Build, untriggered};
use super::developer::Developer;
use super::refusal::Refusal;
use super::reply::{Reply, empty, json_reply, with};
use super::request::{body, query, written};
use super::schema;
use super::skill::Skill;
use super::smapi::{Smapi, Surroundings};

const CHANGE: &str = "alexa::ask:skills:readwrite";
const TEST: &str = "alexa::ask:skills:test";

/// What was asked for, or why not.
pub(super) type Outcome = Result<Reply, Refusal>;

impl Smapi {
    /// Whether a path is one of this API's.
    #[must_use]
    pub fn serves(path: &str) -> bool {
        path.starts_with("/v1/")
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request<Bytes>, around: &mut Surroundings<'_>) -> Reply {
        // Nothing is refused by an answer that is lost.
        self.outcome(request, around)
            .unwrap_or_else(|refusal| refusal.answer().unwrap_or_else(|| empty(StatusCode::OK)))
    }

    fn outcome(&mut self, request: &Request<Bytes>, around: &mut Surroundings<'_>) -> Outcome {
        let developer = around.developer.ok_or(Refusal::Unauthorized)?;
        let path: Vec<&str> = request.uri().path().trim_start_matches('/').split('/').collect();
        let is_about_enabling = matches!(path.as_slice(), [.., "enablement"]);
        if !developer.may(if is_about_enabling { TEST } else { CHANGE }) {
            let message = "The token does not have the scope that the operation needs.";
            return Err(Refusal::forbidden(message));
        }
        match (request.method(), path.as_slice()) {
            (&Method::GET, ["v1", "vendors"]) => Ok(self.vendors(developer)),
            (&Method::GET, ["v1", "skills"]) => self.list(request, developer),
            (&Method::POST, ["v1", "skills"]) => self.create(request, developer, around),
            (method, ["v1", "skills", id, rest @ ..]) => {
                self.own(id, developer)?;
                if (method, rest) == (&Method::DELETE, &[]) {
                    self.skills.remove(*id);
                    return Ok(empty(StatusCode::NO_CONTENT));
                }
                let behaviour = self.behaviour;
                let skill = self.skills.get_mut(*id).ok_or(Refusal::NotFound)?;
                skill.answer(id, rest, request, around, behaviour)
            }
            _ => Err(Refusal::NotFound),
        }
    }

    fn vendors(&self, developer: &Developer) -> Reply {
        let own = self.vendors.iter().filter(|(_, vendor)| vendor.owner == developer.account);
        let vendors: Vec<Value> = own
            .map(|(id, vendor)| json!({"id": id, "name": vendor.name, "roles": ["ROLE_ADMINISTRATOR"]}))
            .collect();
        json_reply(StatusCode::OK, &json!({ "vendors": vendors }))
    }

    fn list(&self, request: &Request<Bytes>, developer: &Developer) -> Outcome {
        let (mut vendor, mut most, mut first) = (None, 10, 0);
        for (name, value) in query(request) {
            let number = value.parse::<usize>().ok();
            match (name.as_str(), number) {
                ("vendorId", _) => vendor = Some(value),
                ("maxResults", Some(number)) if (1..=50).contains(&number) => most = number,
                ("nextToken", Some(number)) => first = number,
                _ => return Err(Refusal::bad(&format!("The parameter {name} is not valid."))),
            }
        }
        let vendor = vendor.ok_or_else(|| Refusal::bad("The parameter vendorId is missing."))?;
        self.act_for(&vendor, developer)?;
        let own = self.skills.iter().filter(|(_, skill)| skill.vendor == vendor);
        let own: Vec<Value> = own.filter_map(|(id, skill)| skill.summary(id)).collect();
        let page: Vec<&Value> = own.iter().skip(first).take(most).collect();
        let is_truncated = first + page.len() < own.len();
        let mut body =
            json!({"skills": page, "isTruncated": is_truncated, "_links": {"self": {"href": "/v1/skills"}}});
        if is_truncated {
            body["nextToken"] = json!((first + most).to_string());
        }
        Ok(json_reply(StatusCode::OK, &body))
    }

    fn create(
        &mut self,
        request: &Request<Bytes>,
        developer: &Developer,
        around: &mut Surroundings<'_>,
    ) -> Outcome {
        let mut body = body(request, &schema::CREATE)?;
        let vendor = body["vendorId"].as_str().unwrap_or_default().to_owned();
        self.act_for(&vendor, developer)?;
        let id = skill_id((around.fresh)());
        let manifest = body["manifest"].take();
        let errors = untriggered(&manifest, &id, around, self.behaviour)?;
        let mut skill = Skill {
            vendor,
            manifest: None,
            version: 0,
            built_version: 0,
            build: Build::Succeeded,
            credentials: None,
            linking: None,
            enabled: false,
            last_updated: written(around.now),
        };
        skill.begin(manifest, errors, self.behaviour.looks_per_build);
        self.skills.insert(id.clone(), skill);
        let reply = json_reply(StatusCode::ACCEPTED, &json!({ "skillId": id }));
        Ok(with(reply, LOCATION, &build_location(&id)))
    }

    /// Whether a developer acts for a vendor.
    fn act_for(&self, vendor: &str, developer: &Developer) -> Result<(), Refusal> {
        let own = self.vendors.get(vendor).is_some_and(|vendor| vendor.owner == developer.account);
        own.then_some(()).ok_or(Refusal::Unauthorized)
    }

    /// Whether a skill is the developer's.
    fn own(&self, id: &str, developer: &Developer) -> Result<(), Refusal> {
        let skill = self.skills.get(id).ok_or(Refusal::NotFound)?;
        self.act_for(&skill.vendor, developer)
    }
}

/// Where it can be seen how far the build of a skill is.
pub(super) fn build_location(id: &str) -> String {
    format!("/v1/skills/{id}/status?resource=manifest")
}

fn skill_id(fresh: [u8; 32]) -> String {
    let hex: String = fresh[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    format!("amzn1.ask.skill.{a}-{b}-{c}-{d}-{e}")
}
