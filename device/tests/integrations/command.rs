//! Programs that are run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use device::integration::command::{Command, CommandSettings};
use device::integration::{Done, Failure, Integration, Occasion};
use tokio::time::timeout;

use crate::{picture, press};

fn command(words: &[&str]) -> Arc<Command> {
    let arguments = words[1..].iter().map(|&word| word.to_owned()).collect();
    Arc::new(Command::new(CommandSettings { program: words[0].into(), arguments }))
}

/// What comes of a script that finds `folder` as its first argument.
async fn script(script: &str, folder: &Path, occasion: Occasion) -> Result<Done, Failure> {
    command(&["/bin/sh", "-c", script, "sh", folder.to_str().expect("text")]).tell(occasion).await
}

#[tokio::test]
async fn a_program_finds_the_press_in_its_environment_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let done =
        script("env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL= | sort > $1/env", folder.path(), press());
    assert_eq!(done.await, Ok(Done::new("/bin/sh has run")));
    let found = std::fs::read_to_string(folder.path().join("env")).expect("a file");
    assert_eq!(
        found,
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n\
         PORCH_BELL=front-door\nPORCH_BELL_NAME=Front door\nPORCH_EVENT=press\n\
         PORCH_TIME=2026-12-01T08:15:30Z\nPORCH_TRIAL=false\n"
    );
}

#[tokio::test]
async fn it_is_given_the_picture_and_may_leave_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let reads = script("wc -c > $1/size; echo $PORCH_EVENT > $1/event", folder.path(), picture(300_000));
    reads.await.expect("it runs");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    assert_eq!((read("size").trim(), read("event").trim()), ("300000", "picture"));
    script("exit 0", folder.path(), picture(300_000)).await.expect("it runs");
}

#[tokio::test]
async fn its_failure_is_told_with_the_last_that_it_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let failed = script("echo first >&2; echo no lamp >&2; echo >&2; exit 3", folder.path(), press()).await;
    assert_eq!(failed, Err(Failure::Passing("/bin/sh ended with exit status: 3: no lamp".to_owned())));
    // However much that is.
    script("head -c 1000000 /dev/zero >&2", folder.path(), press()).await.expect("it runs");
    let absent = command(&["/nonexistent/program"]);
    let failed = absent.tell(press()).await.expect_err("it is not there");
    assert!(failed.told().starts_with("/nonexistent/program cannot be run: No such file"), "{failed:?}");
    assert!(matches!(failed, Failure::Lasting(_)));
}

#[tokio::test]
async fn a_program_whose_time_is_over_is_killed_with_all_that_it_has_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let hangs = script("sleep 600 & echo $! > $1/child; echo > $1/ready; wait", folder.path(), press());
    let ready = async {
        while !folder.path().join("ready").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = hangs => panic!("it hangs"),
        ready = timeout(Duration::from_secs(20), ready) => ready.expect("it starts"),
    }
    let child = std::fs::read_to_string(folder.path().join("child")).expect("a file");
    let status = format!("/proc/{}/status", child.trim());
    let ended = async {
        // Whoever has nobody to wait for it stays as a zombie.
        while std::fs::read_to_string(&status).is_ok_and(|status| !status.contains("State:\tZ")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), ended).await.expect("it is killed");
}

#[tokio::test]
async fn what_a_program_leaves_behind_holds_nobody_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let leaves = script("sleep 5 &", folder.path(), press());
    timeout(Duration::from_secs(4), leaves).await.expect("it has ended").expect("it runs");
}
