//! Secrets made at set-up, each in a file that only its owner may read, made once and kept.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Doing, Result};
use crate::layout::{Layout, write_private};

/// The file with the passphrase of the stacks' secrets, made at the first time.
///
/// # Errors
/// When it cannot be written.
pub fn passphrase(layout: &Layout) -> Result<PathBuf> {
    made_once(layout, "passphrase")?;
    Ok(layout.secret("passphrase"))
}

/// The secret called `name`, made at the first time.
///
/// # Errors
/// When it cannot be written.
pub fn made_once(layout: &Layout, name: &str) -> Result<SecretString> {
    let file = layout.secret(name);
    if let Some(secret) = kept(&file) {
        return Ok(secret);
    }
    let secret = random()?;
    keep(&file, &secret)?;
    Ok(secret)
}

/// Writes a secret down.
///
/// # Errors
/// When it cannot be written.
pub fn keep(file: &Path, secret: &SecretString) -> Result<()> {
    write_private(file, secret.expose_secret())
}

/// Reads a secret that was written down; `None` when there is none.
#[must_use]
pub fn kept(file: &Path) -> Option<SecretString> {
    std::fs::read_to_string(file).ok().filter(|text| !text.is_empty()).map(Into::into)
}

/// 24 bytes that nobody can guess, as text that any URL can hold.
pub(crate) fn random() -> Result<SecretString> {
    let mut bytes = [0; 24];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| std::io::Read::read_exact(&mut source, &mut bytes))
        .doing(|| "read /dev/urandom".into())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passphrase_is_made_once_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        let first = kept(&passphrase(&layout).unwrap()).unwrap();
        let again = kept(&passphrase(&layout).unwrap()).unwrap();
        assert_eq!(first.expose_secret(), again.expose_secret());
        assert!(first.expose_secret().len() == 32 && !format!("{first:?}").contains(first.expose_secret()));
    }
}
