//! Where the secrets of a deployed stack are, and that they are nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use crate::rig::{Rig, rig, succeeds};

/// Where a secret may be, inside the sandbox's folder: where it was made, and where AWS itself would keep it.
const MAY_HOLD_SECRETS: [&str; 3] = ["secrets", "endpoints.json", "parts/ministack/state"];

#[tokio::test]
async fn no_secret_is_in_program_state_logs_arguments_or_output() {
    const NAME: &str = "secrets";
    let rig = rig().await;
    let token = rig.running.access.token.clone();
    let mut config =
        rig.config().with("porch:bridge.longLivedAccessToken", "true").with("porch:bridge.debug", "true");
    config.secrets.push(("porch:longLivedAccessToken".into(), token.clone()));
    let secrets = [rig.running.bridge_key.expose_secret(), token.expose_secret()];
    let is_in = |text: &[u8]| secrets.iter().any(|secret| contains(text, secret.as_bytes()));

    let stack = rig.stack(NAME, &config).await;
    let mut printed = Vec::new();
    let mut arguments = Vec::new();
    for args in [["up", "--yes", "--diff"], ["preview", "--diff", "--refresh"], ["stack", "output", "--json"]]
    {
        let run = stack.pulumi(args);
        let watch = async {
            loop {
                arguments.extend(command_lines());
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        let output = tokio::select! {
            output = succeeds(run) => output,
            () = watch => unreachable!("it watches for ever"),
        };
        printed.push(output.stdout + &output.stderr);
    }
    printed.push(succeeds(stack.pulumi(["stack", "export"])).await.stdout);

    let deployed = rig.deploy(NAME, &config).await;
    let function = deployed.function();
    assert!(!deployed.alexa(rig, &function).discover().await.unwrap().is_empty());
    let answer = deployed.invoke("{\"directive\": 1}").await;
    printed.push(answer.log.clone());
    arguments.extend(command_lines());

    for text in &printed {
        assert!(!is_in(text.as_bytes()), "a secret was printed");
    }
    assert!(
        arguments.iter().any(|line| contains(line, b"tailscaled")),
        "no process of the function was seen"
    );
    assert!(!arguments.iter().any(|line| is_in(line)), "a secret is an argument of a process");
    let holders: Vec<PathBuf> =
        files(rig).into_iter().filter(|file| is_in(&fs::read(file).unwrap_or_default())).collect();
    assert!(holders.is_empty(), "files with a secret in them: {holders:?}");
    deployed.destroy().await;
}

/// All files that the sandbox and the provider write, but those that may hold secrets.
fn files(rig: &Rig) -> Vec<PathBuf> {
    let layout = &rig.sandbox.layout;
    let mut all = vec![layout.repository.join("target/porch/provider.log")];
    let allowed = MAY_HOLD_SECRETS.map(|path| layout.state.join(path));
    collect(&layout.state, &allowed, &mut all);
    assert!(all.len() > 50, "these cannot be all: {all:?}");
    all
}

fn collect(folder: &Path, left_out: &[PathBuf], all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if left_out.contains(&path) || path.is_symlink() {
            continue;
        }
        if path.is_dir() { collect(&path, left_out, all) } else { all.push(path) }
    }
}

/// The arguments of every process of this machine.
fn command_lines() -> Vec<Vec<u8>> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| !line.is_empty())
        .collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
