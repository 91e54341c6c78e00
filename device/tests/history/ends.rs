//! Files that are damaged, and disks that take nothing more.

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::house::{House, picture, visit};
use crate::power::child;

/// What becomes of the bytes of a file.
type Damage = fn(Vec<u8>) -> Vec<u8>;

async fn fill(folder: &Path, visits: u64) {
    let house = House::at(folder);
    for number in 0..visits {
        house.history.record(visit(number));
        house.history.record(picture(number, 30_000));
        house.settle().await;
    }
    house.close();
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_told_of() {
    let damages: [(&str, Damage); 4] = [
        ("nothing of ours", |_| b"this is no database at all, it is only text".repeat(200)),
        ("its head is gone", |mut file| {
            file[..64].fill(0xaa);
            file
        }),
        ("its schema is gone", |mut file| {
            file[100..4096].fill(0xaa);
            file
        }),
        ("it is cut off", |file| file[..3 * 4096].to_vec()),
    ];
    for (what, damage) in damages {
        let folder = tempfile::tempdir().expect("a folder");
        fill(folder.path(), 5).await;
        let path = folder.path().join("history.db");
        let damaged = damage(fs::read(&path).expect("a file"));
        fs::write(&path, &damaged).expect("a file");
        let house = House::at(folder.path());
        // Some damage is seen only by whoever reads.
        let _ = house.history.visits(None, 10).await;
        house.history.record(visit(7));
        assert_eq!(house.bells().await, ["7"], "{what}");
        let lines = house.lines();
        assert!(lines.len() == 1 && lines[0].contains("begins anew"), "{what}: {lines:?}");
        assert_eq!(fs::read(folder.path().join("history.aside.db")).expect("a file"), damaged, "{what}");
    }
}

#[tokio::test]
async fn a_file_of_a_later_version_is_set_aside_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), 1).await;
    let later = Connection::open(folder.path().join("history.db")).expect("a database");
    later.pragma_update(None, "user_version", 99).expect("a version");
    later.close().expect("it closes");
    let house = House::at(folder.path());
    house.history.record(visit(7));
    assert_eq!(house.bells().await, ["7"]);
    assert!(
        house.lines()[0].contains("a later version of this program has written it"),
        "{:?}",
        house.lines()
    );
    let aside = Connection::open(folder.path().join("history.aside.db")).expect("a database");
    let visits: u32 = aside.query_row("SELECT count(*) FROM visit", [], |row| row.get(0)).expect("a number");
    assert_eq!(visits, 1);
}

#[tokio::test]
async fn without_a_folder_there_is_a_history_in_memory() {
    let house = House::at(Path::new("/nowhere"));
    house.history.record(visit(1));
    assert_eq!(house.bells().await, ["1"]);
    assert!(house.lines()[0].contains("is lost when this process ends"), "{:?}", house.lines());
    let trouble = house.history.state().borrow().trouble.clone().expect("it is told");
    assert!(trouble.contains("/nowhere/history.db"), "{trouble}");
}

#[tokio::test]
async fn a_second_daemon_leaves_the_file_to_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = House::at(folder.path());
    first.history.record(visit(1));
    first.settle().await;
    let second = House::at(folder.path());
    second.history.record(visit(2));
    assert_eq!(second.bells().await, ["2"]);
    assert_eq!(first.bells().await, ["1"]);
    assert!(second.lines()[0].contains("is lost when this process ends"), "{:?}", second.lines());
}

#[tokio::test]
#[ignore = "it is the other process of the test below"]
async fn finds_the_disk_full() {
    let house = House::at(Path::new("."));
    let mut number = 0;
    while house.lines().is_empty() {
        house.history.record(visit(number));
        house.history.record(picture(number, 20_000));
        house.settle().await;
        number += 1;
        assert!(number < 1000, "the disk never gets full");
    }
    assert!(house.lines()[0].starts_with("the history cannot be written"), "{:?}", house.lines());
    let before = house.bells().await;
    assert!(before.len() > 3 && before.len() < 1000, "what was written can be read: {before:?}");
    assert!(house.history.state().borrow().trouble.is_some());
    // Somebody makes room.
    let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum }).expect("more room");
    house.history.record(visit(5000));
    assert_eq!(house.bells().await[0], "5000");
    assert_eq!(house.lines()[1], "the history is written again");
    assert_eq!(house.history.state().borrow().trouble, None);
    house.close();
}

#[tokio::test]
async fn a_full_disk_loses_what_comes_then_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = child("ends::finds_the_disk_full", folder.path());
    // A limit to the size of its files, in blocks of 512 bytes; the signal that would end it is not wanted.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -S -f 800; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    let house = House::at(folder.path());
    let bells = house.bells().await;
    assert_eq!(bells[0], "5000");
    assert_eq!(bells.last().map(String::as_str), Some("0"));
    assert!(house.lines().is_empty());
}
