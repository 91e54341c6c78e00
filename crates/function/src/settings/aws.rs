//! How AWS is called.

use aws::{Access, Credentials, Region, Service};
use http::Uri;

use super::{Expected, Reader, URL, values};

const CREDENTIAL: Expected = Expected::hidden("credentials of AWS, which Lambda sets");

/// How `services` are called: by what Lambda sets, and at their own addresses unless there are others for trials.
pub fn read_aws(reader: &mut Reader<'_>, services: &[Service]) -> Option<Access> {
    const REGION: Expected = Expected::shown("a region of AWS, which Lambda sets");
    let region = reader.required("AWS_REGION", &REGION, Region::parse);
    let access_key_id = reader.required("AWS_ACCESS_KEY_ID", &CREDENTIAL, values::word);
    let secret_access_key = reader.required("AWS_SECRET_ACCESS_KEY", &CREDENTIAL, values::word);
    let session_token = reader.optional("AWS_SESSION_TOKEN", &CREDENTIAL, values::word);
    let endpoints = services.iter().filter_map(|service| Some((*service, read_endpoint(reader, *service)?)));
    let endpoints = endpoints.collect();
    let credentials = Credentials {
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?.into(),
        session_token: session_token.map(Into::into),
    };
    Some(Access { region: region?, credentials, endpoints })
}

/// Where a service is, if the variable of its own says so, or else `AWS_ENDPOINT_URL`.
fn read_endpoint(reader: &mut Reader<'_>, service: Service) -> Option<Uri> {
    let told = [service.endpoint_variable(), "AWS_ENDPOINT_URL"];
    let told = told.into_iter().find(|name| reader.is_set(name))?;
    reader.optional(told, &URL, values::endpoint)
}
