//! S3: buckets with versioning.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Response, StatusCode, header, request};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::{Refusal, State};

/// Most versions on a page of a list, so that tests turn pages with few of them.
const PAGE: usize = 2;

/// Buckets by name.
#[derive(Debug, Default)]
pub(super) struct Buckets(BTreeMap<String, Vec<Version>>);

/// A version of an object, or the marker of its removal; a bucket has them in the order in which they came.
#[derive(Debug)]
struct Version {
    key: String,
    id: String,
    object: Option<Vec<u8>>,
}

impl Buckets {
    pub(super) fn make(&mut self, name: &str) {
        assert!(self.0.insert(name.to_owned(), Vec::new()).is_none(), "there is a bucket {name}");
    }

    pub(super) fn remove(&mut self, name: &str) {
        assert!(self.0.remove(name).is_some(), "there is no bucket {name}");
    }

    pub(super) fn latest(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let versions = self.0.get(bucket).expect("a bucket").iter();
        let latest: BTreeMap<_, _> =
            versions.map(|version| (version.key.clone(), version.object.clone())).collect();
        latest.into_iter().filter_map(|(key, object)| Some((key, object?))).collect()
    }

    pub(super) fn versions(&self, bucket: &str) -> usize {
        self.0.get(bucket).expect("a bucket").len()
    }

    pub(super) fn put(&mut self, bucket: &str, key: &str, object: Option<Vec<u8>>) {
        let versions = self.0.get_mut(bucket).expect("a bucket");
        let id = format!("v{}", versions.len() + 1);
        versions.push(Version { key: key.to_owned(), id, object });
    }
}

pub(super) fn answer(state: &mut State, head: &request::Parts, body: &Bytes) -> Response<Full<Bytes>> {
    let path = head.uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let key = unescaped(key);
    let query: HashMap<String, String> =
        form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    state.asked.push(format!("{} {key}", head.method).trim().to_owned());
    let operation = format!("s3:{}", head.method);
    if state.denied.contains(&operation) {
        return told(Refusal::Denied(operation).xml(), head);
    }
    let Some(versions) = state.buckets.0.get(bucket) else { return absent("NoSuchBucket", head) };
    let latest = versions.iter().rev().find(|version| version.key == key);
    let object = latest.and_then(|version| version.object.as_ref());
    match (&head.method, key.as_str(), object) {
        (&Method::GET, "", _) => list(versions, &query),
        (&Method::GET, _, Some(object)) => Response::new(object.clone().into()),
        (&Method::HEAD, _, Some(object)) => {
            // What hyper makes of a body that is not sent is the length of the object.
            let mut response = Response::new(Full::from(object.clone()));
            if head.headers.get("x-amz-checksum-mode").is_some_and(|mode| mode == "ENABLED") {
                let sha256 = STANDARD.encode(Sha256::digest(object)).parse().expect("a header");
                response.headers_mut().insert("x-amz-checksum-sha256", sha256);
            }
            response
        }
        (&Method::GET | &Method::HEAD, _, None) => absent("NoSuchKey", head),
        (&Method::PUT, _, _) => {
            let sha256 = STANDARD.encode(Sha256::digest(body));
            let told_sha256 = head.headers.get("x-amz-checksum-sha256").expect("a checksum");
            assert!(head.headers.contains_key(header::CONTENT_TYPE) && !key.is_empty(), "{head:?}");
            if *told_sha256 != sha256 {
                return told(Refusal::Invalid("checksum".into()).xml(), head);
            }
            state.buckets.put(bucket, &key, Some(body.to_vec()));
            Response::default()
        }
        (&Method::DELETE, _, _) => {
            let versions = state.buckets.0.get_mut(bucket).expect("it is there");
            match query.get("versionId") {
                Some(id) => versions.retain(|version| (&version.key, &version.id) != (&key, id)),
                None => state.buckets.put(bucket, &key, None),
            }
            told((StatusCode::NO_CONTENT, String::new()), head)
        }
        (_, _, _) => panic!("an unexpected request: {head:?}"),
    }
}

fn list(versions: &[Version], query: &HashMap<String, String>) -> Response<Full<Bytes>> {
    let asked = |name: &str| query.get(name).map(String::as_str);
    assert_eq!((asked("versions"), asked("encoding-type")), (Some(""), Some("url")), "{query:?}");
    let prefix = asked("prefix").expect("not all of a bucket");
    let found = versions.iter().filter(|version| version.key.starts_with(prefix)).take(PAGE);
    let entries: String = found
        .map(|Version { key, id, object }| {
            let name = if object.is_some() { "Version" } else { "DeleteMarker" };
            let key: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
            let key = key.replace("%2F", "/");
            format!("<{name}><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>true</IsLatest></{name}>")
        })
        .collect();
    let list = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>\
         <Prefix>{prefix}</Prefix>{entries}</ListVersionsResult>"
    );
    Response::new(list.into())
}

fn absent(kind: &str, head: &request::Parts) -> Response<Full<Bytes>> {
    told(
        (StatusCode::NOT_FOUND, format!("<Error><Code>{kind}</Code><Message>absent</Message></Error>")),
        head,
    )
}

fn told((status, body): (StatusCode, String), head: &request::Parts) -> Response<Full<Bytes>> {
    let body = if head.method == Method::HEAD { String::new() } else { body };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}

/// The key of a path. Unlike in a form, a plus sign would be a space to S3 too, and so is refused.
fn unescaped(path: &str) -> String {
    assert!(!path.contains('+'), "{path}");
    form_urlencoded::parse(format!("key={path}").as_bytes())
        .next()
        .map(|(_, key)| key.into_owned())
        .unwrap_or_default()
}
