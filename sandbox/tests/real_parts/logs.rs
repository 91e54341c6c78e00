//! What a function logs, in CloudWatch and out of it again; and a recorded directive, sent once more.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::deployed::{Deployed, Entry, Function, Recording, Tail, for_people};
use secrecy::ExposeSecret;
use tokio::time::sleep;

use crate::rig::{deployed, reply, rig};

/// How long a line may take to CloudWatch.
const A_WHILE: Duration = Duration::from_secs(20);

/// The lines that say that a directive was answered, once there are `wanted` of them.
async fn answered(functions: &Deployed, tail: &mut Tail, wanted: usize) -> Vec<Entry> {
    let mut found = Vec::new();
    for _ in 0..A_WHILE.as_millis() / 100 {
        let read = functions.logged(Function::Bridge, tail.from()).await.unwrap();
        found.extend(tail.news(read));
        let count = found.iter().filter(|entry| entry.event.message.contains("directive answered")).count();
        if count >= wanted {
            return found;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("after {A_WHILE:?} there are only {found:#?}");
}

#[tokio::test]
async fn a_directive_is_replayed_and_its_line_is_in_the_log_once() {
    let rig = rig().await;
    let stack = deployed().await.stack.name();
    let functions = rig.sandbox.deployed(stack).await.unwrap();
    assert_eq!(functions.functions(), [Function::Bridge]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut tail = Tail::new(u64::try_from(now).unwrap());

    let recorded = rig.turn_on().to_string().replace(rig.running.access.token.expose_secret(), "stale");
    let token = rig.sandbox.owner_s_token(stack).unwrap();
    for message_id in ["first", "second"] {
        let recording = Recording::read(recorded.as_bytes()).unwrap();
        let event = recording.event(token.as_ref(), message_id).unwrap();
        let invocation = functions.invoke(Function::Bridge, event).await.unwrap();
        assert_eq!(reply(&invocation)["event"]["header"]["name"], "Response", "{}", invocation.log);
    }

    let entries = answered(&functions, &mut tail, 2).await;
    let lines: Vec<String> = entries.iter().filter_map(for_people).collect();
    let wanted = "bridge       INFO   directive answered  Alexa.PowerController TurnOn -> home_assistant";
    assert_eq!(lines.iter().filter(|line| line.contains(wanted)).count(), 2, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("took ")), "{lines:#?}");
    let token = token.unwrap();
    assert!(entries.iter().all(|entry| !entry.event.message.contains(token.expose_secret())));
    assert_eq!(tail.news(functions.logged(Function::Bridge, tail.from()).await.unwrap()), []);

    let missing = functions.invoke(Function::Doorbell, b"{}".to_vec()).await.unwrap_err().to_string();
    assert_eq!(missing, format!("the stack {stack} has no function doorbell; it has bridge"));
}
