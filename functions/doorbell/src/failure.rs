//! Everything that can keep a good answer away, and what Alexa is told about each.

use alexa::grant::GrantError;
use alexa::lwa::LwaError;
use alexa::{ErrorType, Invalid};
use aws::CallError;
use http_client::told;

use crate::parameters::ParametersError;

/// Why a directive was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What came is not a directive for a doorbell.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No bell has this id.
    #[error("there is no bell of this id; discover devices again")]
    NoSuchBell,
    /// The function is in a region that Alexa's customers have none in.
    #[error("alexa calls no function in {0}")]
    NoAlexaRegion(String),
    /// The parameters are not there.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// Login with Amazon does not say who the customer is.
    #[error("the customer is not known; is the skill linked by login with amazon?")]
    Profile(#[source] LwaError),
    /// Login with Amazon does not take the code.
    #[error("the code of the grant was not exchanged")]
    Exchange(#[source] LwaError),
    /// The grant could not be written.
    #[error("the grant could not be written")]
    Table(#[source] GrantError),
    /// The heartbeat could not be read.
    #[error("the bell's heartbeat could not be read")]
    Heartbeat(#[source] CallError),
    /// Time is up.
    #[error("what the answer needs did not come in time")]
    Late,
}

impl Failure {
    /// What Alexa is told, where the directive has more than one way to fail.
    pub(crate) fn error_type(&self) -> ErrorType {
        match self {
            Self::Invalid(_) => ErrorType::InvalidDirective,
            Self::NoSuchBell => ErrorType::NoSuchEndpoint,
            Self::NoAlexaRegion(_)
            | Self::Parameters(_)
            | Self::Profile(_)
            | Self::Exchange(_)
            | Self::Table(_)
            | Self::Heartbeat(_)
            | Self::Late => ErrorType::InternalError,
        }
    }

    /// The failure with all its causes, in one line.
    pub(crate) fn told(&self) -> String {
        told(self)
    }
}
