//! Amazon ECR: is an image there, put it there, take it away.
//!
//! ECR has two faces: AWS's API, signed with the user's credentials, and a registry that speaks the OCI protocol
//! with a short-lived password. Images are looked for and removed through the first, and pushed through the second.

mod error;
mod repository;
mod upload;

use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::access::Access;
use crate::image::Image;
use crate::task::Task;
pub(crate) use error::RegistryError;
pub(crate) use repository::Repository;

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
        let config = access.config(repository.region()).await;
        let mut api = aws_sdk_ecr::config::Builder::from(&config);
        if let Some(endpoint) = &access.ecr_endpoint {
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
        let repository = match &self.access.ecr_endpoint {
            Some(endpoint) => format!("{} (at {endpoint})", self.repository),
            None => self.repository.to_string(),
        };
        RegistryError::of_api(action, repository, error)
    }
}

fn identifier(digest: &str) -> ImageIdentifier {
    ImageIdentifier::builder().image_digest(digest).build()
}
