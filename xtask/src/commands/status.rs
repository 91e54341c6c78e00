//! `cargo xtask status`: every part, and what the dev stack gives out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::parts::Kind;
use sandbox::progress::spoken;
use sandbox::{DEV, Error, Result, Sandbox};

use super::print;
use crate::exit::FAILED;

pub(crate) async fn run(sandbox: &Sandbox) -> Result<u8> {
    if !sandbox.layout.state.exists() {
        return Err(Error::NotSetUp);
    }
    let mut all_well = true;
    print(line(["PART", "STATE", "PID", "PORTS", "FOR", "LOG"]))?;
    for part in sandbox.parts().await {
        let (text, well) = row(sandbox, &part).await?;
        all_well &= well;
        print(text)?;
    }
    match sandbox.stack(DEV).outputs().await {
        Ok(outputs) if !outputs.is_empty() => {
            print(format!("\nThe stack {DEV}\n"))?;
            for (name, value) in outputs {
                let value = value.as_str().map_or_else(|| value.to_string(), ToString::to_string);
                print(format!("  {name:<24} {value}\n"))?;
            }
        }
        Ok(_) => {
            print(format!("\nThe stack {DEV} has nothing deployed; run `cargo xtask up`.\n"))?;
            all_well = false;
        }
        Err(error) => {
            print(format!("\nThe stack {DEV} cannot be asked: {error}\n"))?;
            all_well = false;
        }
    }
    Ok(if all_well { 0 } else { FAILED })
}

async fn row(sandbox: &Sandbox, part: &Kind) -> Result<(String, bool)> {
    let ports = part.ports.iter().map(|(_, port)| port.to_string()).collect::<Vec<_>>().join(" ");
    let log = sandbox.layout.log(part.slug);
    let log = log.strip_prefix(&sandbox.layout.repository).unwrap_or(&log).display().to_string();
    let Some(process) = part.process(&sandbox.layout)? else {
        return Ok((line([part.title, "stopped", "", &ports, "", &log]), false));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let age = spoken(now.saturating_sub(Duration::from_secs(process.since)));
    let pid = process.pid.to_string();
    Ok(match part.ask(&sandbox.layout).await {
        Ok(()) => (line([part.title, "running", &pid, &ports, &age, &log]), true),
        Err(reason) => {
            let row = line([part.title, "unhealthy", &pid, &ports, &age, &log]);
            (format!("{row}  {reason}\n"), false)
        }
    })
}

fn line([part, state, pid, ports, age, log]: [&str; 6]) -> String {
    format!("{part:<34} {state:<10} {pid:<8} {ports:<25} {age:<14} {log}\n")
}
