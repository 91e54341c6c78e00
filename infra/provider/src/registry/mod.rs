//! Amazon ECR: is an image there, put it there, take it away.
//!
//! ECR has two faces: AWS's API, signed with the user's credentials, and a registry that speaks the OCI protocol
//! with a short-lived password. Images are looked for and removed through the first, and pushed through the second.

mod error;
mod repository;
mod upload;

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier};
use aws_smithy_http_client::tls;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use url::Url;

use crate::image::Image;
use crate::task::Task;
pub(crate) use error::RegistryError;
pub(crate) use repository::Repository;

/// One call of AWS's API, with its retries.
const CALL_LIMIT: Duration = Duration::from_secs(60);
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How AWS is reached.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Where ECR's API is, when it is not where AWS has it (`AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`).
    pub endpoint: Option<Url>,
    /// Credentials to use; the default chain of the AWS SDK when there are none here.
    pub credentials: Option<SharedCredentialsProvider>,
}

impl Access {
    /// The endpoint, if it is an emulator on this machine: then it serves the registry too, and may speak plain http.
    fn emulator(&self) -> Option<&Url> {
        let is_loopback = |url: &&Url| match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        self.endpoint.as_ref().filter(is_loopback)
    }
}

/// One repository of ECR, with the user's credentials.
pub(crate) struct Ecr<'a> {
    repository: &'a Repository,
    access: &'a Access,
    api: aws_sdk_ecr::Client,
}

/// A user name and password for the registry, good for some hours.
pub(crate) struct Login {
    user: String,
    password: SecretString,
}

impl<'a> Ecr<'a> {
    /// Prepares calls to the repository's region; nothing is sent yet.
    pub(crate) async fn new(access: &'a Access, repository: &'a Repository) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let limits =
            TimeoutConfig::builder().connect_timeout(CONNECT_LIMIT).operation_timeout(CALL_LIMIT).build();
        let mut config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(repository.region().to_owned()))
            .http_client(http)
            .timeout_config(limits);
        if let Some(credentials) = &access.credentials {
            config = config.credentials_provider(credentials.clone());
        }
        let config = config.load().await;
        let mut api = aws_sdk_ecr::config::Builder::from(&config);
        if let Some(endpoint) = &access.endpoint {
            api = api.endpoint_url(endpoint.as_str());
        }
        let api = aws_sdk_ecr::Client::from_conf(api.build());
        Self { repository, access, api }
    }

    /// Asks for the registry's password. That is quick, and says before a build whether the user is logged in.
    pub(crate) async fn login(&self) -> Result<Login, RegistryError> {
        let answer = self
            .api
            .get_authorization_token()
            .send()
            .await
            .map_err(|error| self.refused("ecr:GetAuthorizationToken", &error))?;
        let token = answer.authorization_data().first().and_then(|data| data.authorization_token());
        let decoded = token.and_then(|token| STANDARD.decode(token).ok());
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.as_deref().and_then(|text| text.split_once(':')) {
            Some((user, password)) => Ok(Login { user: user.to_owned(), password: password.into() }),
            None => Err(RegistryError::OddLogin),
        }
    }

    /// The tags of the image with this digest; nothing if it is not in the repository.
    pub(crate) async fn tags(&self, digest: &str) -> Result<Option<Vec<String>>, RegistryError> {
        let found = self
            .api
            .describe_images()
            .registry_id(self.repository.account())
            .repository_name(self.repository.name())
            .image_ids(identifier(digest))
            .send()
            .await;
        match found {
            Ok(found) => Ok(found.image_details().first().map(|image| image.image_tags().to_vec())),
            Err(error) if error.code() == Some("ImageNotFoundException") => Ok(None),
            Err(error) => Err(self.refused("ecr:DescribeImages", &error)),
        }
    }

    /// Puts the image there under its tag. What the registry has already is not sent again, and an image that is
    /// there under its tag is left alone: tags are immutable.
    pub(crate) async fn push(&self, image: &Image, login: &Login, task: &Task) -> Result<(), RegistryError> {
        task.status(format!("looking for {} in {}", image.short_digest(), self.repository));
        if self.tags(&image.digest).await?.is_some_and(|tags| tags.contains(&image.tag())) {
            task.line(format!("{} is in the repository already", image.short_digest()));
            return Ok(());
        }
        upload::upload(self.repository, self.access.emulator(), login, image, task).await
    }

    /// Takes the image away; no error if it is gone already, alone or with its repository.
    pub(crate) async fn delete(&self, digest: &str) -> Result<(), RegistryError> {
        let answer = self
            .api
            .batch_delete_image()
            .registry_id(self.repository.account())
            .repository_name(self.repository.name())
            .image_ids(identifier(digest))
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("RepositoryNotFoundException") => return Ok(()),
            Err(error) => return Err(self.refused("ecr:BatchDeleteImage", &error)),
        };
        let kept = answer
            .failures()
            .iter()
            .find(|failure| failure.failure_code() != Some(&ImageFailureCode::ImageNotFound));
        match kept {
            None => Ok(()),
            Some(failure) => Err(RegistryError::Kept {
                repository: self.repository.to_string(),
                digest: digest.to_owned(),
                reason: failure.failure_reason().unwrap_or("no reason was given").to_owned(),
            }),
        }
    }

    fn refused<E>(&self, action: &str, error: &SdkError<E>) -> RegistryError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let repository = match &self.access.endpoint {
            Some(endpoint) => format!("{} (at {endpoint})", self.repository),
            None => self.repository.to_string(),
        };
        RegistryError::of_api(action, repository, error)
    }
}

fn identifier(digest: &str) -> ImageIdentifier {
    ImageIdentifier::builder().image_digest(digest).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_at_the_endpoint_only_on_this_machine() {
        let cases = [
            ("http://127.0.0.1:4566", true),
            ("http://localhost:4566/", true),
            ("http://[::1]:4566", true),
            ("https://vpce-1.api.ecr.us-east-1.vpce.amazonaws.com", false),
            ("http://10.0.0.1:4566", false),
            ("http://localhost.example.com", false),
        ];
        for (endpoint, wanted) in cases {
            let access = Access { endpoint: Url::parse(endpoint).ok(), credentials: None };
            assert_eq!(access.emulator().is_some(), wanted, "{endpoint}");
        }
    }
}
