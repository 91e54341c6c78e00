//! Where Alexa is, as seen from AWS and from its customers.

use http::Uri;
use serde::{Deserialize, Serialize};

/// A region of Alexa. A customer belongs to one; his skill's function runs in the AWS region that goes with it, and his
/// events go to its gateway (developer.amazon.com, send-events-to-the-alexa-event-gateway).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Region {
    /// `NA`: North America and Brazil.
    #[serde(rename = "NA")]
    NorthAmerica,
    /// `EU`: Europe and India.
    #[serde(rename = "EU")]
    Europe,
    /// `FE`: Japan and Australia.
    #[serde(rename = "FE")]
    FarEast,
}

impl Region {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NorthAmerica, Self::Europe, Self::FarEast];

    /// The region whose customers' directives come to functions in this region of AWS.
    #[must_use]
    pub fn of_aws(region: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.aws() == region)
    }

    /// The region of AWS in which its functions run.
    #[must_use]
    pub const fn aws(self) -> &'static str {
        match self {
            Self::NorthAmerica => "us-east-1",
            Self::Europe => "eu-west-1",
            Self::FarEast => "us-west-2",
        }
    }

    /// Its two letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NorthAmerica => "NA",
            Self::Europe => "EU",
            Self::FarEast => "FE",
        }
    }

    /// The region of these two letters.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.code() == code)
    }

    /// Where its event gateway is, without a path.
    #[must_use]
    pub fn gateway(self) -> Uri {
        Uri::from_static(match self {
            Self::NorthAmerica => "https://api.amazonalexa.com",
            Self::Europe => "https://api.eu.amazonalexa.com",
            Self::FarEast => "https://api.fe.amazonalexa.com",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_is_found_by_either_name() {
        for region in Region::ALL {
            assert_eq!(Region::of_aws(region.aws()), Some(region));
            assert_eq!(Region::of_code(region.code()), Some(region));
            assert_eq!(serde_json::to_value(region).expect("json"), region.code());
        }
        assert_eq!((Region::of_aws("eu-central-1"), Region::of_code("eu")), (None, None));
    }
}
