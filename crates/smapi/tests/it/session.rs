//! How the developer is known to Amazon.

use std::time::Duration;

use smapi::fake::FakeSmapi;
use smapi::{Access, Call, SmapiError};

use crate::play::{Play, client, linking};

fn logins(play: &Play) -> usize {
    play.fake.asked().iter().filter(|asked| *asked == "POST /auth/o2/token").count()
}

#[tokio::test]
async fn a_token_is_kept_until_a_minute_before_its_end() {
    let play = Play::new().await;
    for (passes, wanted) in [(0, 1), (3_539, 1), (1, 2), (0, 2), (10_000, 3)] {
        play.clock.pass(Duration::from_secs(passes));
        play.client.vendors().await.unwrap();
        assert_eq!(logins(&play), wanted, "after {:?}", play.clock.passed());
    }
}

#[tokio::test]
async fn calls_at_the_same_time_share_a_token() {
    let play = Play::new().await;
    let (one, other) = tokio::join!(play.client.vendors(), play.client.vendors());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(logins(&play), 1);
}

#[tokio::test]
async fn a_token_that_has_ended_early_is_replaced_once() {
    let play = Play::new().await;
    play.client.vendors().await.unwrap();
    play.fake.expire_access_tokens();
    play.client.vendors().await.unwrap();
    assert_eq!(logins(&play), 2);
    for _ in 0..2 {
        play.fake.answer_next(smapi::fake::Refusal::Unauthorized);
    }
    let error = play.client.vendors().await.unwrap_err();
    assert!(error.is_not_allowed(), "{error}");
    assert_eq!(logins(&play), 3);
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told_what_to_do() {
    let play = Play::new().await;
    let access = |change: fn(&mut Access)| {
        let mut access = play.fake.access();
        change(&mut access);
        access
    };
    for (access, said) in [
        (
            access(|access| access.refresh_token = "Atzr|planted".into()),
            "amazon refused an access token with 400 Bad Request: made-up words (invalid_grant); the refresh token has \
             ended or is of another client, get a new one (`ask util generate-lwa-tokens`)",
        ),
        (
            access(|access| access.client_secret = "planted".into()),
            "amazon refused an access token with 401 Unauthorized: made-up words (invalid_client); the client id and \
             secret must be those of a security profile of Login with Amazon, not of a skill",
        ),
    ] {
        let error = client(access, &play.clock).vendors().await.unwrap_err();
        assert!(error.is_not_allowed());
        assert_eq!(error.to_string(), said);
    }
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named() {
    let (play, skill) = Play::with_skill().await;
    play.fake.grant(&["alexa::ask:skills:test"]);
    let error = play.client.manifest(&skill).await.unwrap_err();
    assert!(error.is_not_allowed(), "{error}");
    let hint = "; the refresh token must be for alexa::ask:skills:readwrite alexa::ask:skills:test, from an account that \
                belongs to the vendor";
    assert!(error.to_string().ends_with(hint), "{error}");
}

#[tokio::test]
async fn login_with_amazon_is_asked_again_when_it_is_busy() {
    let play = Play::new().await;
    play.fake.refuse_next_login(500, "");
    play.fake.refuse_next_login(503, "server_error");
    play.client.vendors().await.unwrap();
    assert_eq!((logins(&play), play.clock.passed().as_secs()), (3, 3));
    for _ in 0..20 {
        play.fake.refuse_next_login(503, "server_error");
    }
    play.clock.pass(Duration::from_secs(4_000));
    let error = play.client.vendors().await.unwrap_err();
    assert!(matches!(error, SmapiError::Busy { call: Call::AccessToken, .. }), "{error}");
    assert!(!error.may_be_done());
}

#[tokio::test]
async fn no_secret_is_printed() {
    let (play, skill) = Play::with_skill().await;
    let credentials = play.client.credentials(&skill).await.unwrap();
    play.client.set_account_linking(&skill, &linking()).await.unwrap();
    let mut access = play.fake.access();
    access.refresh_token = "Atzr|planted".into();
    let refused = client(access.clone(), &play.clock).vendors().await.unwrap_err();
    let printed =
        format!("{:?} {access:?} {credentials:?} {:?} {refused:?} {refused}", play.client, linking());
    for secret in ["planted", "Atza|", "Atzr|", FakeSmapi::CLIENT_SECRET, "amzn1.oa2-cs"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    assert!(printed.contains(FakeSmapi::CLIENT_ID));
}
