//! Where tokens and ids come from: a seed and a count, hashed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::Secret;

/// Makes what cannot be guessed without the seed, and never the same twice.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Mint {
    seed: [u8; 16],
    made: u64,
}

/// Access tokens have 350 to 2048 bytes; this many pieces of 43 characters make one of 607.
const PIECES: u8 = 14;

impl Mint {
    /// A mint whose products follow from the seed.
    #[must_use]
    pub const fn new(seed: [u8; 16]) -> Self {
        Self { seed, made: 0 }
    }

    /// A token as long as Amazon's are: `prefix`, `|`, and what a URL can hold.
    pub(super) fn token(&mut self, prefix: &str) -> Secret {
        let made = self.next();
        let pieces = (0..PIECES).map(|piece| URL_SAFE_NO_PAD.encode(self.hash(&made, &[piece])));
        Secret::from(format!("{prefix}|{}", pieces.collect::<String>()))
    }

    /// An authorization code: 20 letters, as those in Amazon's examples.
    pub(super) fn code(&mut self) -> Secret {
        let made = self.next();
        let letters = self.hash(&made, b"code").map(|byte| char::from(b'A' + byte % 26));
        Secret::from(letters.iter().take(20).collect::<String>())
    }

    pub(super) fn message_id(&mut self) -> String {
        let made = self.next();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.hash(&made, b"message")[..16]);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// For what somebody else makes of it.
    pub(super) fn bytes(&mut self) -> [u8; 32] {
        let made = self.next();
        self.hash(&made, b"bytes")
    }

    /// The user id of the customer called `name`, the same whenever it is asked for.
    pub(super) fn user_id(&self, name: &str) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let letters =
            self.hash(name.as_bytes(), b"user").map(|byte| char::from(alphabet[usize::from(byte % 32)]));
        format!("amzn1.account.A{}", letters.iter().take(27).collect::<String>())
    }

    fn next(&mut self) -> [u8; 8] {
        self.made += 1;
        self.made.to_be_bytes()
    }

    fn hash(&self, what: &[u8], purpose: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.seed[..], purpose, what] {
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// The seed stands for every token.
impl std::fmt::Debug for Mint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mint").field("made", &self.made).finish_non_exhaustive()
    }
}
