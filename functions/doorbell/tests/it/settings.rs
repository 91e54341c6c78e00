//! Which environments are good, and what is said about the others.

use std::collections::HashMap;
use std::ffi::OsString;

use crate::rig::GOOD;
use doorbell::{Settings, VARIABLES};

fn read(changes: &[(&'static str, Option<&'static str>)]) -> Result<Settings, String> {
    let mut environment = HashMap::from(GOOD);
    for (name, value) in changes {
        match value {
            Some(value) => drop(environment.insert(name, value)),
            None => drop(environment.remove(name)),
        }
    }
    Settings::read(|name| environment.get(name).map(OsString::from)).map_err(|wrong| wrong.to_string())
}

#[test]
fn all_that_is_wrong_is_reported_at_once() {
    let changes = [
        ("TABLE_PARAMETER", None),
        ("BELLS_PARAMETER", Some("two words")),
        ("LWA_URL", Some("api.amazon.com")),
        ("DEBUG", Some("maybe")),
        ("AWS_SECRET_ACCESS_KEY", Some("a secret with blanks")),
    ];
    insta::assert_snapshot!(read(&changes).expect_err("wrong settings"), @r"
    doorbell: 5 settings are wrong
      TABLE_PARAMETER        not set                    expected the name of an SSM parameter, like /porch/prod/bridge/key
      BELLS_PARAMETER        found `two words`          expected the name of an SSM parameter, like /porch/prod/bridge/key
      DEBUG                  found `maybe`              expected true, false, 1, 0, yes or no
      LWA_URL                found `api.amazon.com`     expected an http(s) URL without user, query or fragment
      AWS_SECRET_ACCESS_KEY  a value that is not shown  expected credentials of AWS, which Lambda sets
    ");
}

#[test]
fn amazon_is_where_amazon_is_unless_told_otherwise() {
    assert_eq!(read(&[]).expect("good settings").lwa_url, "https://api.amazon.com/");
    let changed = read(&[("LWA_URL", Some("http://127.0.0.1:8471"))]).expect("good settings");
    assert_eq!(changed.lwa_url, "http://127.0.0.1:8471/");
}

#[test]
fn every_variable_is_read() {
    for name in VARIABLES {
        // No parameter's name, and no boolean.
        assert!(read(&[(name, Some(" "))]).expect_err(name).contains(name), "{name}");
    }
}
