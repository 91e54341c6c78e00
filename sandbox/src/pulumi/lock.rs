//! The file backend's lock on a stack: whose it is, and whether that engine still runs.

use std::path::Path;

use crate::error::{Error, Result};
use crate::layout::{Layout, read_text};
use crate::procfs;

/// What holds a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// Nothing.
    Free,
    /// An engine that does not run any more: it was killed and could not free its lock.
    Stale,
}

/// Looks at the lock of a stack of this project.
///
/// # Errors
/// When an engine is at work on the stack.
pub(super) fn of(layout: &Layout, project: &str, stack: &str) -> Result<Lock> {
    let folder = layout.pulumi_state().join(".pulumi/locks/organization").join(project).join(stack);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let holders: Vec<Option<i32>> = entries.map(|entry| holder(&entry.path())).collect();
    for pid in holders.iter().flatten() {
        if procfs::start_time(*pid).is_some_and(|_| procfs::command_line(*pid).contains("pulumi")) {
            return Err(Error::Machine(vec![format!(
                "pulumi (process {pid}) is at work on the stack {stack}; let it end, or end it with Ctrl-C"
            )]));
        }
    }
    Ok(if holders.is_empty() { Lock::Free } else { Lock::Stale })
}

fn holder(file: &Path) -> Option<i32> {
    let lock: serde_json::Value = serde_json::from_str(&read_text(file).ok()?).ok()?;
    lock["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_lock_whose_engine_is_gone_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        assert_eq!(of(&layout, "porch", "dev").unwrap(), Lock::Free);
        let locks = layout.pulumi_state().join(".pulumi/locks/organization/porch/dev");
        fs::create_dir_all(&locks).unwrap();
        // No process has this id: it is above the kernel's limit of 2^22. This process is no pulumi.
        for pid in [99_999_999, std::process::id()] {
            fs::write(locks.join("lock.json"), format!("{{\"pid\":{pid},\"username\":\"me\"}}")).unwrap();
            assert_eq!(of(&layout, "porch", "dev").unwrap(), Lock::Stale);
        }
    }
}
