//! What `cargo xtask adopt` does: a stack takes over what is there already under the names that it has.
//!
//! ```text
//! pulumi preview ──> Declared ──> Thing ── Account ──> Found ──> Decision ──> pulumi import
//! ```
//!
//! It asks nothing and changes nothing but the stack's state. What the stack has is left out, so that whoever was
//! interrupted goes on by doing it again; and as long as anything would be lost, nothing is taken.

mod account;
mod decide;
mod declared;
mod fit;
mod import;
mod policy;
#[cfg(test)]
mod tests;
mod thing;
mod words;

use std::time::Duration;

pub use smapi::SkillId;

use self::account::Account;
use self::decide::{Decision, decide};
use self::declared::{Declared, Preview};
use self::fit::Found;
use self::thing::Thing;
use crate::Sandbox;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// What has to be said by whoever takes something over: no name tells it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The skill that becomes the bridge's.
    pub bridge_skill: Option<SkillId>,
    /// The skill that becomes the doorbell's.
    pub doorbell_skill: Option<SkillId>,
    /// The function from which the bridge's takes over Alexa's trigger.
    pub bridge_trigger: Option<String>,
    /// The function from which the doorbell's takes over Alexa's trigger.
    pub doorbell_trigger: Option<String>,
}

/// One resource of a stack, and what becomes of it.
#[derive(Debug)]
struct Decided {
    declared: Declared,
    thing: Thing,
    decision: Decision,
}

impl Sandbox {
    /// Has the stack `name` take over what is there, and tells of each.
    ///
    /// # Errors
    /// When something cannot be had without losing what is in it, or somebody cannot be asked.
    pub async fn adopt(&self, name: &str, wanted: &Wanted, progress: &Progress) -> Result<String> {
        let previewed = self.preview_to_adopt(name);
        let preview = progress.step("look at what the stack has", Some(Duration::from_secs(8)), previewed);
        let preview = preview.await?;
        let account = Account::of(self.place_of(name), &preview.region).await?;
        let things = thing::all(&preview, wanted, account.number())?;
        let mut decided = Vec::new();
        let looked = async {
            for (declared, thing) in things {
                let found = if declared.is_ours { Found::Nothing } else { account.look(&thing).await? };
                let decision = decide(&declared, &thing, found);
                decided.push(Decided { declared, thing, decision });
            }
            Ok(())
        };
        progress.step("look at what is there", Some(Duration::from_secs(3)), looked).await?;
        if let Some(refused) = words::refused(&decided) {
            return Err(Error::Answer(refused));
        }
        self.import(name, &preview, &decided, progress).await?;
        Ok(words::report(name, account.number(), &preview.region, &decided))
    }

    async fn preview_to_adopt(&self, name: &str) -> Result<Preview> {
        let run = self.preview_run(name, false)?.args(["--json", "--show-sames"]);
        Preview::read(&run.output().await?.stdout)
    }
}
