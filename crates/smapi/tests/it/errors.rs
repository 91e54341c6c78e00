//! Every documented error, and what becomes of it.

use smapi::fake::Refusal;
use smapi::{Document, SmapiError};

use crate::play::{Play, manifest, no_skill, vendor};

/// What a call comes to when the next answers are these, with the requests that it took.
async fn asked_with(refusals: &[Refusal]) -> (Result<(), SmapiError>, usize) {
    let play = Play::new().await;
    for refusal in refusals {
        play.fake.answer_next(refusal.clone());
    }
    let outcome = play.client.vendors().await.map(drop);
    (outcome, play.asked(None).len())
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_stays_is_not() {
    for (refusal, tries) in [
        (Refusal::bad("because"), 1),
        (Refusal::forbidden("because"), 1),
        (Refusal::NotFound, 1),
        (Refusal::Conflict, 1),
        (Refusal::PreconditionFailed, 1),
        (Refusal::Nonsense("<html>".into()), 1),
        (Refusal::Huge, 1),
        (Refusal::TooManyRequests, 2),
        (Refusal::InternalError, 2),
        (Refusal::Unavailable, 2),
        (Refusal::LostAnswer, 2),
        (Refusal::Unauthorized, 2),
    ] {
        let (outcome, asked) = asked_with(std::slice::from_ref(&refusal)).await;
        assert_eq!((outcome.is_ok(), asked), (tries == 2, tries), "{refusal:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_amazons_words_with_what_was_asked() {
    for (refusal, said) in [
        (
            Refusal::bad("The manifest is not valid."),
            "amazon refused the developer's vendors with 400 Bad Request: The manifest is not valid.",
        ),
        (
            Refusal::Conflict,
            "amazon refused the developer's vendors with 409 Conflict: The request conflicts with the skill's current \
             state. (CONFLICT); something else is changing the skill, try again when it is done",
        ),
        (
            Refusal::PreconditionFailed,
            "amazon refused the developer's vendors with 412 Precondition Failed: Precondition failed. \
             (PRECONDITION_FAILED); somebody else has changed it, so it has to be read again",
        ),
        (
            Refusal::NotFound,
            "amazon refused the developer's vendors with 404 Not Found: The resource being requested is not found. \
             (NOT_FOUND)",
        ),
        (Refusal::Huge, "amazon has not answered about the developer's vendors"),
        (
            Refusal::Nonsense("{}x".into()),
            "amazon's answer is not the developer's vendors as documented: trailing characters at line 1 column 3",
        ),
    ] {
        let (outcome, _) = asked_with(&[refusal]).await;
        assert_eq!(outcome.unwrap_err().to_string(), said);
    }
}

#[tokio::test]
async fn busy_is_believed_after_a_minute_of_growing_pauses() {
    let play = Play::new().await;
    for _ in 0..100 {
        play.fake.answer_next(Refusal::TooManyRequests);
    }
    let error = play.client.vendors().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "amazon has no answer about the developer's vendors now: 429 Too Many Requests Request limit is exceeded. Please \
         try again later. (TOO_MANY_REQUESTS)"
    );
    assert_eq!((play.asked(None).len(), play.clock.passed().as_secs()), (10, 55), "1 2 4 8 8 8 8 8 8 s");
}

#[tokio::test]
async fn a_skill_is_never_made_twice() {
    for (refusal, is_made, made, may_be_done) in [
        (Refusal::TooManyRequests, true, 1, false),
        (Refusal::Unavailable, true, 1, false),
        (Refusal::Unauthorized, true, 1, false),
        (Refusal::InternalError, false, 0, true),
        (Refusal::LostAnswer, false, 1, true),
        (Refusal::Nonsense("{}".into()), false, 0, true),
        (Refusal::Conflict, false, 0, false),
    ] {
        let play = Play::new().await;
        play.fake.answer_next(refusal.clone());
        let outcome = play.client.create_skill(&vendor(), &Document::new(&manifest())).await;
        assert_eq!(outcome.is_ok(), is_made, "{refusal:?}: {outcome:?}");
        assert_eq!(play.fake.with(|smapi| smapi.skills().count()), made, "{refusal:?}");
        let hint = "there may be a new skill all the same, look for its name before another one is made";
        let unclear = outcome.err().filter(SmapiError::may_be_done);
        assert_eq!(unclear.map(|error| error.to_string().ends_with(hint)), may_be_done.then_some(true));
    }
}

#[tokio::test]
async fn a_skill_that_is_not_there_is_no_failure_but_to_change() {
    let play = Play::new().await;
    let (client, none) = (&play.client, no_skill());
    assert!(client.manifest(&none).await.unwrap().is_none());
    assert!(client.credentials(&none).await.unwrap().is_none());
    assert!(client.account_linking(&none).await.unwrap().is_none());
    assert!(!client.enabled(&none).await.unwrap());
    client.disable(&none).await.unwrap();
    client.delete_account_linking(&none).await.unwrap();
    client.delete_skill(&none).await.unwrap();
    let document = Document::new(&manifest());
    assert!(client.update_manifest(&none, &document, None).await.unwrap_err().is_gone());
    assert!(client.await_build(&none, &mut |_| {}).await.unwrap_err().is_gone());
    let error = client.enable(&none).await.unwrap_err();
    assert!(error.is_gone() && !error.is_not_ready());
}

#[tokio::test]
async fn whose_vendor_it_is_not_is_not_let_in() {
    let (play, skill) = Play::with_skill().await;
    play.fake.with(|smapi| smapi.know_vendor(smapi::fake::FakeSmapi::VENDOR, "moved", "somebody else"));
    assert!(play.client.manifest(&skill).await.unwrap_err().is_not_allowed());
    assert!(play.client.skills_named(&vendor(), "Front door").await.unwrap_err().is_not_allowed());
    assert!(
        play.client.create_skill(&vendor(), &Document::new(&manifest())).await.unwrap_err().is_not_allowed()
    );
    assert!(play.client.vendors().await.unwrap().is_empty());
}
