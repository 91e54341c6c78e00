//! The button that is played: what a player may say, and what becomes of it.

use std::future::poll_fn;
use std::path::Path;

use device::button::{Button, ButtonSettings, Refusal, open, read_edge};
use device::clock::Monotonic;
use device::press::{Edge, Level};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

fn at(nanoseconds: u64) -> Monotonic {
    Monotonic::from_nanos(nanoseconds)
}

const SECOND: u64 = 1_000_000_000;

#[track_caller]
fn check(line: &str, expected: Result<Edge, Refusal>) {
    assert_eq!(read_edge(line.as_bytes(), at(95 * SECOND), at(100 * SECOND)), expected, "{line:?}");
}

#[test]
fn an_edge_that_can_have_happened_is_taken() {
    check("pressed 99000000000\n", Ok(Edge { level: Level::Pressed, at: at(99 * SECOND) }));
    check("released 95000000000\n", Ok(Edge { level: Level::Released, at: at(95 * SECOND) }));
    check("released 100000000000\n", Ok(Edge { level: Level::Released, at: at(100 * SECOND) }));
}

#[test]
fn all_else_is_refused_with_the_reason() {
    check("pressed 100000000001\n", Err(Refusal::Future));
    check("pressed 94999999999\n", Err(Refusal::Disordered));
    check("pressed 39999999999\n", Err(Refusal::Old));
    check("pressed 99000000000", Err(Refusal::Unended));
    check("", Err(Refusal::Unended));
    for malformed in [
        "\n",
        "pressed\n",
        "pressed \n",
        "pushed 99000000000\n",
        "PRESSED 99000000000\n",
        "pressed +99000000000\n",
        "pressed -1\n",
        "pressed 99000000000 \n",
        "pressed  99000000000\n",
        "pressed 99000000000\r\n",
        "pressed 99.5\n",
        "pressed 99999999999999999999\n",
        " pressed 99000000000\n",
    ] {
        check(malformed, Err(Refusal::Malformed));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_an_edge_of_another_time(line in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(edge) = read_edge(&line, at(95 * SECOND), at(100 * SECOND)) {
            prop_assert!(at(95 * SECOND) <= edge.at && edge.at <= at(100 * SECOND));
        }
    }
}

async fn next(button: &mut Box<dyn Button>) -> Edge {
    poll_fn(|context| button.poll_edge(context)).await.expect("the button is watched")
}

/// Says `text` to the button at `path`, and returns all that is answered.
async fn play(path: &Path, text: &str) -> String {
    let mut player = UnixStream::connect(path).await.expect("the button listens");
    player.write_all(text.as_bytes()).await.expect("the button reads");
    player.shutdown().await.expect("the button reads");
    let mut answers = String::new();
    player.read_to_string(&mut answers).await.expect("the button answers");
    answers
}

#[tokio::test]
async fn edges_arrive_as_they_were_played_and_nothing_after_a_refusal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("front-door.sock");
    let mut button = open(&ButtonSettings::Simulated(path.clone())).expect("the button opens");
    assert_eq!(button.level().expect("a level"), Level::Released);

    let now = Monotonic::now().as_nanos();
    let answers = play(&path, &format!("pressed {now}\nreleased {now}\nnonsense\npressed {now}\n")).await;
    let lines: Vec<&str> = answers.lines().collect();
    let reason = "refused: a line is `pressed NANOSECONDS` or `released NANOSECONDS`";
    assert_eq!(lines, ["ok", "ok", reason]);
    // The next player is listened to, but not about what was before the last edge.
    let answers = play(&path, "pressed 0\n").await;
    assert!(answers.starts_with("refused: the edge is"), "{answers}");
    assert_eq!(play(&path, &format!("pressed {now}\n")).await, "ok\n");

    for level in [Level::Pressed, Level::Released, Level::Pressed] {
        assert_eq!(next(&mut button).await, Edge { level, at: at(now) });
    }
    assert_eq!(button.level().expect("a level"), Level::Pressed);
}

#[tokio::test]
async fn a_socket_that_was_left_behind_is_replaced_and_one_in_no_folder_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("front-door.sock");
    let settings = ButtonSettings::Simulated(path.clone());
    drop(open(&settings).expect("the button opens"));
    drop(open(&settings).expect("the button opens again"));

    let nowhere = folder.path().join("absent").join("front-door.sock");
    let error = open(&ButtonSettings::Simulated(nowhere)).err().expect("there is no folder").to_string();
    assert!(
        error.ends_with("front-door.sock cannot be opened: No such file or directory (os error 2)"),
        "{error}"
    );
}
