//! `cargo xtask adopt`: a stack takes over what is there already.

use sandbox::adopt::{SkillId, Wanted};
use sandbox::interrupt::unless_interrupted;
use sandbox::progress::Progress;
use sandbox::{DEV, Result, Sandbox};

use super::print;

/// Which stack, and what its names do not tell.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Adopt {
    /// The stack; any but the sandbox's own is asked for through your Pulumi and AWS accounts
    #[arg(long, value_name = "S", default_value = DEV)]
    stack: String,
    /// The skill that becomes the bridge's; porch:alexa has to be set
    #[arg(long, value_name = "ID", value_parser = SkillId::parse)]
    bridge_skill: Option<SkillId>,
    /// The skill that becomes the doorbell's
    #[arg(long, value_name = "ID", value_parser = SkillId::parse)]
    doorbell_skill: Option<SkillId>,
    /// The function whose trigger by the bridge's skill goes once the stack's own function has one
    #[arg(long, value_name = "FUNCTION")]
    bridge_trigger: Option<String>,
    /// The function whose trigger by the doorbell's skill goes once the stack's own function has one
    #[arg(long, value_name = "FUNCTION")]
    doorbell_trigger: Option<String>,
}

const AFTER_HELP: &str = "\
What the stack would make, and what is there under the same name, it takes into its state: repositories, roles, users,
functions with their logs and triggers, the table, parameters, schedules. Nothing is asked and nothing in AWS is changed;
`pulumi up` does that afterwards. If something cannot be had without losing what is in it, nothing is taken, and it says
what to do. Run twice, it goes on where it was.";

impl Adopt {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let wanted = Wanted {
            bridge_skill: self.bridge_skill,
            doorbell_skill: self.doorbell_skill,
            bridge_trigger: self.bridge_trigger,
            doorbell_trigger: self.doorbell_trigger,
        };
        let progress = Progress::on_stderr();
        print(unless_interrupted(sandbox.adopt(&self.stack, &wanted, &progress)).await?)?;
        Ok(0)
    }
}
