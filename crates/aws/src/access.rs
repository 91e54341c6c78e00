//! Who calls AWS, and where it is.

use std::collections::BTreeMap;

use http::Uri;
use secrecy::SecretString;

/// All that a call needs to know.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where the services are.
    pub region: Region,
    /// Who calls.
    pub credentials: Credentials,
    /// Where a service is, if not where the region has it.
    pub endpoints: BTreeMap<Service, Uri>,
}

impl Access {
    /// Where `service` is.
    #[must_use]
    pub fn endpoint(&self, service: Service) -> Uri {
        self.endpoints.get(&service).cloned().unwrap_or_else(|| service.endpoint(&self.region))
    }
}

/// Of a role, with a session token, or of a user, without.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Not secret.
    pub access_key_id: String,
    /// What requests are signed with.
    pub secret_access_key: SecretString,
    /// There is one beside the keys of a role, which do not last.
    pub session_token: Option<SecretString>,
}

/// A region, like `eu-west-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Lower-case words and digits with hyphens between; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let good = text.len() <= 63 && text.contains('-') && text.split('-').all(word);
        good.then(|| Self(text.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Tables.
    DynamoDb,
    /// Repositories of images.
    Ecr,
    /// Roles and users.
    Iam,
    /// Functions.
    Lambda,
    /// What functions log.
    Logs,
    /// Buckets.
    S3,
    /// What is invoked at which times.
    Scheduler,
    /// Parameters.
    Ssm,
    /// AWS's word about who is asking.
    Sts,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::DynamoDb,
        Self::Ecr,
        Self::Iam,
        Self::Lambda,
        Self::Logs,
        Self::S3,
        Self::Scheduler,
        Self::Ssm,
        Self::Sts,
    ];

    /// Its name, as signatures and addresses have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Ecr => "ecr",
            Self::Iam => "iam",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::S3 => "s3",
            Self::Scheduler => "scheduler",
            Self::Ssm => "ssm",
            Self::Sts => "sts",
        }
    }

    /// The variable that says where it is, as AWS's own SDKs know it; before `AWS_ENDPOINT_URL`, which is about all.
    #[must_use]
    pub const fn endpoint_variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::Ecr => "AWS_ENDPOINT_URL_ECR",
            Self::Iam => "AWS_ENDPOINT_URL_IAM",
            Self::Lambda => "AWS_ENDPOINT_URL_LAMBDA",
            Self::Logs => "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
            Self::S3 => "AWS_ENDPOINT_URL_S3",
            Self::Scheduler => "AWS_ENDPOINT_URL_SCHEDULER",
            Self::Ssm => "AWS_ENDPOINT_URL_SSM",
            Self::Sts => "AWS_ENDPOINT_URL_STS",
        }
    }

    fn endpoint(self, region: &Region) -> Uri {
        let (name, region) = (self.name(), region.as_str());
        let url = match self {
            Self::Iam => "https://iam.amazonaws.com".to_owned(),
            Self::Ecr => format!("https://api.ecr.{region}.amazonaws.com"),
            Self::DynamoDb
            | Self::Lambda
            | Self::Logs
            | Self::S3
            | Self::Scheduler
            | Self::Ssm
            | Self::Sts => {
                format!("https://{name}.{region}.amazonaws.com")
            }
        };
        url.parse().expect("both are words with hyphens between")
    }

    /// The region that signatures name: IAM is the same everywhere, and signed for the first of all regions (AWS, "AWS
    /// Identity and Access Management endpoints and quotas").
    pub(crate) fn signed_for(self, region: &Region) -> &str {
        if self == Self::Iam { "us-east-1" } else { region.as_str() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_words_with_hyphens_between() {
        for good in ["eu-west-1", "us-gov-east-1", "ap-southeast-2"] {
            assert_eq!(Region::parse(good).expect(good).as_str(), good);
        }
        for bad in ["", "-", "eu", "EU-west-1", "eu-west-1.", "eu--west", "eu-west-1/", "https://eu-west-1"] {
            assert_eq!(Region::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_service_is_where_the_region_has_it_unless_told_otherwise() {
        let here: Uri = "http://127.0.0.1:4566".parse().expect("a url");
        let access = Access {
            region: Region::parse("eu-west-1").expect("a region"),
            credentials: Credentials {
                access_key_id: "AKIAMADEUP".into(),
                secret_access_key: "made-up".into(),
                session_token: None,
            },
            endpoints: BTreeMap::from([(Service::Ssm, here.clone())]),
        };
        assert_eq!(access.endpoint(Service::Ssm), here);
        assert_eq!(access.endpoint(Service::DynamoDb), "https://dynamodb.eu-west-1.amazonaws.com");
        assert_eq!(access.endpoint(Service::Ecr), "https://api.ecr.eu-west-1.amazonaws.com");
        assert_eq!(access.endpoint(Service::Iam), "https://iam.amazonaws.com");
    }
}
