//! What a bridge is asked with.

use certificates::Expected;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// The application key that a bridge gave when its button was pressed. It does not expire.
#[derive(Clone, Debug)]
pub struct ApplicationKey(SecretString);

impl ApplicationKey {
    /// Reads a key as the bridge gave it; only the bridge can say whether it is good.
    ///
    /// # Errors
    /// What was expected. The key is not shown.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let is_good = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let key = is_good.then(|| Self(text.into()));
        key.ok_or("the key that the bridge gave, at most 128 letters, digits and signs without blanks")
    }

    /// The value of the header `hue-application-key`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.0.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// `text` without this key.
    pub(crate) fn removed_from(&self, text: &str) -> String {
        text.replace(self.0.expose_secret(), "[REDACTED]")
    }
}

/// Two are the same if their texts are.
impl PartialEq for ApplicationKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for ApplicationKey {}

/// Only for whoever writes the key to the file of secrets.
impl ExposeSecret<str> for ApplicationKey {
    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_word() {
        for (text, is_good) in [
            ("1028d66426293e821ecfd9ef1a0731df", true),
            ("DDmXlk3-Yz8f7RcGz2sfT4N1bVvOq0pAaJkL5WuE", true),
            ("", false),
            ("two words", false),
            ("a\r\nb", false),
            (&"a".repeat(129), false),
        ] {
            assert_eq!(ApplicationKey::parse(text).is_ok(), is_good, "{text}");
        }
    }
}
