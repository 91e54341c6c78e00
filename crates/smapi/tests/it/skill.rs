//! A skill from its making to its end.

use secrecy::ExposeSecret;
use smapi::fake::Enabling;
use smapi::{Document, SmapiError};

use crate::play::{EUROPEAN, FUNCTION, Play, endpoints, listing, manifest, no_skill, vendor};

#[tokio::test]
async fn a_skill_is_made_gets_its_functions_and_is_deleted() {
    let play = Play::new().await;
    let client = &play.client;
    let vendors = client.vendors().await.unwrap();
    assert_eq!(vendors.iter().map(|found| &found.id).collect::<Vec<_>>(), [&vendor()]);

    let skill = client.create_skill(&vendors[0].id, &Document::new(&manifest())).await.unwrap();
    assert!(client.credentials(&skill).await.unwrap().is_none(), "before the first build");
    assert!(client.manifest(&skill).await.unwrap().is_none(), "before the first build");
    let mut told = Vec::new();
    let built = client.await_build(&skill, &mut |building| told.push(building.to_string())).await.unwrap();
    assert_eq!(
        told,
        [0, 2].map(|seconds| format!("amazon checks the manifest of {skill} ({seconds} s)")),
        "two looks, with a pause after each"
    );
    assert_eq!(play.clock.passed().as_secs(), 5);

    let (document, etag) = client.manifest(&skill).await.unwrap().unwrap();
    assert_eq!(etag, built.etag);
    assert!(document.has(&manifest()) && document.has_endpoints(None));
    let credentials = client.credentials(&skill).await.unwrap().unwrap();
    assert!(credentials.client_id.starts_with("amzn1.application-oa2-client."));
    assert!(!credentials.client_secret.expose_secret().is_empty());

    for arn in [FUNCTION, EUROPEAN] {
        play.fake.allow(arn, skill.as_str());
    }
    let document = document.with_endpoints(Some(&endpoints()));
    client.update_manifest(&skill, &document, etag.as_ref()).await.unwrap();
    let again = client.await_build(&skill, &mut |_| {}).await.unwrap();
    assert_ne!(again.etag, built.etag);
    let (found, _) = client.manifest(&skill).await.unwrap().unwrap();
    assert_eq!(found.endpoints(), Some(endpoints()));
    let same = client.credentials(&skill).await.unwrap().unwrap();
    assert_eq!(same.client_id, credentials.client_id);

    client.delete_skill(&skill).await.unwrap();
    client.delete_skill(&skill).await.unwrap();
    assert!(client.manifest(&skill).await.unwrap().is_none());
    assert!(play.fake.with(|smapi| smapi.skills().next().is_none()));
}

#[tokio::test]
async fn a_skill_without_permissions_has_no_credentials() {
    let play = Play::new().await;
    let quiet = smapi::Manifest { permissions: [].into(), ..manifest() };
    let skill = play.client.create_skill(&vendor(), &Document::new(&quiet)).await.unwrap();
    play.built(&skill).await;
    assert!(play.client.credentials(&skill).await.unwrap().is_none());
}

#[tokio::test]
async fn a_function_that_does_not_let_the_skill_call_it_is_named() {
    for at_once in [false, true] {
        let (play, skill) = Play::with_skill().await;
        play.fake.with(|smapi| smapi.behaviour.refuses_endpoints_at_once = at_once);
        play.fake.allow(FUNCTION, skill.as_str());
        play.fake.allow(EUROPEAN, no_skill().as_str());
        let document = Document::new(&manifest()).with_endpoints(Some(&endpoints()));
        let updated = play.client.update_manifest(&skill, &document, None).await;
        assert_eq!(updated.is_err(), at_once);
        let error = match updated {
            Err(error) => error,
            Ok(()) => play.client.await_build(&skill, &mut |_| {}).await.unwrap_err(),
        };
        assert_eq!(error.untriggered(), Some(EUROPEAN), "{error}");
        let said = error.to_string();
        for part in [
            format!("The trigger setting for the Lambda {EUROPEAN} is invalid."),
            format!(
                "the policy of {EUROPEAN} must allow lambda:InvokeFunction to the principal \
                     alexa-connectedhome.amazon.com with the EventSourceToken {skill}"
            ),
        ] {
            assert!(said.contains(&part), "{said}");
        }
        let (found, _) = play.client.manifest(&skill).await.unwrap().unwrap();
        assert_eq!(found.endpoints(), None, "the skill is as it was");
    }
}

#[tokio::test]
async fn a_skill_whose_first_build_fails_is_in_no_list() {
    let play = Play::new().await;
    let document = Document::new(&manifest()).with_endpoints(Some(&endpoints()));
    let skill = play.client.create_skill(&vendor(), &document).await.unwrap();
    let error = play.client.await_build(&skill, &mut |_| {}).await.unwrap_err();
    assert!(matches!(&error, SmapiError::BuildFailed { problems, .. } if problems.len() == 2), "{error}");
    assert!(play.client.skills_named(&vendor(), "Front door").await.unwrap().is_empty());
    play.client.delete_skill(&skill).await.unwrap();
}

#[tokio::test]
async fn a_build_that_does_not_end_is_waited_for_five_minutes() {
    let play = Play::new().await;
    play.fake.with(|smapi| smapi.behaviour.looks_per_build = u32::MAX);
    let skill = play.client.create_skill(&vendor(), &Document::new(&manifest())).await.unwrap();
    let error = play.client.await_build(&skill, &mut |_| {}).await.unwrap_err();
    assert!(error.may_be_done() && matches!(error, SmapiError::BuildUnfinished { .. }), "{error}");
    assert!((295..=300).contains(&play.clock.passed().as_secs()), "{:?}", play.clock.passed());
}

#[tokio::test]
async fn nothing_is_changed_during_a_build_or_over_what_somebody_else_changed() {
    let (play, skill) = Play::with_skill().await;
    let client = &play.client;
    let (document, etag) = client.manifest(&skill).await.unwrap().unwrap();
    client.update_manifest(&skill, &document, etag.as_ref()).await.unwrap();
    let error = client.update_manifest(&skill, &document, None).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    play.built(&skill).await;
    let error = client.update_manifest(&skill, &document, etag.as_ref()).await.unwrap_err();
    assert!(error.is_outdated(), "{error}");
    let (_, etag) = client.manifest(&skill).await.unwrap().unwrap();
    client.update_manifest(&skill, &document, etag.as_ref()).await.unwrap();
}

#[tokio::test]
async fn a_skill_is_found_by_its_name_among_many() {
    let play = Play::new().await;
    play.fake.with(|smapi| smapi.behaviour.looks_per_build = 0);
    for number in 0..60 {
        let name = if number % 30 == 7 { "Front door" } else { "Back door" };
        let mut manifest = manifest();
        manifest.locales.insert("de-DE".into(), listing(name));
        manifest.locales.insert("en-US".into(), listing("Garden"));
        let skill = play.client.create_skill(&vendor(), &Document::new(&manifest)).await.unwrap();
        play.built(&skill).await;
    }
    let found = play.client.skills_named(&vendor(), "Front door").await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|skill| skill.name_by_locale["de-DE"] == "Front door"));
    assert_eq!(play.client.skills_named(&vendor(), "Garden").await.unwrap().len(), 60);
    let lists = play.asked(None).into_iter().filter(|asked| asked.starts_with("GET /v1/skills?"));
    assert_eq!(lists.count(), 4, "two pages each");
}

#[tokio::test]
async fn a_skill_is_enabled_where_amazon_lets_it() {
    let (play, skill) = Play::with_skill().await;
    let client = &play.client;
    let error = client.enable(&skill).await.unwrap_err();
    assert!(error.is_not_ready(), "{error}");
    assert!(
        error.to_string().ends_with("enable it in the Alexa app (More, Skills & Games, Your Skills, Dev)")
    );

    play.fake.with(|smapi| smapi.behaviour.enabling = Enabling::Granted);
    let error = client.enable(&skill).await.unwrap_err();
    assert!(error.is_not_ready() && error.to_string().contains("Regionalized endpoints must not be empty."));
    for arn in [FUNCTION, EUROPEAN] {
        play.fake.allow(arn, skill.as_str());
    }
    let document = Document::new(&manifest()).with_endpoints(Some(&endpoints()));
    client.update_manifest(&skill, &document, None).await.unwrap();
    play.built(&skill).await;
    assert!(!client.enabled(&skill).await.unwrap());
    client.enable(&skill).await.unwrap();
    assert!(client.enabled(&skill).await.unwrap());
    client.disable(&skill).await.unwrap();
    client.disable(&skill).await.unwrap();
    assert!(!client.enabled(&skill).await.unwrap());
}

#[tokio::test]
async fn a_call_can_wait_in_any_thread() {
    fn can_move<T: Send>(waiting: T) -> T {
        waiting
    }
    let (play, skill) = Play::with_skill().await;
    let client = &play.client;
    can_move(client.skills_named(&vendor(), "Front door")).await.unwrap();
    can_move(client.await_build(&skill, &mut |_| {})).await.unwrap();
    can_move(client.manifest(&skill)).await.unwrap();
}
