//! The settings: what is good, and what is said of all that is not.

mod daemon;
mod integrations;

use std::fs;
use std::path::Path;

use device::environment::Environment;
use tempfile::TempDir;

/// The least there can be.
const LEAST: &str = r#"
[aws]
region = "eu-west-1"
parameters = "/porch/prod/doorbell"

[[bell]]
id = "front-door"
gpio = 17
"#;

const KEYS: &str = "[default]\naws_access_key_id = AKIAMADEUP\naws_secret_access_key = made/up+secret\n";

/// A unit's credentials: the keys to AWS, and these secrets, if there are any.
fn credentials(secrets: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("aws"), KEYS).expect("a file");
    if !secrets.is_empty() {
        fs::write(folder.path().join("secrets"), secrets).expect("a file");
    }
    folder
}

/// The environment of a unit with these credentials.
fn environment(credentials: &Path) -> Environment {
    let credentials = credentials.as_os_str().to_owned();
    Environment::read(|name| match name {
        "CREDENTIALS_DIRECTORY" => Some(credentials.clone()),
        "RUNTIME_DIRECTORY" => Some("/run/here".into()),
        _ => None,
    })
}
