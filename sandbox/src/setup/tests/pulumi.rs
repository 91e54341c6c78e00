//! What Pulumi is told, and how.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// Writes down what it is told; a config is listed as it is in the file beside it.
const PULUMI: &str = r#"#!/bin/sh
echo "$*" >> arguments
case "$1 $2" in
  "config set") cat >> input ;;
  "config --json") cat listing ;;
esac
"#;

const LISTING: &str = r#"{
    "aws:region": {"value": "eu-west-1", "secret": false},
    "porch:doorbell": {"value": "{\"bells\":[{\"id\":\"a\",\"name\":\"A\"},{\"id\":\"b\",\"name\":\"B\"},{\"id\":\"c\",\"name\":\"C\"}]}", "secret": false}
}"#;

#[tokio::test]
async fn secrets_are_told_on_standard_input_and_all_else_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("pulumi");
    fs::write(&program, PULUMI).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.path().join("listing"), LISTING).unwrap();
    let at = folder.path().to_owned();
    let mut pulumi = Pulumi { program, folder: at, variables: Vec::new(), stack: "prod".into() };

    let known = Known::of_listing(&pulumi.open().await.unwrap()).unwrap();
    assert_eq!(known.get("aws:region"), Some("eu-west-1"));
    let secret = Question::ClientSecret.read(CLIENT_SECRET, &known).unwrap();
    pulumi.change(&secret.and(Question::Bells.read("Garden", &known).unwrap())).await.unwrap();
    insta::assert_snapshot!(fs::read_to_string(folder.path().join("arguments")).unwrap());
    assert_eq!(fs::read_to_string(folder.path().join("input")).unwrap(), CLIENT_SECRET);
}
