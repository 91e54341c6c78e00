//! Namespaces by `unshare` of util-linux: mounts and processes of an environment's own, and the network of this
//! machine, because the function must reach what listens on its loopback address.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::control::User;

/// The user that Lambda runs functions as.
const LAMBDA_USER: User = User { uid: 993, gid: 990 };
/// `unshare` takes milliseconds.
const TRIAL_DEADLINE: Duration = Duration::from_secs(10);

/// Why no environment can be made on this machine.
#[derive(Debug, thiserror::Error)]
pub enum NotPermitted {
    /// util-linux is absent.
    #[error("cannot start `unshare`: {0}; install util-linux")]
    Absent(std::io::Error),
    /// The kernel or a container refuses.
    #[error(
        "mount and pid namespaces are not permitted here ({0}): run as root, or allow user namespaces \
         (sysctl user.max_user_namespaces above 0, kernel.unprivileged_userns_clone=1, \
         kernel.apparmor_restrict_unprivileged_userns=0), or in a container add --privileged"
    )]
    Refused(String),
}

/// Tries all that an environment needs, once, so that the reason is told at the start.
pub async fn try_out() -> Result<(), NotPermitted> {
    let mut trial = unshare();
    trial.args(["--mount-proc", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    match timeout(TRIAL_DEADLINE, trial.output()).await {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => {
            Err(NotPermitted::Refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
        }
        Ok(Err(error)) => Err(NotPermitted::Absent(error)),
        Err(_) => Err(NotPermitted::Refused(format!("no answer in {} s", TRIAL_DEADLINE.as_secs()))),
    }
}

/// `unshare` with what every environment has; the program to run comes next.
///
/// Root in a user namespace is enough to mount and to change root, so anybody but root gets one.
pub fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]);
    if !is_root() {
        command.arg("--map-root-user");
    }
    command
}

/// Whom functions run as: Lambda's user where the runner can change users, else the runner's own.
pub fn function_user() -> Option<User> {
    is_root().then_some(LAMBDA_USER)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
