//! The life of a package, from its first preview to its removal.

use std::time::Duration;

use aws::fake::Refusal;
use package::{Architecture, Manifest, SigningKey};
use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use serde_json::{Value, json};
use tonic::Code;

use crate::rig::{BUCKET, PACKAGE, Rig, now};

/// A pair that is used nowhere else.
const PRIVATE: &str = "MFECAQEwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fgSEAA6EHv/POEL4dcN0Y50vAmWfk1jCb\
                       pQ1fHdyGZBJVMbg=";

/// Of this machine, whose standard library every Rust has.
fn architecture() -> Architecture {
    if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::Amd64 }
}

fn inputs() -> Value {
    json!({
        "architecture": architecture().name(),
        "bucket": BUCKET,
        "region": "eu-west-1",
        "prefix": "device",
        "signingKey": { "secret": PRIVATE },
    })
}

async fn rig() -> Rig {
    Rig::for_devices(PACKAGE).await
}

/// Inputs as the engine has them after `check`.
async fn checked(rig: &mut Rig) -> Value {
    let (inputs, failures) = rig.check(&inputs()).await.unwrap();
    assert_eq!(failures, Vec::<String>::new());
    inputs
}

async fn published(rig: &mut Rig) -> Value {
    let inputs = checked(rig).await;
    rig.create(&inputs, false).await.unwrap()
}

/// The manifest that is in the bucket, as a device reads it.
fn manifest(rig: &Rig, state: &Value) -> Manifest {
    let published = rig.aws.objects(BUCKET)[state["manifestKey"].as_str().unwrap()].clone();
    let key = SigningKey::parse(&PRIVATE.into()).unwrap().public_key();
    key.open(&published, architecture()).unwrap()
}

#[tokio::test]
async fn a_package_is_built_signed_and_published() {
    let mut rig = rig().await;
    let inputs = checked(&mut rig).await;
    let state = rig.create(&inputs, false).await.unwrap();
    let (hash, name) = (inputs["sourceHash"].as_str().unwrap(), architecture().name());
    let version = format!("0.1.0+20260301081530.{}", &hash[..10]);
    assert_eq!(state["version"], version);
    assert_eq!(state["key"], format!("device/{name}/porch-doorbell_{version}_{name}.deb"));
    assert_eq!(state["manifestKey"], format!("device/{name}/latest.json"));
    assert_eq!(state["signingKey"], inputs["signingKey"], "it stays a secret");
    let (manifest, objects) = (manifest(&rig, &state), rig.aws.objects(BUCKET));
    let package = &objects[state["key"].as_str().unwrap()];
    manifest.check(package).unwrap();
    assert_eq!(manifest.published_at, time::OffsetDateTime::from(now()));
    assert_eq!(manifest.version.as_str(), version);
    assert_eq!(state["sha256"], manifest.sha256.to_string());
    assert_eq!(state["sizeBytes"].as_f64().unwrap() as usize, package.len());
    let said = rig.said.everything().join("\n");
    for text in ["building porch-doorbell for", "uploading 0.0 MB to porch-dev-device"] {
        assert!(said.contains(text), "{text} is not in\n{said}");
    }
    assert_eq!(rig.said.lines(), [format!("published {version} for {name} (0.0 MB)")]);
}

#[tokio::test]
async fn what_goes_into_the_package_changes_the_hash_of_the_sources() {
    let mut rig = rig().await;
    let before = checked(&mut rig).await["sourceHash"].clone();
    assert_eq!(before.as_str().unwrap().len(), 64);
    rig.write("functions/echo/src/main.rs", "fn main() { }\n");
    assert_eq!(checked(&mut rig).await["sourceHash"], before);
    for path in ["device/src/main.rs", "device/package/files/etc/porch/doorbell.toml"] {
        let before = checked(&mut rig).await["sourceHash"].clone();
        rig.write(path, "// another\n");
        assert_ne!(checked(&mut rig).await["sourceHash"], before, "{path}");
    }
}

#[tokio::test]
async fn a_preview_builds_nothing() {
    let mut rig = rig().await;
    rig.remove_tool("cargo-zigbuild");
    let mut given = inputs();
    given["bucket"] = json!("unknown");
    given["signingKey"] = json!("unknown");
    let (inputs, failures) = rig.check(&given).await.unwrap();
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(inputs["sourceHash"].as_str().unwrap().len(), 64, "the sources are known");
    let state = rig.create(&inputs, true).await.unwrap();
    for name in ["key", "manifestKey", "version", "sha256", "sizeBytes"] {
        assert_eq!(state[name], "unknown", "{name}");
    }
    assert_eq!(rig.aws.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_is_a_secret_even_if_the_program_forgot_to_say_so() {
    let mut rig = rig().await;
    let mut given = inputs();
    given["signingKey"] = json!(PRIVATE);
    let (inputs, _) = rig.check(&given).await.unwrap();
    assert_eq!(inputs["signingKey"], json!({ "secret": PRIVATE }));
}

#[tokio::test]
async fn each_publication_is_later_than_the_one_before_even_within_a_second() {
    let mut rig = rig().await;
    let first = published(&mut rig).await;
    let inputs = checked(&mut rig).await;
    let second = rig.update(&first, &inputs).await.unwrap();
    assert_ne!(first["version"], second["version"]);
    let date = |state: &Value| state["version"].as_str().unwrap()["0.1.0+".len()..][..14].to_owned();
    assert_eq!((date(&first).as_str(), date(&second).as_str()), ("20260301081530", "20260301081531"));
    let objects = rig.aws.objects(BUCKET);
    assert!(!objects.contains_key(first["key"].as_str().unwrap()), "the bucket has it as an old version");
    assert_eq!(rig.aws.versions(BUCKET), 5, "two packages, two manifests, a removal");
    assert_eq!(manifest(&rig, &second).key, second["key"]);
    assert!(!rig.is_there(&first).await.unwrap() && rig.is_there(&second).await.unwrap());
}

#[tokio::test]
async fn only_another_place_replaces_a_package() {
    let mut rig = rig().await;
    let old = checked(&mut rig).await;
    assert_eq!(rig.diff(&old, &old).await.changes(), rpc::diff_response::DiffChanges::DiffNone);
    for (name, value, replaces) in [
        ("sourceHash", "0", false),
        ("region", "us-east-1", false),
        ("signingKey", "another", false),
        ("bucket", "another", true),
        ("prefix", "another", true),
        ("architecture", "armhf", true),
    ] {
        let mut new = old.clone();
        new[name] = json!(value);
        let diff = rig.diff(&old, &new).await;
        assert_eq!(
            (diff.diffs.as_slice(), diff.replaces.len()),
            (&[name.to_owned()][..], replaces.into()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_package_that_is_not_as_it_was_published_is_reported_gone() {
    type Change = fn(&Rig, &Value);
    let changes: [(&str, Change); 5] = [
        ("removed", |rig, state| rig.aws.put_object(BUCKET, state["key"].as_str().unwrap(), None)),
        ("another", |rig, state| {
            rig.aws.put_object(BUCKET, state["key"].as_str().unwrap(), Some(b"another"));
        }),
        ("no manifest", |rig, state| {
            rig.aws.put_object(BUCKET, state["manifestKey"].as_str().unwrap(), None);
        }),
        ("no signature", |rig, state| {
            rig.aws.put_object(BUCKET, state["manifestKey"].as_str().unwrap(), Some(b"{}"));
        }),
        ("no bucket", |rig, _| rig.aws.remove_bucket(BUCKET)),
    ];
    for (name, change) in changes {
        let mut rig = rig().await;
        let state = published(&mut rig).await;
        assert!(rig.is_there(&state).await.unwrap(), "{name}");
        change(&rig, &state);
        assert!(!rig.is_there(&state).await.unwrap(), "{name}");
    }
}

#[tokio::test]
async fn delete_removes_every_version_and_may_be_repeated() {
    let mut rig = rig().await;
    let first = published(&mut rig).await;
    let inputs = checked(&mut rig).await;
    let second = rig.update(&first, &inputs).await.unwrap();
    rig.aws.put_object(BUCKET, "device/another", Some(b"not ours"));
    rig.delete(&second).await.unwrap();
    assert_eq!(rig.aws.versions(BUCKET), 1, "what was not published here stays");
    rig.delete(&second).await.unwrap();
    rig.aws.remove_bucket(BUCKET);
    rig.delete(&second).await.unwrap();
}

#[tokio::test]
async fn a_fault_that_passes_is_none() {
    let mut rig = rig().await;
    let inputs = checked(&mut rig).await;
    for refusal in [Refusal::Throttled, Refusal::InternalError, Refusal::LostAnswer] {
        rig.aws.answer_next(refusal);
    }
    rig.create(&inputs, false).await.unwrap();
}

/// The message of a create that fails.
async fn create_fails(rig: &mut Rig) -> String {
    let inputs = checked(rig).await;
    let status = rig.create(&inputs, false).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    assert!(!status.message().contains(&PRIVATE[..20]), "{status}");
    status.message().replace(architecture().name(), "ARCHITECTURE")
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let mut told = Vec::new();
    for (name, prepare) in [
        ("no bucket", (|rig| rig.aws.remove_bucket(BUCKET)) as fn(&Rig)),
        ("no permission", |rig| rig.aws.deny("s3:PUT")),
        ("unknown keys", |rig| rig.aws.answer_next(Refusal::WrongSignature)),
        ("no zig", |rig| rig.remove_tool("cargo-zigbuild")),
        ("compile error", |rig| rig.tool("cargo-zigbuild", "echo 'error: expected `;`' >&2; exit 101")),
    ] {
        let mut rig = rig().await;
        prepare(&rig);
        told.push(format!("{name}: {}", create_fails(&mut rig).await.trim_end()));
        assert!(
            rig.aws.asked().iter().all(|asked| !asked.ends_with("latest.json") || asked.starts_with("GET"))
        );
    }
    let hash = checked(&mut rig().await).await["sourceHash"].as_str().unwrap()[..10].to_owned();
    insta::assert_snapshot!(told.join("\n\n").replace(&hash, "HASH"), @r#"
    no bucket: device-package: there is no bucket porch-dev-device in eu-west-1; create it first, with a resource that this one takes it from

    no permission: device-package: writing device/ARCHITECTURE/porch-doorbell_0.1.0+20260301081530.HASH_ARCHITECTURE.deb in bucket porch-dev-device: s3 answered 403 Forbidden: AccessDenied Denied("s3:PUT"); may these credentials do that?; `pulumi up` goes on from here

    unknown keys: device-package: not logged in to AWS; log in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and run pulumi again
    s3 answered 403 Forbidden: SignatureDoesNotMatch WrongSignature; may these credentials do that?

    no zig: device-package: cargo-zigbuild is not installed, and building porch-doorbell for ARCHITECTURE needs it; install it with `pip install cargo-zigbuild`, which brings zig along, see https://github.com/rust-cross/cargo-zigbuild

    compile error: device-package: building porch-doorbell for ARCHITECTURE failed (exit status: 101)

    error: expected `;`
    "#);
}

#[tokio::test]
async fn a_cancel_ends_the_build_and_publishes_nothing() {
    let mut rig = rig().await;
    rig.tool("cargo-zigbuild", "echo '   Compiling serde v1.0.0' >&2; exec sleep 600");
    let inputs = checked(&mut rig).await;
    let (mut client, said) = (rig.client.clone(), rig.said.clone());
    let building = tokio::spawn(async move {
        let status = rig.create(&inputs, false).await.unwrap_err();
        (status, rig.aws.versions(BUCKET))
    });
    while !said.everything().iter().any(|text| text.starts_with("building")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.cancel(()).await.unwrap();
    let (status, versions) = building.await.unwrap();
    assert_eq!((status.code(), versions), (Code::Cancelled, 0), "{status}");
}
