//! Events, against a gateway that looks at tokens and shapes.

use std::collections::HashMap;

use alexa::fake::{FakeAmazon, Told};
use alexa::gateway::{Class, EventGateway, SendError, Terminal};
use alexa::lwa::{ClientSecret, Lwa, Tokens};
use alexa::{AlexaEvent, BearerToken, EndpointId, Region, Timestamp};
use http_client::{Internet, Kept};
use std::time::SystemTime;
use uuid::Uuid;

async fn rig() -> (FakeAmazon, EventGateway, Tokens) {
    let amazon = FakeAmazon::start().await;
    let internet = Internet::new([], Kept::Not).expect("a client");
    let elsewhere = HashMap::from(Region::ALL.map(|region| (region, amazon.url().clone())));
    let (id, secret) = (FakeAmazon::CLIENT_ID.to_owned(), ClientSecret::new(FakeAmazon::CLIENT_SECRET));
    let lwa = Lwa::new(internet.clone(), amazon.url().clone(), id, secret);
    let code = amazon.issue_code("amzn1.account.A").into();
    let tokens = lwa.exchange(&code, SystemTime::UNIX_EPOCH).await.expect("tokens");
    (amazon, EventGateway::new(internet, elsewhere), tokens)
}

fn press(token: &BearerToken) -> AlexaEvent {
    let id = EndpointId::parse("front-door").expect("an id");
    AlexaEvent::doorbell_press(&id, Timestamp::of(SystemTime::UNIX_EPOCH), token.clone(), Uuid::nil())
}

#[tokio::test]
async fn a_press_is_accepted_with_a_good_token() {
    let (amazon, gateway, tokens) = rig().await;
    let token = &tokens.access_token;
    gateway.send(Region::Europe, &press(token), token).await.expect("accepted");
    let [event] = amazon.events().try_into().expect("one event");
    assert_eq!(event["event"]["header"]["name"], "DoorbellPress");
}

#[tokio::test]
async fn a_token_that_is_over_is_to_be_refreshed() {
    let (amazon, gateway, tokens) = rig().await;
    amazon.expire_access_tokens();
    let token = &tokens.access_token;
    let error = gateway.send(Region::FarEast, &press(token), token).await.expect_err("refused");
    assert_eq!(error.class(), Class::Token, "{error}");
}

#[tokio::test]
async fn another_token_in_the_body_than_in_the_header_is_a_fault_of_ours() {
    let (amazon, gateway, tokens) = rig().await;
    let other = BearerToken::new("Atza|another");
    let error =
        gateway.send(Region::Europe, &press(&other), &tokens.access_token).await.expect_err("refused");
    assert_eq!(error.class(), Class::Ours, "{error}");
    assert!(amazon.events().is_empty());
}

#[tokio::test]
async fn every_exception_has_its_class() {
    let (amazon, gateway, tokens) = rig().await;
    for (status, code, wanted) in [
        (400, "INVALID_REQUEST_EXCEPTION", Class::Ours),
        (401, "INVALID_ACCESS_TOKEN_EXCEPTION", Class::Token),
        (403, "SKILL_DISABLED_EXCEPTION", Class::Terminal(Terminal::SkillDisabled)),
        (403, "SKILL_NEVER_ENABLED_EXCEPTION", Class::Terminal(Terminal::NeverEnabled)),
        (403, "INSUFFICIENT_PERMISSION_EXCEPTION", Class::Terminal(Terminal::InsufficientPermission)),
        (404, "SKILL_NOT_FOUND_EXCEPTION", Class::Terminal(Terminal::SkillNotFound)),
        (404, "ACCOUNT_NOT_FOUND_EXCEPTION", Class::Terminal(Terminal::AccountNotFound)),
        (413, "REQUEST_ENTITY_TOO_LARGE_EXCEPTION", Class::Ours),
        (429, "THROTTLING_EXCEPTION", Class::Passing),
        (500, "INTERNAL_SERVICE_EXCEPTION", Class::Passing),
        (503, "SERVICE_UNAVAILABLE_EXCEPTION", Class::Passing),
        (401, "NEW_EXCEPTION", Class::Token),
        (403, "NEW_EXCEPTION", Class::Ours),
        (429, "NEW_EXCEPTION", Class::Passing),
        (502, "", Class::Passing),
    ] {
        amazon.refuse_next(status, code);
        let token = &tokens.access_token;
        let error = gateway.send(Region::NorthAmerica, &press(token), token).await.expect_err(code);
        assert_eq!(error.class(), wanted, "{error}");
        assert!(error.to_string().contains(code), "{error}");
    }
    assert!(Terminal::SkillDisabled.ends_grant() && !Terminal::NeverEnabled.ends_grant());
}

#[tokio::test]
async fn what_may_have_been_accepted_is_told_apart_from_what_was_not_sent() {
    let (amazon, gateway, tokens) = rig().await;
    let token = &tokens.access_token;
    for told in [Told::LostAnswer, Told::Answer(202, "x".repeat(100_000))] {
        amazon.answer_next(told);
        let error = gateway.send(Region::Europe, &press(token), token).await.expect_err("no answer");
        assert_eq!(error.class(), Class::Unknown, "{error}");
    }
    amazon.answer_next(Told::Answer(200, "<html>a portal of the Wi-Fi</html>".to_owned()));
    let error = gateway.send(Region::Europe, &press(token), token).await.expect_err("refused");
    assert!(matches!(error, SendError::Refused { .. }) && error.class() == Class::Ours);

    let closed = EventGateway::new(
        Internet::new([], Kept::Not).expect("a client"),
        HashMap::from([(Region::Europe, "http://127.0.0.1:1".parse().expect("a url"))]),
    );
    let error = closed.send(Region::Europe, &press(token), token).await.expect_err("nobody is there");
    assert_eq!(error.class(), Class::Unsent, "{error}");
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_not_sent() {
    let (amazon, gateway, _) = rig().await;
    let _ = amazon.asked();
    let token = BearerToken::new("two\nlines");
    let error = gateway.send(Region::Europe, &press(&token), &token).await.expect_err("not sent");
    assert_eq!((error.class(), amazon.asked().len()), (Class::Ours, 0));
}
