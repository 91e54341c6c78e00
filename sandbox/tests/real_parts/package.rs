//! The daemon's package, published by a stack: who may fetch it, and that nothing of it stays.

use aws::ssm;
use sandbox::tools;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::doorbell::{ALLOWED, aws_of_the_daemon, config};
use crate::rig::{rig, succeeds};

const NAME: &str = "package";

#[tokio::test]
async fn a_package_is_published_for_the_daemon_alone_and_goes_with_the_stack() {
    let rig = rig().await;
    tools::cross_compiler(&rig.sandbox.settings, &rig.sandbox.layout, &rig.progress).await.unwrap();
    let config = config(rig, 1).with_device_package("amd64");
    let published = rig.deploy(NAME, &config).await;
    let outputs = published.stack.outputs().await.unwrap();
    let text = |name: &str| outputs[name].as_str().unwrap().to_owned();
    let bucket = text("devicePackageBucket");
    assert!(bucket.starts_with("porch-package-device-"), "{bucket}");

    // The daemon finds it by its key alone.
    let aws = aws_of_the_daemon(&published.stack).await;
    let parameter = format!("{}/package", text("doorbellParameters"));
    let [location] = ssm::get_parameters(&aws, &[&parameter]).await.unwrap().try_into().unwrap();
    let location: Value = serde_json::from_str(location.expose_secret()).unwrap();
    let manifest = text("devicePackageManifestKey");
    assert_eq!(location, json!({"bucket": bucket, "region": "us-east-1", "manifestKey": manifest}));

    let of_daemon = |line: &String| line.starts_with("user ");
    let allowed: Vec<String> = rig.allowed(NAME).await.into_iter().filter(of_daemon).collect();
    let own = bucket.trim_start_matches("porch-package-");
    let mut wanted = ALLOWED.map(String::from).to_vec();
    wanted.push(format!("user doorbell-1 s3:GetObject s3:{own}/device/*"));
    wanted.push("user doorbell-1 ssm:GetParameters ssm:parameter/doorbell/package".into());
    wanted.sort_unstable();
    assert_eq!(allowed, wanted);

    let of_bucket = |line: &String| line.starts_with("s3 ");
    let kept: Vec<String> = rig.inventory(NAME).await.into_iter().filter(of_bucket).collect();
    let objects = [&text("devicePackageKey"), &manifest].map(|key| format!("s3 object {bucket}/{key}"));
    let mut wanted = vec![format!("s3 bucket {bucket}")];
    wanted.extend(objects);
    wanted.sort_unstable();
    assert_eq!(kept, wanted);

    succeeds(published.stack.pulumi(["up", "--yes", "--expect-no-changes"])).await;
    succeeds(published.stack.pulumi(["refresh", "--yes", "--expect-no-changes"])).await;
    published.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}
