//! A registry with the ways of Amazon ECR, strict about what it is sent.
//!
//! One port serves both faces: AWS's signed API at `/` and the OCI protocol below `/v2/`. As ECR does, it wants Basic
//! authentication with a long password, answers 201 to PATCH, gives no `Location` for a manifest, refuses a second
//! push of an immutable tag, and takes a manifest only when every blob it names is there with the right size.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

const NAME: &str = "porch";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Something the registry does wrong on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// The signed API takes the credentials for old ones.
    ExpiredCredentials,
    /// The signed API does not let this user ask for a password.
    NoPermission,
    /// The password is refused by the registry.
    WrongPassword,
    /// The user may log in, but not push.
    MayNotPush,
    /// The second blob is answered with an error of the server.
    SecondBlobFails,
    /// A proxy on the way gives up: it answers before it has read the blob, and closes the connection.
    GivesUp,
    /// The tag is taken by an image that cannot be found by its digest.
    TagTaken,
}

#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) repository_exists: bool,
    pub(crate) blobs: BTreeMap<String, Bytes>,
    /// Manifests by digest.
    pub(crate) manifests: BTreeMap<String, Bytes>,
    /// Digests by tag.
    pub(crate) tags: BTreeMap<String, String>,
    /// Sizes of the blobs that were sent, in order.
    pub(crate) uploads: Vec<usize>,
    pub(crate) fault: Fault,
}

pub(crate) struct Registry {
    pub(crate) endpoint: String,
    contents: Shared,
}

#[derive(Clone)]
struct Shared {
    endpoint: String,
    contents: Arc<Mutex<Contents>>,
}

impl Registry {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let contents = Contents { repository_exists: true, ..Default::default() };
        let shared = Shared { endpoint: endpoint.clone(), contents: Arc::new(Mutex::new(contents)) };
        let app =
            Router::new().fallback(handle).layer(DefaultBodyLimit::disable()).with_state(shared.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { endpoint, contents: shared }
    }

    pub(crate) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.contents.lock().unwrap()
    }
}

/// As long as ECR's.
fn password() -> String {
    "P".repeat(2700)
}

async fn handle(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method == Method::PUT && shared.contents.lock().unwrap().fault == Fault::GivesUp {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    if parts.uri.path() == "/" {
        return api(&mut shared.contents.lock().unwrap(), &parts.headers, &body);
    }
    oci(&shared, &parts.method, &parts.uri, &parts.headers, &body)
}

/// AWS's API: JSON, with the name of the call in a header.
fn api(contents: &mut Contents, headers: &HeaderMap, body: &[u8]) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refuse = |code: &str, message: &str| {
        (StatusCode::BAD_REQUEST, json!({ "__type": code, "message": message }).to_string()).into_response()
    };
    let signed = header("authorization");
    assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=AKIDTEST/"), "not signed: {signed}");
    assert!(signed.contains("/us-east-1/ecr/aws4_request"), "signed for elsewhere: {signed}");
    match contents.fault {
        Fault::ExpiredCredentials => return refuse("ExpiredTokenException", "The security token is expired"),
        Fault::NoPermission => return refuse("AccessDeniedException", "User me is not authorized"),
        Fault::None
        | Fault::WrongPassword
        | Fault::MayNotPush
        | Fault::SecondBlobFails
        | Fault::GivesUp
        | Fault::TagTaken => (),
    }
    let call = header("x-amz-target").trim_start_matches("AmazonEC2ContainerRegistry_V20150921.");
    if call == "GetAuthorizationToken" {
        let token = STANDARD.encode(format!("AWS:{}", password()));
        return json!({ "authorizationData": [{ "authorizationToken": token }] }).to_string().into_response();
    }
    let asked: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(asked["registryId"], "123456789012");
    if !contents.repository_exists || asked["repositoryName"] != NAME {
        return refuse("RepositoryNotFoundException", "The repository does not exist");
    }
    let digest = asked["imageIds"][0]["imageDigest"].as_str().unwrap_or_default();
    let is_there = contents.manifests.contains_key(digest);
    match call {
        "DescribeImages" if is_there => {
            let tags = contents.tags.iter().filter(|(_, tagged)| *tagged == digest).map(|(tag, _)| tag);
            let tags: Vec<&String> = tags.collect();
            json!({ "imageDetails": [{ "imageDigest": digest, "imageTags": tags }] })
                .to_string()
                .into_response()
        }
        "DescribeImages" => refuse("ImageNotFoundException", "The image does not exist"),
        "BatchDeleteImage" if is_there => {
            contents.manifests.remove(digest);
            contents.tags.retain(|_, tagged| tagged != digest);
            json!({ "imageIds": [{ "imageDigest": digest }], "failures": [] }).to_string().into_response()
        }
        "BatchDeleteImage" => {
            let failure = json!({ "failureCode": "ImageNotFound", "imageId": { "imageDigest": digest } });
            json!({ "imageIds": [], "failures": [failure] }).to_string().into_response()
        }
        other => panic!("an unexpected call: {other}"),
    }
}

/// The OCI distribution protocol, as far as a push needs it.
fn oci(shared: &Shared, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    let mut contents = shared.contents.lock().unwrap();
    let wanted = format!("Basic {}", STANDARD.encode(format!("AWS:{}", password())));
    let given = headers.get("authorization").and_then(|value| value.to_str().ok());
    if given != Some(&wanted) || contents.fault == Fault::WrongPassword {
        let realm = format!("Basic realm=\"{}/\",service=\"ecr.amazonaws.com\"", shared.endpoint);
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", realm)], "Not Authorized").into_response();
    }
    let path = uri.path().trim_start_matches("/v2/");
    let Some((NAME, path)) = path.split_once('/') else { return StatusCode::OK.into_response() };
    if !contents.repository_exists {
        return refuse(StatusCode::NOT_FOUND, "NAME_UNKNOWN", "The repository does not exist");
    }
    match (method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
        ("HEAD", ["blobs", digest]) if contents.blobs.contains_key(*digest) => StatusCode::OK.into_response(),
        ("HEAD", ["blobs", _]) => StatusCode::NOT_FOUND.into_response(),
        ("POST", ["blobs", "uploads", ""]) if contents.fault == Fault::MayNotPush => {
            let message = "User me is not authorized to perform ecr:InitiateLayerUpload";
            refuse(StatusCode::FORBIDDEN, "DENIED", message)
        }
        ("POST", ["blobs", "uploads", ""]) => {
            let location = format!("{}/v2/{NAME}/blobs/uploads/1?key=planted-upload-key", shared.endpoint);
            (StatusCode::ACCEPTED, [("location", location)]).into_response()
        }
        ("PATCH", _) => StatusCode::CREATED.into_response(),
        ("PUT", ["blobs", "uploads", "1"]) => upload(&mut contents, uri, body),
        ("PUT", ["manifests", tag]) => manifest(&mut contents, tag, headers, body),
        (method, path) => panic!("an unexpected request: {method} {path:?}"),
    }
}

fn upload(contents: &mut Contents, uri: &Uri, body: &Bytes) -> Response {
    let query = uri.query().unwrap_or_default().replace("%3A", ":");
    let digest = query.rsplit("digest=").next().unwrap_or_default();
    if digest != sha256(body) {
        return refuse(StatusCode::BAD_REQUEST, "DIGEST_INVALID", "the digest is not the blob's");
    }
    if contents.fault == Fault::SecondBlobFails && contents.uploads.len() == 1 {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "out of order");
    }
    contents.uploads.push(body.len());
    contents.blobs.insert(digest.to_owned(), body.clone());
    (StatusCode::CREATED, [("location", format!("/v2/{NAME}/blobs/{digest}"))]).into_response()
}

fn manifest(contents: &mut Contents, tag: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok());
    let manifest: Value = serde_json::from_slice(body).unwrap_or_default();
    if kind != Some(MANIFEST) || manifest["mediaType"] != MANIFEST {
        return refuse(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", "not a manifest of one image");
    }
    let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
    for blob in layers.iter().chain([&manifest["config"]]) {
        let stored = contents.blobs.get(blob["digest"].as_str().unwrap_or_default());
        if stored.map(Bytes::len) != blob["size"].as_u64().map(|size| size as usize) {
            return refuse(StatusCode::NOT_FOUND, "LAYERS_NOT_FOUND", "a blob of the manifest is not there");
        }
    }
    if contents.tags.contains_key(tag) || contents.fault == Fault::TagTaken {
        let message = format!(
            "The image tag '{tag}' already exists and cannot be overwritten because the tag is immutable."
        );
        return refuse(StatusCode::BAD_REQUEST, "TAG_INVALID", &message);
    }
    let digest = sha256(body);
    contents.tags.insert(tag.to_owned(), digest.clone());
    contents.manifests.insert(digest.clone(), body.clone());
    (StatusCode::CREATED, [("docker-content-digest", digest)]).into_response()
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, json!({ "errors": [{ "code": code, "message": message }] }).to_string()).into_response()
}

fn sha256(data: &[u8]) -> String {
    let digits: String = Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
