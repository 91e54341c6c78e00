//! Where a camera is, and as whom it is asked.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The URL of a camera's stream, like `rtsp://camera.lan/stream1`. It has a host, and no user or password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Checks `text`.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::NoUrl)?;
        if url.scheme() != "rtsp" {
            return Err(AddressError::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::NoHost);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::HasCredentials);
        }
        Ok(Self(url))
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

/// Without its query: some cameras want the password there.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        write!(f, "{url}")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why a text is no address of a camera: what was expected instead. The text is not repeated, since it may have a
/// password in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL.
    #[error("expected a URL, like rtsp://camera.lan/stream1")]
    NoUrl,
    /// Its scheme is another.
    #[error("expected a URL that begins with rtsp://, which is all that is spoken here")]
    Scheme,
    /// It names no host.
    #[error("expected a URL with the camera's name or address, like rtsp://camera.lan/stream1")]
    NoHost,
    /// It has a user or a password.
    #[error("expected a URL without user and password, which have settings of their own")]
    HasCredentials,
}

/// As whom the camera is asked. Sent as digest or basic authentication, as the camera wants it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// Whether settings have changed is asked, by who knows both.
impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        self.user == other.user && self.password.expose_secret() == other.password.expose_secret()
    }
}

impl Eq for Credentials {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, AddressError>) {
        let found = Address::parse(text).map(|address| address.to_string());
        assert_eq!(found.as_deref(), expected.as_ref().map(|text| *text), "{text}");
    }

    #[test]
    fn an_address_is_an_rtsp_url_with_a_host_and_nothing_secret() {
        check("rtsp://camera.lan/stream1", Ok("rtsp://camera.lan/stream1"));
        check("rtsp://192.168.1.9:8554/cam/1?channel=1", Ok("rtsp://192.168.1.9:8554/cam/1"));
        check("camera.lan", Err(AddressError::NoUrl));
        check("", Err(AddressError::NoUrl));
        check("http://camera.lan/", Err(AddressError::Scheme));
        check("rtsp:stream1", Err(AddressError::NoHost));
        check("rtsp://user:password@camera.lan/", Err(AddressError::HasCredentials));
        check("rtsp://user@camera.lan/", Err(AddressError::HasCredentials));
    }

    #[test]
    fn what_may_be_secret_is_not_printed() {
        let address = Address::parse("rtsp://camera.lan/s?password=planted").unwrap();
        let credentials = Credentials { user: "porch".into(), password: "planted".into() };
        let printed = format!("{address} {address:?} {credentials:?}");
        assert!(!printed.contains("planted"), "{printed}");
    }
}
