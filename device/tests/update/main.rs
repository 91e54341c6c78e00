//! Updates, with everything that goes wrong on the way: at AWS, at dpkg, at the daemon, and at the power's plug.

mod machine;
mod world;

use std::fs;

use aws::fake::Refusal;
use device::update::{How, Installed, Outcome, UpdateError};
use machine::Fault;
use package::{Architecture, Manifest, NAME, PACKAGE_LIMIT};
use tokio::select;
use world::{BUCKET, MANIFEST, PARAMETER, World, new, new_key, old, version};

#[tokio::test]
async fn what_is_newer_is_installed_and_kept_for_the_way_back_from_the_next() {
    let world = World::start().await;
    let updated = Outcome::Updated { from: old(), to: new() };
    assert_eq!(world.update().await.expect("an update"), updated);
    assert_eq!(world.machine.now(), (Some(new()), Some(new())));
    assert_eq!(world.shelf(), world.shelf_with(&new()));
    assert_eq!(world.machine.changes(), ["install", "restart"]);
    assert_eq!(world.update().await.expect("no need"), Outcome::UpToDate(new()));
    assert_eq!(world.machine.changes(), ["install", "restart"]);
    world.publish(&old());
    let older = Outcome::Older { installed: new(), published: old() };
    assert_eq!(world.update().await.expect("no need"), older);
}

/// What AWS gives, and what is said of it.
type OfAws = (&'static str, fn(&World), &'static str);

const OF_AWS: [OfAws; 13] = [
    (
        "no manifest",
        |world| world.aws.put_object(BUCKET, MANIFEST, None),
        "there is no object device/arm64/latest.json",
    ),
    (
        "a manifest that is cut off",
        |world| world.put(MANIFEST, b"{\"manifest\":\"{\\\"ver"),
        "it is no signed manifest",
    ),
    (
        "a manifest that is far too long",
        |world| world.put(MANIFEST, &[b' '; 1 << 20]),
        "cannot fetch the manifest",
    ),
    (
        "another key",
        |world| world.sign(&World::manifest(&new()), &new_key()),
        "not of the key that this device",
    ),
    (
        "a manifest of another architecture",
        |world| {
            let manifest = Manifest { architecture: Architecture::Armhf, ..World::manifest(&new()) };
            world.sign(&manifest, &world.key);
        },
        "it is of a package for armhf, and not for arm64",
    ),
    (
        "a package that is far too large",
        |world| world.sign(&Manifest { size: PACKAGE_LIMIT + 1, ..World::manifest(&new()) }, &world.key),
        "and more than 67108864 are not taken",
    ),
    (
        "no package",
        |world| world.aws.put_object(BUCKET, &World::manifest(&new()).key, None),
        "there is no object device",
    ),
    (
        "a package that is cut off",
        |world| world.put(&World::manifest(&new()).key, b"0.1.0"),
        "it has 5 bytes",
    ),
    (
        "a package that goes on",
        |world| world.put(&World::manifest(&new()).key, &[b'x'; 1 << 20]),
        "cannot fetch the package",
    ),
    (
        "a package that was changed",
        |world| world.put(&World::manifest(&new()).key, old().as_str().as_bytes()),
        "its SHA-256 is",
    ),
    ("no right to fetch", |world| world.aws.deny("s3:GET"), "AccessDenied"),
    (
        "no right to ask",
        |world| world.aws.deny("GetParameters"),
        "the stack does so if it has `porch:device`",
    ),
    ("an answer that is lost", |world| world.aws.answer_next(Refusal::LostAnswer), "cannot learn where"),
];

#[tokio::test]
async fn nothing_is_installed_that_is_not_whole_and_signed() {
    for (name, arrange, wanted) in OF_AWS {
        let world = World::start().await;
        arrange(&world);
        let told = world.fails().await;
        assert!(told.contains(wanted), "{name}: {told}");
        assert_eq!(world.machine.changes(), [""; 0], "{name}");
        assert!(!world.kept(&new()).exists(), "{name}");
    }
}

#[tokio::test]
async fn the_stack_says_where_packages_are_in_its_own_way() {
    for place in ["", "{}", r#"{"bucket":"../..","region":"eu-west-1","manifestKey":"a"}"#] {
        let world = World::start_with(place).await;
        let told = world.fails().await;
        assert_eq!(told, format!("the parameter {PARAMETER} holds something else than the stack puts there"));
    }
}

#[tokio::test]
async fn dpkg_is_asked_again_when_that_may_help() {
    let cases: [(&[Fault], &[&str]); 3] = [
        (&[Fault::Locked], &["install", "configure", "install", "restart"]),
        (&[Fault::Unconfigured], &["install", "configure", "restart"]),
        (
            &[Fault::Broken, Fault::Locked],
            &["install", "configure", "install", "configure", "install", "restart"],
        ),
    ];
    for (faults, calls) in cases {
        let world = World::start().await;
        world.machine.fail(faults);
        let updated = Outcome::Updated { from: old(), to: new() };
        assert_eq!(world.update().await.expect("an update"), updated, "{faults:?}");
        assert_eq!(world.machine.changes(), calls, "{faults:?}");
    }
}

#[tokio::test]
async fn the_former_one_is_put_back_when_dpkg_gives_up() {
    let world = World::start().await;
    world.machine.fail(&[Fault::Broken; 3]);
    let told = world.fails().await;
    assert!(told.starts_with(&format!("{} failed (dpkg --install: ", new())), "{told}");
    assert!(told.ends_with(&format!("{} is back, and the daemon is ready", old())), "{told}");
    assert_eq!(world.machine.now(), (Some(old()), Some(old())));
    assert_eq!(world.shelf(), world.shelf_with(&old()));
}

#[tokio::test]
async fn the_former_one_is_put_back_when_the_daemon_is_not_ready_and_stays() {
    let world = World::start().await;
    world.machine.breaks_with(&new());
    let told = world.fails().await;
    assert!(told.contains("Job for porch-doorbell.service failed"), "{told}");
    assert_eq!(world.machine.now(), (Some(old()), Some(old())));
    assert_eq!(world.shelf(), world.shelf_with(&old()));
    // It would fail every day.
    let before = world.machine.changes();
    let told = world.fails().await;
    assert!(told.contains("failed here before"), "{told}");
    assert_eq!(world.machine.changes(), before);
    let force = How { force: true, ..How::default() };
    assert!(matches!(world.update_so(force).await, Err(UpdateError::PutBack { .. })));
    let newer = version("0.1.0+20260303081530.3c7d25f4e6");
    world.publish(&newer);
    assert_eq!(world.update().await.expect("an update"), Outcome::Updated { from: old(), to: newer });
}

#[tokio::test]
async fn a_way_back_that_fails_is_tried_again() {
    let world = World::start().await;
    world.machine.breaks_with(&new());
    world.machine.breaks_with(&old());
    for _ in 0..2 {
        let told = world.fails().await;
        assert!(told.starts_with("THE DAEMON DOES NOT RUN: "), "{told}");
        assert!(world.kept(&old()).exists(), "the way back stays");
    }
    world.machine.mends();
    assert!(matches!(world.update().await, Err(UpdateError::PutBack { .. })));
    assert_eq!(world.machine.now(), (Some(old()), Some(old())));
}

#[tokio::test]
async fn who_is_killed_anywhere_is_followed_by_one_who_finishes() {
    for is_good in [true, false] {
        let wanted = if is_good { new() } else { old() };
        let mut kills = 0;
        loop {
            let world = World::start().await;
            if !is_good {
                world.machine.breaks_with(&new());
            }
            world.machine.kill_at(Some(kills + 1));
            let is_killed = select! {
                biased;
                () = world.machine.killed.notified() => true,
                _ = world.update() => false,
            };
            world.machine.kill_at(None);
            // As systemd would try again the next day, until all is settled.
            for _ in 0..2 {
                let _ = world.update().await;
            }
            assert_eq!(
                world.machine.now(),
                (Some(wanted.clone()), Some(wanted.clone())),
                "killed in call {kills}"
            );
            assert_eq!(world.shelf(), world.shelf_with(&wanted), "killed in call {kills}");
            if !is_killed {
                break;
            }
            kills += 1;
        }
        assert!(kills >= 4, "it was killed in {kills} calls only");
    }
}

#[tokio::test]
async fn who_only_looks_changes_nothing() {
    let world = World::start().await;
    let before = world.shelf();
    let dry = How { dry_run: true, ..How::default() };
    let size = new().as_str().len();
    let wanted = Outcome::WouldUpdate { from: old(), to: new(), size };
    assert_eq!(world.update_so(dry).await.expect("an answer"), wanted);
    assert_eq!(world.shelf(), before);
    assert_eq!(world.machine.changes(), [""; 0]);
}

#[tokio::test]
async fn without_a_way_back_somebody_has_to_insist() {
    let world = World::start().await;
    fs::remove_file(world.kept(&old())).expect("it was there");
    let told = world.fails().await;
    assert!(told.starts_with("there would be no way back") && told.contains("say --force"), "{told}");
    assert_eq!(world.machine.changes(), [""; 0]);
    world.machine.breaks_with(&new());
    let force = How { force: true, ..How::default() };
    assert!(matches!(world.update_so(force).await, Err(UpdateError::Stuck { .. })));
    world.machine.mends();
    assert_eq!(world.update().await.expect("no need"), Outcome::UpToDate(new()));
}

#[tokio::test]
async fn two_do_not_run_at_once() {
    let world = World::start().await;
    world.machine.kill_at(Some(1));
    select! {
        biased;
        _ = world.update() => panic!("it waits for the machine"),
        () = async {
            world.machine.killed.notified().await;
            world.machine.kill_at(None);
            assert!(matches!(world.update().await, Err(UpdateError::Busy)));
        } => {}
    }
    assert!(world.update().await.is_ok(), "it ends with who had it");
}

#[tokio::test]
async fn what_is_not_a_package_of_a_stack_is_left_alone() {
    let world = World::start().await;
    world.machine.has(Installed::Absent);
    assert_eq!(world.fails().await, format!("the package {NAME} is not installed here by dpkg"));
    world.machine.has(Installed::Unfinished);
    let told = world.fails().await;
    assert!(told.starts_with("dpkg --configure: "), "{told}");
}

#[tokio::test]
async fn a_state_that_is_not_understood_stops_everything() {
    let world = World::start().await;
    for text in ["", "{", "[]", r#"{"going":{"to":"1"}}"#] {
        world.write_state(text);
        let told = world.fails().await;
        assert!(told.ends_with("state.json is not understood; if no update is running, delete it"), "{told}");
    }
    assert_eq!(world.machine.changes(), [""; 0]);
}
