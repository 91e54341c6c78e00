//! A bucket, against a server that checks signatures and hashes.

use std::time::SystemTime;

use aws::fake::{FakeAws, Refusal};
use aws::s3::{Bucket, BucketName, Head};
use aws::{CallError, Class, Client, Region};
use bytes::Bytes;
use http_client::{Kept, NoAnswer};

const BUCKET: &str = "porch-dev-device";
const KEY: &str = "device/arm64/porch-doorbell_0.1.0+1.ab_arm64.deb";
const TYPE: &str = "application/octet-stream";

async fn bucket() -> (FakeAws, Bucket) {
    let aws = FakeAws::start(&[], "").await;
    aws.make_bucket(BUCKET);
    let bucket = open(&aws, BUCKET);
    (aws, bucket)
}

fn open(aws: &FakeAws, name: &str) -> Bucket {
    let client = Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
    Bucket::new(client, BucketName::parse(name).expect("a name"))
}

#[tokio::test]
async fn what_was_put_is_there_with_its_size_and_hash() {
    let (_aws, bucket) = bucket().await;
    assert_eq!(bucket.head(KEY).await.expect("an answer"), None);
    // A whole package, to be sure that nothing ends early.
    let object = Bytes::from(vec![7; 6 << 20]);
    bucket.put(KEY, TYPE, object.clone()).await.expect("a write");
    assert_eq!(bucket.get(KEY, object.len()).await.expect("the object"), object);
    let Head { size, sha256 } = bucket.head(KEY).await.expect("an answer").expect("the object");
    assert_eq!(size, object.len());
    assert_eq!(sha256.expect("a hash")[..2], [0xc4, 0x3a]);
}

#[tokio::test]
async fn an_object_that_is_too_long_is_not_taken() {
    let (_aws, bucket) = bucket().await;
    bucket.put(KEY, TYPE, Bytes::from_static(b"0123456789")).await.expect("a write");
    let error = bucket.get(KEY, 9).await.expect_err("ten bytes");
    assert!(matches!(error, CallError::Oversized { .. }), "{error}");
    bucket.put(KEY, TYPE, Bytes::from(vec![7; 1 << 20])).await.expect("a write");
    let error = bucket.get(KEY, 9).await.expect_err("a megabyte");
    assert!(matches!(error, CallError::NoAnswer { source: NoAnswer::Oversized, .. }), "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let (aws, bucket) = bucket().await;
    let error = bucket.get(KEY, 9).await.expect_err("nothing");
    assert_eq!((error.to_string(), error.class()), (format!("there is no object {KEY}"), Class::Absent));
    let error = open(&aws, "another-bucket").get(KEY, 9).await.expect_err("nothing");
    assert_eq!(error.to_string(), "s3 answered 404 Not Found: NoSuchBucket absent");
    assert_eq!(error.class(), Class::Absent);
}

#[tokio::test]
async fn what_is_removed_is_an_old_version() {
    let (aws, bucket) = bucket().await;
    bucket.put(KEY, TYPE, Bytes::from_static(b"a package")).await.expect("a write");
    for _ in 0..2 {
        bucket.remove(KEY).await.expect("a removal");
        assert_eq!(bucket.head(KEY).await.expect("an answer"), None);
    }
    assert!(aws.versions(BUCKET) > 1);
}

#[tokio::test]
async fn every_version_is_removed_of_what_begins_so() {
    let (aws, bucket) = bucket().await;
    for version in 0..3_u8 {
        bucket.put(KEY, TYPE, Bytes::from(vec![version])).await.expect("a write");
    }
    aws.put_object(BUCKET, KEY, None);
    aws.put_object(BUCKET, "device/armhf/other", Some(b"other"));
    assert_eq!(bucket.remove_all("device/arm64/").await.expect("removed"), 4);
    assert_eq!(aws.versions(BUCKET), 1);
    assert_eq!(aws.objects(BUCKET).into_keys().collect::<Vec<_>>(), ["device/armhf/other"]);
    assert_eq!(bucket.remove_all("device/arm64/").await.expect("removed"), 0);
}

#[tokio::test]
async fn every_refusal_has_its_class() {
    let (aws, bucket) = bucket().await;
    let cases = [
        (Refusal::Denied("s3:GetObject".into()), Class::Denied),
        (Refusal::Throttled, Class::Passing),
        (Refusal::InternalError, Class::Passing),
        (Refusal::SignatureExpired, Class::Clock),
        (Refusal::WrongSignature, Class::Denied),
        (Refusal::Invalid("something".into()), Class::Ours),
        (Refusal::LostAnswer, Class::Passing),
    ];
    for (refusal, wanted) in cases {
        aws.answer_next(refusal.clone());
        let error = bucket.put(KEY, TYPE, Bytes::new()).await.expect_err("a refusal");
        assert_eq!(error.class(), wanted, "{refusal:?}: {error}");
    }
}

#[tokio::test]
async fn a_request_that_is_signed_for_elsewhere_is_refused() {
    let (aws, _bucket) = bucket().await;
    let client = Client::new(aws.access(), Kept::Not, SystemTime::now).expect("a client");
    let client = client.in_region(Region::parse("us-east-1").expect("a region"));
    let bucket = Bucket::new(client, BucketName::parse(BUCKET).expect("a name"));
    let error = bucket.get(KEY, 9).await.expect_err("another region");
    assert_eq!(error.class(), Class::Denied, "{error}");
}
