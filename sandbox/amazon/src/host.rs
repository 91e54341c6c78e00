//! Who answers where: Amazon's hosts, each with a port of its own here, and the services behind them.

use serde::{Deserialize, Serialize};
use smapi::fake::Smapi;

/// One of Alexa's three regions, by the names that Amazon's manifests give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Region {
    /// North America.
    Na,
    /// Europe and India.
    Eu,
    /// The Far East and Australia.
    Fe,
}

/// One of Amazon's hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `api.amazon.com`: Login with Amazon.
    Login,
    /// `api.amazonalexa.com` and its namesakes in the other regions.
    Alexa(Region),
}

/// One service of a host: what a script is for, and what the record of requests names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Login with Amazon's tokens.
    LwaToken,
    /// Login with Amazon's customer profile.
    LwaProfile,
    /// The event gateway of North America.
    GatewayNa,
    /// The event gateway of Europe.
    GatewayEu,
    /// The event gateway of the Far East.
    GatewayFe,
    /// The Skill Management API, which is in North America for all regions.
    Smapi,
}

impl Host {
    /// Every host, in the order of the ports from [`Settings::listen`](crate::settings::Settings::listen) on.
    pub const ALL: [Self; 4] =
        [Self::Login, Self::Alexa(Region::Na), Self::Alexa(Region::Eu), Self::Alexa(Region::Fe)];

    /// Which of its services has this path. The token endpoint has two spellings, and Amazon's own clients use both.
    #[must_use]
    pub fn service(self, path: &str) -> Option<Service> {
        match (self, path) {
            (Self::Login, "/auth/o2/token" | "/auth/O2/token") => Some(Service::LwaToken),
            (Self::Login, "/user/profile") => Some(Service::LwaProfile),
            (Self::Alexa(region), "/v3/events") => Some(Service::gateway(region)),
            (Self::Alexa(Region::Na), path) if Smapi::serves(path) => Some(Service::Smapi),
            _ => None,
        }
    }
}

impl Service {
    /// The event gateway of a region.
    #[must_use]
    pub const fn gateway(region: Region) -> Self {
        match region {
            Region::Na => Self::GatewayNa,
            Region::Eu => Self::GatewayEu,
            Region::Fe => Self::GatewayFe,
        }
    }
}
