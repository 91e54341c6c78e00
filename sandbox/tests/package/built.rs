//! The packages that the tests are about, built once for all of them.

use std::path::{Path, PathBuf};

use package::Architecture;
use sandbox::Sandbox;
use sandbox::device_package;
use sandbox::progress::Progress;
use sandbox::settings::Settings;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

/// When the first one is published.
const DATE: OffsetDateTime = datetime!(2026-03-01 08:15:30 UTC);

/// A package and the one that is published a second later, in files.
pub(crate) struct Built {
    pub(crate) first: PathBuf,
    pub(crate) later: PathBuf,
}

/// The sandbox of this checkout, of which only the tools are used: nothing of it runs.
pub(crate) fn sandbox() -> Sandbox {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the one place where these tests read their environment")]
    let settings = Settings::read(repository, |name: &str| std::env::var_os(name)).unwrap();
    Sandbox::new(settings)
}

/// Builds them, or waits until they are.
pub(crate) async fn built() -> &'static Built {
    static BUILT: OnceCell<Built> = OnceCell::const_new();
    BUILT.get_or_init(build).await
}

async fn build() -> Built {
    let (sandbox, progress) = (sandbox(), Progress::on_stderr());
    let folder = sandbox.layout.repository.join("target/package");
    std::fs::create_dir_all(&folder).unwrap();
    let mut files = Vec::new();
    for (name, date) in [("first.deb", DATE), ("later.deb", DATE + Duration::SECOND)] {
        let built = device_package::build(&sandbox, Architecture::Arm64, date, &progress).await.unwrap();
        files.push(folder.join(name));
        std::fs::write(folder.join(name), built.package).unwrap();
    }
    let [first, later] = files.try_into().unwrap();
    Built { first, later }
}
