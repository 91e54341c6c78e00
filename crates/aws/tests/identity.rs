//! Who is calling, against a server that checks signatures.

use std::time::SystemTime;

use aws::fake::FakeAws;
use aws::{Class, Client, sts};
use http_client::Kept;

#[tokio::test]
async fn whoever_has_credentials_is_told_whose_they_are() {
    let aws = FakeAws::start(&[], "").await;
    let client = Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
    let caller = sts::get_caller_identity(&client).await.expect("an identity");
    assert_eq!(caller.account, "123456789012");
    assert_eq!(caller.arn, "arn:aws:iam::123456789012:user/somebody");
    aws.deny("GetCallerIdentity");
    let error = sts::get_caller_identity(&client).await.expect_err("a refusal");
    assert_eq!(error.class(), Class::Denied, "{error}");
}
