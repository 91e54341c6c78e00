//! A stack that publishes, and a machine that is brought up to date by it.

use std::fs;
use std::path::{Path, PathBuf};

use aws::fake::FakeAws;
use device::environment::Environment;
use device::settings::Settings;
use device::update::{How, Outcome, Published, Shelf, UpdateError, Updater};
use package::{Architecture, Manifest, Place, Prefix, PublicKey, Sha256, SigningKey, Version};
use ring::rand::SystemRandom;
use serde_json::json;
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::machine::FakeMachine;

pub(crate) const BUCKET: &str = "porch-test-device-1234567";
pub(crate) const MANIFEST: &str = "device/arm64/latest.json";
pub(crate) const PARAMETER: &str = "/porch/test/doorbell/package";

pub(crate) fn version(text: &str) -> Version {
    text.to_owned().try_into().expect(text)
}

/// What is installed at first.
pub(crate) fn old() -> Version {
    version("0.1.0+20260301081530.1a9b03d2c4")
}

/// What is published then.
pub(crate) fn new() -> Version {
    version("0.1.0+20260302081530.2b8c14e3d5")
}

pub(crate) struct World {
    pub(crate) aws: FakeAws,
    pub(crate) machine: FakeMachine,
    pub(crate) key: SigningKey,
    folder: TempDir,
    published: Published,
}

impl World {
    /// The old one is installed and kept, the new one is published.
    pub(crate) async fn start() -> Self {
        let place = json!({"bucket": BUCKET, "region": FakeAws::REGION, "manifestKey": MANIFEST});
        Self::start_with(&place.to_string()).await
    }

    /// The same, with something in the parameter.
    pub(crate) async fn start_with(place: &str) -> Self {
        let aws = FakeAws::start(&[(PARAMETER, "String", place)], "").await;
        aws.make_bucket(BUCKET);
        let folder = tempfile::tempdir().expect("a folder");
        let key = new_key();
        let published = open(&aws, folder.path(), key.public_key());
        let world = Self { aws, machine: FakeMachine::with(&old()), key, folder, published };
        fs::create_dir(world.shelf_folder()).expect("a folder");
        fs::write(world.kept(&old()), old().as_str()).expect("a file");
        world.publish(&new());
        world
    }

    fn shelf_folder(&self) -> PathBuf {
        self.folder.path().join("shelf")
    }

    /// Where the package of `version` is kept.
    pub(crate) fn kept(&self, version: &Version) -> PathBuf {
        Shelf::new(&self.shelf_folder()).file(version, Architecture::Arm64)
    }

    /// The names of all that is kept.
    pub(crate) fn shelf(&self) -> Vec<String> {
        let entries = fs::read_dir(self.shelf_folder()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort_unstable();
        names
    }

    /// What is kept when `version` is installed and nothing is going on.
    pub(crate) fn shelf_with(&self, version: &Version) -> [String; 3] {
        let file = self.kept(version).file_name().expect("a name").to_owned();
        ["lock".to_owned(), file.into_string().expect("text"), "state.json".to_owned()]
    }

    pub(crate) fn write_state(&self, text: &str) {
        fs::write(self.shelf_folder().join("state.json"), text).expect("a file");
    }

    /// The manifest of `version`, whose package consists of it.
    pub(crate) fn manifest(version: &Version) -> Manifest {
        let prefix = Prefix::parse("device").expect("a prefix");
        let place = Place { prefix, architecture: Architecture::Arm64 };
        Manifest {
            key: place.package_key(version),
            version: version.clone(),
            architecture: Architecture::Arm64,
            sha256: Sha256::of(version.as_str().as_bytes()),
            size: version.as_str().len(),
            published_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    pub(crate) fn publish(&self, version: &Version) {
        let manifest = Self::manifest(version);
        self.put(&manifest.key, version.as_str().as_bytes());
        self.sign(&manifest, &self.key);
    }

    pub(crate) fn sign(&self, manifest: &Manifest, key: &SigningKey) {
        self.put(MANIFEST, key.sign(manifest).expect("a signature").as_bytes());
    }

    pub(crate) fn put(&self, key: &str, object: &[u8]) {
        self.aws.put_object(BUCKET, key, Some(object));
    }

    pub(crate) async fn update(&self) -> Result<Outcome, UpdateError> {
        self.update_so(How::default()).await
    }

    pub(crate) async fn update_so(&self, how: How) -> Result<Outcome, UpdateError> {
        let shelf = Shelf::new(&self.shelf_folder());
        Updater { machine: &self.machine, published: &self.published, shelf }.update(how).await
    }

    /// The error, as people see it.
    pub(crate) async fn fails(&self) -> String {
        http_client::told(&self.update().await.expect_err("it cannot be"))
    }
}

pub(crate) fn new_key() -> SigningKey {
    SigningKey::parse(&SigningKey::generate(&SystemRandom::new()).expect("a key")).expect("a key")
}

fn open(aws: &FakeAws, folder: &Path, key: PublicKey) -> Published {
    let (id, secret) = (FakeAws::ACCESS_KEY_ID, FakeAws::SECRET_ACCESS_KEY);
    let keys = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    fs::write(folder.join("aws"), keys).expect("a file");
    let credentials = folder.as_os_str().to_owned();
    let environment =
        Environment::read(|name| (name == "CREDENTIALS_DIRECTORY").then(|| credentials.clone()));
    let text = format!(
        "[aws]\nregion = \"{}\"\nparameters = \"/porch/test/doorbell\"\nendpoint = \"{}\"\n\n\
         [gpio]\nbackend = \"simulated\"\n\n[[bell]]\nid = \"front-door\"\n",
        FakeAws::REGION,
        aws.url
    );
    let settings = Settings::parse(&text, &environment).expect("good settings");
    Published::new(&settings, key).expect("a client")
}
