//! What is there after a process was killed, and after the power went.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::house::{House, outcome, picture, visit};

/// This test program, running only `child` in `folder`.
pub(crate) fn child(child: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", child, "--ignored", "--nocapture"]).current_dir(folder);
    command
}

#[tokio::test]
#[ignore = "it is the other process of the test below"]
async fn writes_for_ever() {
    let house = House::at(Path::new("."));
    for number in 0_u64.. {
        house.history.record(visit(number));
        house.history.record(picture(number, 20_000));
        house.settle().await;
        eprintln!("kept {number}");
    }
}

#[tokio::test]
async fn a_process_that_is_killed_while_it_writes_loses_nothing_that_was_kept() {
    for round in 0..8 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = child("power::writes_for_ever", folder.path());
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
        let mut kept = None;
        while kept < Some(20 + 7 * round) {
            let line = lines.next().expect("a line").expect("text");
            kept = line.strip_prefix("kept ").and_then(|number| number.parse().ok()).or(kept);
        }
        child.kill().expect("it runs");
        child.wait().expect("it has ended");
        // What it said before it was killed counts as well.
        let rest = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("kept ")?.parse().ok());
        let kept: u64 = rest.last().or(kept).expect("something was kept");

        let house = House::at(folder.path());
        let visits = house.history.visits(None, 100_000).await.expect("an answer");
        let whole = |number: u64| {
            visits.iter().any(|visit| visit.bell == number.to_string() && visit.pictures.len() == 1)
        };
        assert!((0..=kept).all(whole), "{kept} were kept, {} are there", visits.len());
        assert!(house.lines().is_empty(), "{:?}", house.lines());
    }
}

/// A disk that loses its power has written the log up to some byte. The log itself was told to be on the disk before each
/// commit returned (`synchronous = FULL`), so that what is lost is what nobody was told is kept.
#[tokio::test]
async fn a_log_that_ends_anywhere_is_read_up_to_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    let mut log = Vec::new();
    let (database, writing) = (folder.path().join("history.db"), folder.path().join("history.db-wal"));
    for number in 0..12 {
        house.history.record(visit(number));
        house.history.record(picture(number, 9000));
        house.settle().await;
        log.push(fs::metadata(&writing).expect("a log").len());
    }
    let (database, writing) = (fs::read(database).expect("a file"), fs::read(writing).expect("a log"));
    let mut seen = 0;
    for end in (0..=writing.len()).step_by(1777).chain([writing.len()]) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("history.db"), &database).expect("a file");
        fs::write(folder.path().join("history.db-wal"), &writing[..end]).expect("a file");
        let house = House::at(folder.path());
        let bells = house.bells().await;
        let kept = log.iter().filter(|length| **length <= end as u64).count();
        let wanted: Vec<String> = (0..bells.len()).rev().map(|number| number.to_string()).collect();
        assert_eq!(bells, wanted, "those before the cut, in order");
        assert!(bells.len() >= kept, "{} of {kept} at byte {end}", bells.len());
        assert!(house.lines().is_empty(), "{:?}", house.lines());
        seen = bells.len();
    }
    assert_eq!(seen, 12);
}

/// Twenty visitors, each with a picture, and what four have done of whom each is through at another time.
#[tokio::test]
#[ignore = "it is the other process of the test below"]
async fn writes_a_day() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    let house = House::at(folder.path());
    house.settle().await;
    let before = written();
    for number in 0..20 {
        house.history.record(visit(number));
        house.settle().await;
        for who in ["alexa", "hue", "mqtt", "camera"] {
            house.history.record(outcome(number, who, "done"));
            house.settle().await;
        }
        house.history.record(picture(number, 100_000));
        house.settle().await;
    }
    house.close();
    eprintln!("written {}", written() - before);
}

/// Bytes that this process has had written to disks (proc(5), `/proc/pid/io`).
fn written() -> u64 {
    let io = fs::read_to_string("/proc/self/io").expect("counts");
    let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).expect("a count");
    bytes.parse().expect("a number")
}

#[test]
fn a_day_wears_a_card_by_a_few_megabytes() {
    let output = child("power::writes_a_day", Path::new(".")).output().expect("it runs");
    let said = String::from_utf8(output.stderr).expect("text");
    let written = said.lines().find_map(|line| line.strip_prefix("written ")?.parse::<u64>().ok());
    let written = written.unwrap_or_else(|| panic!("{said}"));
    println!("{written} bytes are written on a day with twenty visitors and 2,000,000 bytes of pictures");
    // Each byte is written twice, to the log and to the file, and each commit writes some pages of its own.
    assert!(written < 8_000_000, "{written}");
}
