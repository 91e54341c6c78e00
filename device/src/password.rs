//! The password of the page: how it is kept, and whether somebody knows it.

use std::fmt::{self, Debug};
use std::io::{self, BufRead, Read};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};
use rustix::termios::{self, LocalModes, OptionalActions};
use secrecy::{ExposeSecret, SecretString};

/// Letters that a password has at least.
pub const SHORTEST: usize = 10;

/// Bytes that a password has at most.
pub const LONGEST: usize = 200;

/// Random bytes that make the same password look different twice.
pub const SALT: usize = 16;

/// What it costs to try a password (OWASP's "Password Storage Cheat Sheet": as good as its others, and the least memory,
/// of which a doorbell has little): kibibytes, rounds, lanes.
const COST: (u32, u32, u32) = (7 * 1024, 5, 1);

/// What a hash may cost that somebody else has made.
const MOST: (u32, u32, u32) = (64 * 1024, 20, 4);

/// The Argon2id hash of a password, in PHC's string format.
#[derive(Clone)]
pub struct Hash(SecretString);

impl Hash {
    /// A hash as `porch-doorbell password` prints it.
    pub fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let good = hash.algorithm == argon2::ARGON2ID_IDENT
            && hash.hash.is_some()
            && params.m_cost() <= MOST.0
            && params.t_cost() <= MOST.1
            && params.p_cost() <= MOST.2;
        good.then(|| Self(text.into()))
    }

    /// The same, of what nobody may see.
    pub fn parse_secret(text: &SecretString) -> Option<Self> {
        Self::parse(text.expose_secret())
    }

    /// The hash of a password, as text. `None` if it is shorter or longer than a password may be.
    pub fn of(password: &SecretString, salt: [u8; SALT]) -> Option<String> {
        let password = password.expose_secret();
        if password.chars().count() < SHORTEST || password.len() > LONGEST {
            return None;
        }
        let salt = SaltString::encode_b64(&salt).ok()?;
        let params = Params::new(COST.0, COST.1, COST.2, None).ok()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Some(argon2.hash_password(password.as_bytes(), &salt).ok()?.to_string())
    }

    /// Whether this is the password. It takes long, which is its purpose.
    pub fn is_of(&self, password: &SecretString) -> bool {
        let password = password.expose_secret().as_bytes();
        PasswordHash::new(self.0.expose_secret())
            .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
    }
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It cannot be read.
    #[error("the password cannot be read: {0}")]
    Unread(#[from] io::Error),
    /// It is no password.
    #[error("a password has at least {SHORTEST} letters, and at most {LONGEST} bytes")]
    Bad,
    /// It was another one the second time.
    #[error("that was another password the second time")]
    Differs,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Asks for a password on standard input: a person twice, without showing it.
///
/// # Errors
/// See [`PasswordError`].
pub fn ask() -> Result<String, PasswordError> {
    let input = io::stdin();
    let shown = termios::tcgetattr(&input).ok();
    let password = if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        termios::tcsetattr(&input, OptionalActions::Now, &hidden).map_err(io::Error::from)?;
        let both = [line("password: "), line("once more: ")];
        // Whatever was read, the terminal is as it was.
        termios::tcsetattr(&input, OptionalActions::Now, shown).map_err(io::Error::from)?;
        let [first, second] = both;
        let first = first?;
        if first.expose_secret() != second?.expose_secret() {
            return Err(PasswordError::Differs);
        }
        first
    } else {
        line("")?
    };
    let mut salt = [0; SALT];
    SystemRandom::new().fill(&mut salt).map_err(|_| PasswordError::Random)?;
    Hash::of(&password, salt).ok_or(PasswordError::Bad)
}

/// A line of standard input.
fn line(prompt: &str) -> io::Result<SecretString> {
    eprint!("{prompt}");
    let mut line = String::new();
    io::stdin().lock().take(2 * LONGEST as u64).read_line(&mut line)?;
    if !prompt.is_empty() {
        eprintln!();
    }
    Ok(line.trim_end_matches(['\r', '\n']).into())
}

impl Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hash([REDACTED])")
    }
}

/// The same if it is the same text: whether the settings have changed is asked about nothing else.
impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for Hash {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_no_other_is() {
        let text = Hash::of(&"correct horse".into(), [7; SALT]).expect("a hash");
        let hash = Hash::parse(&text).expect("it is a hash");
        assert!(hash.is_of(&"correct horse".into()));
        assert!(!hash.is_of(&"correct horsf".into()));
        assert!(!hash.is_of(&"".into()));
        assert!(!format!("{hash:?}").contains("argon2"));
        assert_ne!(text, Hash::of(&"correct horse".into(), [8; SALT]).expect("a hash"));
    }

    #[test]
    fn what_is_no_password_or_no_hash_is_refused() {
        assert_eq!(Hash::of(&"too short".into(), [7; SALT]), None);
        assert_eq!(Hash::of(&"x".repeat(201).into(), [7; SALT]), None);
        let salt_and_hash = "c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA";
        for nonsense in [
            "",
            "correct horse",
            "$argon2id$v=19$m=7168,t=5,p=1",
            &format!("$argon2i$v=19$m=7168,t=5,p=1${salt_and_hash}"),
            &format!("$argon2id$v=19$m=4000000,t=5,p=1${salt_and_hash}"),
            &format!("$argon2id$v=19$m=7168,t=5000,p=1${salt_and_hash}"),
        ] {
            assert!(Hash::parse(nonsense).is_none(), "{nonsense}");
        }
        assert!(Hash::parse(&format!("$argon2id$v=19$m=7168,t=5,p=1${salt_and_hash}")).is_some());
    }
}
