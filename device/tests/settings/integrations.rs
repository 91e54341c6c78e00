//! The settings of integrations.

use std::fs;
use std::time::Duration;

use camera::Wanted;
use device::integration::IntegrationKind;
use device::integration::camera::CameraSettings;
use device::integration::mqtt::{MqttSettings, Trust};
use device::settings::{Settings, WrongSettings};
use hue::FlashSettings;
use secrecy::ExposeSecret;

use super::{LEAST, credentials, environment};

fn read(text: &str, secrets: &str) -> Result<Settings, WrongSettings> {
    let folder = credentials(secrets);
    Settings::parse(&format!("{LEAST}{text}"), &environment(folder.path()))
}

fn complaint(text: &str, secrets: &str) -> String {
    read(text, secrets).expect_err("something is wrong").to_string()
}

#[test]
fn what_is_not_said_is_as_the_readme_says() {
    let settings = read(
        "[[camera]]\nurl = \"rtsp://camera.lan/1\"\n[[command]]\nrun = [\"true\"]\n[[sound]]\nfile = \"/chime.wav\"\n[[webhook]]\nurl = \"https://e.org/?k=1\"\n",
        "[webhook]\nkey = \"made-up\"\n",
    )
    .expect("good settings");
    let found: Vec<_> = settings
        .doorbell
        .integrations
        .iter()
        .map(|(name, settings)| {
            let terms = &settings.terms;
            assert!(terms.bells.is_none() && !terms.wants_pictures);
            (name.as_str(), terms.deadline.as_secs(), terms.tries)
        })
        .collect();
    assert_eq!(found, [("camera", 20, 1), ("command", 10, 1), ("sound", 30, 1), ("webhook", 10, 3)]);
    assert!(!format!("{settings:?}").contains("made-up"));
}

#[test]
fn everything_can_be_said() {
    let text = r#"
        [[camera]]
        url = "rtsp://camera.lan/stream?channel=1"
        user = "porch"
        before = 2
        after = 1
        spacing_ms = 500
        widest = 1920
        [[command]]
        name = "porch-light"
        run = ["light", "on"]
        bells = ["front-door"]
        deadline_s = 5
        tries = 2
        pictures = true
        [[hue]]
        address = "hue.lan"
        certificate = "9F77032307CED86CFE6CD622891B2FB287B7B82E0511B7EA20BAC96AE64E5793"
        lights = ["Hallway lamp"]
        rooms = ["Entrance"]
        scene = "Entrance/Visitor"
        seconds = 12
        [[sound]]
        file = "/chime.wav"
        player = ["mpv", "--no-video"]
        [[webhook]]
        name = "ntfy"
        url = "http://127.0.0.1:8000/rung"
        json = { message = "{bell_name} at {time}" }
    "#;
    let settings =
        read(text, "[camera]\npassword = \"made-up\"\n[hue]\nkey = \"made-up\"\n").expect("good settings");
    let integrations = settings.doorbell.integrations;
    let IntegrationKind::Camera(CameraSettings { camera, wanted }) = &integrations["camera"].kind else {
        panic!("a camera")
    };
    let expected =
        Wanted { before: 2, after: 1, spacing: Duration::from_millis(500), widest: 1920, ..*wanted };
    assert_eq!(*wanted, expected);
    let password = camera.credentials.as_ref().map(|known| known.password.expose_secret());
    assert_eq!(password, Some("made-up"));
    let IntegrationKind::Hue(hue) = &integrations["hue"].kind else { panic!("lamps") };
    assert_eq!(
        (hue.bridge.address.to_string(), hue.wanted.scene.as_deref()),
        ("hue.lan".into(), Some("Entrance/Visitor"))
    );
    assert_eq!(hue.flash, FlashSettings::new(12).expect("twelve seconds"));
    assert!(!format!("{hue:?}").contains("made-up"), "{hue:?}");
    let terms = &integrations["porch-light"].terms;
    assert!(terms.bells.as_ref().is_some_and(|bells| bells.len() == 1) && terms.wants_pictures);
    assert_eq!((terms.deadline, terms.tries), (Duration::from_secs(5), 2));
    let IntegrationKind::Command(command) = &integrations["porch-light"].kind else { panic!("a command") };
    assert_eq!((command.program.to_str(), &command.arguments[..]), (Some("light"), &["on".to_owned()][..]));
    assert_eq!(integrations.len(), 5);
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_no_secret_is() {
    let text = r#"
        [[command]]
        run = "light on"
        bells = ["garden"]
        deadline_s = 0
        [[command]]
        name = "alexa"
        run = []
        volume = 3
        [[hue]]
        address = "https://hue.lan"
        certificate = "9F:77"
        lights = []
        seconds = 90
        [[hue]]
        name = "cellar"
        address = "hue.lan"
        scene = ""
        [[sound]]
        pictures = true
        [[webhook]]
        name = "command"
        url = "https://me:secret@example.org"
        json = { message = "{who} rings" }
        [[webhook]]
        json = 7
    "#;
    insta::assert_snapshot!(complaint(text, ""), @r#"
    porch-doorbell: 20 settings are wrong
      command 1: bells       found "garden"               expected the ids of bells that are in this file
      command 1: deadline_s  found 0                      expected a number from 1 to 60
      command 1: run         found "light on"             expected a list of a program and its arguments, like ["/usr/local/bin/light", "on"]; no shell reads them
      command 2: name        found "alexa"                expected small letters, digits and -, at most 32, and not "alexa"
      command 2: run         found a list                 expected a list of a program and its arguments, like ["/usr/local/bin/light", "on"]; no shell reads them
      command 2: volume      no such setting              expected one of name, bells, deadline_s, tries, pictures, run
      hue 1: address         found "https://hue.lan"      expected the bridge's address, like "192.168.1.20" or "hue.lan", without https://
      hue 1: certificate     found "9F:77"                expected the fingerprint of the bridge's certificate, as `porch-doorbell pair hue` told it
      hue 1: lights          found a list                 expected what is to flash: `lights` or `rooms` (lists of names), or a `scene`
      hue 1: seconds         found 90                     expected a number from 1 to 60
      hue 1: key             not set                      expected in the file of secrets, under this integration's name, the `key` that the bridge gave to `porch-doorbell pair hue`
      hue 2: certificate     not set                      expected the fingerprint of the bridge's certificate, as `porch-doorbell pair hue` told it
      hue 2: scene           found ""                     expected a name as the Hue app shows it, or an id
      hue 2: key             not set                      expected in the file of secrets, under this integration's name, the `key` that the bridge gave to `porch-doorbell pair hue`
      sound 1: file          not set                      expected the absolute path of a file
      sound 1: pictures      no such setting              expected one of name, bells, deadline_s, tries, file, player
      webhook 1: url         found a text with `@` in it  expected an http(s) URL without user or fragment
      webhook 1: json        found "{who} rings"          expected a table whose texts have in braces only {bell}, {bell_name}, {time} and {trial}
      webhook 2: url         not set                      expected an http(s) URL without user or fragment
      webhook 2: json        found 7                      expected a table whose texts have in braces only {bell}, {bell_name}, {time} and {trial}
    "#);
    insta::assert_snapshot!(complaint("[webhook]\nurl = \"https://e.org\"", ""), @r"
    porch-doorbell: 1 setting is wrong
      webhook  found a table  expected a table for each webhook, headed `[[webhook]]`
    ");
    let two = "[[sound]]\nfile = \"/a.wav\"\n[[sound]]\nfile = \"/b.wav\"\n";
    insta::assert_snapshot!(complaint(two, "[camera]\nkey = \"made-up\"\n"), @r#"
    porch-doorbell: 2 settings are wrong
      sound 2: name       found "sound" a second time  expected another name for each integration
      secrets camera.key  no such setting              expected secrets of integrations that are in the settings, under their names
    "#);
    let complaint = complaint("", "[webhook]\nkey = made-up\n");
    assert!(complaint.contains("which is not shown") && !complaint.contains("made-up"), "{complaint}");
}

/// The least there can be of `[mqtt]`, with `more`.
fn mqtt(more: &str, secrets: &str) -> Result<MqttSettings, WrongSettings> {
    let settings = read(&format!("[mqtt]\n{more}"), secrets)?;
    let found = settings.doorbell.integrations.into_iter().next().expect("an integration");
    assert_eq!((found.0.as_str(), found.1.terms.wants_pictures, found.1.terms.tries), ("mqtt", true, 3));
    let IntegrationKind::Mqtt(mqtt) = found.1.kind else { panic!("a broker") };
    Ok(mqtt)
}

#[test]
fn a_broker_is_where_its_url_says() {
    for (url, host, port, is_encrypted) in [
        ("mqtt://192.168.1.5", "192.168.1.5", 1883, false),
        ("mqtt://mqtt.example.net:1884/", "mqtt.example.net", 1884, false),
        ("mqtts://mqtt.example.net", "mqtt.example.net", 8883, true),
        ("mqtt://[fd7a::1]:1883", "fd7a::1", 1883, false),
    ] {
        let found = mqtt(&format!("url = \"{url}\"\n"), "").expect("good settings");
        assert_eq!((&found.broker.host[..], found.broker.port), (host, port), "{url}");
        assert_eq!(found.broker.trust, is_encrypted.then_some(Trust::System), "{url}");
        assert_eq!((&found.prefix[..], &found.discovery_prefix[..]), ("porch", "homeassistant"));
        assert_eq!((&found.device_name[..], found.login.is_none(), found.bells.len()), ("Doorbell", true, 1));
    }
}

#[test]
fn a_password_belongs_to_a_user_and_is_not_shown() {
    let found = mqtt("url = \"mqtt://b\"\nuser = \"bell\"\n", "[mqtt]\npassword = \"made-up\"\n");
    let found = found.expect("good settings");
    let login = found.login.as_ref().expect("a login");
    assert_eq!((&login.user[..], login.password.is_some()), ("bell", true));
    assert!(!format!("{found:?}").contains("made-up"));
}

#[test]
fn all_that_is_wrong_with_a_broker_is_told_at_once() {
    let text = r#"
        [mqtt]
        name = "broker"
        url = "http://bell:secret@broker"
        ca = "/nowhere/ca.pem"
        prefix = "porch/#"
        discovery_prefix = "/homeassistant"
        device_name = ""
        bells = ["garden"]
    "#;
    insta::assert_snapshot!(complaint(text, "[mqtt]\npassword = \"made-up\"\n"), @r#"
    porch-doorbell: 8 settings are wrong
      mqtt.bells             found "garden"                                                   expected the ids of bells that are in this file
      mqtt.url               found a text with `@` in it                                      expected a broker, like "mqtt://192.168.1.5" or "mqtts://mqtt.example.net:8883", without user or path
      mqtt.ca                found `/nowhere/ca.pem`, No such file or directory (os error 2)  expected a file that this user can read, with nothing but certificates of authorities as PEM
      mqtt.user              not set                                                          expected the user whose password is in the secrets
      mqtt.discovery_prefix  found "/homeassistant"                                           expected the beginning of topics, like "porch" or "house/doors": letters, digits, _ - and inner /, at most 64
      mqtt.prefix            found "porch/#"                                                  expected the beginning of topics, like "porch" or "house/doors": letters, digits, _ - and inner /, at most 64
      mqtt.device_name       found ""                                                         expected what people call the doorbell, like "Doorbell", at most 64 letters
      mqtt.name              no such setting                                                  expected one of bells, deadline_s, tries, url, ca, user, discovery_prefix, prefix, device_name
    "#);
    insta::assert_snapshot!(complaint("[[mqtt]]\nurl = \"mqtt://b\"\n", ""), @r#"
    porch-doorbell: 2 settings are wrong
      mqtt      found a list  expected a table, `[mqtt]`
      mqtt.url  not set       expected a broker, like "mqtt://192.168.1.5" or "mqtts://mqtt.example.net:8883", without user or path
    "#);
    for url in
        ["mqtt://", "mqtt://b:0", "mqtt://b:99999", "mqtt://b/path", "mqtt://b?x", "mqtt://u@b", "b:1883"]
    {
        let told = complaint(&format!("[mqtt]\nurl = \"{url}\"\n"), "");
        assert!(told.contains("mqtt.url") && told.contains("expected a broker"), "{url}: {told}");
    }
}

#[test]
fn certificates_of_a_brokers_authority_are_read_strictly() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let certificate = rcgen::generate_simple_self_signed(["b".to_owned()]).expect("a certificate");
    let (pem, key) = (certificate.cert.pem(), certificate.signing_key.serialize_pem());
    let read = |url: &str, text: &str| {
        fs::write(&file, text).expect("a file");
        mqtt(&format!("url = \"{url}\"\nca = \"{}\"\n", file.display()), "")
    };
    let found = read("mqtts://b", &format!("{pem}{pem}")).expect("good settings");
    let Some(Trust::Authorities(authorities)) = found.broker.trust else { panic!("authorities") };
    assert_eq!(authorities.len(), 2);
    let broken = pem.replacen("MII", "MIJ", 1);
    for (url, text, wanted) in [
        ("mqtt://b", &pem, "nothing, unless url begins with mqtts:"),
        ("mqtts://b", &format!("{pem}{key}"), "which has more in it than certificates"),
        ("mqtts://b", &"ca".to_owned(), "which is not PEM, and nothing before -----BEGIN or after END"),
        ("mqtts://b", &broken, "which is not PEM whose base64 is right; it was cut or changed"),
    ] {
        let told = read(url, text).expect_err("something is wrong").to_string();
        assert!(told.contains("mqtt.ca") && told.contains(wanted) && !told.contains("PRIVATE"), "{told}");
    }
}

#[test]
fn a_camera_has_its_password_in_the_secrets_and_nowhere_else() {
    let text = r#"
        [[camera]]
        [[camera]]
        name = "second"
        url = "rtsp://porch:made-up@camera.lan/1"
        user = "porch"
        [[camera]]
        name = "third"
        url = "http://camera.lan/1"
        before = 6
        spacing_ms = 100
        widest = 5000
        pictures = true
    "#;
    let found = complaint(text, "[third]\npassword = \"made-up\"\n");
    insta::assert_snapshot!(found, @r#"
    porch-doorbell: 9 settings are wrong
      camera 1: url         not set                      expected the URL of the camera's stream, like "rtsp://camera.lan/stream1"
      camera 2: url         found a text with `@` in it  expected a URL without user and password, which have settings of their own
      camera 2: user        found a user alone           expected the camera's `password` as well, in the secrets under this integration's name
      camera 3: url         found "http://camera.lan/1"  expected a URL that begins with rtsp://, which is all that is spoken here
      camera 3: user        not set                      expected the user whose password is in the secrets
      camera 3: before      found 6                      expected a number from 0 to 5
      camera 3: spacing_ms  found 100                    expected a number from 200 to 2000
      camera 3: widest      found 5000                   expected a number from 160 to 3840
      camera 3: pictures    no such setting              expected one of name, bells, deadline_s, tries, url, user, before, after, spacing_ms, widest
    "#);
    assert!(!found.contains("made-up"));
}
