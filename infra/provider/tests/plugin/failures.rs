//! Everything that goes wrong, as the person who runs Pulumi reads it.

use std::time::Duration;

use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use serde_json::json;
use tonic::Code;

use crate::registry::Fault;
use crate::rig::{Rig, inputs};

/// The message of a create that fails, with what differs between runs replaced.
async fn create_fails(rig: &mut Rig) -> String {
    let status = rig.create(&inputs(), false).await.unwrap_err();
    // Others would make Pulumi doubt its state and ask the user to repair it.
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    let message = status.message().replace(&rig.registry.endpoint, "ENDPOINT");
    message.split_inclusive(' ').map(without_digest).collect()
}

/// A word with its hash left out: it changes with the list of certificate authorities.
fn without_digest(word: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let is_hash = |part: &&str| part.len() >= 16 && part.chars().all(is_digit);
    match word.split(|c: char| !c.is_ascii_alphanumeric()).find(is_hash) {
        Some(hash) => word.replace(hash, "HASH"),
        None => word.to_owned(),
    }
}

#[tokio::test]
async fn a_compile_error_is_shown_as_the_compiler_shows_it() {
    let mut rig = Rig::new().await;
    rig.tool(
        "cargo-lambda",
        r#"echo '   Compiling echo v0.1.0
error[E0609]: no field `payloud`
 --> functions/echo/src/main.rs:8:90
  |
8 |     e.payloud
  |       ^^^^^^^ unknown field

error: could not compile `echo`' >&2
        exit 101"#,
    );
    insta::assert_snapshot!(create_fails(&mut rig).await, @r"
    bridge-image: building echo for arm64 failed (exit status: 101)

    error[E0609]: no field `payloud`
     --> functions/echo/src/main.rs:8:90
      |
    8 |     e.payloud
      |       ^^^^^^^ unknown field

    error: could not compile `echo`
    ");
    assert!(rig.registry.contents().uploads.is_empty());
}

#[tokio::test]
async fn an_absent_cargo_lambda_is_named_with_a_way_to_install_it() {
    let mut rig = Rig::new().await;
    rig.remove_tool("cargo-lambda");
    insta::assert_snapshot!(create_fails(&mut rig).await, @"bridge-image: cargo-lambda is not installed, and building echo for arm64 needs it; install it with `pip install cargo-lambda` or `cargo install cargo-lambda --locked`, see https://www.cargo-lambda.info/guide/installation.html");
}

#[tokio::test]
async fn an_absent_go_is_found_in_the_preview() {
    let mut rig = Rig::new().await;
    rig.remove_tool("go");
    let status = rig.check(&inputs()).await.unwrap_err();
    insta::assert_snapshot!(status.message(), @"bridge-image: go is not installed, and building tailscaled needs it; install it from https://go.dev/dl and put its bin folder on PATH");
}

#[tokio::test]
async fn what_go_says_is_shown() {
    let mut rig = Rig::new().await;
    rig.tool("go", r#"case $1 in env) echo go1.26.8 ;; tool) echo tags ;; *) echo 'go: missing go.sum entry' >&2; exit 1 ;; esac"#);
    insta::assert_snapshot!(create_fails(&mut rig).await, @r"
    bridge-image: building tailscaled for arm64 with go1.26.8 failed (exit status: 1)

    go: missing go.sum entry
    
");
    let kept: Vec<_> = std::fs::read_dir(rig.project.path().join("cache")).unwrap().collect();
    assert!(kept.is_empty(), "nothing half may stay in the cache: {kept:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_from_a_compile_error() {
    let mut rig = Rig::new().await;
    rig.tool(
        "cargo-lambda",
        "echo 'error: failed to write: No space left on device (os error 28)' >&2; exit 101",
    );
    insta::assert_snapshot!(create_fails(&mut rig).await, @"bridge-image: building echo for arm64: the disk is full; free some space and run pulumi again");
}

#[tokio::test]
async fn each_refusal_of_the_registry_says_what_to_do() {
    let mut told = Vec::new();
    for fault in [
        Fault::ExpiredCredentials,
        Fault::NoPermission,
        Fault::WrongPassword,
        Fault::MayNotPush,
        Fault::TagTaken,
    ] {
        let mut rig = Rig::new().await;
        rig.registry.contents().fault = fault;
        let message = create_fails(&mut rig).await;
        assert!(!message.contains("planted") && !message.contains("PPPP"), "{message}");
        told.push(format!("{fault:?}: {message}"));
    }
    insta::assert_snapshot!(told.join("\n\n"), @r"
    ExpiredCredentials: bridge-image: not logged in to AWS; log in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and run pulumi again
    ExpiredTokenException: The security token is expired

    NoPermission: bridge-image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch (at ENDPOINT/) does not allow ecr:GetAuthorizationToken: User me is not authorized; give the user or role that runs pulumi this permission

    WrongPassword: bridge-image: not logged in to AWS; log in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and run pulumi again
    the registry refused its own password for the push of sha256:HASH: 401 Unauthorized

    MayNotPush: bridge-image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch does not allow the push of sha256:HASH: 403 DENIED: User me is not authorized to perform ecr:InitiateLayerUpload; give the user or role that runs pulumi this permission

    TagTaken: bridge-image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch has the immutable tag HASH for another image; remove that image, or change a source
    
");
}

#[tokio::test]
async fn a_push_that_was_refused_half_way_goes_on_the_next_time() {
    let mut rig = Rig::new().await;
    rig.registry.contents().fault = Fault::SecondBlobFails;
    let message = create_fails(&mut rig).await;
    assert!(message.contains("refused the push of sha256:") && message.contains("500"), "{message}");
    assert!(!message.contains("planted-upload-key"), "{message}");
    assert_eq!(rig.registry.contents().uploads.len(), 1);
    rig.registry.contents().fault = Fault::None;
    rig.create(&inputs(), false).await.unwrap();
    assert_eq!(rig.registry.contents().uploads.len(), 3, "the first blob was not sent again");
}

#[tokio::test]
async fn a_proxy_that_gives_up_half_way_is_no_success() {
    let mut rig = Rig::new().await;
    rig.registry.contents().fault = Fault::GivesUp;
    let message = create_fails(&mut rig).await;
    assert!(message.contains("refused the push") || message.contains("cannot be reached"), "{message}");
    assert!(rig.registry.contents().manifests.is_empty());
}

#[tokio::test]
async fn an_absent_repository_is_named() {
    let mut rig = Rig::new().await;
    rig.registry.contents().repository_exists = false;
    insta::assert_snapshot!(create_fails(&mut rig).await, @"bridge-image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch (at ENDPOINT/) does not exist; create it first, with a resource that this one takes its repositoryUrl from");
}

#[tokio::test]
async fn wrong_inputs_are_reported_with_what_was_found_and_expected() {
    let mut rig = Rig::new().await;
    let wrong =
        json!({ "function": "functions/echo", "architecture": "arm", "repositoryUrl": "docker.io/porch" });
    let (_, failures) = rig.check(&wrong).await.unwrap();
    insta::assert_snapshot!(failures.join("\n"), @r"
    architecture: found `arm`, expected x86_64 or arm64
    repositoryUrl: found `docker.io/porch`, expected an ECR repository, like 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch
    
");
}

#[tokio::test]
async fn another_type_is_refused_by_name() {
    let mut rig = Rig::new().await;
    let request = rpc::CreateRequest {
        urn: String::from("a::b"),
        r#type: String::from("porch:x:Y"),
        ..Default::default()
    };
    let status = rig.client.create(request).await.unwrap_err();
    assert_eq!(status.message(), "b: porch has no resource of type porch:x:Y");
}

#[tokio::test]
async fn an_image_cannot_be_imported() {
    let mut rig = Rig::new().await;
    let status = rig.is_there(&json!({})).await.unwrap_err();
    assert!(status.message().contains("an image cannot be imported"), "{status}");
}

#[tokio::test]
async fn cancel_ends_a_build_with_all_its_children() {
    let mut rig = Rig::new().await;
    let child = rig.project.path().join("child");
    rig.tool(
        "cargo-lambda",
        &format!("sh -c 'echo $$ > {0}.new; mv {0}.new {0}; exec sleep 600' & wait", child.display()),
    );
    let mut client = rig.client.clone();
    let building = tokio::spawn(async move { rig.create(&inputs(), false).await });
    let child = loop {
        match std::fs::read_to_string(&child) {
            Ok(id) => break id.trim().to_owned(),
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    client.cancel(()).await.unwrap();
    let status = building.await.unwrap().unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Cancelled, "bridge-image: building echo for arm64 was cancelled")
    );
    let is_running = || {
        // A child nobody has waited for yet is still listed, as a zombie.
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    while is_running() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn nothing_begins_after_a_cancel() {
    let mut rig = Rig::new().await;
    rig.client.cancel(()).await.unwrap();
    let status = rig.create(&inputs(), false).await.unwrap_err();
    assert_eq!(status.code(), Code::Cancelled);
    assert_eq!(status.message(), "bridge-image: create was cancelled before it began");
}
