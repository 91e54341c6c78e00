//! Whether what somebody made is there, against a server that checks signatures.

use std::time::SystemTime;

use aws::dynamodb::{self, TableName};
use aws::fake::FakeAws;
use aws::{CallError, Class, Client, ecr, iam, lambda, logs, scheduler, ssm};
use http_client::Kept;
use serde_json::json;

const POLICY: &str = "arn:aws:iam::123456789012:policy/bounds";

async fn account() -> (FakeAws, Client) {
    let aws = FakeAws::start(&[("/porch/prod/there", "String", "made-up")], "").await;
    let client = Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
    (aws, client)
}

fn is_absent<T: std::fmt::Debug>(answer: Result<T, CallError>) {
    let error = answer.expect_err("nothing there");
    assert_eq!(error.class(), Class::Absent, "{error}");
}

#[tokio::test]
async fn what_is_there_is_told_and_what_is_not_is_absent() {
    let (aws, client) = account().await;
    is_absent(ecr::repository(&client, "team/bridge").await);
    is_absent(iam::role(&client, "bridge").await);
    is_absent(iam::user(&client, "porch-prod-doorbell-1").await);
    is_absent(iam::policy(&client, POLICY).await);
    is_absent(iam::oidc_provider(&client, POLICY).await);
    is_absent(scheduler::schedule(&client, "daily").await);
    is_absent(lambda::configuration(&client, "bridge").await);
    is_absent(lambda::url(&client, "bridge").await);
    is_absent(dynamodb::describe(&client, &TableName::parse("grants").expect("a name")).await);
    assert!(!logs::has_group(&client, "/aws/lambda/bridge").await.expect("an answer"));

    aws.make_repository("team/bridge");
    aws.make_role("bridge", "/service-role/");
    aws.make_user("porch-prod-doorbell-1");
    aws.make_function("bridge", "Zip", Some(json!({"Statement": []})), true);
    aws.make_table("grants", "user");
    aws.make_log_group("/aws/lambda/bridge-2");
    ecr::repository(&client, "team/bridge").await.expect("it is there");
    assert_eq!(iam::role(&client, "bridge").await.expect("it is there").path, "/service-role/");
    iam::user(&client, "porch-prod-doorbell-1").await.expect("it is there");
    aws.make_arn(POLICY);
    iam::policy(&client, POLICY).await.expect("it is there");
    iam::oidc_provider(&client, POLICY).await.expect("it is there");
    aws.make_schedule("daily");
    scheduler::schedule(&client, "daily").await.expect("it is there");
    assert_eq!(lambda::configuration(&client, "bridge").await.expect("it is there").package_type, "Zip");
    lambda::url(&client, "bridge").await.expect("it is there");
    let policy = lambda::policy(&client, "bridge", None).await.expect("it is there");
    assert_eq!(policy, r#"{"Statement":[]}"#);
    let table = dynamodb::describe(&client, &TableName::parse("grants").expect("a name")).await;
    assert_eq!(table.expect("it is there").key, [("user".to_owned(), "S".to_owned())]);
    assert!(!logs::has_group(&client, "/aws/lambda/bridge").await.expect("an answer"), "it is another one");
    aws.make_log_group("/aws/lambda/bridge");
    assert!(logs::has_group(&client, "/aws/lambda/bridge").await.expect("an answer"));
}

#[tokio::test]
async fn those_parameters_are_told_that_there_are() {
    let (_aws, client) = account().await;
    let found = ssm::existing(&client, &["/porch/prod/there", "/porch/prod/missing"]).await;
    assert_eq!(found.expect("an answer"), ["/porch/prod/there"]);
}

#[tokio::test]
async fn who_may_not_ask_is_told_so() {
    let (aws, client) = account().await;
    for operation in ["DescribeRepositories", "GetRole", "DescribeLogGroups"] {
        aws.deny(operation);
    }
    let asked = [
        ecr::repository(&client, "team/bridge").await.expect_err("a refusal"),
        iam::role(&client, "bridge").await.expect_err("a refusal"),
        logs::has_group(&client, "/aws/lambda/bridge").await.expect_err("a refusal"),
    ];
    for error in asked {
        assert_eq!(error.class(), Class::Denied, "{error}");
    }
}
