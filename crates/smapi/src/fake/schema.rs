//! What a body may say, written down once more from the specification, not from what porch sends. It has every member of
//! a smart home skill's manifest; those of other kinds of skills are strangers here.

use serde_json::Value;

use super::refusal::Violation;

/// What a value may be.
pub(super) enum Shape {
    /// Text of so many characters.
    Text(usize, usize),
    /// Text that begins so.
    Prefixed(&'static str),
    Flag,
    Number,
    OneOf(&'static [&'static str]),
    /// At most so many values.
    List(usize, &'static Shape),
    /// These members and no others.
    Object(&'static [Member]),
    /// Members whose names are these.
    Named(&'static [&'static str], &'static Shape),
    /// Nobody here has a use for what is in it.
    Anything,
}

/// A member of an object: its name, whether it has to be there, what it may be.
pub(super) struct Member(&'static str, bool, Shape);

const REQUIRED: bool = true;
const OPTIONAL: bool = false;

const TEXT: Shape = Shape::Text(0, 4_000);
const HTTPS: Shape = Shape::Prefixed("https://");
const LOCALES: &[&str] = &[
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA",
    "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR", "pt-PT",
];

pub(super) const CREATE: Shape = Shape::Object(&[
    Member("vendorId", REQUIRED, Shape::Text(1, 64)),
    Member("manifest", REQUIRED, MANIFEST),
]);

pub(super) const UPDATE: Shape = Shape::Object(&[Member("manifest", REQUIRED, MANIFEST)]);

const MANIFEST: Shape = Shape::Object(&[
    Member("manifestVersion", REQUIRED, Shape::OneOf(&["1.0"])),
    Member("publishingInformation", REQUIRED, PUBLISHING),
    Member("privacyAndCompliance", OPTIONAL, PRIVACY),
    Member("permissions", OPTIONAL, Shape::List(100, &PERMISSION)),
    Member("apis", REQUIRED, Shape::Object(&[Member("smartHome", REQUIRED, SMART_HOME)])),
    Member("events", OPTIONAL, Shape::Anything),
    Member("authorizedClients", OPTIONAL, Shape::List(10, &Shape::Anything)),
]);

const PUBLISHING: Shape = Shape::Object(&[
    Member("name", OPTIONAL, TEXT),
    Member("description", OPTIONAL, TEXT),
    Member("locales", REQUIRED, Shape::Named(LOCALES, &LISTING)),
    Member("isAvailableWorldwide", OPTIONAL, Shape::Flag),
    Member("distributionMode", OPTIONAL, Shape::OneOf(&["PUBLIC", "PRIVATE"])),
    Member("distributionCountries", OPTIONAL, Shape::List(300, &Shape::Text(2, 2))),
    Member("gadgetSupport", OPTIONAL, Shape::Anything),
    Member("testingInstructions", OPTIONAL, TEXT),
    Member("category", OPTIONAL, Shape::OneOf(&["SMART_HOME"])),
    Member("automaticDistribution", OPTIONAL, Shape::Anything),
    Member("automaticClonedLocale", OPTIONAL, Shape::Anything),
]);

const LISTING: Shape = Shape::Object(&[
    Member("name", REQUIRED, Shape::Text(2, 50)),
    Member("smallIconUri", OPTIONAL, TEXT),
    Member("largeIconUri", OPTIONAL, TEXT),
    Member("summary", OPTIONAL, Shape::Text(0, 160)),
    Member("description", OPTIONAL, TEXT),
    Member("updatesDescription", OPTIONAL, TEXT),
    Member("examplePhrases", OPTIONAL, Shape::List(4, &Shape::Text(0, 200))),
    Member("keywords", OPTIONAL, Shape::List(30, &Shape::Text(0, 150))),
]);

const PRIVACY: Shape = Shape::Object(&[
    Member("locales", OPTIONAL, Shape::Named(LOCALES, &POLICY)),
    Member("allowsPurchases", OPTIONAL, Shape::Flag),
    Member("usesPersonalInfo", OPTIONAL, Shape::Flag),
    Member("isChildDirected", OPTIONAL, Shape::Flag),
    Member("isExportCompliant", OPTIONAL, Shape::Flag),
    Member("containsAds", OPTIONAL, Shape::Flag),
    Member("usesHealthInfo", OPTIONAL, Shape::Flag),
    Member("shoppingKit", OPTIONAL, Shape::Anything),
]);

const POLICY: Shape =
    Shape::Object(&[Member("privacyPolicyUrl", OPTIONAL, HTTPS), Member("termsOfUseUrl", OPTIONAL, HTTPS)]);

const PERMISSION: Shape = Shape::Object(&[Member("name", REQUIRED, Shape::Prefixed("alexa::"))]);

const SMART_HOME: Shape = Shape::Object(&[
    Member("protocolVersion", REQUIRED, Shape::OneOf(&["2", "2.0", "3", "3.0"])),
    Member("endpoint", OPTIONAL, ENDPOINT),
    Member("regions", OPTIONAL, Shape::Named(&["NA", "EU", "FE"], &REGION)),
    Member("supportedControls", OPTIONAL, Shape::Anything),
]);

const REGION: Shape = Shape::Object(&[Member("endpoint", REQUIRED, ENDPOINT)]);

const ENDPOINT: Shape = Shape::Object(&[
    Member("uri", REQUIRED, Shape::Prefixed("arn:aws:lambda:")),
    Member("sslCertificateType", OPTIONAL, Shape::OneOf(&["SelfSigned", "Wildcard", "Trusted"])),
]);

pub(super) const LINKING: Shape = Shape::Object(&[Member(
    "accountLinkingRequest",
    REQUIRED,
    Shape::Object(&[
        Member("type", REQUIRED, Shape::OneOf(&["AUTH_CODE", "IMPLICIT"])),
        Member("authorizationUrl", REQUIRED, HTTPS),
        Member("accessTokenUrl", REQUIRED, HTTPS),
        Member("clientId", REQUIRED, Shape::Text(1, 4_000)),
        Member("clientSecret", REQUIRED, Shape::Text(1, 4_000)),
        Member("accessTokenScheme", REQUIRED, Shape::OneOf(&["HTTP_BASIC", "REQUEST_BODY_CREDENTIALS"])),
        Member("scopes", OPTIONAL, Shape::List(15, &TEXT)),
        Member("domains", OPTIONAL, Shape::List(15, &TEXT)),
        Member("defaultTokenExpirationInSeconds", OPTIONAL, Shape::Number),
        Member("reciprocalAccessTokenUrl", OPTIONAL, HTTPS),
        Member("redirectUrls", OPTIONAL, Shape::List(20, &TEXT)),
        Member("authorizationUrlsByPlatform", OPTIONAL, Shape::List(2, &Shape::Anything)),
        Member("skipOnEnablement", OPTIONAL, Shape::Flag),
        Member("voiceForwardAccountLinking", OPTIONAL, Shape::OneOf(&["ENABLED", "DISABLED"])),
    ]),
)]);

/// Everything that is wrong with a value.
pub(super) fn check(shape: &Shape, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    shape.look(value, "$", &mut found);
    found
}

impl Shape {
    fn look(&self, value: &Value, place: &str, found: &mut Vec<Violation>) {
        let mut wrong = |expected: String| {
            let message = format!("The value at {place} is not {expected}.");
            found.push(Violation { code: Some("INVALID_PROPERTY_VALUE"), message });
        };
        match self {
            Self::Text(least, most) => {
                let is_good =
                    value.as_str().is_some_and(|text| (*least..=*most).contains(&text.chars().count()));
                if !is_good {
                    wrong(format!("text of {least} to {most} characters"));
                }
            }
            Self::Prefixed(prefix) => {
                if !value.as_str().is_some_and(|text| text.starts_with(prefix)) {
                    wrong(format!("text that begins with {prefix}"));
                }
            }
            Self::Flag if !value.is_boolean() => wrong("true or false".into()),
            Self::Number if !value.is_u64() => wrong("a number".into()),
            Self::OneOf(values) if !value.as_str().is_some_and(|text| values.contains(&text)) => {
                wrong(format!("one of {}", values.join(", ")));
            }
            Self::Flag | Self::Number | Self::OneOf(_) | Self::Anything => {}
            Self::List(most, shape) => match value.as_array() {
                Some(values) if values.len() <= *most => {
                    for (number, value) in values.iter().enumerate() {
                        shape.look(value, &format!("{place}[{number}]"), found);
                    }
                }
                Some(_) | None => wrong(format!("a list of at most {most}")),
            },
            Self::Object(members) => look_at_members(members, value, place, found),
            Self::Named(names, shape) => match value.as_object() {
                Some(object) if !object.is_empty() => {
                    for (name, value) in object {
                        if names.contains(&name.as_str()) {
                            shape.look(value, &format!("{place}.{name}"), found);
                        } else {
                            unexpected(name, place, found);
                        }
                    }
                }
                Some(_) | None => wrong("an object with members".into()),
            },
        }
    }
}

fn look_at_members(members: &[Member], value: &Value, place: &str, found: &mut Vec<Violation>) {
    let Some(object) = value.as_object() else {
        let message = format!("The value at {place} is not an object.");
        found.push(Violation { code: Some("INVALID_PROPERTY_VALUE"), message });
        return;
    };
    for Member(name, is_required, shape) in members {
        match object.get(*name) {
            Some(value) => shape.look(value, &format!("{place}.{name}"), found),
            None if *is_required => {
                let message = format!("The object at {place} has no required member {name}.");
                found.push(Violation { code: Some("MISSING_REQUIRED_PROPERTY"), message });
            }
            None => {}
        }
    }
    for name in object.keys().filter(|name| !members.iter().any(|Member(known, ..)| known == name)) {
        unexpected(name, place, found);
    }
}

fn unexpected(name: &str, place: &str, found: &mut Vec<Violation>) {
    let message = format!("The object at {place} has an unexpected member {name}.");
    found.push(Violation { code: Some("UNEXPECTED_PROPERTY"), message });
}
