//! What is tried out, as soon as all is known that it takes.

use std::collections::BTreeSet;

use secrecy::SecretString;
pub use smapi::Vendor;

use super::console::Console;
use super::known::Known;
use super::question::Question;
use crate::error::Result;

/// Something that is tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The person's credentials of AWS.
    Aws,
    /// The security profile, and what its developer allowed it.
    Amazon,
    /// The client that makes keys to the tailnet.
    Tailnet,
    /// Home Assistant.
    HomeAssistant,
}

/// Why something is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// For people: what is wrong, and what to do about it.
    pub why: String,
    /// The answers that have to be given again; none if nothing that was answered is to blame.
    pub wrong: Vec<Question>,
}

impl Trouble {
    /// One that no other answer would end.
    #[must_use]
    pub fn elsewhere(why: impl Into<String>) -> Self {
        Self { why: why.into(), wrong: Vec::new() }
    }

    /// One that comes of these answers.
    #[must_use]
    pub fn of(wrong: &[Question], why: impl Into<String>) -> Self {
        Self { why: why.into(), wrong: wrong.into() }
    }
}

/// A security profile of Login with Amazon.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}

/// Those who can say whether an answer is right. Each of them answers within half a minute, but for a person in a browser.
pub trait Checks {
    /// Who calls AWS, in this region: account and ARN.
    fn caller(&self, region: &str) -> impl Future<Output = Result<String, Trouble>>;

    /// Has the developer allow the profile to make skills, in a browser, and gives the refresh token.
    fn consent(
        &self,
        profile: &Profile,
        console: &mut impl Console,
    ) -> impl Future<Output = Result<SecretString, Trouble>>;

    /// For whom the developer makes skills.
    fn vendors(
        &self,
        profile: &Profile,
        refresh_token: &SecretString,
    ) -> impl Future<Output = Result<Vec<Vendor>, Trouble>>;

    /// Whether Tailscale knows the OAuth client.
    fn tailnet(&self, client_id: &str, secret: SecretString) -> impl Future<Output = Result<(), Trouble>>;

    /// Whether Home Assistant is there, as far as this machine sees it.
    fn home_assistant(&self, base_url: &str) -> impl Future<Output = Result<(), Trouble>>;
}

impl Check {
    /// What has to be known for it.
    fn takes(self) -> &'static [Question] {
        match self {
            Self::Aws => &[Question::Region],
            Self::Amazon => &[Question::ClientId, Question::ClientSecret, Question::Consent],
            Self::Tailnet => &[Question::OauthClientId, Question::OauthSecret],
            Self::HomeAssistant => &[Question::HomeAssistant],
        }
    }

    /// Whether it can be tried.
    #[must_use]
    pub fn is_possible(self, known: &Known) -> bool {
        self.takes().iter().all(|question| question.applies(known) && question.is_answered(known))
    }

    /// Whether one of these answers is among what it tries, so that it has to be tried again.
    #[must_use]
    pub fn is_about(self, questions: &[Question]) -> bool {
        self.takes().iter().any(|question| questions.contains(question))
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A question to the person.
    Ask(Question),
    /// A trial.
    Try(Check),
}

/// All steps, in their order: whatever is answered is tried before the next thing is asked.
const STEPS: [Step; 17] = [
    Step::Ask(Question::Region),
    Step::Try(Check::Aws),
    Step::Ask(Question::ClientId),
    Step::Ask(Question::ClientSecret),
    Step::Ask(Question::Consent),
    Step::Try(Check::Amazon),
    Step::Ask(Question::Vendor),
    Step::Ask(Question::TailscaleAuth),
    Step::Ask(Question::OauthClientId),
    Step::Ask(Question::OauthSecret),
    Step::Try(Check::Tailnet),
    Step::Ask(Question::Tag),
    Step::Ask(Question::AuthKey),
    Step::Ask(Question::HomeAssistant),
    Step::Try(Check::HomeAssistant),
    Step::Ask(Question::Bells),
    Step::Ask(Question::Device),
];

impl Step {
    /// The next one, after those checks that were passed; `None` when nothing is left.
    #[must_use]
    pub fn next(known: &Known, passed: &BTreeSet<Check>) -> Option<Self> {
        STEPS.into_iter().find(|step| match step {
            Self::Ask(question) => question.applies(known) && !question.is_answered(known),
            Self::Try(check) => check.is_possible(known) && !passed.contains(check),
        })
    }
}
