//! The kinds of value there are.

use std::path::PathBuf;

use alexa::{EndpointId, FriendlyName};
use aws::{Region, Service};
use http::Uri;
use rustls::pki_types::ServerName;
use url::Url;

use super::section::Kind;
use crate::button::{Active, Pull};
use crate::integration::IntegrationName;
use crate::log::Priority;
use crate::web::Place;

/// The services of AWS that a doorbell calls.
pub(super) const SERVICES: [Service; 3] = [Service::DynamoDb, Service::S3, Service::Ssm];

/// What brings edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    Gpiocdev,
    Rppal,
    Simulated,
}

impl Backend {
    /// Whether this program was built with it.
    const fn is_built(self) -> bool {
        match self {
            Self::Gpiocdev => cfg!(feature = "gpiocdev"),
            Self::Rppal => cfg!(feature = "rppal"),
            Self::Simulated => true,
        }
    }
}

/// What is used where nothing is said: never what only plays.
pub(super) const DEFAULT_BACKEND: Option<Backend> =
    if Backend::Gpiocdev.is_built() { Some(Backend::Gpiocdev) } else { None };

pub(super) const BACKEND: Kind<Backend> = Kind {
    expected: "\"gpiocdev\", \"rppal\" or \"simulated\", and a program that was built with it",
    parse: |text| {
        let backend = match text {
            "gpiocdev" => Backend::Gpiocdev,
            "rppal" => Backend::Rppal,
            "simulated" => Backend::Simulated,
            _ => return None,
        };
        backend.is_built().then_some(backend)
    },
};

pub(super) const PRIORITY: Kind<Priority> = Kind {
    expected: "\"error\", \"warning\", \"info\" or \"debug\"",
    parse: |text| match text {
        "error" => Some(Priority::Error),
        "warning" => Some(Priority::Warning),
        "info" => Some(Priority::Info),
        "debug" => Some(Priority::Debug),
        _ => None,
    },
};

pub(super) const REGION: Kind<Region> =
    Kind { expected: "the region of AWS that the stack is in, like \"eu-west-1\"", parse: Region::parse };

pub(super) const PARAMETERS: Kind<String> = Kind {
    expected: "where the stack keeps the doorbell's parameters, like \"/porch/prod/doorbell\"",
    parse: |text| {
        let word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        };
        let good = text.len() <= 500 && text.strip_prefix('/')?.split('/').all(word);
        good.then(|| text.to_owned())
    },
};

pub(super) const URL: Kind<Uri> = Kind {
    expected: "an http(s) URL without user, query or fragment",
    parse: |text| hook_url(text).filter(|url| url.query().is_none()),
};

/// A URL of somebody else's, which often ends with a query that is the key to it.
pub(super) const HOOK_URL: Kind<Uri> =
    Kind { expected: "an http(s) URL without user or fragment", parse: hook_url };

fn hook_url(text: &str) -> Option<Uri> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    plain.then(|| url.as_str().parse().ok()).flatten()
}

pub(super) const BROKER: Kind<(String, Option<u16>, bool)> = Kind {
    expected: "a broker, like \"mqtt://192.168.1.5\" or \"mqtts://mqtt.example.net:8883\", without user or path",
    parse: |text| {
        let url = Url::parse(text).ok()?;
        let is_encrypted = match url.scheme() {
            "mqtt" => false,
            "mqtts" => true,
            _ => return None,
        };
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
        let plain = ServerName::try_from(host).is_ok()
            && url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.port() != Some(0);
        plain.then(|| (host.to_owned(), url.port(), is_encrypted))
    },
};

pub(super) const TOPIC: Kind<String> = Kind {
    expected: "the beginning of topics, like \"porch\" or \"house/doors\": letters, digits, _ - and inner /, at most 64",
    parse: |text| {
        let level = |level: &str| {
            !level.is_empty()
                && level.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        (text.len() <= 64 && text.split('/').all(level)).then(|| text.to_owned())
    },
};

pub(super) const DEVICE: Kind<String> = Kind {
    expected: "what people call the doorbell, like \"Doorbell\", at most 64 letters",
    parse: |text| {
        let good = (1..=64).contains(&text.chars().count())
            && text.trim() == text
            && !text.chars().any(char::is_control);
        good.then(|| text.to_owned())
    },
};

pub(super) const INTEGRATION: Kind<IntegrationName> = Kind {
    expected: "small letters, digits and -, at most 32, and not \"alexa\"",
    parse: IntegrationName::parse,
};

pub(super) const USER: Kind<String> = Kind {
    expected: "the user that the camera or the broker knows, at most 64 letters",
    parse: |text| {
        let good = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        good.then(|| text.to_owned())
    },
};

pub(super) const PLACE: Kind<Place> =
    Kind { expected: "\"loopback\", \"tailnet\", or an address like \"192.168.1.20\"", parse: Place::parse };

pub(super) const HOST: Kind<String> = Kind {
    expected: "a host's name without a port, like \"doorbell.example.org\"",
    parse: |text| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        let good = (1..=253).contains(&text.len()) && text.bytes().all(letter);
        good.then(|| text.to_ascii_lowercase())
    },
};

pub(super) const PATH: Kind<PathBuf> = Kind {
    expected: "the absolute path of a file",
    parse: |text| Some(PathBuf::from(text)).filter(|path| path.is_absolute()),
};

pub(super) const ENDPOINT_ID: Kind<EndpointId> = Kind {
    expected: "the bell's id as the stack has it, like \"front-door\": letters, digits, _ and -, at most 64",
    parse: |text| {
        // It names a file as well.
        let good = text.len() <= 64
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        EndpointId::parse(text).ok().filter(|_| good)
    },
};

pub(super) const NAME: Kind<String> = Kind {
    expected: "what people call the bell, like \"Front door\": letters, digits and inner blanks",
    parse: |text| FriendlyName::parse(text).ok().map(|name| name.as_str().to_owned()),
};

pub(super) const ACTIVE: Kind<Active> = Kind {
    expected: "\"low\" for a button to ground, \"high\" for one to 3.3 V",
    parse: |text| match text {
        "low" => Some(Active::Low),
        "high" => Some(Active::High),
        _ => None,
    },
};

pub(super) const PULL: Kind<Pull> = Kind {
    expected: "\"up\", \"down\" or \"off\"",
    parse: |text| match text {
        "up" => Some(Pull::Up),
        "down" => Some(Pull::Down),
        "off" => Some(Pull::Off),
        _ => None,
    },
};
