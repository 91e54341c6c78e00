//! Why a bridge has not done what was asked, by what the caller can do about it.

use certificates::Fingerprint;
use http::StatusCode;
use http_client::{NoAnswer, NotPinned};

use crate::targets::WrongName;

/// Why a bridge has not done what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HueError {
    /// TLS cannot be used at all.
    #[error("https cannot be used")]
    Library(#[from] rustls::Error),
    /// It shows another certificate: it was replaced, or somebody else is there. It was not told the key.
    #[error(
        "{address} shows another certificate than the bridge did when it was paired, {found}; if the bridge was reset, replaced or got a new certificate, pair it anew"
    )]
    NotPinned {
        /// Where it is.
        address: String,
        /// The fingerprint of what it shows.
        found: Fingerprint,
    },
    /// It does not know the key.
    #[error("the bridge does not know the application key; was it removed in the app? pair it anew")]
    Unauthorized,
    /// It has too much to do: later it may do it.
    #[error("the bridge is busy ({status}) and has not done it: {what}")]
    Busy {
        /// What was asked.
        what: String,
        /// The HTTP status.
        status: StatusCode,
    },
    /// It would be refused again.
    #[error("the bridge refused it with {status}: {what}{said}")]
    Refused {
        /// What was asked.
        what: String,
        /// The HTTP status.
        status: StatusCode,
        /// The bridge's words, with `; ` before them, or nothing.
        said: String,
    },
    /// It has taken it, but says that it may be without effect.
    #[error("it may be without effect: {what}{said}")]
    Doubtful {
        /// What was asked.
        what: String,
        /// See [`HueError::Refused`].
        said: String,
    },
    /// There was no answer; what was asked for may have been done.
    #[error("the bridge at {address} has not answered")]
    NoAnswer {
        /// Where it should be.
        address: String,
        /// Why.
        #[source]
        source: NoAnswer,
    },
    /// Time is up before it could be asked.
    #[error("there was no time left to ask the bridge: {what}")]
    Late {
        /// What was to be asked.
        what: String,
    },
    /// Success, but not with what was asked for.
    #[error("the bridge's answer is not as documented: {what}")]
    Malformed {
        /// What was asked.
        what: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The settings name what is not there.
    #[error("{}", told(.0))]
    WrongNames(Vec<WrongName>),
}

impl HueError {
    pub(crate) fn of_no_answer(address: &impl ToString, source: NoAnswer) -> Self {
        let address = address.to_string();
        match NotPinned::among(&source).map(|not_pinned| not_pinned.found) {
            Some(found) => Self::NotPinned { address, found },
            None => Self::NoAnswer { address, source },
        }
    }

    /// The one place where a status becomes an error.
    pub(crate) fn of_status(what: String, status: StatusCode, said: String) -> Self {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Unauthorized,
            StatusCode::TOO_MANY_REQUESTS => Self::Busy { what, status },
            status if status.is_server_error() => Self::Busy { what, status },
            status => Self::Refused { what, status, said },
        }
    }

    /// Whether to ask for the same once more, which does no harm: the answer may be another.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::NoAnswer { source: NoAnswer::Unreachable(_) | NoAnswer::Broken(_), .. } => true,
            Self::Library(_)
            | Self::NotPinned { .. }
            | Self::Unauthorized
            | Self::Refused { .. }
            | Self::Doubtful { .. }
            | Self::NoAnswer { .. }
            | Self::Late { .. }
            | Self::Malformed { .. }
            | Self::WrongNames(_) => false,
        }
    }

    /// Whether it may have been done all the same.
    pub(crate) fn may_be_done(&self) -> bool {
        match self {
            Self::NoAnswer { source, .. } => !matches!(source, NoAnswer::Unreachable(_)),
            // These two say that it was not taken; any other failure of the bridge says nothing.
            Self::Busy { status, .. } => {
                !matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Doubtful { .. } | Self::Malformed { .. } => true,
            Self::Library(_)
            | Self::NotPinned { .. }
            | Self::Unauthorized
            | Self::Refused { .. }
            | Self::Late { .. }
            | Self::WrongNames(_) => false,
        }
    }

    /// Whether it stays as it is until somebody does something about it.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        matches!(self, Self::Library(_) | Self::NotPinned { .. } | Self::Unauthorized | Self::WrongNames(_))
    }
}

fn told(wrong: &[WrongName]) -> String {
    wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a bridge says, as much of it as fits into a line.
pub(crate) fn cut(text: &str) -> String {
    const SHOWN: usize = 200;
    text.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect()
}
