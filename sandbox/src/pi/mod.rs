//! The script that makes a machine at the door of a stack's outputs: one file, for one `sudo sh`.

mod bells;
mod script;

use alexa::Region;

use crate::Sandbox;
use crate::error::{Error, Result};
use crate::parts::{amazon, ministack};
use crate::pulumi::{Outputs, Place};

pub use bells::{Bell, Gpio, Wiring};
pub use script::{FILE, Script};

/// Where the machine finds AWS and Amazon, if not where everybody does.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// All of AWS.
    pub aws: String,
    /// Login with Amazon.
    pub login: String,
    /// The event gateway.
    pub gateway: String,
}

impl Elsewhere {
    /// In the sandbox, where a button is played as well.
    fn sandbox() -> Self {
        let gateway = amazon::gateway_url(Region::NorthAmerica).into();
        Self { aws: ministack::URL.into(), login: amazon::LOGIN_URL.into(), gateway }
    }
}

impl Sandbox {
    /// The script for a machine with the buttons of `wiring`, of the stack `name`. A stack of the sandbox gets one that is
    /// good for trials on this machine alone.
    ///
    /// # Errors
    /// When the stack publishes no package, or has other bells.
    pub async fn pi_script(&self, name: &str, wiring: &Wiring) -> Result<Script> {
        let place = self.place_of(name);
        let outputs = self.secret_outputs_of(name, place).await?;
        let elsewhere = (place == Place::Sandbox).then(Elsewhere::sandbox);
        Script::new(name, &outputs, wiring, elsewhere.as_ref())
    }
}

fn text<'a>(outputs: &'a Outputs, name: &str, remedy: &str) -> Result<&'a str> {
    let text = outputs.get(name).and_then(|value| value.as_str());
    text.ok_or_else(|| Error::Answer(format!("the stack has no output {name}; {remedy}")))
}
