//! Grants, against a table and a Login with Amazon that are strict.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alexa::Region;
use alexa::fake::{FakeAmazon, Told};
use alexa::grant::{Ended, Grant, GrantError, GrantStore, RefreshError, Refresher};
use alexa::lwa::{Class, ClientSecret, Lwa, UserId};
use aws::dynamodb::{Table, TableName, Written};
use aws::fake::{FakeAws, Refusal};
use http_client::{Internet, Kept};

const TABLE: &str = "grants";
const USER: &str = "amzn1.account.A";
const HOUR: Duration = Duration::from_secs(3600);

struct Rig {
    amazon: FakeAmazon,
    aws: FakeAws,
    lwa: Lwa,
    store: GrantStore,
    refresher: Refresher,
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_772_352_930)
}

fn user() -> UserId {
    UserId::parse(USER).expect("an id")
}

impl Rig {
    async fn new() -> Self {
        let amazon = FakeAmazon::start().await;
        let aws = FakeAws::start(&[], "").await;
        aws.make_table(TABLE, "user");
        let internet = Internet::new([], Kept::Not).expect("a client");
        let (id, secret) = (FakeAmazon::CLIENT_ID.to_owned(), ClientSecret::new(FakeAmazon::CLIENT_SECRET));
        let lwa = Lwa::new(internet, amazon.url().clone(), id, secret);
        let client = aws::Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
        let store = GrantStore::new(Table::new(client, TableName::parse(TABLE).expect("a name")));
        let refresher = Refresher::new(lwa.clone(), store.clone());
        Self { amazon, aws, lwa, store, refresher }
    }

    /// With a grant that the customer has just given.
    async fn granted() -> (Self, Grant) {
        let rig = Self::new().await;
        rig.accept().await;
        let grant = rig.present().await;
        (rig, grant)
    }

    async fn accept(&self) {
        let tokens = self.lwa.exchange(&self.amazon.issue_code(USER).into(), now()).await.expect("tokens");
        self.store.accept(&user(), &tokens, Region::Europe).await.expect("a row");
    }

    async fn present(&self) -> Grant {
        self.store.get(&user()).await.expect("an answer").expect("a grant")
    }

    /// The refresh token in the row.
    fn row(&self) -> String {
        self.aws.items(TABLE)[USER]["refresh_token"].text().expect("a token").to_owned()
    }
}

#[tokio::test]
async fn a_grant_is_read_as_it_was_accepted() {
    let (rig, grant) = Rig::granted().await;
    assert_eq!((grant.user, grant.region, grant.ended), (user(), Region::Europe, None));
    assert_eq!(grant.expires_at, now() + HOUR);
    let all = rig.store.all().await.expect("an answer");
    assert_eq!(all.len(), 1);
    assert!(!format!("{all:?}").contains("made-up"));
}

#[tokio::test]
async fn a_token_with_more_than_five_minutes_left_is_used_as_it_is() {
    let (rig, grant) = Rig::granted().await;
    let _ = rig.amazon.asked();
    let late = now() + HOUR - Duration::from_secs(301);
    let fresh = rig.refresher.fresh(grant, late).await.expect("a token");
    assert!(fresh.unsaved.is_none() && rig.amazon.asked().is_empty());
}

#[tokio::test]
async fn a_token_that_ends_soon_is_replaced_in_the_row_as_well() {
    for rotates in [true, false] {
        let (rig, grant) = Rig::granted().await;
        if !rotates {
            rig.amazon.keep_refresh_tokens();
        }
        let (before, late) = (rig.row(), now() + HOUR - Duration::from_secs(300));
        let fresh = rig.refresher.fresh(grant, late).await.expect("a token");
        assert_eq!(fresh.grant.expires_at, late + HOUR);
        assert_eq!(rig.present().await.expires_at, late + HOUR);
        assert_eq!(rig.row() != before, rotates);
        // And once more, from what is in memory.
        let later = late + HOUR;
        let fresh = rig.refresher.fresh(fresh.grant, later).await.expect("a token");
        assert!(fresh.unsaved.is_none() && fresh.grant.is_fresh(later));
    }
}

#[tokio::test]
async fn who_comes_second_uses_what_the_first_has_written() {
    let (rig, grant) = Rig::granted().await;
    let late = now() + HOUR;
    rig.refresher.fresh(grant.clone(), late).await.expect("a token");
    let row = rig.row();
    let _ = rig.amazon.asked();
    let fresh = rig.refresher.fresh(grant, late).await.expect("the other's token");
    assert!(fresh.grant.is_fresh(late));
    assert_eq!((rig.row(), rig.amazon.asked().len()), (row, 1));
}

#[tokio::test]
async fn a_refresh_does_not_undo_what_the_customer_gave_meanwhile() {
    let (rig, grant) = Rig::granted().await;
    rig.amazon.keep_refresh_tokens();
    rig.accept().await;
    let row = rig.row();
    let fresh = rig.refresher.renewed(grant, now()).await.expect("the newer grant");
    assert_eq!(rig.row(), row);
    assert_eq!(fresh.grant.expires_at, rig.present().await.expires_at);
}

#[tokio::test]
async fn tokens_that_cannot_be_written_are_used_and_written_later() {
    let (rig, grant) = Rig::granted().await;
    let before = rig.row();
    rig.aws.answer_next(Refusal::Throttled);
    let late = now() + HOUR;
    let fresh = rig.refresher.fresh(grant.clone(), late).await.expect("a token");
    assert!(fresh.unsaved.is_some() && fresh.grant.is_fresh(late));
    assert_eq!(rig.row(), before);

    // Another finds the refresh token used up, and takes the grant for over.
    let error = rig.refresher.fresh(grant, late).await.expect_err("over");
    assert!(matches!(error, RefreshError::Ended(Ended::Revoked)), "{error}");
    let saved = rig.refresher.save(fresh.grant).await.expect("a grant");
    assert!(saved.unsaved.is_none());
    assert_eq!(rig.present().await.ended, None);
    assert_ne!(rig.row(), before);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_can_be_repeated() {
    let (rig, grant) = Rig::granted().await;
    rig.aws.answer_next(Refusal::LostAnswer);
    let fresh = rig.refresher.fresh(grant, now() + HOUR).await.expect("a token");
    assert!(fresh.unsaved.is_some());
    let expires_at = fresh.grant.expires_at;
    let saved = rig.refresher.save(fresh.grant).await.expect("a grant");
    assert_eq!((saved.grant.expires_at, saved.unsaved.is_none()), (expires_at, true));
}

#[tokio::test]
async fn a_grant_that_is_taken_back_is_over_until_it_is_given_again() {
    let (rig, grant) = Rig::granted().await;
    rig.amazon.revoke(USER);
    let error = rig.refresher.fresh(grant, now() + HOUR).await.expect_err("over");
    assert!(matches!(error, RefreshError::Ended(Ended::Revoked)), "{error}");
    let ended = rig.present().await;
    assert_eq!(ended.ended, Some(Ended::Revoked));
    let _ = rig.amazon.asked();
    assert!(rig.refresher.fresh(ended, now()).await.is_err());
    assert!(rig.amazon.asked().is_empty(), "nobody is asked again");
    rig.accept().await;
    assert_eq!(rig.present().await.ended, None);
}

#[tokio::test]
async fn a_grant_that_was_ended_meanwhile_by_an_older_word_stays() {
    let (rig, old) = Rig::granted().await;
    rig.accept().await;
    assert_eq!(rig.store.end(&old, Ended::SkillDisabled).await.expect("an answer"), Written::ConditionFailed);
    let new = rig.present().await;
    assert_eq!(new.ended, None);
    assert_eq!(rig.store.end(&new, Ended::SkillDisabled).await.expect("an answer"), Written::Done);
    assert_eq!(rig.present().await.ended, Some(Ended::SkillDisabled));
}

#[tokio::test]
async fn what_passes_leaves_the_grant_as_it_is() {
    let (rig, grant) = Rig::granted().await;
    for (status, body, class) in [
        (500, "{}", Class::Passing),
        (503, "", Class::Passing),
        (429, "", Class::Passing),
        (400, r#"{"error":"new_error","error_description":"?"}"#, Class::Passing),
        (
            401,
            r#"{"error":"invalid_client","error_description":"Client authentication failed"}"#,
            Class::Client,
        ),
        (400, r#"{"error":"unauthorized_client"}"#, Class::Client),
        (400, r#"{"error":"invalid_request"}"#, Class::Ours),
        (200, "<html>", Class::Ours),
    ] {
        rig.amazon.answer_next(Told::Answer(status, body.to_owned()));
        let error = rig.refresher.fresh(grant.clone(), now() + HOUR).await.expect_err(body);
        let RefreshError::Lwa(error) = error else { panic!("{error}") };
        assert_eq!(error.class(), class, "{error}");
    }
    assert_eq!(rig.present().await.ended, None);
    assert!(rig.refresher.fresh(grant, now() + HOUR).await.is_ok());
}

#[tokio::test]
async fn a_code_is_good_once_and_a_life_may_be_text() {
    let rig = Rig::new().await;
    let code = rig.amazon.issue_code(USER).into();
    rig.lwa.exchange(&code, now()).await.expect("tokens");
    let error = rig.lwa.exchange(&code, now()).await.expect_err("used up");
    assert_eq!(error.class(), Class::GrantEnded, "{error}");
    let text =
        r#"{"access_token":"Atza|x","token_type":"bearer","expires_in":"3600","refresh_token":"Atzr|x"}"#;
    rig.amazon.answer_next(Told::Answer(200, text.to_owned()));
    assert_eq!(rig.lwa.exchange(&code, now()).await.expect("tokens").expires_at, now() + HOUR);
}

#[tokio::test]
async fn a_token_of_linking_says_who_it_is_of() {
    let rig = Rig::new().await;
    let token = alexa::BearerToken::new(rig.amazon.link(USER));
    assert_eq!(rig.lwa.profile(&token).await.expect("a profile"), user());
    let stranger = alexa::BearerToken::new("Atza|unknown");
    let error = rig.lwa.profile(&stranger).await.expect_err("a stranger");
    assert_eq!(error.class(), Class::Token, "{error}");
}

#[tokio::test]
async fn a_row_that_nobody_of_porch_wrote_is_told_by_what_is_wrong() {
    let (rig, _) = Rig::granted().await;
    for (attribute, value) in [("region", "XX"), ("access_token", ""), ("expires_at", "soon")] {
        let mut item = rig.aws.items(TABLE)[USER].clone();
        item.insert(attribute.to_owned(), value.into());
        rig.aws.put_item(TABLE, item);
        let [error] = rig.store.all().await.expect("an answer").try_into().expect("one row");
        let wanted = format!("the row of {USER} has no usable {attribute}");
        assert!(error.as_ref().expect_err(attribute).to_string().starts_with(&wanted), "{error:?}");
        assert!(matches!(error, Err(GrantError::Malformed { .. })));
        rig.accept().await;
    }
}
