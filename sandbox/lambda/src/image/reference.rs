//! The name of an image, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@DIGEST`, and where its registry is here.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::digest::{Digest, WrongDigest};

/// An image in ECR, by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    /// The registry's host; ministack's look like the real ones.
    pub registry: String,
    /// Repository, `/` allowed.
    pub repository: String,
    /// The manifest's digest.
    pub digest: Digest,
}

/// A name that Lambda would refuse, or that is not pinned.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongReference {
    /// No `@sha256:...`.
    #[error(
        "image `{0}` is not named by digest: deploy it as REPOSITORY@sha256:..., so that what runs is what was pushed"
    )]
    NotByDigest(String),
    /// A digest of another form.
    #[error("image `{uri}`: {source}")]
    Digest {
        /// The name.
        uri: String,
        /// What is wrong.
        source: WrongDigest,
    },
    /// Another registry than ECR.
    #[error(
        "image `{0}` is not in ECR: Lambda takes images only from ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY"
    )]
    NotEcr(String),
}

impl ImageReference {
    /// The emulator's URL of something in this image's repository, like `manifests` and a digest.
    ///
    /// The host in the name is the one AWS would have; here the emulator's one port serves every registry.
    pub fn url(&self, emulator: &Url, kind: &str, digest: &Digest) -> Url {
        let mut url = emulator.clone();
        url.set_path(&format!("/v2/{}/{kind}/{digest}", self.repository));
        url.set_query(None);
        url
    }
}

impl FromStr for ImageReference {
    type Err = WrongReference;

    fn from_str(uri: &str) -> Result<Self, WrongReference> {
        let (name, digest) =
            uri.split_once('@').ok_or_else(|| WrongReference::NotByDigest(uri.to_owned()))?;
        let digest =
            digest.parse().map_err(|source| WrongReference::Digest { uri: uri.to_owned(), source })?;
        match name.split_once('/') {
            Some((registry, repository)) if is_ecr(registry) && is_repository(repository) => {
                Ok(Self { registry: registry.to_owned(), repository: repository.to_owned(), digest })
            }
            _ => Err(WrongReference::NotEcr(uri.to_owned())),
        }
    }
}

fn is_ecr(host: &str) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    matches!(parts.as_slice(), [account, "dkr", "ecr", region, "amazonaws", "com"]
        if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && !region.is_empty())
}

/// ECR's own rule, without its limits on runs of separators.
fn is_repository(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
    };
    name.split('/').all(is_part)
}

impl fmt::Display for ImageReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.repository, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn an_image_in_ecr_is_found_at_the_emulators_own_address() {
        let name = format!("000000000000.dkr.ecr.us-east-1.amazonaws.com/team/porch-dev-bridge@{DIGEST}");
        let image: ImageReference = name.parse().unwrap();
        let emulator = Url::parse("http://127.0.0.1:4566").unwrap();
        assert_eq!(
            image.url(&emulator, "manifests", &image.digest).as_str(),
            format!("http://127.0.0.1:4566/v2/team/porch-dev-bridge/manifests/{DIGEST}"),
        );
    }

    #[test]
    fn other_names_are_refused_with_the_way_out() {
        let ecr = "000000000000.dkr.ecr.us-east-1.amazonaws.com";
        let cases = [
            (format!("{ecr}/bridge:latest"), "is not named by digest"),
            (format!("{ecr}/bridge@sha256:1234"), "is no digest"),
            (format!("docker.io/bridge@{DIGEST}"), "is not in ECR"),
            (format!("bridge@{DIGEST}"), "is not in ECR"),
            (format!("{ecr}/../manifests@{DIGEST}"), "is not in ECR"),
            (format!("{ecr}/Bridge@{DIGEST}"), "is not in ECR"),
            (format!("{ecr}//bridge@{DIGEST}"), "is not in ECR"),
        ];
        for (name, wanted) in cases {
            let error = name.parse::<ImageReference>().unwrap_err().to_string();
            assert!(error.contains(wanted), "{name}: {error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_name_the_url_stays_at_the_emulator(name in "\\PC{0,40}") {
            let name = format!("000000000000.dkr.ecr.us-east-1.amazonaws.com/{name}@{DIGEST}");
            if let Ok(image) = name.parse::<ImageReference>() {
                let url = image.url(&Url::parse("http://127.0.0.1:4566").unwrap(), "blobs", &image.digest);
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), format!("/v2/{}/blobs/{DIGEST}", image.repository));
            }
        }
    }
}
