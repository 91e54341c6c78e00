//! What a program says about a package, checked.

use std::fmt;

use aws::Region;
use aws::s3::BucketName;
use package::{Architecture, Place, Prefix, SigningKey};

use crate::inputs::{Reader, Wrong};
use crate::property::Properties;

/// The inputs of a package. In a preview some may depend on what is not created yet: they are `None`.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) architecture: Option<Architecture>,
    pub(super) bucket: Option<BucketName>,
    pub(super) region: Option<Region>,
    pub(super) prefix: Option<Prefix>,
    pub(super) signing_key: Option<SigningKey>,
}

pub(super) const ARCHITECTURE: &str = "architecture";
pub(super) const BUCKET: &str = "bucket";
pub(super) const REGION: &str = "region";
pub(super) const PREFIX: &str = "prefix";
pub(super) const SIGNING_KEY: &str = "signingKey";

/// Where a package is published, and with which key.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) bucket: BucketName,
    pub(super) region: Region,
    pub(super) place: Place,
    pub(super) signing_key: SigningKey,
}

impl Inputs {
    pub(super) fn read(given: &Properties) -> Result<Self, Vec<Wrong>> {
        let mut reader = Reader::new(given, &[ARCHITECTURE, BUCKET, REGION, PREFIX, SIGNING_KEY]);
        let architecture =
            reader.required(ARCHITECTURE, "arm64, armhf or amd64", |text, _| text.parse().map_err(no_more));
        let expected = "the name of a bucket: 3 to 63 lower-case letters, digits and hyphens";
        let bucket =
            reader.required(BUCKET, expected, |text, _| BucketName::parse(text).ok_or_else(String::new));
        let expected = "the bucket's region, like eu-west-1";
        let region = reader.required(REGION, expected, |text, _| Region::parse(text).ok_or_else(String::new));
        let expected = "lower-case words with slashes between, like device";
        let prefix = reader.required(PREFIX, expected, |text, _| Prefix::parse(text).map_err(no_more));
        let expected = "the privateKey of a porch:build:SigningKey";
        let signing_key =
            reader.secret(SIGNING_KEY, expected, |text| SigningKey::parse(&text.into()).map_err(no_more));
        reader.end()?;
        Ok(Self { architecture, bucket, region, prefix, signing_key })
    }

    /// Where to publish; `None` as long as something is not known.
    pub(super) fn target(self) -> Option<Target> {
        let place = Place { prefix: self.prefix?, architecture: self.architecture? };
        Some(Target { bucket: self.bucket?, region: self.region?, place, signing_key: self.signing_key? })
    }
}

/// What was expected says all that there is to say.
fn no_more(_: impl fmt::Display) -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::Property;

    fn properties(list: &[(&str, &str)]) -> Properties {
        list.iter().map(|(name, text)| ((*name).to_owned(), Property::Text((*text).to_owned()))).collect()
    }

    #[test]
    fn every_wrong_property_is_reported_at_once_but_for_the_key_s_text() {
        let given = properties(&[
            (ARCHITECTURE, "x86_64"),
            (BUCKET, "Bucket"),
            (REGION, "europe"),
            (PREFIX, "/device"),
            (SIGNING_KEY, "planted"),
            ("target", "pi"),
        ]);
        let wrong = Inputs::read(&given).unwrap_err();
        let told: Vec<String> =
            wrong.iter().map(|wrong| format!("{}: {}", wrong.property, wrong.reason)).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        target: there is no such property; there are architecture, bucket, region, prefix, signingKey
        architecture: found `x86_64`, expected arm64, armhf or amd64
        bucket: found `Bucket`, expected the name of a bucket: 3 to 63 lower-case letters, digits and hyphens
        region: found `europe`, expected the bucket's region, like eu-west-1
        prefix: found `/device`, expected lower-case words with slashes between, like device
        signingKey: found a secret value, expected the privateKey of a porch:build:SigningKey
        ");
    }

    #[test]
    fn what_is_not_known_yet_is_no_target() {
        let mut given = properties(&[(ARCHITECTURE, "armhf"), (REGION, "eu-west-1"), (PREFIX, "device")]);
        given.insert(BUCKET.to_owned(), Property::Unknown);
        given.insert(SIGNING_KEY.to_owned(), Property::Unknown);
        let inputs = Inputs::read(&given).unwrap();
        assert_eq!(inputs.architecture, Some(Architecture::Armhf));
        assert!(inputs.target().is_none());
    }
}
