//! The hops on this side of the function: the stack, the function, who may call it, and a call.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::aws::Aws;
use super::report::{Report, Trouble};
use crate::DEV;
use crate::error::Error;
use crate::lambda::Invocation;
use crate::pulumi::{Outputs, Place};

/// A function as a stack's outputs name it.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) region: String,
}

impl Function {
    /// Reads what `stack` gives out.
    pub(super) fn of(outputs: &Outputs, stack: &str) -> Result<Self, Trouble> {
        // arn:aws:lambda:eu-west-1:123456789012:function:porch-prod-bridge
        let arn = outputs.get("bridgeFunctionArn").and_then(Value::as_str).unwrap_or_default();
        match arn.split(':').collect::<Vec<_>>()[..] {
            ["arn", _, "lambda", region, _, "function", name] => {
                Ok(Self { name: name.into(), region: region.into() })
            }
            _ => Err(Trouble::new(
                format!("the stack {stack} has no function deployed"),
                format!("`pulumi up --stack {stack}` deploys it."),
            )),
        }
    }
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

pub(super) async fn function(aws: &Aws, name: &str) -> Result<String, Trouble> {
    let (status, answer) = aws.configuration(name).await.map_err(|error| silent(aws.place, &error))?;
    match status {
        200 => {}
        404 => {
            let advice = "Somebody has deleted it. `pulumi up --refresh` makes it again.";
            return Err(Trouble::new(format!("there is no function {name}"), advice));
        }
        status => return Err(refused(status, &answer, "lambda:GetFunctionConfiguration")),
    }
    let text = |key: &str| answer[key].as_str().unwrap_or("-").to_string();
    let (state, update) = (text("State"), text("LastUpdateStatus"));
    if state == "Failed" || update == "Failed" {
        let reason = format!("{} {}", text("StateReason"), text("LastUpdateStatusReason"));
        return Err(Trouble::new(format!("{name}: {reason}"), "`pulumi up --refresh` deploys it anew."));
    }
    let architecture = answer["Architectures"][0].as_str().unwrap_or("-");
    Ok(format!("{name}, {architecture}, {} MB", answer["MemorySize"]))
}

/// Which skill may call the function.
pub(super) async fn permission(aws: &Aws, name: &str) -> Result<String, Trouble> {
    let (status, answer) = aws.policy(name).await.map_err(|error| silent(aws.place, &error))?;
    if status != 200 && status != 404 {
        return Err(refused(status, &answer, "lambda:GetPolicy"));
    }
    skill_of(answer["Policy"].as_str().unwrap_or_default())
        .map(|skill| format!("Alexa may call it for {skill}"))
        .ok_or_else(|| {
            let advice = "porch:bridge.skillId names the skill that may; `pulumi up --refresh` lets it.";
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
        return Err(("invocation", refused(invocation.status, &answer, "lambda:InvokeFunction")));
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

fn refused(status: u16, answer: &Value, action: &str) -> Trouble {
    let said = answer["Message"].as_str().or(answer["message"].as_str()).unwrap_or_default();
    Trouble::new(
        format!("AWS refuses with {status}: {said}"),
        format!("`aws sts get-caller-identity` tells who you are for AWS; that user or role needs {action}."),
    )
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
        let function = Function::of(&outputs(arn), "prod").ok().unwrap();
        assert_eq!((function.name.as_str(), function.region.as_str()), ("porch-prod-bridge", "eu-west-1"));
        for outputs in [Outputs::new(), outputs("arn:aws:lambda")] {
            let trouble = Function::of(&outputs, "prod").err().unwrap();
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
        let refusal = json!({"Message": "User: x is not authorized to perform: lambda:InvokeFunction"});
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
            (invocation(403, None, &refusal, ""), "invocation", "not authorized", "lambda:InvokeFunction"),
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
