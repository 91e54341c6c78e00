//! The plugin as a process: what it prints, and when it ends.

use std::process::Stdio;
use std::time::Duration;

use pulumi_gestalt_proto::pulumi::pulumirpc::resource_provider_client::ResourceProviderClient;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

fn plugin(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_porch-provider"));
    command
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Reads the port from a started plugin's standard output.
async fn port(child: &mut Child) -> u16 {
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let line = timeout(SOON, lines.next_line()).await.expect("no port in time").unwrap();
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn it_prints_its_port_and_nothing_else_and_logs_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = plugin(&folder).spawn().unwrap();
    let port = port(&mut child).await;
    // The first answer says that it serves, and so watches for signals.
    let mut client = ResourceProviderClient::connect(format!("http://127.0.0.1:{port}")).await.unwrap();
    client.get_plugin_info(()).await.unwrap();
    drop(client);
    let id = rustix::process::Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(timeout(SOON, child.wait()).await.unwrap().unwrap().success());
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut stdout).await.unwrap();
    child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", ""));
    let log = std::fs::read_to_string(folder.path().join("target/porch/provider.log")).unwrap();
    assert!(log.contains("started") && log.contains("told to stop"), "{log}");
}

#[tokio::test]
async fn it_ends_when_the_engine_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = engine.local_addr().unwrap().to_string();
    let mut child = plugin(&folder).arg(address).spawn().unwrap();
    port(&mut child).await;
    drop(engine);
    assert!(timeout(SOON, child.wait()).await.expect("it outlived its engine").unwrap().success());
}

#[tokio::test]
async fn wrong_settings_are_reported_and_nothing_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let output = plugin(&folder).env("AWS_ENDPOINT_URL", "localhost").output().await.unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("AWS_ENDPOINT_URL is `localhost`, expected a URL"), "{told}");
}
