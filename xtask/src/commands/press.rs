//! `cargo xtask press`: somebody is at the door.

use sandbox::amazon_driver::AmazonDriver;
use sandbox::bell::{Did, Pressed, press};
use sandbox::house::House;
use sandbox::household::{Before, Followed, follow};
use sandbox::parts::doorbell::BELL;
use sandbox::parts::home_assistant::{Access, access};
use sandbox::{Error, Result, Sandbox};
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
        ring(sandbox, &self.button, &access(&sandbox.layout)?).await?;
        Ok(0)
    }
}

/// Presses `button`, and tells what became of it with Alexa and at the house.
///
/// # Errors
/// When Alexa or somebody at the house was not told.
pub(super) async fn ring(sandbox: &Sandbox, button: &str, access: &Access) -> Result<()> {
    let (layout, house) = (&sandbox.layout, House::new(access)?);
    let before = Before::look(layout, &house).await?;
    let pressed = press(layout, button, &AmazonDriver::new()?).await?;
    print(path_of(button, &pressed))?;
    let followed = follow(layout, &house, &pressed, &before).await?;
    print(at_the_house(&followed))?;
    match followed.did.iter().find(|did| !did.is_done) {
        None => Ok(()),
        Some(did) => Err(Error::Answer(format!("{} did not do its part: {}", did.who, did.told))),
    }
}

/// What everybody else did, a line for each, and where it can be seen.
fn at_the_house(followed: &Followed) -> String {
    let mut text = String::new();
    for Did { who, is_done, told, took_ms } in &followed.did {
        let failed = if *is_done { "" } else { "FAILED: " };
        text += &format!("  {took_ms:>8.1} ms  {who}: {failed}{told}\n");
    }
    if let Some((entity, at)) = &followed.home_assistant {
        text += &format!("  in Home Assistant {entity} is {at}\n");
    }
    if let Some((url, bytes)) = &followed.picture {
        text += &format!("  the visitor's picture, {} kB, is at {url}\n", bytes / 1000);
    }
    text
}

/// The way of a press, a line for each stage.
fn path_of(button: &str, pressed: &Pressed) -> String {
    let (region, customer) = (text(&pressed.event["region"]), text(&pressed.event["customer"]));
    let stages = [
        (0.0, format!("the contact of {button} stays closed, having bounced {} times", pressed.bounces)),
        (pressed.stable_ms, "the daemon is sure of a press".to_string()),
        (pressed.queued_ms, "it is taken up".to_string()),
        (pressed.sent_ms, "a DoorbellPress is sent".to_string()),
        (pressed.accepted_ms, format!("the gateway of {region} accepts it for {customer}: 202")),
    ];
    let lines = stages.map(|(at, what)| format!("  {at:>8.1} ms  {what}\n"));
    format!("{}  rung at {}\n", lines.concat(), pressed.time())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
