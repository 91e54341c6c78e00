//! The hops on this side of the function: the stack, the function, who may call it, and a call.

use aws::lambda::Configuration;
use aws::{CallError, Client};
use http_client::told;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use smapi::FunctionArn;

use super::report::{Report, Trouble};
use crate::DEV;
use crate::error::Error;
use crate::lambda::Invocation;
use crate::pulumi::{Outputs, Place};

/// The function that `stack` gives out.
pub(super) fn deployed(outputs: &Outputs, stack: &str) -> Result<FunctionArn, Trouble> {
    let arn = outputs.get("bridgeFunctionArn").and_then(Value::as_str).unwrap_or_default();
    FunctionArn::parse(arn).map_err(|_| {
        Trouble::new(
            format!("the stack {stack} has no function deployed"),
            format!("`pulumi up --stack {stack}` deploys it."),
        )
    })
}

/// The stack's outputs cannot be had, as Pulumi said.
pub(super) fn without_outputs(place: Place, error: &Error, stack: &str) -> Trouble {
    let advice = match place {
        Place::Sandbox => format!("`cargo xtask up` makes the stack {DEV} and what it runs on."),
        Place::Account => format!(
            "`pulumi stack ls` shows the stacks of where you are logged in (`pulumi whoami -v`); `pulumi stack \
             init {stack}` makes a new one."
        ),
    };
    Trouble::new(error.to_string(), advice)
}

/// Nobody can be asked about the function.
pub(super) fn silent(place: Place, error: &Error) -> Trouble {
    let advice = match place {
        Place::Sandbox => "`cargo xtask status` tells what runs, `cargo xtask up` starts what does not.",
        Place::Account => {
            "Log in to AWS (`aws sso login`, or set AWS_PROFILE); `aws sts get-caller-identity` tells who you are \
             there."
        }
    };
    Trouble::new(error.to_string(), advice)
}

/// AWS has not done what was asked of it, which takes the right to `action`.
pub(super) fn not_done(place: Place, error: &CallError, action: &str) -> Trouble {
    match error {
        CallError::Refused { status, message, .. } => Trouble::new(
            format!("AWS refuses with {}: {message}", status.as_u16()),
            format!(
                "`aws sts get-caller-identity` tells who you are for AWS; that user or role needs {action}."
            ),
        ),
        CallError::Unsigned(_)
        | CallError::NoAnswer { .. }
        | CallError::Malformed(_)
        | CallError::Oversized { .. }
        | CallError::Absent(_) => silent(place, &Error::Answer(told(error))),
    }
}

pub(super) async fn function(client: &Client, place: Place, name: &str) -> Result<String, Trouble> {
    let configuration = match aws::lambda::configuration(client, name).await {
        Ok(configuration) => configuration,
        Err(CallError::Absent(_)) => {
            let advice = "Somebody has deleted it. `pulumi up --refresh` makes it again.";
            return Err(Trouble::new(format!("there is no function {name}"), advice));
        }
        Err(error) => return Err(not_done(place, &error, "lambda:GetFunctionConfiguration")),
    };
    let Configuration { state, state_reason, last_update_status, last_update_status_reason, .. } =
        &configuration;
    if state == "Failed" || last_update_status == "Failed" {
        let found = format!("{name}: {state_reason} {last_update_status_reason}");
        return Err(Trouble::new(found, "`pulumi up --refresh` deploys it anew."));
    }
    let architecture = configuration.architectures.first().map_or("-", String::as_str);
    Ok(format!("{name}, {architecture}, {} MB", configuration.memory_size))
}

/// Which skill may call the function.
pub(super) async fn permission(client: &Client, place: Place, name: &str) -> Result<String, Trouble> {
    let policy = match aws::lambda::policy(client, name, None).await {
        Ok(policy) => policy,
        Err(CallError::Absent(_)) => String::new(),
        Err(error) => return Err(not_done(place, &error, "lambda:GetPolicy")),
    };
    skill_of(&policy).map(|skill| format!("Alexa may call it for {skill}")).ok_or_else(|| {
        let advice = "The stack's skill may, or porch:bridge.skillId; `pulumi up --refresh` lets it.";
        Trouble::new("no skill may call it", advice)
    })
}

/// The skill id in a function's policy.
fn skill_of(policy: &str) -> Option<String> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    policy["Statement"].as_array()?.iter().find_map(|statement| {
        let conditions = statement["Condition"].as_object()?;
        let skill =
            conditions.values().find_map(|condition| condition["lambda:EventSourceToken"].as_str())?;
        Some(skill.to_string())
    })
}

/// The event, with a token of Home Assistant to try, if there is one.
pub(super) fn event(token: Option<&SecretString>) -> Vec<u8> {
    let mut event = json!({"porch": "doctor"});
    if let Some(token) = token {
        event["token"] = token.expose_secret().into();
    }
    event.to_string().into_bytes()
}

/// What the function answered: its report, or what is wrong at which hop.
pub(super) fn answered(invocation: &Invocation) -> Result<Report, (&'static str, Trouble)> {
    let answer: Value = serde_json::from_slice(&invocation.payload).unwrap_or_default();
    if invocation.status != 200 {
        let said = answer["Message"].as_str().unwrap_or("the event was refused");
        let advice = "`cargo xtask status` tells what runs.";
        return Err(("invocation", Trouble::new(format!("{}: {said}", invocation.status), advice)));
    }
    if invocation.function_error.is_some() {
        return Err(failed(&answer, &invocation.log));
    }
    serde_json::from_value(answer).map_err(|_| {
        let advice = "It is older than this checkout: `pulumi up` deploys what is here.";
        ("invocation", Trouble::new("the function does not know the doctor", advice))
    })
}

/// A function whose settings are wrong ends at its start, with the exit code 64 and a line for each in its log.
fn failed(answer: &Value, log: &str) -> (&'static str, Trouble) {
    let said = answer["errorMessage"].as_str().unwrap_or("it says nothing").to_string();
    let wrong: Vec<&str> = log
        .lines()
        .skip_while(|line| !line.starts_with("bridge: "))
        .take_while(|line| line.starts_with(['b', ' ']))
        .collect();
    if !wrong.is_empty() || said.contains("exit status 64") {
        let found = if wrong.is_empty() { said } else { wrong.join("\n") };
        let advice = "`cargo run -p infra -- check` tells which settings of the stack these are; then `pulumi up`. If \
                      there they are right, somebody has changed the function's variables: `pulumi up --refresh`.";
        return ("settings", Trouble::new(found, advice));
    }
    let advice = "The function's log has more: `pulumi stack output bridgeLogGroup` is where.";
    ("invocation", Trouble::new(format!("the function failed: {said}"), advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(arn: &str) -> Outputs {
        Outputs::from([("bridgeFunctionArn".to_string(), arn.into())])
    }

    fn invocation(status: u16, function_error: Option<&str>, payload: &Value, log: &str) -> Invocation {
        let function_error = function_error.map(ToString::to_string);
        Invocation { status, function_error, payload: payload.to_string().into_bytes(), log: log.into() }
    }

    #[test]
    fn the_function_and_its_region_are_in_the_outputs() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:porch-prod-bridge";
        let function = deployed(&outputs(arn), "prod").ok().unwrap();
        assert_eq!((function.name(), function.region()), ("porch-prod-bridge", "eu-west-1"));
        for outputs in [Outputs::new(), outputs("arn:aws:lambda")] {
            let trouble = deployed(&outputs, "prod").err().unwrap();
            assert_eq!(trouble.advice, "`pulumi up --stack prod` deploys it.");
        }
    }

    #[test]
    fn the_skill_that_may_call_is_in_the_policy() {
        let policy = |condition: Value| {
            let other = json!({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl"});
            let alexa = json!({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Condition": condition});
            json!({"Version": "2012-10-17", "Statement": [other, alexa]}).to_string()
        };
        let skill = policy(json!({"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.1"}}));
        assert_eq!(skill_of(&skill).as_deref(), Some("amzn1.ask.skill.1"));
        for none in [policy(json!({})), "{}".into(), String::new()] {
            assert_eq!(skill_of(&none), None);
        }
    }

    #[test]
    fn what_the_function_answers_instead_of_a_report_fails_the_right_hop() {
        let exit = json!({"errorMessage": "Error: Runtime exited with error: exit status 64"});
        let log =
            "INIT_START\nbridge: 1 setting is wrong\n  BASE_URL  not set  expected an http(s) URL\nEND x";
        let panic = json!({"errorMessage": "Error: Runtime exited with error: signal: killed"});
        let refusal = json!({"Message": "Function not found: porch-dev-bridge"});
        for (invocation, hop, found, advised) in [
            (
                invocation(200, Some("Unhandled"), &exit, log),
                "settings",
                "BASE_URL  not set",
                "infra -- check",
            ),
            (invocation(200, Some("Unhandled"), &exit, ""), "settings", "exit status 64", "infra -- check"),
            (
                invocation(200, Some("Unhandled"), &panic, log.lines().next().unwrap()),
                "invocation",
                "killed",
                "bridgeLogGroup",
            ),
            (invocation(404, None, &refusal, ""), "invocation", "404: Function not found", "xtask status"),
            (invocation(200, None, &json!({"event": {}}), ""), "invocation", "does not know", "older"),
        ] {
            let (at, trouble) = answered(&invocation).err().unwrap();
            assert_eq!(at, hop);
            assert!(trouble.found.contains(found) && !trouble.found.contains("END"), "{}", trouble.found);
            assert!(trouble.advice.contains(advised), "{}", trouble.advice);
        }
    }

    #[test]
    fn the_event_has_a_token_only_if_there_is_one() {
        assert_eq!(event(None), br#"{"porch":"doctor"}"#);
        assert_eq!(event(Some(&"t0k".into())), br#"{"porch":"doctor","token":"t0k"}"#);
    }
}
