//! One call, and its signature.

use std::time::SystemTime;

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use secrecy::ExposeSecret;

use crate::access::{Access, Credentials, Region, Service};

/// What is called, and with what.
pub(crate) struct Call {
    /// The service.
    pub(crate) service: Service,
    /// The operation, for services that have it in a header.
    pub(crate) target: Option<&'static str>,
    /// The body.
    pub(crate) body: String,
}

/// Why a request was not signed; it is a fault of this program.
pub(crate) type Unsigned = Box<dyn std::error::Error + Send + Sync>;

impl Call {
    /// The request, not signed yet.
    pub(crate) fn request(self, access: &Access) -> Result<Request<Bytes>, http::Error> {
        let request = Request::builder().method(Method::POST).uri(access.endpoint(self.service));
        let mut request = request.body(self.body.into())?;
        let headers = request.headers_mut();
        if let Some(content_type) = self.service.content_type() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(target) = self.target {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        Ok(request)
    }
}

/// Adds the headers of signature version 4 to `request`, made at `now`.
pub(crate) fn sign_request(
    request: &mut Request<Bytes>,
    service: Service,
    region: &Region,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<(), Unsigned> {
    let session_token = credentials.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    let secret = credentials.secret_access_key.expose_secret();
    let identity =
        SigningCredentials::new(&credentials.access_key_id, secret, session_token, None, "porch").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(service.signed_for(region))
        .name(service.name())
        .time(now)
        .settings(service.signing())
        .build()?;
    let uri = request.uri().to_string();
    let headers =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body)?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

impl Service {
    /// That of its calls; S3 has objects in their place, and Lambda events.
    const fn content_type(self) -> Option<&'static str> {
        match self {
            Self::DynamoDb => Some("application/x-amz-json-1.0"),
            Self::Ecr | Self::Logs | Self::Ssm => Some("application/x-amz-json-1.1"),
            Self::Iam | Self::Sts => Some("application/x-www-form-urlencoded"),
            Self::Lambda | Self::S3 | Self::Scheduler => None,
        }
    }

    /// S3 takes a path as it is, since a key may be any text, and wants the body's hash in a header (AWS, "Signature
    /// Calculations for the Authorization Header" of Amazon S3).
    fn signing(self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self == Self::S3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The examples of AWS, "Signature Calculations for the Authorization Header: Transferring Payload in a Single
    /// Chunk" of Amazon S3.
    #[test]
    fn requests_to_s3_are_signed_as_aws_documents_it() {
        let get =
            Request::get("https://examplebucket.s3.amazonaws.com/test.txt").header("range", "bytes=0-9");
        let put = Request::put("https://examplebucket.s3.amazonaws.com/test%24file.text")
            .header("date", "Fri, 24 May 2013 00:00:00 GMT")
            .header("x-amz-storage-class", "REDUCED_REDUNDANCY");
        let list = Request::get("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
        let cases = [
            (get, "", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            (
                put,
                "Welcome to Amazon S3.",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
            (list, "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ];
        let credentials = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let region = Region::parse("us-east-1").expect("a region");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_369_353_600);
        for (request, body, wanted) in cases {
            let mut request = request.body(Bytes::from_static(body.as_bytes())).expect("a request");
            sign_request(&mut request, Service::S3, &region, &credentials, now).expect("a signature");
            let signed = request.headers()[header::AUTHORIZATION].to_str().expect("text");
            assert!(signed.ends_with(&format!("Signature={wanted}")), "{signed}");
        }
    }
}
