//! A session, with cameras of all manners.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use camera::fake::{FakeCamera, Film, Manner, number_in};
use camera::{Camera, Clock, Credentials, Session, State, Wanted, Why};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::{FILM, decoder, ms};

/// A clock that stands still until it is set, and knows how often it was read: once for each frame.
#[derive(Clone)]
struct TestClock {
    now: Arc<AtomicU64>,
    reads: watch::Sender<usize>,
}

impl TestClock {
    fn new() -> Self {
        Self { now: Arc::default(), reads: watch::Sender::new(0) }
    }

    fn clock(&self) -> Clock {
        let Self { now, reads } = self.clone();
        Clock::new(move || {
            reads.send_modify(|reads| *reads += 1);
            Duration::from_millis(now.load(Ordering::SeqCst))
        })
    }

    /// Has the camera send its frames up to `number` while the clock reads `now`, and waits until they are there.
    async fn receive(&self, camera: &FakeCamera, number: usize, now: u64) {
        self.now.store(now, Ordering::SeqCst);
        let mut reads = self.reads.subscribe();
        camera.send_up_to(number);
        soon(reads.wait_for(|reads| *reads > number)).await.unwrap();
    }
}

async fn soon<F: Future>(what: F) -> F::Output {
    timeout(Duration::from_secs(60), what).await.expect("within a minute")
}

fn session(camera: &FakeCamera, clock: &TestClock) -> Session {
    session_as(camera, clock, None)
}

fn session_as(camera: &FakeCamera, clock: &TestClock, password: Option<&str>) -> Session {
    let credentials =
        password.map(|password| Credentials { user: "porch".into(), password: password.into() });
    let camera = Camera { address: camera.address().unwrap(), credentials };
    Session::start(camera, decoder(), clock.clock(), |_| ms(10))
}

/// A session whose n-th frame arrived at n times 100 ms, up to `last`.
async fn filmed(last: usize) -> (FakeCamera, TestClock, Session) {
    let camera = FakeCamera::start(Arc::clone(&FILM), Manner::Plays).await.unwrap();
    let clock = TestClock::new();
    let session = session(&camera, &clock);
    for number in 0..=last {
        clock.receive(&camera, number, number as u64 * 100).await;
    }
    (camera, clock, session)
}

async fn state(session: &Session, is_it: impl FnMut(&State) -> bool) -> State {
    soon(session.state().wait_for(is_it)).await.unwrap().clone()
}

fn numbers(pictures: &[camera::Picture]) -> Vec<u32> {
    pictures.iter().map(|picture| number_in(&picture.jpeg).expect("a number")).collect()
}

#[tokio::test]
async fn a_picture_is_of_the_newest_frame_that_had_arrived() {
    let (_camera, _clock, session) = filmed(12).await;
    for (at, number) in [(0, 0), (450, 4), (499, 4), (500, 5), (850, 8), (1_200, 12), (2_000, 12)] {
        let pictures = session.picture(ms(at), &Wanted::default()).await.unwrap();
        assert_eq!(numbers(std::slice::from_ref(&pictures.at)), [number], "at {at} ms");
        assert_eq!(pictures.at.arrived, ms(u64::from(number) * 100));
        assert_eq!((pictures.before.len(), pictures.after.len()), (0, 0));
    }
}

#[tokio::test]
async fn pictures_before_and_after_are_as_far_apart_as_wanted() {
    let (camera, clock, session) = filmed(12).await;
    let wanted = Wanted { before: 3, after: 2, spacing: ms(250), ..Wanted::default() };
    let (pictures, ()) = tokio::join!(session.picture(ms(1_000), &wanted), async {
        for number in 13..20 {
            clock.receive(&camera, number, number as u64 * 100).await;
        }
    });
    let pictures = pictures.unwrap();
    assert_eq!(numbers(&pictures.before), [2, 5, 7]);
    assert_eq!(numbers(&[pictures.at]), [10]);
    assert_eq!(numbers(&pictures.after), [12, 15]);
}

#[tokio::test]
async fn there_are_fewer_before_and_after_where_the_stream_has_no_more() {
    let (_camera, _clock, session) = filmed(3).await;
    let wanted = Wanted { before: 5, after: 1, spacing: ms(200), within: ms(1_500), ..Wanted::default() };
    let pictures = session.picture(ms(300), &wanted).await.unwrap();
    assert_eq!(numbers(&pictures.before), [1]);
    assert_eq!(numbers(&[pictures.at]), [3]);
    // The same frame is not shown twice.
    assert_eq!(numbers(&pictures.after), []);
}

#[tokio::test]
async fn a_stream_that_comes_up_later_gives_its_first_frame() {
    let camera = FakeCamera::start(Arc::clone(&FILM), Manner::Plays).await.unwrap();
    let clock = TestClock::new();
    let session = session(&camera, &clock);
    let wanted = Wanted { within: Duration::from_secs(60), ..Wanted::default() };
    let (pictures, ()) = tokio::join!(session.picture(ms(0), &wanted), async {
        clock.now.store(2_000, Ordering::SeqCst);
        camera.send_up_to(3);
    });
    let at = pictures.unwrap().at;
    assert_eq!((numbers(std::slice::from_ref(&at)), at.arrived), (vec![0], ms(2_000)));
}

#[tokio::test]
async fn an_old_frame_is_not_taken_for_what_was_to_be_seen() {
    let (_camera, _clock, session) = filmed(3).await;
    let wanted = Wanted { within: ms(100), ..Wanted::default() };
    let error = session.picture(ms(10_000), &wanted).await.unwrap_err();
    let expected = "no frame of this moment came in time: the camera sends its stream";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_ready_camera_says_how_its_frames_are() {
    let (_camera, _clock, session) = filmed(0).await;
    let ready = state(&session, |state| matches!(state, State::Ready { .. })).await;
    let expected = State::Ready { since: ms(0), width: Some(320), height: Some(180), fps: Some(25.0) };
    assert_eq!(ready, expected);
}

#[tokio::test]
async fn credentials_are_shown_to_a_camera_that_wants_them() {
    let camera = FakeCamera::start(Arc::clone(&FILM), Manner::WantsCredentials).await.unwrap();
    let clock = TestClock::new();
    let good = session_as(&camera, &clock, Some("a made-up password"));
    clock.receive(&camera, 0, 0).await;
    state(&good, |state| matches!(state, State::Ready { .. })).await;
    for password in [None, Some("another")] {
        let bad = session_as(&camera, &TestClock::new(), password);
        let down = state(&bad, |state| matches!(state, State::Down { .. })).await;
        assert_eq!(down, State::Down { why: Why::Refused(401) });
    }
}

#[tokio::test]
async fn a_camera_that_cannot_be_used_is_told_with_the_reason() {
    for (manner, expected) in [
        (
            Manner::Codes("H265"),
            "sends H265, and only H264 is understood: choose H.264 in its settings, or the address of such a stream",
        ),
        (
            Manner::NotFound,
            "answers with status 404: there is no such stream, look at the end of its address",
        ),
    ] {
        let camera = FakeCamera::start(Arc::clone(&FILM), manner).await.unwrap();
        let session = session(&camera, &TestClock::new());
        let down = state(&session, |state| matches!(state, State::Down { .. })).await;
        assert_eq!(down.to_string(), expected);
    }
}

#[tokio::test]
async fn a_camera_that_is_not_there_is_told_as_unreachable() {
    let camera = FakeCamera::start(Arc::clone(&FILM), Manner::Plays).await.unwrap();
    let address = camera.address().unwrap();
    drop(camera);
    let clock = TestClock::new();
    let session = Session::start(Camera { address, credentials: None }, decoder(), clock.clock(), |_| ms(10));
    let down = state(&session, |state| matches!(state, State::Down { .. })).await;
    assert_eq!(down.to_string(), "cannot be reached: Connection refused (os error 111)");
}

#[tokio::test(start_paused = true)]
async fn a_camera_that_says_nothing_is_given_up() {
    let camera = FakeCamera::start(Arc::clone(&FILM), Manner::Silent).await.unwrap();
    let session = session(&camera, &TestClock::new());
    let mut states = session.state();
    let down = states.wait_for(|state| matches!(state, State::Down { .. })).await.unwrap().to_string();
    assert_eq!(down, "did not answer for 10 s");
}

#[tokio::test]
async fn bytes_that_are_no_stream_end_the_connection_and_nothing_else() {
    let rtp = |payload: &[u8]| {
        let length = u16::try_from(12 + payload.len()).unwrap().to_be_bytes();
        [&b"$\0"[..], &length, &[0x80, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], payload].concat()
    };
    for bytes in [
        b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        vec![0xff; 4_000],
        // A packet too short for its head, and frames that are none.
        b"$\0\0\x04abcd".to_vec(),
        rtp(&[28, 0x05, 1, 2, 3]),
        rtp(&[24, 0xff, 0xff, 1]),
        rtp(&[0x1f, 0, 0, 2, 0, 0, 2]),
    ] {
        let camera = FakeCamera::start(Arc::clone(&FILM), Manner::Sends(bytes.clone())).await.unwrap();
        let session = session(&camera, &TestClock::new());
        let down = state(&session, |state| matches!(state, State::Down { .. })).await;
        let State::Down { why: Why::Broken(why) } = down else { panic!("{down} after {bytes:x?}") };
        assert!(why.len() <= 700 && !why.contains('\n'), "{why}");
    }
}

#[tokio::test]
async fn a_camera_that_starts_again_is_found_again() {
    let (camera, clock, session) = filmed(5).await;
    let at = camera.at();
    drop(camera);
    state(&session, |state| matches!(state, State::Down { .. })).await;
    // What was there before is still to be had.
    let pictures = session.picture(ms(300), &Wanted::default()).await.unwrap();
    assert_eq!(numbers(&[pictures.at]), [3]);

    let film = Arc::new(Film { frames: FILM.frames[8..].to_vec() });
    let camera = FakeCamera::start_at(at, film, Manner::Plays).await.unwrap();
    clock.now.store(4_000, Ordering::SeqCst);
    camera.send_up_to(2);
    let ready = state(&session, |state| matches!(state, State::Ready { .. })).await;
    assert!(matches!(ready, State::Ready { since, .. } if since == ms(4_000)));
    let pictures = session.picture(ms(4_000), &Wanted::default()).await.unwrap();
    assert!((8..=10).contains(&numbers(&[pictures.at])[0]));
}

#[tokio::test]
async fn pictures_that_are_asked_for_at_once_are_all_made() {
    let (_camera, _clock, session) = filmed(9).await;
    let wanted = Wanted { within: Duration::from_secs(60), ..Wanted::default() };
    let ask = |at| session.picture(ms(at), &wanted);
    let (first, second, third) = tokio::join!(ask(200), ask(500), ask(900));
    let found = [first, second, third].map(|pictures| numbers(&[pictures.unwrap().at])[0]);
    assert_eq!(found, [2, 5, 9]);
}
