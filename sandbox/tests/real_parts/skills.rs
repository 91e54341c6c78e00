//! The Skill Management API as a part of the sandbox: the developer's account is there, its skills are known to the rest
//! of Amazon and remembered, and who may call a function is asked of the emulator.

use std::sync::Arc;
use std::time::Duration;

use alexa::Region;
use http_client::{Internet, Kept};
use sandbox::amazon_driver::{AmazonDriver, Skill};
use sandbox::developer::Developer;
use sandbox::parts::amazon::{KIND, LOGIN_URL, SKILLS_URL, part};
use secrecy::ExposeSecret;
use smapi::{
    Access, Client, Document, Endpoints, FunctionArn, Listing, Manifest, SEND_EVENTS, SkillId, SystemClock,
    VendorId,
};

use crate::amazon::{exchange, press};
use crate::rig::{Rig, deployed, rig};

const CUSTOMER: &str = "real-parts-skills";

pub(crate) fn client(rig: &Rig) -> (Client, VendorId) {
    let developer = &rig.running.developer;
    let access = Access {
        lwa: LOGIN_URL.parse().unwrap(),
        api: SKILLS_URL.parse().unwrap(),
        client_id: developer.client_id.clone(),
        client_secret: developer.client_secret.clone(),
        refresh_token: developer.refresh_token.clone(),
    };
    let internet = Internet::new(["http"], Kept::For(Duration::from_secs(5))).unwrap();
    let client = Client::new(internet, access, Arc::new(SystemClock), |longest| longest);
    (client, VendorId::parse(&developer.vendor_id).unwrap())
}

pub(crate) async fn made(client: &Client, vendor: &VendorId) -> (SkillId, Document) {
    let listing = Listing {
        name: "Real parts".into(),
        summary: "Doorbell".into(),
        description: "Tells who rings".into(),
        ..Listing::default()
    };
    let permissions = [SEND_EVENTS.to_owned()].into();
    let document = Document::new(&Manifest { locales: [("en-US".into(), listing)].into(), permissions });
    let skill = client.create_skill(vendor, &document).await.unwrap();
    client.await_build(&skill, &mut |_| {}).await.unwrap();
    (skill, document)
}

#[tokio::test]
async fn a_developers_skill_is_one_for_customers_and_is_remembered() {
    let rig = rig().await;
    let (client, vendor) = client(rig);
    let (id, _) = made(&client, &vendor).await;
    let credentials = client.credentials(&id).await.unwrap().unwrap();
    let skill = Skill {
        id: id.as_str().into(),
        client_id: credentials.client_id,
        client_secret: credentials.client_secret,
    };
    let amazon = AmazonDriver::new().unwrap();
    amazon.know_customer(CUSTOMER, "EU").await.unwrap();
    let code = amazon.enable_skill(CUSTOMER, &skill.id).await.unwrap();
    let token = exchange(code.expose_secret(), &skill).await;
    assert_eq!(press(Region::Europe, &token).await, 202);

    let layout = &rig.sandbox.layout;
    assert!(KIND.end(layout).unwrap().is_some());
    part(&rig.sandbox.settings, layout, &rig.tools).unwrap().ensure(layout, &rig.progress).await.unwrap();
    assert_eq!(press(Region::Europe, &token).await, 202);
    let again = Developer::known(layout).await.unwrap().refresh_token;
    assert_eq!(again.expose_secret(), rig.running.developer.refresh_token.expose_secret());
    assert_eq!(client.skills_named(&vendor, "Real parts").await.unwrap()[0].skill_id, id);
    client.delete_skill(&id).await.unwrap();
    assert_eq!(press(Region::Europe, &token).await, 404);
}

#[tokio::test]
async fn a_function_that_lets_another_skill_call_it_is_refused_as_an_endpoint() {
    let rig = rig().await;
    let (client, vendor) = client(rig);
    let outputs = deployed().await.stack.outputs().await.unwrap();
    let function = outputs["bridgeFunctionArn"].as_str().unwrap();
    let (id, document) = made(&client, &vendor).await;
    let endpoints = Endpoints { default: FunctionArn::parse(function).unwrap(), regions: [].into() };
    client.update_manifest(&id, &document.with_endpoints(Some(&endpoints)), None).await.unwrap();
    let error = client.await_build(&id, &mut |_| {}).await.unwrap_err();
    client.delete_skill(&id).await.unwrap();
    assert_eq!(error.untriggered(), Some(function), "{error}");
}
