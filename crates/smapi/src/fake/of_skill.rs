//! From a request to its answer, where it is about one skill.

use bytes::Bytes;
use http::header::{ETAG, LOCATION};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::answer::{Outcome, build_location};
use super::build::{Build, untriggered};
use super::refusal::{Refusal, Violation};
use super::reply::{empty, json_reply, with};
use super::request::{body, precondition, query, written};
use super::schema;
use super::skill::{Linking, Secret, Skill, etag};
use super::smapi::{Behaviour, Enabling, Surroundings};

impl Skill {
    /// Answers a request for what is at `path` below the skill.
    pub(super) fn answer(
        &mut self,
        id: &str,
        path: &[&str],
        request: &Request<Bytes>,
        around: &mut Surroundings<'_>,
        behaviour: Behaviour,
    ) -> Outcome {
        match (request.method(), path) {
            (&Method::GET, ["status"]) => {
                if query(request) != [("resource".to_owned(), "manifest".to_owned())] {
                    return Err(Refusal::bad("The query is not resource=manifest."));
                }
                Ok(json_reply(StatusCode::OK, &self.look(behaviour, around.fresh)))
            }
            (&Method::GET, ["credentials"]) => self.credentials(),
            (&Method::GET, ["stages", "development", "manifest"]) => self.manifest(),
            (&Method::PUT, ["stages", "development", "manifest"]) => {
                self.update(id, request, around, behaviour)
            }
            (&Method::GET, ["stages", "development", "accountLinkingClient"]) => self.linking(),
            (&Method::PUT, ["stages", "development", "accountLinkingClient"]) => self.link(request),
            (&Method::DELETE, ["stages", "development", "accountLinkingClient"]) => {
                self.linking.take().map(|_| empty(StatusCode::NO_CONTENT)).ok_or(Refusal::NotFound)
            }
            (method, ["stages", "development", "enablement"]) => self.enablement(method, behaviour.enabling),
            _ => Err(Refusal::NotFound),
        }
    }

    fn credentials(&self) -> Outcome {
        let credentials = self.credentials.as_ref().ok_or(Refusal::NotFound)?;
        let body = json!({"skillMessagingCredentials": {
            "clientId": credentials.client_id,
            "clientSecret": credentials.client_secret.expose(),
        }});
        Ok(json_reply(StatusCode::OK, &body))
    }

    fn manifest(&self) -> Outcome {
        let manifest = self.manifest.as_ref().ok_or(Refusal::NotFound)?;
        Ok(with(json_reply(StatusCode::OK, &json!({ "manifest": manifest })), ETAG, &self.etag()))
    }

    fn update(
        &mut self,
        id: &str,
        request: &Request<Bytes>,
        around: &Surroundings<'_>,
        behaviour: Behaviour,
    ) -> Outcome {
        let manifest = body(request, &schema::UPDATE)?["manifest"].take();
        if self.is_building() {
            return Err(Refusal::Conflict);
        }
        precondition(request, &self.etag())?;
        let errors = untriggered(&manifest, id, around, behaviour)?;
        self.last_updated = written(around.now);
        self.begin(manifest, errors, behaviour.looks_per_build);
        Ok(with(empty(StatusCode::ACCEPTED), LOCATION, &build_location(id)))
    }

    fn linking(&self) -> Outcome {
        let linking = self.linking.as_ref().ok_or(Refusal::NotFound)?;
        let body = json!({ "accountLinkingResponse": linking.fields });
        Ok(with(json_reply(StatusCode::OK, &body), ETAG, &etag(linking.version)))
    }

    fn link(&mut self, request: &Request<Bytes>) -> Outcome {
        let mut fields = body(request, &schema::LINKING)?["accountLinkingRequest"].take();
        let version = self.linking.as_ref().map_or(0, |linking| linking.version);
        precondition(request, &etag(version))?;
        let secret = fields.as_object_mut().and_then(|fields| fields.remove("clientSecret"));
        let secret = Secret::new(secret.as_ref().and_then(Value::as_str).unwrap_or_default());
        self.linking = Some(Linking { fields, secret, version: version + 1 });
        Ok(with(empty(StatusCode::NO_CONTENT), ETAG, &etag(version + 1)))
    }

    fn enablement(&mut self, method: &Method, enabling: Enabling) -> Outcome {
        match (method.as_str(), enabling) {
            ("GET" | "DELETE", _) if !self.enabled => Err(Refusal::NotFound),
            ("GET", _) => Ok(empty(StatusCode::NO_CONTENT)),
            ("DELETE", _) => {
                self.enabled = false;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            ("PUT", Enabling::Refused) => {
                Err(Refusal::forbidden("The operation being requested is not allowed."))
            }
            ("PUT", Enabling::Granted) if !self.has_endpoint() => {
                let message = "Regionalized endpoints must not be empty.".to_owned();
                let violation = Violation { code: None, message };
                Err(Refusal::Forbidden("Skill is not ready for enablement.".into(), vec![violation]))
            }
            ("PUT", Enabling::Granted) => {
                self.enabled = true;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            _ => Err(Refusal::NotFound),
        }
    }

    /// The skill in a list; it is there from the beginning, unless its first build has failed.
    pub(super) fn summary(&self, id: &str) -> Option<Value> {
        let being_built = match &self.build {
            Build::Going { manifest, .. } => Some(manifest),
            Build::Succeeded | Build::Failed { .. } => None,
        };
        let manifest = self.manifest.as_ref().or(being_built)?;
        let locales = manifest["publishingInformation"]["locales"].as_object().into_iter().flatten();
        let names: serde_json::Map<String, Value> =
            locales.map(|(locale, listing)| (locale.clone(), listing["name"].clone())).collect();
        Some(json!({
            "skillId": id,
            "stage": "development",
            "apis": ["smartHome"],
            "publicationStatus": "DEVELOPMENT",
            "lastUpdated": self.last_updated,
            "nameByLocale": names,
            "_links": {"self": {"href": format!("/v1/skills/{id}/stages/development/manifest")}},
        }))
    }
}
