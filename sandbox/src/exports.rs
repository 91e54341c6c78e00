//! The variables with which plain `pulumi` works on a stack of the sandbox.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::layout::Layout;
use crate::parts::{amazon, lambda_runner, ministack};
use crate::settings::Settings;

/// The emulator takes any credentials; Amazon takes none like these, should a request ever go astray.
const NO_CREDENTIALS: &str = "test";
/// The region of the emulator's resources, where a stack does not choose its own.
pub(crate) const REGION: &str = "us-east-1";

/// The variables for the stack `stack`: for its engine, for the plugins it starts, and for a person's shell.
#[must_use]
pub fn variables(settings: &Settings, layout: &Layout, stack: &str) -> Vec<(&'static str, OsString)> {
    let mut backend = OsString::from("file://");
    backend.push(layout.pulumi_state());
    vec![
        ("PATH", settings.path_with(&[&pulumi_cli(layout), &layout.bin()])),
        ("PULUMI_HOME", layout.pulumi_home().into()),
        ("PULUMI_BACKEND_URL", backend),
        ("PULUMI_CONFIG_PASSPHRASE_FILE", layout.secret("passphrase").into()),
        // Every command's --config-file: the copy with the sandbox's secrets, so that the tracked file stays as it is.
        ("PULUMI_OPTION_CONFIG_FILE", config_file(layout, stack).into()),
        ("PULUMI_SKIP_UPDATE_CHECK", "true".into()),
        ("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true".into()),
        // Amazon's, by the names that its own command line has for them.
        ("ASK_SMAPI_SERVER_BASE_URL", amazon::SKILLS_URL.into()),
        ("ASK_LWA_TOKEN_HOST", amazon::LOGIN_URL.into()),
        ("PORCH_AWS_STANDIN_LOG", layout.log("aws-stand-in").into()),
        // The stand-in invokes functions where they run; the emulator runs none.
        ("PORCH_LAMBDA_URL", lambda_runner::URL.into()),
        ("AWS_ENDPOINT_URL", ministack::URL.into()),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false".into()),
        ("AWS_REGION", REGION.into()),
        ("AWS_DEFAULT_REGION", REGION.into()),
        ("AWS_ACCESS_KEY_ID", NO_CREDENTIALS.into()),
        ("AWS_SECRET_ACCESS_KEY", NO_CREDENTIALS.into()),
        ("AWS_SESSION_TOKEN", OsString::new()),
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ("NO_PROXY", "127.0.0.1,localhost".into()),
        ("no_proxy", "127.0.0.1,localhost".into()),
    ]
}

/// The folder of the Pulumi CLI. It warns about a YAML host that it finds anywhere but beside itself, also when
/// that is only a link: so the folder itself goes on `PATH`.
fn pulumi_cli(layout: &Layout) -> PathBuf {
    std::fs::read_link(layout.pulumi_cli()).unwrap_or_else(|_| layout.bin())
}

/// The sandbox's own configuration file of a stack.
#[must_use]
pub fn config_file(layout: &Layout, stack: &str) -> PathBuf {
    layout.stacks().join(format!("Pulumi.{stack}.yaml"))
}

/// The variables as lines for `eval` in a POSIX shell.
#[must_use]
pub fn shell_lines(variables: &[(&str, OsString)]) -> Vec<u8> {
    let lines = variables
        .iter()
        .map(|(name, value)| [b"export ", name.as_bytes(), b"=", quoted(value).as_slice(), b"\n"].concat());
    lines.collect::<Vec<_>>().concat()
}

/// A word that a POSIX shell reads as exactly this text.
#[must_use]
pub fn quoted(text: &OsStr) -> Vec<u8> {
    let inner = text.as_bytes().iter().flat_map(|byte| match byte {
        b'\'' => b"'\\''".to_vec(),
        byte => vec![*byte],
    });
    [b'\''].into_iter().chain(inner).chain([b'\'']).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        let values: [&[u8]; 6] =
            [b"plain", b"two words", b"it's $HOME `id` \\ \"x\"", b"", b"line\nbreak", b"\xff\xfe not utf-8"];
        for value in values {
            let variables = [("PORCH_TEST", OsString::from_vec(value.to_vec()))];
            let mut script = shell_lines(&variables);
            script.extend(b"printf %s \"$PORCH_TEST\"");
            let output =
                std::process::Command::new("/bin/sh").arg("-c").arg(OsString::from_vec(script)).output();
            assert_eq!(output.unwrap().stdout, value);
        }
    }

    #[test]
    fn every_line_is_an_export() {
        let settings = Settings::read(std::path::Path::new("/a b/porch"), |name| {
            ["HOME", "PATH"].contains(&name).then(|| OsString::from("/bin"))
        });
        let layout = Layout::of(std::path::Path::new("/a b/porch"));
        let lines = String::from_utf8(shell_lines(&variables(&settings.unwrap(), &layout, "dev"))).unwrap();
        assert!(lines.lines().all(|line| line.starts_with("export ")), "{lines}");
        assert!(
            lines.contains("export PATH='/a b/porch/.sandbox/bin:/a b/porch/.sandbox/bin:/bin'\n"),
            "{lines}"
        );
        let config = "export PULUMI_OPTION_CONFIG_FILE='/a b/porch/.sandbox/stacks/Pulumi.dev.yaml'\n";
        assert!(lines.contains(config), "{lines}");
    }
}
