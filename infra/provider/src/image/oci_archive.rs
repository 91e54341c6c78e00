//! An image as one file: a tar archive of an OCI image layout, which registries' tools read (`skopeo copy oci-archive:…`).

use std::io;

use bytes::Bytes;
use serde::Serialize;

use super::{Blob, Image, MANIFEST_TYPE, json};
use crate::archive::Archive;

const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

/// The version of the layout, from the OCI image specification.
const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// Which images there are: this one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u8,
    media_type: &'a str,
    manifests: [Entry<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    media_type: &'a str,
    digest: &'a str,
    size: usize,
}

impl Image {
    /// The image in one file. The same image gives the same bytes.
    pub(crate) fn oci_archive(&self) -> io::Result<Bytes> {
        let manifest = Entry { media_type: MANIFEST_TYPE, digest: &self.digest, size: self.manifest.len() };
        let index = json(&Index { schema_version: 2, media_type: INDEX_TYPE, manifests: [manifest] })?;
        let own = self.blobs.iter().map(|Blob { digest, data, .. }| (digest, data));
        let mut blobs: Vec<_> = own.chain([(&self.digest, &self.manifest)]).collect();
        blobs.sort();
        let mut archive = Archive::new(0);
        archive.file("oci-layout", 0o644, LAYOUT)?.file("index.json", 0o644, &index)?;
        archive.folder("blobs")?.folder("blobs/sha256")?;
        for (digest, data) in blobs {
            let name = digest.trim_start_matches("sha256:");
            archive.file(&format!("blobs/sha256/{name}"), 0o644, data)?;
        }
        Ok(archive.finish()?.into())
    }
}
