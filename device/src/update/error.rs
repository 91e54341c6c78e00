//! Why a machine is not up to date.

use std::io;
use std::path::PathBuf;

use package::{NotThePackage, Refused, Version};

use super::machine::ProgramError;

/// Why an update came to nothing. But for the last four, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// Not with these rights.
    #[error("only root installs packages: run it with sudo")]
    NotRoot,
    /// There is nothing to take packages by.
    #[error(
        "cannot read the key that packages are signed with, {}: {why}; it holds the stack's output \
         deviceSigningPublicKey",
        .path.display()
    )]
    Key {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS; is the package ca-certificates installed?")]
    Tls(#[source] rustls::Error),
    /// The stack does not say where its packages are.
    #[error("cannot learn where packages are published; the stack does so if it has `porch:device`")]
    Place(#[source] aws::CallError),
    /// It says so in a way that is not understood.
    #[error("the parameter {0} holds something else than the stack puts there")]
    WrongPlace(String),
    /// The bucket does not give something.
    #[error("cannot fetch {what}")]
    Fetch {
        /// The manifest, or the package.
        what: &'static str,
        /// Why not.
        #[source]
        source: aws::CallError,
    },
    /// It takes too long.
    #[error("cannot fetch {what}: it did not come within {limit_s} s")]
    Late {
        /// The manifest, or the package.
        what: &'static str,
        /// How long was waited.
        limit_s: u64,
    },
    /// The manifest does not count.
    #[error("the manifest that is published is refused")]
    Refused(#[source] Refused),
    /// The package is another than the manifest's.
    #[error("the package that was fetched is refused")]
    NotThePackage(#[source] NotThePackage),
    /// The manifest says more bytes than are taken.
    #[error("the package has {0} bytes, and more than {limit} are not taken", limit = package::PACKAGE_LIMIT)]
    TooLarge(usize),
    /// There is nothing to update.
    #[error("the package {name} is not installed here by dpkg", name = package::NAME)]
    NotInstalled,
    /// It is half installed, by somebody else than this.
    #[error("dpkg has not finished with {name}: `sudo dpkg --configure {name}` says why", name = package::NAME)]
    Unfinished,
    /// Its version or architecture is none of a published package.
    #[error(
        "what is installed, {0}, was not published by a stack; install a published package by hand first"
    )]
    Foreign(String),
    /// A program could not be asked.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Files refuse.
    #[error("cannot {what} {}", .path.display())]
    File {
        /// What was tried, like `write`.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// What is written down about an earlier update is not understood.
    #[error("{} is not understood; if no update is running, delete it", .0.display())]
    WrongState(PathBuf),
    /// Somebody else is at it.
    #[error("another update is running")]
    Busy,
    /// The newest did not run here before.
    #[error("{version} failed here before ({why}); publish another one, or say --force")]
    FailedBefore {
        /// What did not run.
        version: Version,
        /// Why not.
        why: String,
    },
    /// The present package is not kept.
    #[error(
        "there would be no way back: the package of {installed}, which is installed, is not at {}; put it there, or say \
         --force",
        .file.display()
    )]
    NoWayBack {
        /// What is there.
        installed: Version,
        /// Where its package should be.
        file: PathBuf,
    },
    /// The newer one failed; the former runs.
    #[error("{to} failed ({why}); {from} is back, and the daemon is ready")]
    PutBack {
        /// What is there.
        from: Version,
        /// What failed.
        to: Version,
        /// Why.
        why: String,
    },
    /// Both failed.
    #[error(
        "THE DAEMON DOES NOT RUN: {to} failed ({why}), and {from} did not come back ({then}). `journalctl -u \
         porch-doorbell` says more; the next update tries the way back again"
    )]
    NotBack {
        /// What was to come back.
        from: Version,
        /// What failed first.
        to: Version,
        /// Why.
        why: String,
        /// Why the way back failed.
        then: String,
    },
    /// It failed, and somebody wanted it without a way back.
    #[error(
        "THE DAEMON DOES NOT RUN: {to} failed ({why}), and there is nothing to put back. `journalctl -u porch-doorbell` \
         says more"
    )]
    Stuck {
        /// What failed.
        to: Version,
        /// Why.
        why: String,
    },
}
