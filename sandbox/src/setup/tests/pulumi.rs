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

#[tokio::test]
async fn secrets_are_told_on_standard_input_and_all_else_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("pulumi");
    fs::write(&program, PULUMI).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.path().join("listing"), r#"{"aws:region": {"value": "eu-west-1", "secret": false}}"#)
        .unwrap();
    let at = folder.path().to_owned();
    let mut pulumi = Pulumi { program, folder: at, variables: Vec::new(), stack: "prod".into() };

    let listing = pulumi.open().await.unwrap();
    assert_eq!(Known::of_listing(&listing).unwrap().get("aws:region"), Some("eu-west-1"));
    let secret = Question::ClientSecret.read(CLIENT_SECRET).unwrap();
    let change = [secret, Question::Bells.read("Front door").unwrap()].concat();
    pulumi.set(&change).await.unwrap();
    insta::assert_snapshot!(fs::read_to_string(folder.path().join("arguments")).unwrap());
    assert_eq!(fs::read_to_string(folder.path().join("input")).unwrap(), CLIENT_SECRET);
}
