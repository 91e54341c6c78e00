//! The environment variables that a function sees, as Lambda documents them ("Defined runtime environment
//! variables" in its developer guide).

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use crate::credentials::FunctionCredentials;
use crate::function::FunctionConfiguration;
use crate::image::ImageConfiguration;

/// The image's variables, over them the function's own, over them Lambda's.
///
/// `endpoint` is the emulator, and `elsewhere` names what else is at another place here: AWS would set neither, and
/// the image's and the function's own variables come before them.
pub fn variables(
    function: &FunctionConfiguration,
    image: &ImageConfiguration,
    credentials: &FunctionCredentials,
    endpoint: &str,
    elsewhere: &[(String, String)],
    log_stream: &str,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut set = |name: &str, value: &str| all.insert(name.to_owned(), value.to_owned());
    set("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin");
    set("TZ", ":UTC");
    set("AWS_ENDPOINT_URL", endpoint);
    for (name, value) in elsewhere {
        set(name, value);
    }
    for variable in &image.environment {
        if let Some((name, value)) = variable.split_once('=') {
            set(name, value);
        }
    }
    for (name, value) in &function.variables.0 {
        set(name, value);
    }
    set("AWS_REGION", function.region());
    set("AWS_DEFAULT_REGION", function.region());
    set("AWS_ACCESS_KEY_ID", &credentials.access_key_id);
    set("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.expose_secret());
    set("AWS_SESSION_TOKEN", credentials.session_token.expose_secret());
    set("AWS_LAMBDA_FUNCTION_NAME", &function.name);
    set("AWS_LAMBDA_FUNCTION_VERSION", &function.version);
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string());
    // Lambda sets it nowhere, but the emulator reads it: deadlines come from it.
    set("AWS_LAMBDA_FUNCTION_TIMEOUT", &function.timeout.as_secs().to_string());
    set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    set("AWS_LAMBDA_LOG_GROUP_NAME", &function.log_group);
    set("AWS_LAMBDA_LOG_STREAM_NAME", log_stream);
    set("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR");
    set("LAMBDA_TASK_ROOT", "/var/task");
    set("LAMBDA_RUNTIME_DIR", "/var/runtime");
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn a_function_sees_what_lambda_sets_over_its_own_over_the_images_over_what_is_elsewhere() {
        let function =
            FunctionConfiguration::read(include_bytes!("../../tests/fixtures/get-function.json")).unwrap();
        let image =
            ImageConfiguration::read(include_bytes!("../../tests/fixtures/image-config.json")).unwrap();
        let answer = include_str!("../../tests/fixtures/assume-role.xml");
        let credentials = FunctionCredentials::read(answer, SystemTime::UNIX_EPOCH).unwrap();
        let elsewhere = [("HELLO", "nobody"), ("LWA_URL", "http://127.0.0.1:1"), ("AWS_REGION", "nowhere")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let emulator = "http://127.0.0.1:4566";
        let all = variables(&function, &image, &credentials, emulator, &elsewhere, "stream");
        let lines: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        AWS_ACCESS_KEY_ID=ASIA0000000000000001
        AWS_DEFAULT_REGION=us-east-1
        AWS_ENDPOINT_URL=http://127.0.0.1:4566
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256
        AWS_LAMBDA_FUNCTION_NAME=probe
        AWS_LAMBDA_FUNCTION_TIMEOUT=3
        AWS_LAMBDA_FUNCTION_VERSION=$LATEST
        AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
        AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/probe
        AWS_LAMBDA_LOG_STREAM_NAME=stream
        AWS_REGION=us-east-1
        AWS_SECRET_ACCESS_KEY=made-up-secret
        AWS_SESSION_TOKEN=made-up-token
        AWS_XRAY_CONTEXT_MISSING=LOG_ERROR
        GRACE=1
        HELLO=world
        LAMBDA_RUNTIME_DIR=/var/runtime
        LAMBDA_TASK_ROOT=/var/task
        LWA_URL=http://127.0.0.1:1
        PATH=/usr/bin:/bin
        SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
        TZ=:UTC
        ");
    }

    #[test]
    fn no_function_replaces_what_lambda_reserves() {
        let text = include_str!("../../tests/fixtures/get-function.json").replace("HELLO", "AWS_REGION");
        let function = FunctionConfiguration::read(text.as_bytes()).unwrap();
        let answer = include_str!("../../tests/fixtures/assume-role.xml");
        let credentials = FunctionCredentials::read(answer, SystemTime::UNIX_EPOCH).unwrap();
        let all = variables(
            &function,
            &ImageConfiguration::default(),
            &credentials,
            "http://127.0.0.1:4566",
            &[],
            "stream",
        );
        assert_eq!(all["AWS_REGION"], "us-east-1");
    }
}
