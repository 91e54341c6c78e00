//! A machine at the door, from `pulumi up` to a bell that rings, and on to later versions.
//!
//! The stack builds, signs and publishes the first package as for anybody. The later ones are made of it, signed with the
//! stack's key: what they bring is another version, or a daemon that does not run.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws::s3::{Bucket, BucketName};
use aws::{Access, Client, Credentials, Region, Service};
use http_client::Kept;
use package::{Architecture, Manifest, Place, Prefix, Sha256, SigningKey, Version};
use sandbox::amazon_driver::AmazonDriver;
use sandbox::parts::ministack;
use sandbox::pi::Wiring;
use sandbox::pulumi::{Outputs, Stack};
use sandbox::run::Run;
use sandbox::tools;
use secrecy::SecretString;
use serde_json::Value;
use tempfile::TempDir;
use time::macros::datetime;
use tokio::time::{Instant, sleep};

use crate::rig::{rig, succeeds};
use crate::root::Root;

const NAME: &str = "pi";

/// Stands in for systemd's.
const SYSTEMCTL: &str = include_str!("../../pi/systemctl.py");

/// A press, as long as a person's.
const PRESS: &str = r#"
import socket, time
button = socket.socket(socket.AF_UNIX)
button.connect("/run/porch-doorbell/front-door.button")
answers = button.makefile()
for level in "pressed", "released":
    button.sendall(f"{level} {time.monotonic_ns()}\n".encode())
    assert answers.readline() == "ok\n"
    time.sleep(0.2)
"#;

/// Everything that setting up wrote: mode, owner, hash and name.
const WRITTEN: &str = "cd / && stat --format '%a %U:%G %n' etc/porch/* var/cache/porch-doorbell usr/bin/porch-doorbell && \
                       sha256sum etc/porch/* var/cache/porch-doorbell/*.deb";

#[tokio::test]
async fn a_machine_is_set_up_by_one_script_rings_and_is_brought_up_to_date() {
    let rig = rig().await;
    tools::cross_compiler(&rig.sandbox.settings, &rig.sandbox.layout, &rig.progress).await.unwrap();
    let config = rig.sandbox.dev_config(&rig.running).unwrap().with_device_package("amd64");
    let deployed = rig.deploy(NAME, &config).await;
    let (stack, lambda) = (&deployed.stack, &deployed.lambda);
    rig.sandbox.link_doorbell(stack, lambda, &rig.running.developer).await.unwrap();
    let outputs = stack.secret_outputs().await.unwrap();
    let first = text(&outputs, "devicePackageVersion");

    // Set up.
    let script = rig.sandbox.pi_script(NAME, &Wiring::default()).await.unwrap();
    shellcheck(script.text()).await;
    let root = Root::start(SYSTEMCTL).await;
    root.write("/root/porch-pi.sh", script.text()).await;
    let said = root.sh("sh /root/porch-pi.sh 2>&1").await;
    assert!(said.contains("All is well: press the button."), "{said}");
    assert!(said.contains(&format!("package     good    {first}, the newest")), "{said}");
    let written = root.sh(WRITTEN).await;
    for line in [
        "600 root:root etc/porch/aws",
        "644 root:root etc/porch/doorbell.toml",
        "644 root:root etc/porch/package.pub",
        "700 root:root var/cache/porch-doorbell",
        "755 root:root usr/bin/porch-doorbell",
    ] {
        assert!(written.lines().any(|found| found == line), "{line} is not in\n{written}");
    }
    let user = root.sh("ps -o user= -p $(cat /run/stand-in/pid)").await;
    assert!("porch-doorbell".starts_with(user.trim().trim_end_matches('+')), "the daemon runs as {user}");
    rings(&root).await;

    // Again, which changes nothing, and takes the script away.
    let said = root.sh("sh /root/porch-pi.sh --delete 2>&1").await;
    assert!(said.contains(&format!("porch-doorbell {first} is installed already.")), "{said}");
    assert!(said.contains("doorbell.toml is there already, and stays as it is."), "{said}");
    assert_eq!(root.sh(WRITTEN).await, written);
    root.sh("test ! -e /root/porch-pi.sh").await;

    // Later versions.
    assert_eq!(update(&root, true).await, format!("up to date: {first}\n"));
    let publisher = Publisher::new(stack, &outputs).await;
    let second = publisher.publish(datetime!(2099-01-01 00:00 UTC), None).await;
    looks(&root, &format!("there is a newer package, which `porch-doorbell update` installs installed={first} published={second}")).await;
    let dry = root.finish("porch-doorbell", &["update", "--dry-run"]).await.stderr;
    assert!(dry.starts_with(&format!("would fetch {second} (")), "{dry}");
    let updated = format!("updated from {first} to {second}, and the daemon is ready\n");
    assert_eq!(update(&root, true).await, updated);
    assert_eq!(installed(&root).await, second);
    rings(&root).await;

    // One that does not run.
    let third = publisher.publish(datetime!(2099-01-02 00:00 UTC), Some("#!/bin/sh\nexit 1\n")).await;
    let said = update(&root, false).await;
    assert!(said.starts_with(&format!("porch-doorbell: {third} failed (systemctl restart: ")), "{said}");
    assert!(said.ends_with(&format!("{second} is back, and the daemon is ready\n")), "{said}");
    assert_eq!(installed(&root).await, second);
    rings(&root).await;
    let said = update(&root, false).await;
    assert!(said.contains(&format!("{third} failed here before")), "{said}");
    assert_eq!(installed(&root).await, second);

    // One that somebody else has signed.
    let stranger = SigningKey::generate(&ring::rand::SystemRandom::new()).unwrap();
    let publisher = Publisher { key: SigningKey::parse(&stranger).unwrap(), ..publisher };
    publisher.publish(datetime!(2099-01-03 00:00 UTC), None).await;
    let said = update(&root, false).await;
    assert!(said.contains("its signature is not of the key that this device was set up with"), "{said}");

    // What the daemon may do for the sake of its package, it has done by now.
    assert_eq!(rig.unused(NAME, &["user doorbell-1 s3:", "user doorbell-1 ssm:"]).await, [""; 0]);
    deployed.destroy().await;
}

/// Rings, and Alexa is told.
async fn rings(root: &Root) {
    let amazon = AmazonDriver::new().unwrap();
    let before = amazon.events().await.unwrap().len();
    root.sh(&format!("/usr/bin/python3 -c '{PRESS}'")).await;
    let end = Instant::now() + Duration::from_secs(15);
    while amazon.events().await.unwrap().len() == before {
        assert!(Instant::now() < end, "{}", root.sh("cat /var/log/porch-doorbell.log").await);
        sleep(Duration::from_millis(100)).await;
    }
    let events = amazon.events().await.unwrap();
    let event = &events.last().unwrap()["message"]["event"];
    assert_eq!(event["header"]["name"], "DoorbellPress", "{event}");
    assert_eq!(event["endpoint"]["endpointId"], "front-door", "{event}");
}

/// The daemon, which runs as a user of its own, sees that there is a newer package soon after its start.
async fn looks(root: &Root, line: &str) {
    root.sh("systemctl restart porch-doorbell").await;
    let end = Instant::now() + Duration::from_secs(40);
    loop {
        let log = root.sh("cat /var/log/porch-doorbell.log").await;
        if log.contains(line) {
            break;
        }
        assert!(Instant::now() < end, "no {line} in\n{log}");
        sleep(Duration::from_millis(500)).await;
    }
}

/// What an update says.
async fn update(root: &Root, is_good: bool) -> String {
    let output = root.finish("porch-doorbell", &["update"]).await;
    assert_eq!(output.status.success(), is_good, "{}", output.stderr);
    output.stderr
}

async fn installed(root: &Root) -> String {
    root.sh(
        "dpkg-query --show --showformat='${Version}' porch-doorbell && systemctl is-active porch-doorbell",
    )
    .await
}

async fn shellcheck(script: &str) {
    let run = Run::new("shellcheck", "shellcheck").args(["--shell", "sh", "-"]).stdin(script.as_bytes());
    succeeds(run).await;
}

fn text(outputs: &Outputs, name: &str) -> String {
    outputs[name].as_str().unwrap().to_owned()
}

/// Publishes later versions.
struct Publisher {
    folder: TempDir,
    /// The first package, unpacked.
    unpacked: PathBuf,
    bucket: Bucket,
    key: SigningKey,
}

impl Publisher {
    async fn new(stack: &Stack, outputs: &Outputs) -> Self {
        let bucket = Bucket::new(owner(), BucketName::parse(&text(outputs, "devicePackageBucket")).unwrap());
        let package = bucket.get(&text(outputs, "devicePackageKey"), package::PACKAGE_LIMIT).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (file, unpacked) = (folder.path().join("first.deb"), folder.path().join("unpacked"));
        std::fs::write(&file, package).unwrap();
        dpkg_deb(&["--raw-extract"], &[&file, &unpacked]).await;
        Self { folder, unpacked, bucket, key: signing_key(stack).await }
    }

    /// Publishes a version of this date, with the daemon or another `program`, and gives it.
    async fn publish(&self, published_at: time::OffsetDateTime, program: Option<&str>) -> String {
        let version = Version::new("0.1.0", published_at, "1a9b03d2c4").unwrap();
        let control = self.unpacked.join("DEBIAN/control");
        let fields = std::fs::read_to_string(&control).unwrap();
        let changed = fields.lines().map(|line| match line.strip_prefix("Version: ") {
            Some(_) => format!("Version: {version}\n"),
            None => format!("{line}\n"),
        });
        std::fs::write(&control, changed.collect::<String>()).unwrap();
        if let Some(program) = program {
            std::fs::write(self.unpacked.join("usr/bin/porch-doorbell"), program).unwrap();
        }
        let file = self.folder.path().join("next.deb");
        dpkg_deb(&["--root-owner-group", "-Zgzip", "--build"], &[&self.unpacked, &file]).await;
        let package = std::fs::read(&file).unwrap();
        let architecture = Architecture::Amd64;
        let place = Place { prefix: Prefix::parse("device").unwrap(), architecture };
        let manifest = Manifest {
            key: place.package_key(&version),
            architecture,
            sha256: Sha256::of(&package),
            size: package.len(),
            published_at,
            version,
        };
        let signed = self.key.sign(&manifest).unwrap();
        self.bucket
            .put(&manifest.key, "application/vnd.debian.binary-package", package.into())
            .await
            .unwrap();
        self.bucket.put(&place.manifest_key(), "application/json", signed.into()).await.unwrap();
        manifest.version.to_string()
    }
}

async fn dpkg_deb(args: &[&str], paths: &[&Path]) {
    succeeds(Run::new("dpkg-deb", "dpkg-deb").args(args).args(paths)).await;
}

/// The stack's key, which nobody but its owner can show.
async fn signing_key(stack: &Stack) -> SigningKey {
    let state = succeeds(stack.pulumi(["stack", "export", "--show-secrets"])).await.stdout;
    let state: Value = serde_json::from_str(&state).unwrap();
    let resources = state["deployment"]["resources"].as_array().unwrap();
    let key = resources.iter().find(|resource| resource["type"] == "porch:build:SigningKey").unwrap();
    let key = &key["outputs"]["privateKey"];
    // A secret in a state is a text in JSON, beside what marks it as one.
    let plain = key["plaintext"].as_str();
    let text: String =
        plain.map_or_else(|| key.as_str().unwrap().to_owned(), |plain| serde_json::from_str(plain).unwrap());
    SigningKey::parse(&SecretString::from(text)).unwrap()
}

/// AWS, asked by who may do everything.
fn owner() -> Client {
    let access = Access {
        region: Region::parse("us-east-1").unwrap(),
        credentials: Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        },
        endpoints: [(Service::S3, ministack::URL.parse().unwrap())].into(),
    };
    Client::new(access, Kept::Not, SystemTime::now).unwrap()
}
