//! The settings that the package installs are settings, all of them.

use std::collections::BTreeSet;

use device::environment::Environment;
use device::settings::Settings;
use toml::{Table, Value};

const SHIPPED: &str = include_str!("../package/files/etc/porch/doorbell.toml");

/// The file with every setting that is only shown in it.
fn with_everything() -> String {
    let shown = |line: &str| {
        let code = line.strip_prefix('#').filter(|code| !code.starts_with(' '));
        code.unwrap_or(line).to_owned() + "\n"
    };
    SHIPPED.lines().map(shown).collect()
}

/// What the unit hands to the daemon where there is no file of secrets.
const NO_SECRETS: &str = "# there are none";

/// A folder with the keys to AWS and these secrets, as the unit hands them to the daemon.
fn environment(secrets: &str) -> (tempfile::TempDir, Environment) {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = "[default]\naws_access_key_id = AKIAMADEUP\naws_secret_access_key = made-up\n";
    std::fs::write(folder.path().join("aws"), keys).expect("a file");
    std::fs::write(folder.path().join("secrets"), secrets).expect("a file");
    let path = folder.path().as_os_str().to_owned();
    let environment = Environment::read(|name| (name == "CREDENTIALS_DIRECTORY").then(|| path.clone()));
    (folder, environment)
}

#[test]
fn what_is_installed_is_good_as_it_is() {
    let (_folder, environment) = environment(NO_SECRETS);
    Settings::parse(SHIPPED, &environment).expect("good settings");
}

#[test]
fn what_is_only_shown_is_good_too() {
    let key = "k".repeat(40);
    let secrets =
        format!("[hue]\nkey = \"{key}\"\n[camera]\npassword = \"made-up\"\n[mqtt]\npassword = \"made-up\"\n");
    let (folder, environment) = environment(&secrets);
    let authority = rcgen::generate_simple_self_signed(["broker".to_owned()]).expect("a certificate");
    std::fs::write(folder.path().join("mqtt-ca.pem"), authority.cert.pem()).expect("a file");
    // Files that are not on this machine.
    let mut text = with_everything();
    for name in ["aws", "secrets", "mqtt-ca.pem"] {
        let file = &format!("/etc/porch/{name}");
        assert!(text.contains(file), "{file}");
        text = text.replace(file, &folder.path().join(name).display().to_string());
    }
    Settings::parse(&text, &environment).expect("good settings");
}

#[test]
fn every_setting_of_the_readme_is_shown_and_no_other() {
    let mut shown = BTreeSet::new();
    for (name, value) in with_everything().parse::<Table>().expect("toml") {
        let tables: Vec<&Table> = match &value {
            Value::Table(table) => vec![table],
            Value::Array(tables) => tables.iter().filter_map(Value::as_table).collect(),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_) => {
                shown.insert(name);
                continue;
            }
        };
        for setting in tables.into_iter().flat_map(Table::keys) {
            // The README has the settings of a bell, and those that every integration has, by their own names.
            let of_all = ["name", "bells", "deadline_s", "tries", "pictures"].contains(&setting.as_str());
            let full = if name == "bell" || of_all { setting.clone() } else { format!("{name}.{setting}") };
            shown.insert(full);
        }
    }
    let readme = include_str!("../README.md").lines();
    let told: BTreeSet<String> =
        readme.filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect();
    assert_eq!(shown, told);
}

#[test]
fn what_is_shown_as_a_default_is_one() {
    let (_folder, environment) = environment(NO_SECRETS);
    let defaults = ["log", "heartbeat_s", "backend", "active", "pull", "stable_ms", "lockout_ms", "stuck_s"];
    let mut with_defaults = SHIPPED.to_owned();
    for name in defaults {
        let hidden = format!("\n#{name} = ");
        assert!(with_defaults.contains(&hidden), "{name}");
        with_defaults = with_defaults.replace(&hidden, &format!("\n{name} = "));
    }
    let read = |text: &str| format!("{:?}", Settings::parse(text, &environment).expect("good settings"));
    assert_eq!(read(&with_defaults), read(SHIPPED));
}
