//! The image, byte by byte: a registry and Lambda read it, and its digest is what is deployed.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::*;

fn tiny() -> Contents {
    Contents {
        architecture: Architecture::Arm64,
        function: b"#!/bin/true\n".to_vec(),
        tailscaled: Some(b"tailscaled".to_vec()),
        compression: Compression::best(),
    }
}

/// Path, kind, mode and size of every entry of a layer, and everything else that must not depend on the machine.
fn listing(layer: &Blob) -> Vec<String> {
    let mut tar = Vec::new();
    GzDecoder::new(&layer.data[..]).read_to_end(&mut tar).unwrap();
    let mut archive = tar::Archive::new(&tar[..]);
    let entries = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (0, 0, 0));
        assert_eq!((header.username().unwrap(), header.groupname().unwrap()), (Some(""), Some("")));
        let path = entry.path().unwrap().display().to_string();
        format!("{:o} {} {path}", header.mode().unwrap(), header.size().unwrap())
    });
    entries.collect()
}

#[test]
fn the_same_contents_give_the_same_bytes() {
    let (one, other) = (Image::assemble(&tiny()).unwrap(), Image::assemble(&tiny()).unwrap());
    assert_eq!(one.manifest, other.manifest);
    for (one, other) in one.blobs.iter().zip(&other.blobs) {
        assert_eq!(one.data, other.data);
    }
}

/// If this fails without a change of the recipe, the tar writer or the compressor changed under us, and the same
/// sources would give another digest: pin it again, or raise `RECIPE` and accept the new ones.
#[test]
fn the_bytes_of_a_tiny_layer_are_known() {
    let mut archive = Archive::new(0);
    archive.folder("var").unwrap().file("var/bootstrap", 0o755, b"#!/bin/true\n").unwrap();
    let layer = Layer::of(archive, Compression::best()).unwrap();
    insta::assert_snapshot!(format!("{}\n{}", layer.diff_id, sha256(&layer.compressed)), @r"
    sha256:fb626fc3c7231537f9224a0d671a72cdba0bf4a3d94413072ba16704d02a49b2
    sha256:9233337b116fcb8ec2e011c4ff967ba60d0884d6132f3c055f829d43118ea1fa
    ");
}

#[test]
fn the_lower_layer_holds_what_seldom_changes() {
    let image = Image::assemble(&tiny()).unwrap();
    let size = roots_pem().len();
    assert_eq!(
        listing(&image.blobs[0]),
        [
            "755 0 etc/",
            "755 0 etc/ssl/",
            "755 0 etc/ssl/certs/",
            &format!("644 {size} etc/ssl/certs/ca-certificates.crt"),
            "1777 0 tmp/",
            "755 0 usr/",
            "755 0 usr/bin/",
            "755 10 usr/bin/tailscaled",
        ]
    );
}

#[test]
fn the_upper_layer_is_the_function_alone() {
    let image = Image::assemble(&tiny()).unwrap();
    assert_eq!(listing(&image.blobs[1]), ["755 0 var/", "755 0 var/task/", "755 12 var/task/bootstrap"]);
}

#[test]
fn another_function_changes_the_upper_layer_only() {
    let before = Image::assemble(&tiny()).unwrap();
    let after = Image::assemble(&Contents { function: b"new".to_vec(), ..tiny() }).unwrap();
    assert_eq!(before.blobs[0].digest, after.blobs[0].digest);
    assert_ne!(before.blobs[1].digest, after.blobs[1].digest);
    assert_ne!(before.digest, after.digest);
}

#[test]
fn the_manifest_describes_what_is_there() {
    let image = Image::assemble(&tiny()).unwrap();
    let [below, above, config] = &image.blobs[..] else { panic!("{} blobs", image.blobs.len()) };
    let described = |blob: &Blob, kind: &str| json!({ "mediaType": kind, "digest": sha256(&blob.data), "size": blob.data.len() });
    let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
    let manifest: Value = serde_json::from_slice(&image.manifest).unwrap();
    assert_eq!(
        manifest,
        json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": described(config, "application/vnd.oci.image.config.v1+json"),
            "layers": [described(below, layer), described(above, layer)],
        })
    );
    assert_eq!(image.digest, sha256(&image.manifest));
    assert_eq!(image.tag(), image.digest[7..23]);
    assert_eq!(image.size(), below.data.len() + above.data.len() + config.data.len());
}

#[test]
fn the_configuration_starts_the_function() {
    let image = Image::assemble(&tiny()).unwrap();
    let config: Value = serde_json::from_slice(&image.blobs[2].data).unwrap();
    assert_eq!(config["architecture"], "arm64");
    assert_eq!(config["os"], "linux");
    assert_eq!(
        config["config"],
        json!({ "Entrypoint": ["/var/task/bootstrap"], "Env": ["PATH=/usr/bin"], "WorkingDir": "/var/task" })
    );
    let mut tar = Vec::new();
    GzDecoder::new(&image.blobs[1].data[..]).read_to_end(&mut tar).unwrap();
    assert_eq!(config["rootfs"]["diff_ids"][1], sha256(&tar));
}

#[test]
fn without_tailscaled_there_is_no_folder_for_it() {
    let image = Image::assemble(&Contents { tailscaled: None, ..tiny() }).unwrap();
    assert!(listing(&image.blobs[0]).iter().all(|entry| !entry.contains("usr")));
}

#[test]
fn the_roots_are_well_formed_pem() {
    let pem = roots_pem();
    assert!(pem.lines().all(|line| line.len() <= 64 && line.is_ascii()));
    let count = |mark: &str| pem.matches(mark).count();
    assert!(count("-----BEGIN CERTIFICATE-----\n") > 50);
    assert_eq!(count("-----BEGIN CERTIFICATE-----\n"), count("-----END CERTIFICATE-----\n"));
}

#[test]
fn an_archive_holds_the_whole_image_under_its_digests() {
    let image = Image::assemble(&tiny()).unwrap();
    let archive = image.oci_archive().unwrap();
    assert_eq!(archive, Image::assemble(&tiny()).unwrap().oci_archive().unwrap());
    let mut files = std::collections::BTreeMap::new();
    for entry in tar::Archive::new(&archive[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        files.insert(path, data);
    }
    let parsed = |path: &str| serde_json::from_slice::<Value>(&files[path]).unwrap();
    assert_eq!(parsed("oci-layout"), json!({ "imageLayoutVersion": "1.0.0" }));
    let manifest = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": image.digest,
        "size": image.manifest.len(),
    });
    let index = "application/vnd.oci.image.index.v1+json";
    let wanted = json!({ "schemaVersion": 2, "mediaType": index, "manifests": [manifest] });
    assert_eq!(parsed("index.json"), wanted);
    let blobs: Vec<_> =
        files.iter().filter(|(path, data)| path.starts_with("blobs/") && !data.is_empty()).collect();
    assert_eq!(blobs.len(), image.blobs.len() + 1);
    for (path, data) in blobs {
        assert_eq!(path.replace("blobs/sha256/", "sha256:"), sha256(data));
    }
}
