//! The settings of everything but integrations.

use std::fs;
use std::path::Path;
use std::time::Duration;

use device::button::{Active, ButtonSettings, Line, Pull};
use device::environment::Environment;
use device::password::Hash;
use device::settings::{Settings, WrongSettings, parse_credentials};
use device::web::Place;
use secrecy::ExposeSecret;

use super::{LEAST, credentials, environment};

fn read(text: &str) -> Result<Settings, WrongSettings> {
    Settings::parse(text, &environment(credentials("").path()))
}

/// What is said of `text`, without the folder of the test.
fn complaint(text: &str) -> String {
    read(text).expect_err("something is wrong").to_string()
}

#[test]
fn what_is_not_said_is_as_the_readme_says() {
    let settings = read(LEAST).expect("good settings");
    let (id, bell) = settings.doorbell.bells.first_key_value().expect("a bell");
    assert_eq!((id.as_str(), bell.name.as_str()), ("front-door", "front-door"));
    let line = Line { gpio: 17, active: Active::Low, pull: Pull::Up };
    assert_eq!(bell.button, ButtonSettings::Gpiocdev { chip: None, line });
    assert_eq!(bell.timings.stable, Duration::from_millis(25));
    assert_eq!(bell.timings.lockout, Duration::from_secs(3));
    assert_eq!(bell.timings.stuck, Duration::from_secs(60));
    assert_eq!(settings.doorbell.heartbeat, Duration::from_secs(60));
    assert_eq!(settings.presses, Path::new("/run/here/presses.json"));
    assert_eq!(settings.aws.access.credentials.access_key_id, "AKIAMADEUP");
    assert!(settings.aws.access.endpoints.is_empty());
}

#[test]
fn everything_can_be_said() {
    let settings = read(
        r#"
        log = "debug"
        [aws]
        region = "us-east-1"
        parameters = "/porch/dev/doorbell"
        endpoint = "http://127.0.0.1:4566"
        [alexa]
        heartbeat_s = 300
        gateway_url = "http://127.0.0.1:9500"
        login_url = "http://127.0.0.1:9501"
        [gpio]
        backend = "gpiocdev"
        chip = "/dev/gpiochip4"
        [[bell]]
        id = "front-door"
        name = "Front door"
        gpio = 17
        active = "high"
        stable_ms = 20
        lockout_ms = 5000
        stuck_s = 120
        [[bell]]
        id = "garden"
        gpio = 27
        active = "low"
        pull = "off"
        "#,
    )
    .expect("good settings");
    let buttons: Vec<_> = settings.doorbell.bells.values().map(|bell| bell.button.clone()).collect();
    let on = |gpio, active, pull| ButtonSettings::Gpiocdev {
        chip: Some("/dev/gpiochip4".into()),
        line: Line { gpio, active, pull },
    };
    assert_eq!(buttons, [on(17, Active::High, Pull::Down), on(27, Active::Low, Pull::Off)]);
    assert_eq!(settings.aws.access.endpoints.len(), 3);
    assert_eq!(settings.doorbell.heartbeat, Duration::from_secs(300));
}

#[test]
fn a_simulated_button_is_at_a_socket_of_its_bells_name() {
    let text = format!("{LEAST}\n[gpio]\nbackend = \"simulated\"\n");
    let settings = read(&text).expect("good settings");
    let bell = settings.doorbell.bells.first_key_value().expect("a bell").1;
    assert_eq!(bell.button, ButtonSettings::Simulated("/run/here/front-door.button".into()));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = r#"
        log = "loud"
        colour = "green"
        [aws]
        region = "Frankfurt"
        endpoint = "http://user:password@127.0.0.1"
        [alexa]
        heartbeat_s = 5
        gatway_url = "http://127.0.0.1"
        [gpio]
        backend = "wiringpi"
        [[bell]]
        id = "front door"
        gpio = -1
        active = 0
        stable_ms = 500
        [[bell]]
        name = "Garden"
        pull = "sideways"
    "#;
    insta::assert_snapshot!(complaint(text), @r#"
    porch-doorbell: 15 settings are wrong
      log                found "loud"                 expected "error", "warning", "info" or "debug"
      colour             no such setting              expected one of log, secrets, aws, alexa, gpio, update, bell, history, web, camera, command, hue, mqtt, sound, webhook
      aws.region         found "Frankfurt"            expected the region of AWS that the stack is in, like "eu-west-1"
      aws.parameters     not set                      expected where the stack keeps the doorbell's parameters, like "/porch/prod/doorbell"
      aws.endpoint       found a text with `@` in it  expected an http(s) URL without user, query or fragment
      alexa.heartbeat_s  found 5                      expected a number from 60 to 3600
      alexa.gatway_url   no such setting              expected one of heartbeat_s, gateway_url, login_url
      gpio.backend       found "wiringpi"             expected "gpiocdev", "rppal" or "simulated", and a program that was built with it
      bell 1: id         found "front door"           expected the bell's id as the stack has it, like "front-door": letters, digits, _ and -, at most 64
      bell 1: gpio       found -1                     expected a number from 0 to 255
      bell 1: active     found 0                      expected "low" for a button to ground, "high" for one to 3.3 V
      bell 1: stable_ms  found 500                    expected a number from 20 to 30
      bell 2: id         not set                      expected the bell's id as the stack has it, like "front-door": letters, digits, _ and -, at most 64
      bell 2: pull       found "sideways"             expected "up", "down" or "off"
      bell 2: gpio       not set                      expected the number of the button's GPIO, like 17
    "#);
}

#[test]
fn bells_have_ids_and_buttons_of_their_own() {
    insta::assert_snapshot!(complaint(&format!("{LEAST}\n[[bell]]\nid = \"front-door\"\ngpio = 17\n")), @r#"
    porch-doorbell: 2 settings are wrong
      bell 2: gpio  found the button of another bell a second time  expected a button of its own for each bell
      bell 2: id    found "front-door" a second time                expected another id for each bell
    "#);
}

#[test]
fn what_is_no_settings_at_all_is_told_of() {
    insta::assert_snapshot!(complaint("\n[aws"), @r"
    porch-doorbell: 1 setting is wrong
      line 2  found unclosed table, expected `]`  expected TOML
    ");
    insta::assert_snapshot!(complaint(""), @r#"
    porch-doorbell: 3 settings are wrong
      bell            not set  expected a table for each bell, headed `[[bell]]`
      aws.region      not set  expected the region of AWS that the stack is in, like "eu-west-1"
      aws.parameters  not set  expected where the stack keeps the doorbell's parameters, like "/porch/prod/doorbell"
    "#);
    insta::assert_snapshot!(complaint("aws = 1\nbell = 2\ngpio = []"), @r#"
    porch-doorbell: 5 settings are wrong
      aws             found 1       expected a table, `[aws]`
      gpio            found a list  expected a table, `[gpio]`
      bell            found 2       expected a table for each bell, headed `[[bell]]`
      aws.region      not set       expected the region of AWS that the stack is in, like "eu-west-1"
      aws.parameters  not set       expected where the stack keeps the doorbell's parameters, like "/porch/prod/doorbell"
    "#);
}

#[test]
fn a_file_that_is_not_there_is_told_of_with_the_way_out() {
    let wrong = Settings::load(Path::new("/nowhere/doorbell.toml"), &environment(credentials("").path()));
    insta::assert_snapshot!(wrong.expect_err("no file"), @r"
    porch-doorbell: 1 setting is wrong
      /nowhere/doorbell.toml  found no readable file: No such file or directory (os error 2)  expected the settings, or --settings with their path
    ");
}

#[test]
fn keys_to_aws_are_needed_and_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let complaint = |environment: &Environment| {
        let wrong = Settings::parse(LEAST, environment).expect_err("no keys").to_string();
        wrong.replace(&folder.path().display().to_string(), "DIR")
    };
    insta::assert_snapshot!(complaint(&environment(folder.path())), @r"
    porch-doorbell: 1 setting is wrong
      aws.credentials  found `DIR/aws`: No such file or directory (os error 2)  expected a file that this user can read, with the lines `aws_access_key_id = …` and `aws_secret_access_key = …` below `[default]`
    ");
    fs::write(folder.path().join("aws"), "aws_secret_access_key = made/up+secret\n").expect("a file");
    let found = complaint(&environment(folder.path()));
    insta::assert_snapshot!(found, @r"
    porch-doorbell: 1 setting is wrong
      aws.credentials  found `DIR/aws`, which is not shown  expected a file that this user can read, with the lines `aws_access_key_id = …` and `aws_secret_access_key = …` below `[default]`
    ");
    assert!(!found.contains("made/up"));
}

#[test]
fn no_secret_is_in_the_settings_as_text() {
    let settings = read(LEAST).expect("good settings");
    assert!(!format!("{settings:?}").contains("made/up+secret"));
}

#[test]
fn keys_are_read_as_awss_programs_write_them() {
    let credentials = parse_credentials(
        "# comment\n[other]\naws_access_key_id=AKIAOTHER\n\n[default]\naws_access_key_id=AKIAMADEUP\n\
         aws_secret_access_key = a=b/c+d\nregion = eu-west-1\n",
    )
    .expect("keys");
    assert_eq!(credentials.access_key_id, "AKIAMADEUP");
    assert_eq!(credentials.secret_access_key.expose_secret(), "a=b/c+d");
    assert!(credentials.session_token.is_none());
    for nonsense in ["", "[default]", "nonsense", "[default]\naws_access_key_id=A\naws_secret_access_key=\n"]
    {
        assert!(parse_credentials(nonsense).is_none(), "{nonsense}");
    }
}

#[test]
fn what_the_service_manager_says_is_understood_and_nonsense_is_as_nothing() {
    let set = |name: &str| match name {
        "NOTIFY_SOCKET" => Some("@notify".into()),
        "WATCHDOG_USEC" => Some("30000000".into()),
        "JOURNAL_STREAM" => Some("8:12345".into()),
        _ => None,
    };
    let environment = Environment::read(set);
    assert_eq!(environment.watchdog, Some(Duration::from_secs(30)));
    assert_eq!(environment.notify, Some("@notify".into()));
    assert!(environment.journal && environment.credentials == Path::new("/etc/porch"));
    let nothing = Environment::read(|_| Some("".into()));
    assert_eq!(nothing, Environment::read(|_| None));
    assert_eq!(Environment::read(|_| Some("soon".into())).watchdog, None);
}

#[test]
fn the_page_is_for_this_machine_and_the_tailnet_and_for_others_with_a_password() {
    let settings = read(LEAST).expect("good settings");
    assert_eq!(settings.web.listen, [Place::Loopback, Place::Tailnet]);
    assert_eq!((settings.web.port, settings.history.visits, settings.history.megabytes), (8080, 1000, 200));
    assert_eq!(settings.history.file, Path::new("/var/lib/porch-doorbell/history.db"));
    let open = format!("{LEAST}\n[web]\nlisten = [\"192.168.1.20\"]\n");
    insta::assert_snapshot!(complaint(&open), @r#"
    porch-doorbell: 1 setting is wrong
      secrets web.password_hash  not set  expected what `porch-doorbell password` prints, because web.listen is about more than this machine and the tailnet
    "#);
    let wrong = "[web]\nlisten = [\"lan\"]\nport = 80800\nnames = [\"door:80\"]\n[history]\nmegabytes = 1\n";
    insta::assert_snapshot!(complaint(&format!("{LEAST}\n{wrong}")), @r#"
    porch-doorbell: 4 settings are wrong
      web.listen         found "lan"      expected "loopback", "tailnet", or an address like "192.168.1.20"
      web.port           found 80800      expected a number from 0 to 65535
      web.names          found "door:80"  expected a host's name without a port, like "doorbell.example.org"
      history.megabytes  found 1          expected a number from 16 to 4096
    "#);
    insta::assert_snapshot!(complaint(&format!("{LEAST}\n[web]\nlisten = [\"loopback\", \"0.0.0.0\"]\n")), @r#"
    porch-doorbell: 2 settings are wrong
      web.listen                 found all addresses and others  expected nothing beside an address that stands for all
      secrets web.password_hash  not set                         expected what `porch-doorbell password` prints, because web.listen is about more than this machine and the tailnet
    "#);
}

#[test]
fn a_password_is_kept_as_its_hash_among_the_secrets() {
    let folder = credentials("");
    let secrets = |hash: &str| {
        let path = folder.path().join("secrets");
        fs::write(path, format!("[web]\npassword_hash = \"{hash}\"\n")).expect("a file");
        Settings::parse(&format!("{LEAST}\n[web]\nlisten = [\"0.0.0.0\"]\n"), &environment(folder.path()))
    };
    let hash = Hash::of(&"correct horse".into(), [7; 16]).expect("a hash");
    let settings = secrets(&hash).expect("good settings");
    assert!(settings.web.password.as_ref().is_some_and(|hash| hash.is_of(&"correct horse".into())));
    assert!(!format!("{settings:?}").contains(&hash));
    insta::assert_snapshot!(secrets("correct horse").expect_err("no hash"), @r#"
    porch-doorbell: 1 setting is wrong
      secrets web.password_hash  found a text, which is not shown  expected what `porch-doorbell password` prints
    "#);
}
