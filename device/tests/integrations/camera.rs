//! Pictures, from a camera that is played, decoded by the program itself.

use std::sync::Arc;
use std::time::Duration;

use camera::fake::{FakeCamera, Film, Manner, number_in};
use camera::{Decoder, Wanted};
use device::clock::Monotonic;
use device::integration::camera::{Camera, CameraSettings, DECODE};
use device::integration::{Failure, Integration, IntegrationKind, Occasion, Visit};

use crate::visit;

/// A camera that sends two frames, and the integration that looks at it.
async fn watched(wanted: Wanted) -> (FakeCamera, Arc<Camera>) {
    let film = Film::shoot(320, 180, 4, 4).expect("a film");
    let fake = FakeCamera::start(Arc::new(film), Manner::Plays).await.expect("a camera");
    fake.send_up_to(1);
    let camera = camera::Camera { address: fake.address().expect("an address"), credentials: None };
    let decoder = Decoder { program: env!("CARGO_BIN_EXE_porch-doorbell").into(), argument: DECODE.into() };
    (fake, Arc::new(Camera::new(CameraSettings { camera, wanted }, decoder)))
}

/// Somebody who rings now.
fn press() -> Occasion {
    let Visit { mut press, bell, at, is_trial } = visit();
    press.edge = Monotonic::now();
    Occasion::Press(Visit { press, bell, at, is_trial })
}

#[tokio::test]
async fn a_press_has_a_picture_of_the_visitor() {
    let (fake, camera) = watched(Wanted { within: Duration::from_secs(60), ..Wanted::default() }).await;
    let done = camera.tell(press()).await.expect("a picture");
    assert_eq!(done.told, "a picture, 320x180");
    let [picture] = &done.pictures[..] else { panic!("one picture: {done:?}") };
    assert!(number_in(&picture.jpeg).is_some_and(|number| number <= 1));
    // It had not come when the button was pressed.
    assert!((0..=60_000).contains(&picture.offset_ms), "{picture:?}");
    drop(fake);
}

#[tokio::test]
async fn a_camera_that_is_not_there_is_told_with_the_reason() {
    let film = Film { frames: Vec::new() };
    let fake = FakeCamera::start(Arc::new(film), Manner::Plays).await.expect("a camera");
    let camera = camera::Camera { address: fake.address().expect("an address"), credentials: None };
    drop(fake);
    let wanted = Wanted { within: Duration::from_millis(200), ..Wanted::default() };
    let settings = CameraSettings { camera, wanted };
    let why = "the camera cannot be reached: Connection refused (os error 111)";
    assert_eq!(IntegrationKind::Camera(settings.clone()).check().await, Err(why.to_owned()));
    let camera = Arc::new(Camera::new(settings, Decoder::this_program(DECODE)));
    let failure = camera.tell(press()).await.expect_err("no camera");
    assert_eq!(failure, Failure::Passing(format!("no frame of this moment came in time: {why}")));
}
