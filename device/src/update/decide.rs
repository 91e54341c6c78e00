//! What an update does, given what is installed and what is published.

use package::{Manifest, Version};

use super::shelf::Failed;

/// How somebody wants it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Install what failed before, too, and with no way back.
    pub force: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it is the newest.
    UpToDate,
    /// Nothing: somebody has published an older one than is installed.
    Older,
    /// Nothing: the daemon did not run with it.
    FailedBefore(Failed),
    /// Nothing: should it fail, there would be nothing to put back.
    NoWayBack,
    /// It is fetched and installed.
    Install,
}

/// Decides what is done about `manifest`, whose signature and architecture are right, on a machine that has `installed`.
/// `failed` is what did not run there, and `is_kept` tells whether the package of what is installed is there.
#[must_use]
pub fn decide(
    manifest: &Manifest,
    installed: &Version,
    failed: Option<&Failed>,
    is_kept: bool,
    how: How,
) -> Decision {
    let published = &manifest.version;
    if installed.is_newer_than(published) {
        return Decision::Older;
    }
    if !published.is_newer_than(installed) {
        return Decision::UpToDate;
    }
    match failed {
        Some(failed) if failed.version == *published && !how.force => Decision::FailedBefore(failed.clone()),
        _ if !is_kept && !how.force => Decision::NoWayBack,
        _ => Decision::Install,
    }
}

#[cfg(test)]
mod tests {
    use package::{Architecture, Sha256};

    use super::*;

    fn version(text: &str) -> Version {
        text.to_owned().try_into().expect(text)
    }

    #[test]
    fn only_what_is_newer_and_did_not_fail_is_installed() {
        const OLD: &str = "0.1.0+20260301081530.1a";
        const NEW: &str = "0.1.0+20260302081530.1a";
        let failed = |text| Failed { version: version(text), why: "it was not ready".to_owned() };
        let (nothing, forced) = (How::default(), How { force: true, ..How::default() });
        let cases = [
            (OLD, OLD, None, true, nothing, Decision::UpToDate),
            (NEW, OLD, None, true, nothing, Decision::Older),
            (NEW, OLD, None, true, forced, Decision::Older),
            (OLD, NEW, None, true, nothing, Decision::Install),
            (OLD, NEW, None, true, How { dry_run: true, force: false }, Decision::Install),
            (OLD, NEW, Some(failed(OLD)), true, nothing, Decision::Install),
            (OLD, NEW, Some(failed(NEW)), true, nothing, Decision::FailedBefore(failed(NEW))),
            (OLD, NEW, Some(failed(NEW)), true, forced, Decision::Install),
            (NEW, NEW, Some(failed(NEW)), true, nothing, Decision::UpToDate),
            (OLD, NEW, None, false, nothing, Decision::NoWayBack),
            (OLD, NEW, None, false, forced, Decision::Install),
            (OLD, OLD, None, false, nothing, Decision::UpToDate),
        ];
        for (installed, published, failed, is_kept, how, wanted) in cases {
            let manifest = Manifest {
                version: version(published),
                architecture: Architecture::Arm64,
                key: "device/arm64/porch-doorbell.deb".to_owned(),
                sha256: Sha256::of(b""),
                size: 0,
                published_at: time::OffsetDateTime::UNIX_EPOCH,
            };
            let decision = decide(&manifest, &version(installed), failed.as_ref(), is_kept, how);
            assert_eq!(decision, wanted, "{installed} {published} {failed:?} {is_kept} {how:?}");
        }
    }
}
