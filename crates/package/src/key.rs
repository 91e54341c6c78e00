//! The pair of keys: the private one signs manifests, the public one on the device opens them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SecureRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::manifest::Manifest;

/// The private key, Ed25519.
pub struct SigningKey(Ed25519KeyPair);

/// No key could be made, because the system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes for a key")]
pub struct NoKey;

/// What was found is no key. It does not say what was found.
#[derive(Debug, thiserror::Error)]
pub enum WrongKey {
    /// No private key.
    #[error("expected the privateKey of a porch:build:SigningKey")]
    Private,
    /// No public key.
    #[error("expected the publicKey of a porch:build:SigningKey, 32 bytes in base64")]
    Public,
}

/// A manifest as it is published. One object and not two, so that no reader finds a manifest with another's signature.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    /// JSON as text, because the signature is of exactly these bytes.
    manifest: String,
    /// Ed25519, in base64.
    signature: String,
}

impl SigningKey {
    /// Makes one, as [`SigningKey::parse`] reads it: PKCS#8 version 2 in base64.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate(random: &dyn SecureRandom) -> Result<SecretString, NoKey> {
        let document = Ed25519KeyPair::generate_pkcs8(random).map_err(|_| NoKey)?;
        Ok(STANDARD.encode(document.as_ref()).into())
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &SecretString) -> Result<Self, WrongKey> {
        let document = STANDARD.decode(text.expose_secret()).map_err(|_| WrongKey::Private)?;
        Ed25519KeyPair::from_pkcs8(&document).map(Self).map_err(|_| WrongKey::Private)
    }

    /// The other half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    /// The signed manifest, as it is published.
    ///
    /// # Errors
    /// When its date cannot be written, of a year that no calendar here has.
    pub fn sign(&self, manifest: &Manifest) -> Result<String, serde_json::Error> {
        let manifest = serde_json::to_string(manifest)?;
        let signature = STANDARD.encode(self.0.sign(manifest.as_bytes()));
        Ok(serde_json::to_string(&Envelope { manifest, signature })? + "\n")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public_key", &self.public_key()).finish_non_exhaustive()
    }
}

/// The public key, written as 32 bytes in base64. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// Why a manifest does not count.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not what is published.
    #[error("it is no signed manifest")]
    NotSigned,
    /// Signed by somebody else, or changed since.
    #[error("its signature is not of the key that this device was set up with")]
    WrongSignature,
    /// Signed, but not understood.
    #[error("it is a manifest that this version does not understand: {0}")]
    Unknown(#[source] serde_json::Error),
    /// Signed, but in the place of another.
    #[error("it is of a package for {found}, and not for {wanted}")]
    OtherArchitecture {
        /// Its architecture.
        found: Architecture,
        /// That of the device.
        wanted: Architecture,
    },
}

impl PublicKey {
    /// Reads one.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, WrongKey> {
        let bytes = STANDARD.decode(text).map_err(|_| WrongKey::Public)?;
        Ok(Self(bytes.try_into().map_err(|_| WrongKey::Public)?))
    }

    /// The manifest of `architecture` in what was published, if it was signed with the other half of this key.
    ///
    /// # Errors
    /// When it does not count.
    pub fn open(&self, published: &[u8], architecture: Architecture) -> Result<Manifest, Refused> {
        if published.len() > crate::MANIFEST_LIMIT {
            return Err(Refused::NotSigned);
        }
        let envelope: Envelope = serde_json::from_slice(published).map_err(|_| Refused::NotSigned)?;
        let signature = STANDARD.decode(&envelope.signature).map_err(|_| Refused::NotSigned)?;
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(envelope.manifest.as_bytes(), &signature)
            .map_err(|_| Refused::WrongSignature)?;
        let manifest: Manifest = serde_json::from_str(&envelope.manifest).map_err(Refused::Unknown)?;
        match manifest.architecture {
            found if found == architecture => Ok(manifest),
            found => Err(Refused::OtherArchitecture { found, wanted: architecture }),
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}
