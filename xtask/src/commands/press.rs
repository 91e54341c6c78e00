//! `cargo xtask press`: somebody is at the door.

use sandbox::amazon_driver::AmazonDriver;
use sandbox::bell::{Pressed, press};
use sandbox::parts::doorbell::BELL;
use sandbox::{Result, Sandbox};
use serde_json::Value;

use super::print;

/// Press a button of the dev stack's doorbell, bounce and all, and tell what became of it
#[derive(Debug, clap::Args)]
pub(crate) struct Press {
    /// The bell's id
    #[arg(default_value = BELL)]
    button: String,
}

impl Press {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let pressed = press(&sandbox.layout, &self.button, &AmazonDriver::new()?).await?;
        print(path_of(&self.button, &pressed))?;
        Ok(0)
    }
}

/// The way of a press, a line for each stage.
pub(super) fn path_of(button: &str, pressed: &Pressed) -> String {
    let payload = &pressed.event["message"]["event"]["payload"];
    let (region, customer) = (text(&pressed.event["region"]), text(&pressed.event["customer"]));
    let stages = [
        (0.0, format!("the contact of {button} stays closed, having bounced {} times", pressed.bounces)),
        (pressed.stable_ms, "the daemon is sure of a press".to_string()),
        (pressed.queued_ms, "it is taken up".to_string()),
        (pressed.sent_ms, "a DoorbellPress is sent".to_string()),
        (pressed.accepted_ms, format!("the gateway of {region} accepts it for {customer}: 202")),
    ];
    let lines = stages.map(|(at, what)| format!("  {at:>8.1} ms  {what}\n"));
    format!("{}  rung at {}\n", lines.concat(), text(&payload["timestamp"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
