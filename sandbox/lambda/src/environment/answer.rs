//! What AWS's runtime interface emulator answers, turned into what Lambda answers. The emulator has no header for
//! a function's error, answers a timeout with 200 and plain text, and a failed initialisation with no body.

use std::time::Duration;

use serde_json::{Value, json};

/// The answer to an invocation that reached an environment.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The function's reply, or Lambda's error document.
    pub body: Vec<u8>,
    /// Whether `X-Amz-Function-Error: Unhandled` goes with it.
    pub is_error: bool,
    /// Whether the environment must be replaced.
    pub ends_environment: bool,
}

/// Reads the emulator's answer; `log` is the end of what was logged during the invocation.
pub fn read(status: u16, body: Vec<u8>, timeout: Duration, log: &str) -> Answer {
    match status {
        200 if body == format!("Task timed out after {}.00 seconds", timeout.as_secs()).into_bytes() => {
            timed_out(timeout, log)
        }
        200 => Answer { is_error: is_error_document(&body), body, ends_environment: false },
        502 if is_error_document(&body) => Answer { body, is_error: true, ends_environment: true },
        502 => {
            let cause = init_failure(log).unwrap_or("Runtime exited without providing a reason");
            failed("Runtime.ExitError", cause, log)
        }
        _ => failed("Sandbox.Failure", &format!("the runtime interface emulator answered {status}"), log),
    }
}

/// Lambda's answer to an invocation that took too long.
pub fn timed_out(timeout: Duration, log: &str) -> Answer {
    failed("Sandbox.Timedout", &format!("Task timed out after {:.2} seconds", timeout.as_secs_f64()), log)
}

/// Lambda's answer when the function's processes ended during the invocation.
pub fn ended(log: &str) -> Answer {
    failed("Runtime.ExitError", "Runtime exited without providing a reason", log)
}

/// The id by which the function knows the invocation. (The emulator's line `START` has another.)
pub fn request_id(log: &str) -> Option<&str> {
    [("INVOKE START(requestId: ", ')'), ("END RequestId: ", '\n')]
        .iter()
        .find_map(|(before, after)| log.rsplit_once(before)?.1.split(*after).next())
}

fn failed(kind: &str, cause: &str, log: &str) -> Answer {
    let message = match request_id(log) {
        Some(id) => format!("RequestId: {id} Error: {cause}"),
        None => format!("Error: {cause}"),
    };
    let body = json!({"errorType": kind, "errorMessage": message}).to_string().into_bytes();
    Answer { body, is_error: true, ends_environment: true }
}

/// Lambda's error document has exactly these members (developer guide, "Understanding function errors"). No reply
/// of a skill has them; a function that replies with one on purpose is misread.
fn is_error_document(body: &[u8]) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return false };
    let is_text = |name: &str| members.get(name).is_some_and(Value::is_string);
    let known = ["errorType", "errorMessage", "stackTrace", "cause", "trace", "requestId"];
    is_text("errorType")
        && is_text("errorMessage")
        && members.keys().all(|name| known.contains(&name.as_str()))
}

/// What the emulator logged when the function ended before it asked for an invocation.
fn init_failure(log: &str) -> Option<&str> {
    let (_, line) = log.split_once("Init failed error=")?;
    line.lines().next()?.split(" InvokeID=").next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = include_str!("../../tests/fixtures/rie-init-failure.log");

    fn check(status: u16, body: &str, log: &str, wanted: (&str, bool, bool)) {
        let answer = read(status, body.as_bytes().to_vec(), Duration::from_secs(3), log);
        let (body, is_error, ends_environment) = wanted;
        assert_eq!(String::from_utf8_lossy(&answer.body), body);
        assert_eq!((answer.is_error, answer.ends_environment), (is_error, ends_environment), "{body}");
    }

    #[test]
    fn a_reply_is_passed_on_as_it_is() {
        for reply in [r#"{"event":{}}"#, "null", "\"text\"", "", "not json", r#"{"errorType":"a"}"#] {
            check(200, reply, "", (reply, false, false));
        }
    }

    #[test]
    fn an_error_document_is_an_error_that_the_environment_survives() {
        let document =
            r#"{"errorType":"&alloc::boxed::Box<dyn core::error::Error>","errorMessage":"asked to fail"}"#;
        check(200, document, "", (document, true, false));
        let with_more = r#"{"errorType":"a","errorMessage":"b","event":{}}"#;
        check(200, with_more, "", (with_more, false, false));
    }

    #[test]
    fn a_crash_ends_the_environment() {
        let document = r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: Runtime exited with error: exit status 3"}"#;
        check(502, document, "", (document, true, true));
    }

    #[test]
    fn a_failed_initialisation_is_told_from_the_log() {
        let wanted = r#"{"errorMessage":"RequestId: 5db3fef1-a612-4737-9318-b7464b7a0818 Error: Runtime exited with error: exit status 64","errorType":"Runtime.ExitError"}"#;
        check(502, "", LOG, (wanted, true, true));
    }

    #[test]
    fn a_timeout_is_lambdas_document() {
        let wanted = r#"{"errorMessage":"RequestId: 7 Error: Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}"#;
        let log = "x INVOKE START(requestId: 7)\n";
        check(200, "Task timed out after 3.00 seconds", log, (wanted, true, true));
    }

    #[test]
    fn anything_else_is_the_emulators_failure() {
        let wanted = r#"{"errorMessage":"Error: the runtime interface emulator answered 504","errorType":"Sandbox.Failure"}"#;
        check(504, "", "", (wanted, true, true));
    }

    #[test]
    fn the_id_is_the_one_that_the_function_knows() {
        let log = "START RequestId: other\nINVOKE START(requestId: mine)\nEND RequestId: mine\n";
        assert_eq!(request_id(log), Some("mine"));
        assert_eq!(request_id("END RequestId: mine\nREPORT RequestId: mine\t"), Some("mine"));
        assert_eq!(request_id("garbage"), None);
    }
}
