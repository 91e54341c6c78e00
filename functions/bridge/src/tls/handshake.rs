//! Why two sides did not agree on TLS, in words that a person can act on.

use std::error::Error;
use std::io;

use http_client::{NotPinned, rustls_error};
use rustls::{AlertDescription, CertificateError};

/// TLS was not agreed on; its text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HandshakeError(String);

impl HandshakeError {
    /// The failed handshake among the causes of `error`, which kept a connection from being made.
    pub(crate) fn of_connect(error: &(dyn Error + 'static)) -> Option<Self> {
        rustls_error(error).map(|error| Self(told(error)))
    }

    /// The server's late refusal among the causes of `error`, which broke a connection: with TLS 1.3 the client has
    /// sent its certificate, or none, and its request before the server has looked at the former.
    pub(crate) fn of_break(error: &(dyn Error + 'static)) -> Option<Self> {
        let refusal = rustls_error(error).filter(|error| matches!(error, rustls::Error::AlertReceived(_)));
        refusal.map(|error| Self(told(error)))
    }
    /// Words for the end of a connection without TLS's farewell among the causes of `error`.
    ///
    /// So ends whoever crashes, and so does Home Assistant itself when it misses a client certificate or does not take
    /// the one that it was shown: Python's event loop closes before the alert is sent.
    pub(crate) fn of_silent_end(error: &(dyn Error + 'static)) -> Option<Self> {
        let hint = "it ended without a word of TLS; if home assistant asks for client certificates, it does not take \
                    that of CLIENT_CERTIFICATE, or there is none";
        is_silent_end(error).then(|| Self(hint.into()))
    }
}

/// Only rustls says so in these words; the same kind of error is that of any body that is too short.
fn is_silent_end(error: &(dyn Error + 'static)) -> bool {
    let is_it = error.downcast_ref::<io::Error>().is_some_and(|error| {
        error.kind() == io::ErrorKind::UnexpectedEof && error.to_string().contains("close_notify")
    });
    is_it || error.source().is_some_and(is_silent_end)
}

fn told(error: &rustls::Error) -> String {
    use AlertDescription as Alert;
    if let rustls::Error::InvalidCertificate(reason) = error {
        format!("home assistant's certificate is not accepted: {}", certificate_told(reason))
    } else if let rustls::Error::AlertReceived(Alert::CertificateRequired) = error {
        "home assistant wants a client certificate; set CLIENT_CERTIFICATE and CLIENT_KEY".into()
    } else if let rustls::Error::AlertReceived(
        alert @ (Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied),
    ) = error
    {
        format!("home assistant does not accept the client certificate ({alert:?})")
    } else if let rustls::Error::AlertReceived(Alert::HandshakeFailure) = error {
        "home assistant ended the handshake; does it want a client certificate (CLIENT_CERTIFICATE)?".into()
    } else if let rustls::Error::InvalidMessage(_) = error {
        "what BASE_URL leads to does not speak TLS; is it http:// there?".into()
    } else {
        format!("the TLS handshake with home assistant failed: {error}")
    }
}

fn certificate_told(reason: &CertificateError) -> String {
    if let CertificateError::ExpiredContext { time, not_after } = reason {
        format!("it expired {} ago; renew it", span(time.as_secs().saturating_sub(not_after.as_secs())))
    } else if let CertificateError::NotValidYetContext { time, not_before } = reason {
        let left = span(not_before.as_secs().saturating_sub(time.as_secs()));
        format!("it is valid only in {left}; is the clock right where it was made?")
    } else if let CertificateError::NotValidForNameContext { expected, presented } = reason {
        let names = if presented.is_empty() { "no name at all".into() } else { presented.join(", ") };
        format!(
            "it is not for `{}` but for {names}; BASE_URL must have a name that it is for",
            expected.to_str()
        )
    } else if let CertificateError::UnknownIssuer = reason {
        "its issuer is not trusted; set CA_CERTIFICATES to that authority, or PINNED_CERTIFICATE".into()
    } else if let CertificateError::BadSignature = reason {
        "another authority of the same name has signed it; CA_CERTIFICATES may be an old one".into()
    } else if let CertificateError::Other(other) = reason {
        match other.0.downcast_ref::<NotPinned>() {
            Some(not_pinned) => not_pinned.to_string(),
            // So says rustls-webpki of what `openssl req -x509` makes; its error type is not public in rustls.
            None if other.0.to_string() == "CaUsedAsEndEntity" => {
                "it is self-signed, an authority's own; set PINNED_CERTIFICATE to its fingerprint".into()
            }
            None => reason.to_string(),
        }
    } else {
        reason.to_string()
    }
}

/// In the largest unit of which there are two or more.
fn span(seconds: u64) -> String {
    for (unit, length) in [("days", 86_400), ("hours", 3_600), ("minutes", 60)] {
        if seconds >= 2 * length {
            return format!("{} {unit}", seconds / length);
        }
    }
    format!("{seconds} s")
}
