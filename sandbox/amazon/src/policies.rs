//! Who may call a skill's functions: asked of the emulator of AWS, as Amazon asks the real one.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use http_client::{Internet, Kept, told};
use serde_json::Value;
use smapi::FunctionArn;

/// Resource policies by the function's ARN.
pub type Policies = BTreeMap<String, Value>;

/// Longest time for one policy.
const LIMIT: Duration = Duration::from_secs(5);
/// A policy has 20 KB at most.
const LARGEST: usize = 256 * 1024;

type Unknown = Box<dyn std::error::Error + Send + Sync>;

/// The emulator.
#[derive(Clone, Debug)]
pub struct Aws {
    internet: Internet,
    url: String,
    now: fn() -> SystemTime,
}

impl Aws {
    /// The emulator at `url`. It is asked with the key that it takes for the account's owner.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn new(url: &Uri, now: fn() -> SystemTime) -> Result<Self, Unknown> {
        let internet = Internet::new(["http"], Kept::Not)?;
        Ok(Self { internet, url: url.to_string().trim_end_matches('/').to_owned(), now })
    }

    /// The policies of these functions, of those that have one. What cannot be found out is logged, and counts as none.
    pub async fn policies(&self, functions: &[String]) -> Policies {
        let mut policies = Policies::new();
        for function in functions {
            match self.policy(function).await {
                Ok(Some(policy)) => drop(policies.insert(function.clone(), policy)),
                Ok(None) => {}
                Err(error) => {
                    let error = told(&*error);
                    tracing::warn!(function, error, "who may call a function cannot be found out");
                }
            }
        }
        policies
    }

    /// Lambda's GetPolicy.
    async fn policy(&self, function: &str) -> Result<Option<Value>, Unknown> {
        let Ok(arn) = FunctionArn::parse(function) else { return Ok(None) };
        let name = arn.as_str().split(':').skip(6).collect::<Vec<_>>();
        let qualifier = name.get(1).map(|name| format!("?Qualifier={name}")).unwrap_or_default();
        let name = name.first().copied().unwrap_or_default();
        let url = format!("{}/2015-03-31/functions/{name}/policy{qualifier}", self.url);
        let mut request = Request::get(url).body(Bytes::new())?;
        self.sign(&mut request, arn.region())?;
        let (status, body) = self.internet.exchange(request.map(Full::new), LARGEST, LIMIT).await?;
        match status {
            StatusCode::OK => {
                let body: Value = serde_json::from_slice(&body)?;
                Ok(serde_json::from_str(body["Policy"].as_str().unwrap_or_default())?)
            }
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(format!("the emulator answers {status}").into()),
        }
    }

    fn sign(&self, request: &mut Request<Bytes>, region: &str) -> Result<(), Unknown> {
        let identity = Credentials::new("test", "test", None, None, "sandbox").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("lambda")
            .time((self.now)())
            .settings(SigningSettings::default())
            .build()?;
        let (method, uri) = (request.method().as_str(), request.uri().to_string());
        let signable = SignableRequest::new(method, uri, [].into_iter(), SignableBody::Bytes(&[]))?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}
