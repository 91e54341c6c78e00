//! A client and a fake that go by the same clock.

use std::sync::Arc;
use std::time::Duration;

use http_client::{Internet, Kept};
use smapi::fake::{FakeSmapi, PlayedClock};
use smapi::{
    Access, AccountLinking, Client, Document, Endpoints, FunctionArn, Listing, Manifest, SEND_EVENTS, Scheme,
    SkillId, VendorId,
};

pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:bell";
pub(crate) const EUROPEAN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:bell";

pub(crate) struct Play {
    pub(crate) fake: FakeSmapi,
    pub(crate) clock: PlayedClock,
    pub(crate) client: Client,
}

impl Play {
    pub(crate) async fn new() -> Self {
        let clock = PlayedClock::default();
        let fake = FakeSmapi::start(clock.clone()).await;
        let client = client(fake.access(), &clock);
        Self { fake, clock, client }
    }

    /// One with a skill that was built.
    pub(crate) async fn with_skill() -> (Self, SkillId) {
        let play = Self::new().await;
        let skill = play.client.create_skill(&vendor(), &Document::new(&manifest())).await.unwrap();
        play.built(&skill).await;
        (play, skill)
    }

    pub(crate) async fn built(&self, skill: &SkillId) {
        self.client.await_build(skill, &mut |_| {}).await.unwrap();
    }

    /// Requests since this was asked last, without those for tokens.
    pub(crate) fn asked(&self, skill: Option<&SkillId>) -> Vec<String> {
        let asked = self.fake.asked().into_iter().filter(|asked| !asked.contains("/auth/"));
        let id = skill.map_or("", SkillId::as_str);
        asked.map(|asked| if id.is_empty() { asked } else { asked.replace(id, "ID") }).collect()
    }
}

pub(crate) fn client(access: Access, clock: &PlayedClock) -> Client {
    let internet = Internet::new(["http"], Kept::For(Duration::from_secs(30))).unwrap();
    Client::new(internet, access, Arc::new(clock.clone()), |longest| longest)
}

pub(crate) fn vendor() -> VendorId {
    VendorId::parse(FakeSmapi::VENDOR).unwrap()
}

pub(crate) fn no_skill() -> SkillId {
    SkillId::parse("amzn1.ask.skill.00000000-0000-0000-0000-000000000000").unwrap()
}

pub(crate) fn listing(name: &str) -> Listing {
    Listing {
        name: name.into(),
        summary: "Doorbell".into(),
        description: "Tells who rings".into(),
        example_phrases: vec!["Alexa, discover devices".into()],
        keywords: vec!["doorbell".into()],
        privacy_policy_url: Some("https://example.com/privacy".parse().unwrap()),
    }
}

pub(crate) fn manifest() -> Manifest {
    Manifest {
        locales: [("en-US".into(), listing("Front door"))].into(),
        permissions: [SEND_EVENTS.to_owned()].into(),
    }
}

pub(crate) fn function(arn: &str) -> FunctionArn {
    FunctionArn::parse(arn).unwrap()
}

pub(crate) fn endpoints() -> Endpoints {
    Endpoints { default: function(FUNCTION), regions: [(alexa::Region::Europe, function(EUROPEAN))].into() }
}

pub(crate) fn linking() -> AccountLinking {
    AccountLinking {
        authorization_url: "https://link.example.com/auth/authorize".parse().unwrap(),
        access_token_url: "https://link.example.com/auth/token".parse().unwrap(),
        client_id: "https://pitangui.amazon.com/".into(),
        client_secret: "planted-linking-secret".into(),
        scheme: Scheme::RequestBodyCredentials,
        scopes: vec!["smart_home".into()],
        domains: Vec::new(),
        default_token_expiration_s: None,
    }
}
