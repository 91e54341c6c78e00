//! The functions get every variable that they read, with values that they accept.

use std::collections::BTreeMap;
use std::ffi::OsString;

use aws::sts::{TOKEN_ALGORITHM, TOKEN_LIFE};
use bridge::KeyRenewalSettings;
use bridge::settings::{KEY_RENEWAL_VARIABLES, Serve, VARIABLES};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stack::{CERTIFICATE, Stack};

/// What a function that asks Home Assistant is declared as: both are one program.
const FUNCTIONS: [&str; 2] = ["bridgeFunction", "linkingFunction"];

/// A stack with both functions and defaults otherwise.
fn minimal() -> Stack {
    Stack::minimal().bridge("linking", json!(true))
}

/// Stacks with both functions that have, between them, every setting: there are several ways of https.
fn with_every_setting() -> Vec<Stack> {
    let ways = [Stack::everything(), Stack::private_authority(), Stack::pinned()];
    ways.map(|stack| stack.bridge("linking", json!(true))).into()
}

/// A function's environment as the program sets it and Pulumi and Lambda complete it.
pub(crate) fn environment(stack: &Stack, function: &str) -> BTreeMap<String, String> {
    let program = stack.program();
    let resources = &program["resources"];
    let variables = resources[function]["properties"]["environment"]["variables"].as_object();
    let mut environment: BTreeMap<_, _> = variables
        .expect("the function has an environment")
        .iter()
        .map(|(name, value)| (name.clone(), filled_in(value.as_str().expect("a text"), resources)))
        .collect();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        environment.insert(name.to_owned(), "made-up".to_owned());
    }
    environment.insert("AWS_REGION".to_owned(), "eu-west-1".to_owned());
    environment
}

/// What Pulumi makes of a text: here a reference is always to a property that is also an input, and the whole
/// text.
fn filled_in(text: &str, resources: &Value) -> String {
    match text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .and_then(|rest| rest.split_once('.'))
    {
        Some((name, property)) => {
            resources[name]["properties"][property].as_str().expect("an input").to_owned()
        }
        None => text.replace("$$", "$"),
    }
}

fn read(environment: &BTreeMap<String, String>) -> Result<bridge::Settings, bridge::WrongSettings> {
    bridge::Settings::read(|name| environment.get(name).map(OsString::from))
}

#[test]
fn the_functions_accept_what_the_stack_sets() {
    for stack in [vec![minimal()], with_every_setting()].concat() {
        for function in FUNCTIONS {
            let environment = environment(&stack, function);
            if let Err(wrong) = read(&environment) {
                panic!("{wrong}\nin {environment:#?}");
            }
        }
    }
}

#[test]
fn every_variable_of_a_function_is_set() {
    // A secret is never in the environment itself, nor what is too long for it; the parameter that holds it is.
    let never = [
        "TAILSCALE_AUTHKEY",
        "LONG_LIVED_ACCESS_TOKEN",
        "CA_CERTIFICATES",
        "CLIENT_CERTIFICATE",
        "CLIENT_KEY",
    ];
    // Absent means Tailscale's control server, the token that Alexa sends, the same address for the phone, and the
    // authorities of the system.
    let absent_by_default = [
        "TAILSCALE_CONTROL_URL",
        "LONG_LIVED_ACCESS_TOKEN_PARAMETER",
        "PHONE_URL",
        "CA_CERTIFICATES_PARAMETER",
        "PINNED_CERTIFICATE",
        "CLIENT_CERTIFICATE_PARAMETER",
        "CLIENT_KEY_PARAMETER",
    ];
    // Directives are the default of what is served; who is called by everybody gets no token.
    let others = [["SERVE", "PHONE_URL"].as_slice(), &["LONG_LIVED_ACCESS_TOKEN_PARAMETER"]];
    for (function, others) in FUNCTIONS.into_iter().zip(others) {
        let minimal = environment(&minimal(), function);
        let every: Vec<_> = with_every_setting().iter().map(|stack| environment(stack, function)).collect();
        for name in VARIABLES {
            let set = every.iter().any(|environment| environment.contains_key(*name));
            let expected = !never.contains(name) && !others.contains(name);
            assert_eq!(set, expected, "{function}: {name} with some setting");
            let expected = expected && !absent_by_default.contains(name);
            assert_eq!(minimal.contains_key(*name), expected, "{function}: {name} with defaults");
        }
    }
}

#[test]
fn no_variable_is_set_that_the_functions_do_not_read() {
    let given_by_lambda = |name: &str| name.starts_with("AWS_");
    for stack in with_every_setting() {
        for function in FUNCTIONS {
            for name in environment(&stack, function).keys().filter(|name| !given_by_lambda(name)) {
                assert!(VARIABLES.contains(&name.as_str()), "{function}: {name}");
            }
        }
    }
}

#[test]
fn what_is_served_arrives_with_a_name_of_its_own_in_the_tailnet() {
    let longest = "x".repeat(63);
    for (hostname, wanted) in [("alexa", "alexa-linking"), (&longest, &format!("{}-linking", &longest[..55]))]
    {
        let stack = minimal().bridge("hostname", json!(hostname));
        let read = |function| read(&environment(&stack, function)).unwrap_or_else(|wrong| panic!("{wrong}"));
        let (bridge, linking) = (read("bridgeFunction"), read("linkingFunction"));
        assert_eq!((bridge.serve, bridge.hostname.as_str()), (Serve::Directives, hostname));
        assert_eq!((linking.serve, linking.hostname.as_str()), (Serve::Linking, wanted));
    }
}

#[test]
fn settings_arrive_in_the_function_as_they_are_in_the_config() {
    let environment = environment(&Stack::everything(), "bridgeFunction");
    let settings = read(&environment).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(settings.hostname, "alexa");
    assert!(settings.debug && settings.no_verify_ssl);
    assert_eq!(settings.control_url.as_ref().map(url::Url::as_str), Some("https://headscale.example.org/"));
    let parameter = |name: &str| format!("Parameter({:?})", format!("/porch/night-2/bridge/{name}"));
    assert_eq!(format!("{:?}", settings.auth_key), parameter("tailscale-auth-key"));
    assert_eq!(
        format!("{:?}", settings.long_lived_token),
        format!("Some({})", parameter("long-lived-access-token"))
    );
}

#[test]
fn certificates_arrive_in_the_function_as_they_are_in_the_config() {
    let stack = Stack::private_authority();
    let settings = read(&environment(&stack, "bridgeFunction")).unwrap_or_else(|wrong| panic!("{wrong}"));
    let told = format!("{:?} {:?}", settings.authorities, settings.client_certificate);
    for name in ["ca-certificates", "client-certificate", "client-key"] {
        assert!(told.contains(&format!("Parameter(\"/porch/prod/bridge/{name}\")")), "{told}");
    }
    let held = &stack.program()["resources"]["bridgeCaCertificates"]["properties"];
    assert_eq!((&held["value"], &held["type"]), (&json!(CERTIFICATE), &json!("String")));

    let settings =
        read(&environment(&Stack::pinned(), "bridgeFunction")).unwrap_or_else(|wrong| panic!("{wrong}"));
    let pin = settings.pinned_certificate.map(|pin| pin.to_string());
    assert_eq!(pin.as_deref(), Some("AB:".repeat(32).trim_end_matches(':')));
}

#[test]
fn the_renewal_of_the_key_gets_its_variables_and_no_other() {
    for (stack, with_secret) in [(Stack::oauth_client(), true), (Stack::workload_identity(), false)] {
        let bridge_environment = environment(&stack, "bridgeFunction");
        assert!(read(&bridge_environment).is_ok());
        let environment = environment(&stack, "keyRenewalFunction");
        let lookup = |name: &str| environment.get(name).map(OsString::from);
        assert!(KeyRenewalSettings::are_wanted(lookup));
        let settings = KeyRenewalSettings::read(lookup).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(settings.secret_parameter.is_some(), with_secret);
        assert_eq!(settings.tags, ["tag:porch", "tag:home"]);
        for name in KEY_RENEWAL_VARIABLES {
            let expected = with_secret || *name != "TAILSCALE_OAUTH_SECRET_PARAMETER";
            assert_eq!(environment.contains_key(*name), expected, "{name}");
        }
        for name in environment.keys().filter(|name| !name.starts_with("AWS_")) {
            assert!(KEY_RENEWAL_VARIABLES.contains(&name.as_str()), "{name}");
        }
        // The bridge reads the very parameter that is written.
        assert_eq!(bridge_environment["TAILSCALE_AUTHKEY_PARAMETER"], settings.key_parameter);
    }
}

#[test]
fn the_renewal_may_ask_for_the_token_that_it_asks_for() {
    let program = Stack::workload_identity().program();
    let policy = &program["resources"]["keyRenewalPermissions"]["properties"]["policy"]["fn::toJSON"];
    let condition = &policy["Statement"][2]["Condition"];
    let audience = tailscale_api::audience("kMADEUP11CNTRL");
    assert_eq!(condition["ForAllValues:StringEquals"]["sts:IdentityTokenAudience"], audience.as_str());
    assert_eq!(condition["NumericLessThanEquals"]["sts:DurationSeconds"], TOKEN_LIFE.to_string().as_str());
    assert_eq!(condition["StringEquals"]["sts:SigningAlgorithm"], TOKEN_ALGORITHM);
}

proptest! {
    #[test]
    fn an_address_arrives_as_it_was_written_or_is_refused(path in r"[!-~]{0,20}", any in r"\PC{0,12}") {
        for path in [path, any] {
            let address = format!("http://ha.example.ts.net/{path}");
            let stack = Stack::minimal().bridge("baseUrl", json!(address));
            if infra::compile(stack.lookup()).is_ok() {
                let environment = environment(&stack, "bridgeFunction");
                prop_assert_eq!(&environment["BASE_URL"], &address);
                prop_assert!(read(&environment).is_ok(), "the function refuses {}", address);
            }
        }
    }
}
