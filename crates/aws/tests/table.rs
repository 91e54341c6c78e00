//! A table, against a server that reads expressions and checks signatures.

use std::time::SystemTime;

use aws::dynamodb::{Attribute, Condition, Item, Table, TableName, Update, Written};
use aws::fake::{FakeAws, Refusal};
use aws::{CallError, Class, Client};
use http_client::Kept;

const TABLE: &str = "grants";

async fn table() -> (FakeAws, Table) {
    let aws = FakeAws::start(&[], "").await;
    aws.make_table(TABLE, "user");
    let kept = Kept::For(std::time::Duration::from_secs(60));
    let client = Client::new(aws.access(), kept, SystemTime::now).expect("a client");
    let table = Table::new(client, TableName::parse(TABLE).expect("a name"));
    (aws, table)
}

fn key(user: &str) -> Item {
    Item::from([("user".to_owned(), user.into())])
}

fn item(user: &str, version: u64) -> Item {
    let mut item = key(user);
    item.insert("version".to_owned(), version.into());
    item
}

#[tokio::test]
async fn what_was_put_is_there_and_what_was_deleted_is_not() {
    let (aws, table) = table().await;
    assert_eq!(table.get(&key("a")).await.expect("an answer"), None);
    assert_eq!(table.put(&item("a", 1), None).await.expect("a write"), Written::Done);
    assert_eq!(table.get(&key("a")).await.expect("an answer"), Some(item("a", 1)));
    assert_eq!(table.delete(&key("a"), None).await.expect("a write"), Written::Done);
    assert_eq!(table.get(&key("a")).await.expect("an answer"), None);
    assert_eq!(aws.connections(), 1, "it is kept");
}

#[tokio::test]
async fn a_write_whose_condition_is_not_met_changes_nothing() {
    let (aws, table) = table().await;
    aws.put_item(TABLE, item("a", 1));
    for condition in [
        Condition::Absent("user"),
        Condition::Present("token"),
        Condition::Is("version", 2.into()),
        Condition::Is("token", "x".into()),
    ] {
        let condition = Some(condition);
        let put = table.put(&item("a", 9), condition.clone()).await;
        let updated = table.update(&key("a"), Update::default().set("region", "EU"), condition.clone()).await;
        let deleted = table.delete(&key("a"), condition.clone()).await;
        for written in [put, updated, deleted] {
            assert_eq!(written.expect("an answer"), Written::ConditionFailed, "{condition:?}");
        }
    }
    assert_eq!(aws.items(TABLE)["a"], item("a", 1));
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_makes_an_item_that_is_not_there() {
    let (aws, table) = table().await;
    let update = Update::default().set("region", "EU").set("token", "t").add("version", 1);
    for _ in 0..2 {
        let update = update.clone();
        assert_eq!(table.update(&key("a"), update, None).await.expect("a write"), Written::Done);
    }
    let update = Update::default().remove("token").add("version", 1);
    let condition = Some(Condition::Is("version", 2.into()));
    assert_eq!(table.update(&key("a"), update, condition).await.expect("a write"), Written::Done);
    let mut wanted = item("a", 3);
    wanted.insert("region".to_owned(), "EU".into());
    assert_eq!(aws.items(TABLE)["a"], wanted);
}

#[tokio::test]
async fn a_scan_turns_all_pages() {
    let (aws, table) = table().await;
    for number in 0..10 {
        let mut item = item(&format!("user {number}"), number);
        if number % 2 == 0 {
            item.insert("token".to_owned(), "t".into());
        }
        aws.put_item(TABLE, item);
    }
    let found = table.scan(&Condition::Present("token")).await.expect("items");
    let versions: Vec<_> = found.iter().filter_map(|item| item["version"].number()).collect();
    assert_eq!(versions, [0, 2, 4, 6, 8]);
}

#[tokio::test]
async fn each_failure_has_its_class_and_its_words() {
    let (aws, table) = table().await;
    for (refusal, class, words) in [
        (Refusal::Throttled, Class::Passing, "provisioned throughput"),
        (Refusal::InternalError, Class::Passing, "500"),
        (Refusal::SignatureExpired, Class::Clock, "is the clock right?"),
        (Refusal::WrongSignature, Class::Denied, "may these credentials do that?"),
        (Refusal::Denied("dynamodb:GetItem".into()), Class::Denied, "not authorized: dynamodb:GetItem"),
        (Refusal::NoTable, Class::Absent, "Requested resource not found"),
        (Refusal::Invalid("no".into()), Class::Ours, "ValidationException no"),
        (Refusal::LostAnswer, Class::Passing, "dynamodb cannot be reached"),
    ] {
        aws.answer_next(refusal);
        let error = table.get(&key("a")).await.expect_err("a failure");
        assert_eq!(error.class(), class, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let client = Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
    let other = Table::new(client, TableName::parse("another").expect("a name"));
    let error = other.get(&key("a")).await.expect_err("a failure");
    assert!(matches!(error, CallError::Refused { .. }) && error.class() == Class::Absent, "{error}");
}

#[tokio::test]
async fn a_request_with_another_secret_is_refused() {
    let (aws, _) = table().await;
    let mut access = aws.access();
    access.credentials.secret_access_key = "another".into();
    let client = Client::new(access, Kept::Not, SystemTime::now).expect("a client");
    let table = Table::new(client, TableName::parse(TABLE).expect("a name"));
    assert_eq!(table.get(&key("a")).await.expect_err("a failure").class(), Class::Denied);
}

#[tokio::test]
async fn neither_secrets_nor_values_are_printed() {
    let (aws, table) = table().await;
    let mut item = key("a");
    item.insert("token".to_owned(), Attribute::from("planted"));
    let printed =
        format!("{table:?} {item:?} {:?} {:?}", aws.access(), Update::default().set("t", "planted"));
    assert!(!printed.contains("planted") && !printed.contains(FakeAws::SECRET_ACCESS_KEY), "{printed}");
}

#[test]
fn a_table_has_a_name_as_dynamodb_allows_it() {
    for good in ["abc", "porch-prod-doorbell", "a_b.C9"] {
        assert_eq!(TableName::parse(good).expect(good).as_str(), good);
    }
    for bad in ["", "ab", "a b c", "grants/2", &"x".repeat(256)] {
        assert_eq!(TableName::parse(bad), None, "{bad}");
    }
}
