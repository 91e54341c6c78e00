//! The calls.

mod exchange;
mod session;

use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use http_client::Internet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::form_urlencoded::Serializer;

use crate::access::Access;
use crate::build::{Building, Built, Progress};
use crate::call::Call;
use crate::error::SmapiError;
use crate::id::{ETag, SkillId, VendorId};
use crate::linking::{AccountLinking, Linked};
use crate::manifest::Document;
use crate::skill::{MessagingCredentials, SkillSummary, Vendor};
use exchange::{Answer, Question};
use session::Session;

/// How long a build is waited for.
const BUILD_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The pauses between looks at a build: the first ones, and that of all later ones.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(3), Duration::from_secs(4)];
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Most skills in one answer, and most answers that are asked for.
const PAGE: &str = "50";
const PAGES: usize = 40;

/// How long to pause, at most as long as it is told: anything else between nothing and that keeps many clients from
/// coming back at once.
pub type Jitter = fn(Duration) -> Duration;

/// The API, for one developer. What passes is tried again for a minute, where that does no harm.
#[derive(Debug)]
pub struct Client {
    internet: Internet,
    api: String,
    session: Session,
    clock: Arc<dyn Clock>,
    jitter: Jitter,
}

impl Client {
    /// The API; nothing is asked of it yet.
    #[must_use]
    pub fn new(internet: Internet, access: Access, clock: Arc<dyn Clock>, jitter: Jitter) -> Self {
        let api = access.api.to_string().trim_end_matches('/').to_owned();
        let session = Session::new(internet.clone(), access);
        Self { internet, api, session, clock, jitter }
    }

    /// Those for whom the developer makes skills. None means that the account has never been in the developer console.
    ///
    /// # Errors
    /// See [`SmapiError`], as for all others.
    pub async fn vendors(&self) -> Result<Vec<Vendor>, SmapiError> {
        #[derive(Deserialize)]
        struct Vendors {
            #[serde(default)]
            vendors: Vec<Vendor>,
        }
        let answer = self.ask(&Question::new(Call::Vendors)).await?;
        read::<Vendors>(Call::Vendors, &answer).map(|answer| answer.vendors)
    }

    /// Makes a skill, whose build then begins. It is never asked for twice: where [`SmapiError::may_be_done`],
    /// [`Client::skills_named`] finds what came of it.
    ///
    /// # Errors
    /// See above.
    pub async fn create_skill(&self, vendor: &VendorId, manifest: &Document) -> Result<SkillId, SmapiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            skill_id: SkillId,
        }
        let body = json!({ "vendorId": vendor, "manifest": manifest });
        let answer = self.ask(&Question::new(Call::CreateSkill).with_body(body)).await?;
        read::<Created>(Call::CreateSkill, &answer).map(|created| created.skill_id)
    }

    /// Waits for the build of the manifest that was given last; at each look that finds it going on, `progress` is told.
    ///
    /// # Errors
    /// See above; [`SmapiError::BuildFailed`] has Amazon's words.
    pub async fn await_build(
        &self,
        skill: &SkillId,
        progress: &mut (dyn FnMut(&Building) + Send),
    ) -> Result<Built, SmapiError> {
        let begun = self.clock.now();
        let mut pauses = PAUSES.into_iter();
        loop {
            let call = Call::BuildStatus(skill.clone());
            let answer = self.ask(&Question::new(call.clone())).await?;
            match Progress::read(&answer.body).map_err(|why| SmapiError::Malformed { call, why })? {
                Progress::Done(built) => return Ok(built),
                Progress::Failed(problems) => {
                    return Err(SmapiError::BuildFailed { skill: skill.clone(), problems });
                }
                Progress::Going => {}
            }
            let now = self.clock.now();
            let (waited, pause) = (now.duration_since(begun), pauses.next().unwrap_or(LONGEST_PAUSE));
            if waited + pause > BUILD_LIMIT {
                return Err(SmapiError::BuildUnfinished { skill: skill.clone(), waited });
            }
            progress(&Building { skill: skill.clone(), waited });
            self.clock.pause_until(now + pause).await;
        }
    }

    /// The manifest and its mark; `None` when there is no such skill.
    ///
    /// # Errors
    /// See above.
    pub async fn manifest(&self, skill: &SkillId) -> Result<Option<(Document, Option<ETag>)>, SmapiError> {
        #[derive(Deserialize)]
        struct Found {
            manifest: Document,
        }
        let call = Call::Manifest(skill.clone());
        let Some(answer) = found(self.ask(&Question::new(call.clone())).await)? else { return Ok(None) };
        let Found { manifest } = read(call, &answer)?;
        Ok(Some((manifest, answer.etag)))
    }

    /// Gives the skill another manifest, whose build then begins; with a mark, only if it still has the one that was read
    /// with it ([`SmapiError::is_outdated`]).
    ///
    /// # Errors
    /// See above.
    pub async fn update_manifest(
        &self,
        skill: &SkillId,
        manifest: &Document,
        read_with: Option<&ETag>,
    ) -> Result<(), SmapiError> {
        let question = Question::new(Call::UpdateManifest(skill.clone()));
        let body = json!({ "manifest": manifest });
        self.ask(&question.with_body(body).only_if(read_with)).await.map(drop)
    }

    /// What the skill's events are sent with; `None` when there is none, or no such skill. There is none before a
    /// manifest with a permission is built.
    ///
    /// # Errors
    /// See above.
    pub async fn credentials(&self, skill: &SkillId) -> Result<Option<MessagingCredentials>, SmapiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Credentials {
            skill_messaging_credentials: Option<MessagingCredentials>,
        }
        let call = Call::Credentials(skill.clone());
        let Some(answer) = found(self.ask(&Question::new(call.clone())).await)? else { return Ok(None) };
        read::<Credentials>(call, &answer).map(|found| found.skill_messaging_credentials)
    }

    /// How users link their accounts; `None` when they do not, or there is no such skill.
    ///
    /// # Errors
    /// See above.
    pub async fn account_linking(&self, skill: &SkillId) -> Result<Option<Linked>, SmapiError> {
        let call = Call::AccountLinking(skill.clone());
        let Some(answer) = found(self.ask(&Question::new(call.clone())).await)? else { return Ok(None) };
        let linked = Linked::read(&answer.body);
        linked.map(Some).map_err(|error| SmapiError::Malformed { call, why: error.to_string() })
    }

    /// Has users link their accounts so.
    ///
    /// # Errors
    /// See above.
    pub async fn set_account_linking(
        &self,
        skill: &SkillId,
        linking: &AccountLinking,
    ) -> Result<(), SmapiError> {
        let question = Question::new(Call::SetAccountLinking(skill.clone()));
        self.ask(&question.with_body(linking.body())).await.map(drop)
    }

    /// Has users link no accounts, if the skill is there at all.
    ///
    /// # Errors
    /// See above.
    pub async fn delete_account_linking(&self, skill: &SkillId) -> Result<(), SmapiError> {
        found(self.ask(&Question::new(Call::DeleteAccountLinking(skill.clone()))).await).map(drop)
    }

    /// Whether the developer's own account has the skill enabled.
    ///
    /// # Errors
    /// See above.
    pub async fn enabled(&self, skill: &SkillId) -> Result<bool, SmapiError> {
        let answer = found(self.ask(&Question::new(Call::Enablement(skill.clone()))).await)?;
        Ok(answer.is_some())
    }

    /// Enables the skill for the developer's own account. Amazon may let only a person do that:
    /// [`SmapiError::is_not_ready`].
    ///
    /// # Errors
    /// See above.
    pub async fn enable(&self, skill: &SkillId) -> Result<(), SmapiError> {
        self.ask(&Question::new(Call::Enable(skill.clone()))).await.map(drop)
    }

    /// Disables it, if it is there at all.
    ///
    /// # Errors
    /// See above.
    pub async fn disable(&self, skill: &SkillId) -> Result<(), SmapiError> {
        found(self.ask(&Question::new(Call::Disable(skill.clone()))).await).map(drop)
    }

    /// The vendor's smart home skills in development that have this name in some locale: it may be one whose making was
    /// never answered.
    ///
    /// # Errors
    /// See above.
    pub async fn skills_named(&self, vendor: &VendorId, name: &str) -> Result<Vec<SkillSummary>, SmapiError> {
        let mut skills = self.skills(vendor).await?;
        skills.retain(|skill| {
            skill.stage == "development"
                && skill.apis.iter().any(|api| api == "smartHome")
                && skill.name_by_locale.values().any(|found| found == name)
        });
        Ok(skills)
    }

    /// Deletes the skill, if it is there at all.
    ///
    /// # Errors
    /// See above.
    pub async fn delete_skill(&self, skill: &SkillId) -> Result<(), SmapiError> {
        found(self.ask(&Question::new(Call::DeleteSkill(skill.clone()))).await).map(drop)
    }

    async fn skills(&self, vendor: &VendorId) -> Result<Vec<SkillSummary>, SmapiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            #[serde(default)]
            skills: Vec<SkillSummary>,
            #[serde(default)]
            is_truncated: bool,
            next_token: Option<String>,
        }
        let (mut skills, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let query = page(vendor, token.as_deref());
            let answer = self.ask(&Question::new(Call::Skills).with_query(query)).await?;
            let page: Page = read(Call::Skills, &answer)?;
            skills.extend(page.skills);
            token = page.next_token.filter(|_| page.is_truncated);
            if token.is_none() {
                return Ok(skills);
            }
        }
        Err(SmapiError::Malformed { call: Call::Skills, why: format!("it has more than {PAGES} pages") })
    }
}

/// The query for a page of a vendor's skills.
fn page(vendor: &VendorId, token: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("vendorId", vendor.as_str()).append_pair("maxResults", PAGE);
    if let Some(token) = token {
        query.append_pair("nextToken", token);
    }
    query.finish()
}

/// What is not there is no failure.
fn found(answer: Result<Answer, SmapiError>) -> Result<Option<Answer>, SmapiError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_gone() => Ok(None),
        Err(error) => Err(error),
    }
}

fn read<T: DeserializeOwned>(call: Call, answer: &Answer) -> Result<T, SmapiError> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| SmapiError::Malformed { call, why: error.to_string() })
}
