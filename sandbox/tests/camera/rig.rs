//! The camera of this checkout's sandbox, and sessions with it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use camera::fake::number_in;
use camera::{Address, Camera, Clock, Credentials, Decoder, Picture, Session, State};
use rustix::time::{ClockId, clock_gettime};
use sandbox::Sandbox;
use sandbox::parts::camera::{KIND, PASSWORD, URL, USER, part};
use sandbox::progress::Progress;
use sandbox::secrets;
use sandbox::settings::Settings;
use sandbox::tools::camera_decoder;
use secrecy::SecretString;
use tokio::time::timeout;

/// What the camera counts.
const FRAMES_PER_SECOND: u128 = 25;
/// How much of its count it shows.
const SHOWN: u32 = 0xf_ffff;

/// A running camera, which is ended with this.
pub(crate) struct Rig {
    sandbox: Sandbox,
    progress: Progress,
    decoder: PathBuf,
}

impl Rig {
    /// Has the camera running.
    pub(crate) async fn start() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where these tests read their environment"
        )]
        let settings = Settings::read(repository, |name: &str| std::env::var_os(name)).unwrap();
        let (sandbox, progress) = (Sandbox::new(settings), Progress::on_stderr());
        let decoder = camera_decoder(&sandbox.settings, &sandbox.layout, &progress).await.unwrap();
        let rig = Self { sandbox, progress, decoder };
        rig.start_camera().await;
        rig
    }

    pub(crate) async fn start_camera(&self) {
        let camera = part(&self.sandbox.settings, &self.sandbox.layout).unwrap();
        camera.ensure(&self.sandbox.layout, &self.progress).await.unwrap();
    }

    pub(crate) fn end_camera(&self) {
        KIND.end(&self.sandbox.layout).unwrap();
    }

    /// A session as the user that the camera knows.
    pub(crate) fn session(&self) -> Session {
        self.session_with(secrets::kept(&self.sandbox.layout.secret(PASSWORD)).unwrap())
    }

    pub(crate) fn session_with(&self, password: SecretString) -> Session {
        let credentials = Some(Credentials { user: USER.into(), password });
        let camera = Camera { address: Address::parse(URL).unwrap(), credentials };
        let decoder = Decoder { program: self.decoder.clone(), argument: "decode".into() };
        Session::start(camera, decoder, Clock::new(now), |_| Duration::from_millis(300))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.end_camera();
    }
}

/// What the clock reads by which the camera counts.
pub(crate) fn now() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap()
}

/// How many frames before `moment` the one in the picture was drawn.
pub(crate) fn behind(picture: &Picture, moment: Duration) -> u32 {
    let shown = number_in(&picture.jpeg).expect("a number in the picture");
    let count = moment.as_nanos() * FRAMES_PER_SECOND / 1_000_000_000;
    u32::try_from(count & u128::from(SHOWN)).unwrap().wrapping_sub(shown) & SHOWN
}

pub(crate) async fn ready(session: &Session) {
    state(session, |state| matches!(state, State::Ready { .. })).await;
}

pub(crate) async fn state(session: &Session, is_it: impl FnMut(&State) -> bool) {
    timeout(Duration::from_secs(30), session.state().wait_for(is_it)).await.unwrap().unwrap();
}
