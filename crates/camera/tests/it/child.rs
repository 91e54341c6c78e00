//! The child, given what cameras send, and what they should not.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use camera::decode::{DecodeError, Made, Order, Step};
use camera::fake::{Film, number_in};
use camera::{Decoder, Wanted};
use proptest::prelude::*;

use crate::{FILM, decoder, in_time, ms};

/// All frames of the film, with pictures of those with these numbers.
fn order(wanted: &[usize]) -> Order {
    let frames = FILM.frames.iter().enumerate();
    let step = |(number, frame): (usize, &camera::fake::Frame)| Step {
        unit: frame.byte_stream(),
        is_wanted: wanted.contains(&number),
    };
    Order { steps: frames.map(step).collect(), widest: Wanted::default().widest, quality: 80 }
}

fn numbers(made: &[Result<Made, String>]) -> Vec<Option<u32>> {
    made.iter().map(|made| number_in(&made.as_ref().ok()?.jpeg)).collect()
}

#[tokio::test]
async fn pictures_are_of_the_frames_that_are_wanted() {
    let made = decoder().decode(&order(&[0, 5, 8, 23]), in_time()).await.unwrap();
    assert_eq!(numbers(&made), [Some(0), Some(5), Some(8), Some(23)]);
    assert!(made.iter().flatten().all(|made| (made.width, made.height) == (320, 180)));
}

#[tokio::test]
async fn a_picture_is_at_most_as_wide_as_wanted() {
    for (widest, expected) in [(320, (320, 180)), (200, (200, 112)), (161, (161, 90))] {
        let made = decoder().decode(&Order { widest, ..order(&[3]) }, in_time()).await.unwrap();
        let found = made[0].as_ref().unwrap();
        assert_eq!((found.width, found.height), expected);
        assert_eq!(numbers(&made), [Some(3)]);
    }
}

#[tokio::test]
async fn black_and_white_are_so_in_the_picture() {
    let made = decoder().decode(&Order { quality: 95, ..order(&[0]) }, in_time()).await.unwrap();
    let mut jpeg = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(&made[0].as_ref().unwrap().jpeg));
    let rgb = jpeg.decode().unwrap();
    let pixel = |column: usize| &rgb[(10 * 320 + column) * 3..][..3];
    // The first two blocks of the strip.
    assert!(pixel(6).iter().all(|sample| *sample > 247), "{:?}", pixel(6));
    assert!(pixel(20).iter().all(|sample| *sample < 8), "{:?}", pixel(20));
}

#[tokio::test]
async fn a_frame_that_needs_others_that_are_not_there_is_told_to_be_so() {
    let mut order = order(&[1, 9]);
    order.steps.remove(0);
    let made = decoder().decode(&order, in_time()).await.unwrap();
    assert!(made[0].is_err(), "{made:?}");
    assert_eq!(numbers(&made[1..]), [Some(9)]);
}

#[tokio::test]
async fn a_child_that_is_late_is_killed() {
    let sleeper = Decoder { program: "/bin/sleep".into(), argument: "1000".into() };
    let error = sleeper.decode(&order(&[0]), tokio::time::Instant::now() + ms(50)).await.unwrap_err();
    assert!(matches!(error, DecodeError::Late), "{error}");
}

#[tokio::test]
async fn what_is_no_child_of_ours_is_not_believed() {
    for (program, expected) in [
        ("/nonexistent", "the decoder /nonexistent cannot be started"),
        ("/bin/false", "the decoder ended with exit status: 1: "),
        ("/bin/true", "the decoder's answer is not to be understood"),
        // This one would answer for ever.
        ("/usr/bin/yes", "the decoder ended with signal: 13 (SIGPIPE): "),
    ] {
        let other = Decoder { program: program.into(), argument: "decode".into() };
        let error = other.decode(&order(&[0]), in_time()).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_child_may_use_little() {
    let mut child =
        Command::new(decoder().program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It has set its limits before it answers this, which asks for no picture.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"porch picture 1\n\x05\x00\x50").unwrap();
    let limits = loop {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let limits = limits.split_whitespace().collect::<Vec<_>>().join(" ");
        // The one that is set last.
        if limits.contains("Max processes 0 ") || child.try_wait().unwrap().is_some() {
            break limits;
        }
        std::thread::yield_now();
    };
    stdin.write_all(b"\x02").unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    for limit in
        ["Max address space 268435456", "Max open files 0", "Max file size 0", "Max core file size 0"]
    {
        assert!(limits.contains(limit), "{limit}: {limits}");
    }
}

/// What the child says to these bytes, and whether it is content.
fn say(bytes: &[u8]) -> (bool, String) {
    let mut child = Command::new(decoder().program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may give up before it has read all.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().success(), said)
}

#[test]
fn an_order_that_is_none_is_refused_with_the_reason() {
    for (bytes, expected) in [
        (&b""[..], "the order is not to be understood: it ends too early\n"),
        (b"GET / HTTP/1.1\r\n\r\n", "the order is not to be understood: expected an order of pictures\n"),
        (
            b"porch picture 1\n\x05\x00\x50\x09",
            "the order is not to be understood: nothing begins with the byte 9\n",
        ),
        (
            b"porch picture 1\n\x05\x00\x50\x01\x00\x00\x00\x05abc",
            "the order is not to be understood: it ends too early\n",
        ),
    ] {
        assert_eq!(say(bytes), (false, expected.to_owned()));
    }
}

/// Decodes a film some of whose bytes are others. Whatever comes of it, something does.
fn decode_spoilt(
    film: &Film,
    spoil: &[(prop::sample::Index, prop::sample::Index, u8)],
    cut: Option<prop::sample::Index>,
) {
    let mut units: Vec<Vec<u8>> = film.frames.iter().map(|frame| frame.byte_stream().to_vec()).collect();
    for (unit, at, value) in spoil {
        let unit = unit.get_mut(&mut units);
        *at.get_mut(unit) = *value;
    }
    if let Some(cut) = cut {
        let unit = cut.get_mut(&mut units);
        unit.truncate(unit.len() / 2);
    }
    let steps = units.into_iter().map(|unit| Step { unit: unit.into(), is_wanted: true }).collect();
    let order = Order { steps, widest: 1280, quality: 80 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(async { decoder().decode(&order, in_time()).await }) {
        Ok(made) => assert_eq!(made.len(), order.steps.len()),
        // A limit, or the decoder's own end: told, and nothing else happened.
        Err(error) => assert!(matches!(error, DecodeError::Failed { .. }), "{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn a_spoilt_stream_ends_in_pictures_or_in_reasons(
        spoil in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index, u8)>(), 0..40),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        decode_spoilt(&FILM, &spoil, cut);
    }

    #[test]
    fn spoilt_parameter_sets_end_in_pictures_or_in_reasons(at in 0..40_usize, values in any::<[u8; 3]>()) {
        let mut film = Film::clone(&FILM);
        film.frames.truncate(4);
        let first = &mut film.frames[0];
        let set = &mut first.nal_units[0];
        let mut spoilt = set.to_vec();
        for (at, value) in (at..).zip(values) {
            let length = spoilt.len();
            spoilt[1 + at % (length - 1)] = value;
        }
        *set = spoilt.into();
        decode_spoilt(&film, &[], None);
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let head = b"porch picture 1\n\x05\x00\x50\x01\x00\x00\x08\x00";
        prop_assert!(!say(&[&head[..], &bytes].concat()).0);
    }
}
