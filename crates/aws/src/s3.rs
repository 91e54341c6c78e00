//! One bucket: objects put, read, looked at and removed with all their versions.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::access::Service;
use crate::client::Client;
use crate::error::CallError;
use crate::xml::{self, element, elements};

/// Longest time for what carries no object.
const LIMIT: Duration = Duration::from_secs(20);

/// Longest time for an object: 60 MB at 2 Mbit/s.
const OBJECT_LIMIT: Duration = Duration::from_secs(240);

/// Most bytes of an answer that is no object: a page of a list has at most 1000 entries.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// Most bytes of a refusal.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// Most pages of versions that are removed; more than that are not porch's.
const PAGES: usize = 100;

/// The hash that S3 checks an object by when it is put, and tells when it is looked at.
const CHECKSUM: &str = "x-amz-checksum-sha256";

/// The name of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketName(String);

impl BucketName {
    /// 3 to 63 lower-case letters, digits and hyphens, with no hyphen at an end; `None` for anything else. There are
    /// buckets with dots in their names, but no certificate for them (Amazon S3, "General purpose bucket naming rules").
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let good = (3..=63).contains(&text.len())
            && text.bytes().all(|byte| letter(byte) || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        good.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: BucketName,
}

/// What S3 tells of an object without giving it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its size in bytes.
    pub size: usize,
    /// Its hash, if it was put with one.
    pub sha256: Option<[u8; 32]>,
}

impl Bucket {
    /// The bucket `name`, in the region that `client` calls.
    #[must_use]
    pub fn new(client: Client, name: BucketName) -> Self {
        Self { client, name }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &BucketName {
        &self.name
    }

    /// The object `key`, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// When S3 does not give it; [`CallError::Absent`] when there is none, which S3 tells only to those who may list the
    /// bucket.
    pub async fn get(&self, key: &str, limit: usize) -> Result<Bytes, CallError> {
        let request = self.request(Method::GET, &encoded(key));
        let request = request.body(Bytes::new())?;
        // A refusal may be longer than the object.
        let answer = self.client.send(Service::S3, request, limit.max(REFUSAL_LIMIT), OBJECT_LIMIT).await?;
        let object = success(answer, key)?.into_body();
        if object.len() > limit { Err(CallError::Oversized { what: "object" }) } else { Ok(object) }
    }

    /// Puts an object in the place of whatever was there; the same may be put once more.
    ///
    /// # Errors
    /// When S3 does not take it.
    pub async fn put(&self, key: &str, content_type: &str, object: Bytes) -> Result<(), CallError> {
        let request = self
            .request(Method::PUT, &encoded(key))
            .header(header::CONTENT_TYPE, content_type)
            .header(CHECKSUM, STANDARD.encode(Sha256::digest(&object)))
            .body(object)?;
        let answer = self.client.send(Service::S3, request, ANSWER_LIMIT, OBJECT_LIMIT).await?;
        success(answer, key).map(drop)
    }

    /// What there is under `key`; `None` if nothing is.
    ///
    /// # Errors
    /// When S3 does not tell.
    pub async fn head(&self, key: &str) -> Result<Option<Head>, CallError> {
        let request = self.request(Method::HEAD, &encoded(key)).header("x-amz-checksum-mode", "ENABLED");
        let answer = self.client.send(Service::S3, request.body(Bytes::new())?, ANSWER_LIMIT, LIMIT).await?;
        match success(answer, key) {
            Ok(answer) => head(answer.headers()).map(Some).ok_or(CallError::Malformed(Service::S3)),
            Err(CallError::Absent(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes an object; a bucket with versioning keeps it as an old version. No error if it is gone already.
    ///
    /// # Errors
    /// When S3 does not remove it.
    pub async fn remove(&self, key: &str) -> Result<(), CallError> {
        self.delete(&encoded(key), key).await
    }

    /// Removes every version of every object whose key begins with `prefix`, and what tells of removed ones; gives how
    /// many there were. If it ends early, it may be asked again.
    ///
    /// # Errors
    /// When S3 does not list or remove them.
    pub async fn remove_all(&self, prefix: &str) -> Result<usize, CallError> {
        let mut removed = 0;
        for _ in 0..PAGES {
            // The first page each time, since what is on it is gone by the next.
            let versions = self.versions(prefix).await?;
            if versions.is_empty() {
                return Ok(removed);
            }
            removed += versions.len();
            for version in versions {
                let id = queried(&[("versionId", &version.id)]);
                self.delete(&format!("{}?{id}", encoded(&version.key)), &version.key).await?;
            }
        }
        Err(CallError::Oversized { what: "bucket" })
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<Version>, CallError> {
        let query = [("encoding-type", "url"), ("prefix", prefix), ("versions", "")];
        let request = self.request(Method::GET, &format!("?{}", queried(&query)));
        let answer = self.client.send(Service::S3, request.body(Bytes::new())?, ANSWER_LIMIT, LIMIT).await?;
        let answer = success(answer, prefix)?.into_body();
        let answer = std::str::from_utf8(&answer).map_err(|_| CallError::Malformed(Service::S3))?;
        versions(answer).ok_or(CallError::Malformed(Service::S3))
    }

    async fn delete(&self, target: &str, key: &str) -> Result<(), CallError> {
        let request = self.request(Method::DELETE, target).body(Bytes::new())?;
        let answer = self.client.send(Service::S3, request, ANSWER_LIMIT, LIMIT).await?;
        match success(answer, key) {
            Ok(_) | Err(CallError::Absent(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A request about `target`, a key and a query: at a host of the bucket's own, or below the endpoint that is told.
    fn request(&self, method: Method, target: &str) -> http::request::Builder {
        let (access, name) = (self.client.access(), self.name.as_str());
        let uri = match access.endpoints.get(&Service::S3) {
            Some(endpoint) => format!("{}/{name}/{target}", endpoint.to_string().trim_end_matches('/')),
            None => format!("https://{name}.s3.{}.amazonaws.com/{target}", access.region.as_str()),
        };
        Request::builder().method(method).uri(uri)
    }
}

/// One version of an object, or the marker of its removal.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    key: String,
    id: String,
}

/// Kind and words of an answer that is no success. An answer to HEAD has no body, but a status that says enough.
pub(crate) fn refusal(status: StatusCode, answer: &[u8]) -> (String, String) {
    let (kind, message) = xml::refusal(answer);
    match (kind.is_empty(), status) {
        (true, StatusCode::FORBIDDEN) => (String::from("AccessDenied"), message),
        (true, StatusCode::NOT_FOUND) => (String::from("NoSuchKey"), message),
        (_, _) => (kind, message),
    }
}

fn success(answer: Response<Bytes>, key: &str) -> Result<Response<Bytes>, CallError> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    if refusal(answer.status(), answer.body()).0 == "NoSuchKey" {
        return Err(CallError::Absent(format!("object {key}")));
    }
    Err(CallError::refused(Service::S3, answer.status(), answer.body()))
}

fn head(headers: &HeaderMap) -> Option<Head> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let size = text("content-length")?.parse().ok()?;
    let sha256 = text(CHECKSUM).and_then(|text| STANDARD.decode(text).ok()?.try_into().ok());
    Some(Head { size, sha256 })
}

/// The versions and markers of a list.
fn versions(answer: &str) -> Option<Vec<Version>> {
    let is_encoded = element(answer, "EncodingType") == Some("url");
    let entries = elements(answer, "Version").chain(elements(answer, "DeleteMarker"));
    entries
        .map(|entry| {
            let (key, id) = (element(entry, "Key")?, element(entry, "VersionId")?.to_owned());
            let key = if is_encoded { decoded(key)? } else { key.to_owned() };
            Some(Version { key, id })
        })
        .collect()
}

/// A key as a path has it: everything escaped but letters, digits, `-._~` and slashes (Amazon S3, "Signature
/// Calculations"). A plus sign is one of those that must be, because S3 takes it for a space.
fn encoded(key: &str) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            path.push(byte.into());
        } else {
            path += &format!("%{byte:02X}");
        }
    }
    path
}

fn queried(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value).replace('/', "%2F"));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A key out of a list, which has spaces as plus signs.
fn decoded(key: &str) -> Option<String> {
    // A key is no form, but it is escaped like the name of a field in one.
    let escaped = key.replace('&', "%26").replace('=', "%3D");
    let (name, _) = form_urlencoded::parse(escaped.as_bytes()).next()?;
    Some(name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_name_that_can_be_a_host() {
        for good in ["porch-dev-device", "a1b", "0-0"] {
            assert_eq!(BucketName::parse(good).expect(good).as_str(), good);
        }
        let long = "a".repeat(64);
        for bad in ["", "ab", "-ab", "ab-", "Abc", "a.bc", "a_bc", "a/bc", "a bc", &long] {
            assert_eq!(BucketName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_are_escaped_and_come_back() {
        for key in ["device/arm64/porch-doorbell_0.1.0+1.ab~_arm64.deb", "a b&c=d%+é/?#"] {
            assert_eq!(decoded(&encoded(key)).expect(key), key);
        }
        assert_eq!(encoded("a/b+c d"), "a/b%2Bc%20d");
        assert_eq!(decoded("a+b").expect("a key"), "a b");
    }

    #[test]
    fn a_list_has_versions_and_markers() {
        let list = "<ListVersionsResult><EncodingType>url</EncodingType>\
            <Version><Key>a%2Bb</Key><VersionId>1</VersionId><IsLatest>false</IsLatest></Version>\
            <DeleteMarker><Key>a%2Bb</Key><VersionId>2</VersionId></DeleteMarker></ListVersionsResult>";
        let version = |id: &str| Version { key: "a+b".to_owned(), id: id.to_owned() };
        assert_eq!(versions(list), Some(vec![version("1"), version("2")]));
        assert_eq!(versions("<ListVersionsResult></ListVersionsResult>"), Some(Vec::new()));
        assert_eq!(versions("<Version><Key>a</Key></Version>"), None);
    }

    #[test]
    fn an_answer_without_words_is_told_by_its_status() {
        let kind = |status| refusal(status, b"").0;
        assert_eq!(kind(StatusCode::NOT_FOUND), "NoSuchKey");
        assert_eq!(kind(StatusCode::FORBIDDEN), "AccessDenied");
        assert_eq!(kind(StatusCode::BAD_GATEWAY), "");
    }
}
