//! How AWS is reached, and with whose credentials.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls;
use url::Url;

/// One call of AWS's API, with its retries, and a connection for it.
const CALL_LIMIT: Duration = Duration::from_secs(60);
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How AWS is reached.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Where ECR's API is, when it is not where AWS has it (`AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`).
    pub ecr_endpoint: Option<Url>,
    /// The same for S3 (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`).
    pub s3_endpoint: Option<Url>,
    /// Credentials to use; the default chain of the AWS SDK when there are none here.
    pub credentials: Option<SharedCredentialsProvider>,
}

impl Access {
    /// Where ECR is, if that is an emulator on this machine: then it serves the registry too, and may speak plain http.
    pub(crate) fn emulator(&self) -> Option<&Url> {
        self.ecr_endpoint.as_ref().filter(|url| is_loopback(url))
    }

    /// The settings of AWS's SDK for calls to `region`, with where its credentials come from.
    pub(crate) async fn config(&self, region: &str) -> SdkConfig {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let limits =
            TimeoutConfig::builder().connect_timeout(CONNECT_LIMIT).operation_timeout(CALL_LIMIT).build();
        let mut config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .http_client(http)
            .timeout_config(limits);
        if let Some(credentials) = &self.credentials {
            config = config.credentials_provider(credentials.clone());
        }
        config.load().await
    }
}

/// Whether it is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
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
            let access = Access { ecr_endpoint: Url::parse(endpoint).ok(), ..Access::default() };
            assert_eq!(access.emulator().is_some(), wanted, "{endpoint}");
        }
    }
}
