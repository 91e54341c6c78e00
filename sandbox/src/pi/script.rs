//! The script's text: what is filled in for a stack, before what is the same for everybody.

use std::fmt::Write as _;

use super::bells::{Bell, Wiring};
use super::{Elsewhere, text};
use crate::error::{Error, Result};
use crate::exports;
use crate::pulumi::Outputs;

/// What is the same for everybody.
const SET_UP: &str = include_str!("set-up.sh");

/// The name of the file on the machine at the door.
pub const FILE: &str = "porch-pi.sh";

/// What has to be done about a stack that lacks something.
const PUBLISH: &str = "set `porch:device` and `porch:doorbell`, as README says, and run `pulumi up`";

/// The script. It holds a secret key, which its `Debug` does not show.
pub struct Script {
    text: String,
    stack: String,
}

impl Script {
    /// The script for a machine of the stack `stack` with the buttons of `wiring`.
    ///
    /// # Errors
    /// When the stack publishes no package, or has other bells.
    pub fn new(
        stack: &str,
        outputs: &Outputs,
        wiring: &Wiring,
        elsewhere: Option<&Elsewhere>,
    ) -> Result<Self> {
        let output = |name: &str| text(outputs, name, PUBLISH);
        let bells: Vec<Bell> = serde_json::from_str(output("doorbellBells")?).map_err(|error| {
            Error::Answer(format!("the stack's output doorbellBells is no list: {error}"))
        })?;
        let bells = wiring.of(&bells)?;
        let arn = output("doorbellFunctionArn")?;
        let region = arn.split(':').nth(3).unwrap_or_default();
        let manifest = output("devicePackageManifestKey")?;
        // PREFIX/ARCHITECTURE/latest.json
        let architecture = manifest.rsplit('/').nth(1).unwrap_or_default();
        let bucket = output("devicePackageBucket")?;
        let bucket_url = match elsewhere {
            Some(elsewhere) => format!("{}/{bucket}", elsewhere.aws),
            None => format!("https://{bucket}.s3.{region}.amazonaws.com"),
        };
        let settings = settings(region, output("doorbellParameters")?, &bells, elsewhere);
        let filled_in = [
            ("ARCHITECTURE", architecture),
            ("REGION", region),
            ("BUCKET_URL", &bucket_url),
            ("MANIFEST_KEY", manifest),
            ("PUBLIC_KEY", output("deviceSigningPublicKey")?),
            ("ACCESS_KEY_ID", output("doorbellAccessKeyId")?),
            ("SECRET_ACCESS_KEY", output("doorbellSecretAccessKey")?),
        ];
        let mut text = format!(
            "#!/bin/sh\n# Sets up the doorbell of the stack {stack} on this machine: sudo sh {FILE}\n#\n\
             # IT HOLDS A SECRET KEY. Delete it when it has done its work, here and where it was made; `--delete` does that\n\
             # here, if all went well.\n\n"
        );
        for (name, value) in filled_in {
            let _ = writeln!(text, "{name}={}", quoted(value));
        }
        let _ = write!(text, "\nsettings() {{\n    printf %s {}\n}}\n\n{SET_UP}", quoted(&settings));
        Ok(Self { text, stack: stack.to_string() })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How its file is called where it is made.
    #[must_use]
    pub fn file(&self) -> String {
        format!("porch-pi-{}.sh", self.stack)
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script").field("stack", &self.stack).finish_non_exhaustive()
    }
}

/// The daemon's settings.
fn settings(region: &str, parameters: &str, bells: &[(Bell, u8)], elsewhere: Option<&Elsewhere>) -> String {
    let mut text = format!("[aws]\nregion = {region:?}\nparameters = {parameters:?}\n");
    if let Some(Elsewhere { aws, login, gateway }) = elsewhere {
        let _ = write!(
            text,
            "endpoint = {aws:?}\n\n[alexa]\nlogin_url = {login:?}\ngateway_url = {gateway:?}\n\n\
             [gpio]\nbackend = \"simulated\"\n\n[web]\nlisten = []\n"
        );
    }
    for (Bell { id, name }, gpio) in bells {
        // Neither has quotes, backslashes or control characters: the stack sees to that.
        let _ = write!(text, "\n[[bell]]\nid = {id:?}\nname = {name:?}\ngpio = {gpio}\n");
    }
    text
}

/// A text as the shell takes it for one word, whatever is in it.
fn quoted(text: &str) -> String {
    String::from_utf8_lossy(&exports::quoted(text.as_ref())).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn outputs() -> Outputs {
        let bells = r#"[{"id":"front-door","name":"Front door"},{"id":"garden","name":"Oma's garden"}]"#;
        [
            ("deviceSigningPublicKey", "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="),
            ("devicePackageBucket", "porch-prod-device-1234567"),
            ("devicePackageManifestKey", "device/arm64/latest.json"),
            ("doorbellAccessKeyId", "AKIAMADEUP"),
            ("doorbellBells", bells),
            ("doorbellFunctionArn", "arn:aws:lambda:eu-west-1:123456789012:function:porch-prod-doorbell"),
            ("doorbellParameters", "/porch/prod/doorbell"),
            ("doorbellSecretAccessKey", "made/up+secret"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_string(), json!(value)))
        .collect()
    }

    fn wiring() -> Wiring {
        let gpio = ["front-door=17", "garden=27"].map(|gpio| gpio.parse().unwrap());
        Wiring { bells: Vec::new(), gpio: gpio.into() }
    }

    #[test]
    fn what_is_filled_in_is_all_that_the_machine_has_to_know() {
        let script = Script::new("prod", &outputs(), &wiring(), None).unwrap();
        let filled_in = script.text().strip_suffix(SET_UP).unwrap();
        assert_snapshot!(filled_in, @r#"
        #!/bin/sh
        # Sets up the doorbell of the stack prod on this machine: sudo sh porch-pi.sh
        #
        # IT HOLDS A SECRET KEY. Delete it when it has done its work, here and where it was made; `--delete` does that
        # here, if all went well.

        ARCHITECTURE='arm64'
        REGION='eu-west-1'
        BUCKET_URL='https://porch-prod-device-1234567.s3.eu-west-1.amazonaws.com'
        MANIFEST_KEY='device/arm64/latest.json'
        PUBLIC_KEY='A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg='
        ACCESS_KEY_ID='AKIAMADEUP'
        SECRET_ACCESS_KEY='made/up+secret'

        settings() {
            printf %s '[aws]
        region = "eu-west-1"
        parameters = "/porch/prod/doorbell"

        [[bell]]
        id = "front-door"
        name = "Front door"
        gpio = 17

        [[bell]]
        id = "garden"
        name = "Oma'\''s garden"
        gpio = 27
        '
        }
        "#);
        assert!(!format!("{script:?}").contains("made/up+secret"));
    }

    #[test]
    fn on_the_sandbox_everything_is_elsewhere_and_buttons_are_played() {
        let elsewhere = Elsewhere {
            aws: "http://127.0.0.1:4566".into(),
            login: "http://127.0.0.1:9500".into(),
            gateway: "http://127.0.0.1:9501".into(),
        };
        let wiring = Wiring { bells: vec!["garden".into()], gpio: Vec::new() };
        let script = Script::new("dev", &outputs(), &wiring, Some(&elsewhere)).unwrap();
        for line in [
            "BUCKET_URL='http://127.0.0.1:4566/porch-prod-device-1234567'",
            "endpoint = \"http://127.0.0.1:4566\"",
            "backend = \"simulated\"",
        ] {
            assert!(script.text().contains(line), "{line}");
        }
        assert!(!script.text().contains("front-door"), "another machine has that bell");
    }

    #[test]
    fn a_stack_that_lacks_something_is_told_of() {
        for name in outputs().into_keys() {
            let mut outputs = outputs();
            outputs.remove(&name);
            let told = Script::new("prod", &outputs, &wiring(), None).unwrap_err().to_string();
            assert!(
                told.starts_with(&format!("the stack has no output {name}; set `porch:device`")),
                "{told}"
            );
        }
    }

    #[test]
    fn a_shell_reads_the_script_to_its_end() {
        let script = Script::new("prod", &outputs(), &wiring(), None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(script.file());
        std::fs::write(&file, script.text()).unwrap();
        let read = Command::new("sh").arg("-n").arg(&file).stdin(Stdio::null()).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    }
}
