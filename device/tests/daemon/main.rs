//! The program as it runs at a door, with a button that is played, and AWS and Amazon that are strict.

mod page;
mod rig;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use alexa::fake::Told;
use camera::fake::{FakeCamera, Film, Manner};
use http::StatusCode;
use page::Page;
use rig::{PROGRAM, Rig};

#[tokio::test]
async fn a_press_is_announced_once_however_the_contact_bounces() {
    let mut rig = Rig::start().await;
    rig.press().await;
    let line = rig.log("a press was announced").await;
    for field in ["bell=front-door", "tries=1", "stable_ms=25.", "queued_ms=", "sent_ms=", "accepted_ms="] {
        assert!(line.contains(field), "{field} in {line}");
    }
    let events = rig.amazon.events();
    assert_eq!(events.len(), 1, "{events:?}");
    let event = &events[0]["event"];
    assert_eq!(event["header"]["name"], "DoorbellPress");
    assert_eq!(event["endpoint"]["endpointId"], "front-door");
    assert_eq!(event["payload"]["cause"]["type"], "PHYSICAL_INTERACTION");
    rig.terminate().await;
}

#[tokio::test]
async fn the_service_manager_and_the_table_hear_of_its_life() {
    let mut rig = Rig::start().await;
    let heartbeat = rig.heartbeat("OK").await;
    assert_eq!(heartbeat["interval"].number(), Some(60));
    rig.terminate().await;
    rig.notice("STOPPING=1");
    rig.heartbeat("UNREACHABLE").await;
}

#[tokio::test]
async fn with_no_network_at_the_start_a_press_waits_for_it() {
    let mut rig = Rig::prepare().await;
    rig.aws.deny("GetParameters");
    rig.run();
    // The button is watched: that is what it is there for.
    rig.notice("READY=1");
    rig.log("the grants cannot be read").await;
    rig.press().await;
    rig.log("somebody rang").await;
    rig.aws.allow_all();
    rig.log("a press was announced").await;
    assert_eq!(rig.amazon.events().len(), 1);
    rig.terminate().await;
}

#[tokio::test]
async fn a_process_that_was_killed_leaves_its_press_to_the_next_under_the_same_id() {
    let mut rig = Rig::start().await;
    rig.amazon.answer_next(Told::LostAnswer);
    rig.press().await;
    let first = rig.event().await;
    rig.kill();
    rig.run();
    let again = rig.event().await;
    assert_eq!(first["event"]["header"], again["event"]["header"]);
    assert_eq!(first["event"]["payload"], again["event"]["payload"]);
    rig.log("a press was announced").await;
    rig.terminate().await;
    // What is known to be accepted is not sent by the one after that.
    rig.run();
    rig.notice("READY=1");
    rig.heartbeat("OK").await;
    rig.terminate().await;
    assert!(rig.amazon.events().is_empty());
}

#[tokio::test]
async fn a_token_that_ended_costs_a_press_nothing_but_time() {
    let mut rig = Rig::start().await;
    rig.amazon.expire_access_tokens();
    rig.press().await;
    let line = rig.log("a press was announced").await;
    assert!(line.contains("tries=2"), "{line}");
    assert_eq!(rig.amazon.events().len(), 1);
    rig.terminate().await;
}

#[tokio::test]
async fn settings_are_read_anew_and_kept_when_the_new_ones_are_wrong() {
    let mut rig = Rig::start().await;
    rig.write_settings("[[bell]]\nid = \"front door\"\n");
    rig.reload();
    let line = rig.log("the settings stay as they were").await;
    assert!(line.contains("bell 1: id") && line.contains("found"), "{line}");
    rig.notice("RELOADING=1");
    assert_eq!(rig.notice("READY=1"), "READY=1\nSTATUS=watching front-door");
    rig.press().await;
    rig.log("a press was announced").await;
    rig.write_settings("[[bell]]\nid = \"garden\"\n");
    rig.reload();
    rig.log("the new settings are used").await;
    rig.notice("RELOADING=1");
    assert_eq!(rig.notice("READY=1"), "READY=1\nSTATUS=watching garden");
    rig.terminate().await;
}

#[tokio::test]
async fn an_integration_that_hangs_holds_back_neither_alexa_nor_the_next() {
    let mut rig = Rig::prepare().await;
    rig.write_settings(
        "[[bell]]\nid = \"front-door\"\n\
         [[command]]\nname = \"a-hangs\"\nrun = [\"sleep\", \"600\"]\ndeadline_s = 1\n\
         [[command]]\nname = \"b-works\"\nrun = [\"true\"]\n\
         [[command]]\nname = \"c-absent\"\nrun = [\"/nonexistent/program\"]\n",
    );
    rig.run();
    rig.notice("READY=1");
    rig.heartbeat("OK").await;
    rig.press().await;
    let mut lines = Vec::new();
    for _ in 0..3 {
        lines.push(rig.log("an integration has ").await);
    }
    assert!(lines[2].contains("integration=a-hangs why=\"it did not end within 1.0 s\""), "{lines:?}");
    lines.sort();
    for (line, part) in lines.iter().zip(["b-works did=\"true has run\"", "a-hangs", "c-absent why"]) {
        assert!(line.contains(part), "{part} in {lines:?}");
    }
    assert_eq!(rig.amazon.events().len(), 1, "and Alexa has announced it long since");
    rig.terminate().await;
}

#[tokio::test]
async fn a_check_beside_a_running_daemon_says_what_works_and_what_to_do_about_the_rest() {
    let mut rig = Rig::start().await;
    let (code, said) = rig.check().await;
    assert_eq!(code, Some(0), "{said}");
    for line in
        ["clock", "front-door", "aws", "grants      good    1 user is told", "gateway EU  good    it answers"]
    {
        assert!(said.lines().any(|found| found.starts_with(line)), "{line} in {said}");
    }
    rig.write_settings(
        "[[bell]]\nid = \"front-door\"\n[[command]]\nname = \"light\"\nrun = [\"/nonexistent/program\"]\n",
    );
    rig.aws.deny("GetParameters");
    let (code, said) = rig.check().await;
    assert_eq!(code, Some(1));
    for part in
        ["aws         FAILED", "light       FAILED", "What to do about aws:", "What to do about light:"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    rig.press().await;
    rig.log("a press was announced").await;
    rig.terminate().await;
}

#[tokio::test]
async fn a_visitor_is_filmed_and_the_picture_is_decoded_by_the_program_itself() {
    let film = Arc::new(Film::shoot(320, 180, 2, 2).expect("a film"));
    let camera = FakeCamera::start(film, Manner::WantsCredentials).await.expect("a camera");
    camera.send_up_to(1);
    let mut rig = Rig::prepare().await;
    rig.write_settings(&format!(
        "[[bell]]\nid = \"front-door\"\n[[camera]]\nurl = \"rtsp://{}/stream\"\nuser = \"porch\"\n",
        camera.at()
    ));
    rig.write_secrets("[camera]\npassword = \"a made-up password\"\n");
    let (_, said) = rig.check().await;
    assert!(said.contains("camera      good    a picture, 320x180"), "{said}");
    rig.run();
    rig.notice("READY=1");
    rig.heartbeat("OK").await;
    rig.press().await;
    let line = rig.log("an integration has ").await;
    assert!(line.contains("integration=camera did=\"a picture, 320x180\""), "{line}");
    rig.terminate().await;
}

#[test]
fn wrong_settings_and_arguments_end_it_with_64_and_an_explanation() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut program = Command::new(PROGRAM);
        let output = program.env_clear().args(arguments).current_dir(&folder).output().expect("it starts");
        assert!(output.stdout.is_empty());
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    let (code, said) = run(&["check", "--settings", "absent.toml"]);
    assert_eq!(code, Some(64));
    assert!(said.contains("absent.toml  found no readable file"), "{said}");
    let (code, said) = run(&["--chek"]);
    assert_eq!(code, Some(64));
    assert!(said.starts_with("usage: porch-doorbell"), "{said}");
    assert_eq!(run(&["--version"]), (Some(0), format!("{}\n", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn the_page_shows_who_rang_and_can_ring_itself() {
    let mut rig = Rig::start().await;
    let mut page = Page::of(&mut rig).await;
    rig.press().await;
    rig.log("a press was announced").await;
    let visitors = page.until("/visits", "✓ done").await;
    assert_eq!(visitors.matches("front-door, ").count(), 1, "{visitors}");
    assert_eq!(page.ring("front-door").await, StatusCode::SEE_OTHER);
    rig.log("a press was announced").await;
    assert_eq!(rig.amazon.events().len(), 2);
    page.until("/", "A trial from the page.").await;
    let metrics = page.until("/metrics", "porch_grants 1").await;
    assert!(metrics.contains("porch_presses_total{bell=\"front-door\",trial=\"true\"} 1"), "{metrics}");
    let resident = metrics.lines().find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
    let resident: u64 = resident.and_then(|bytes| bytes.parse().ok()).expect("a number");
    println!("{resident} bytes are resident");
    assert!(resident < 20_000_000, "{resident}");
    // What was seen is seen by the next process as well.
    rig.kill();
    rig.run();
    page = Page::of(&mut rig).await;
    let visitors = page.until("/visits", "A trial from the page.").await;
    assert_eq!(visitors.matches("✓ done").count(), 2, "{visitors}");
    rig.terminate().await;
}

#[tokio::test]
async fn a_password_is_kept_as_what_cannot_be_turned_back() {
    let mut program = Command::new(PROGRAM);
    program.arg("password").env_clear().stdin(Stdio::piped()).stderr(Stdio::piped());
    let ask = |password: &str| {
        let mut child = program.spawn().expect("it starts");
        child.stdin.take().expect("its input").write_all(password.as_bytes()).expect("it listens");
        let output = child.wait_with_output().expect("it ends");
        (output.status.success(), String::from_utf8(output.stderr).expect("text"))
    };
    let mut ask = ask;
    let (good, said) = ask("correct horse\n");
    assert!(good && said.starts_with("$argon2id$v=19$m=7168,t=5,p=1$") && !said.contains("horse"), "{said}");
    let (good, said) = ask("short\n");
    assert!(!good && said.contains("a password has at least 10 letters"), "{said}");
}
