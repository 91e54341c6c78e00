//! A package, read back by others' readers of its formats.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use package::{Architecture, Version};
use tempfile::TempDir;
use time::macros::datetime;

use super::contents::Contents;
use super::date;

/// What would lie in `device/package`.
const FILES: &[(&str, &str)] = &[
    (
        "control/control",
        "Package: porch-doorbell\nVersion: @VERSION@\nArchitecture: @ARCHITECTURE@\nInstalled-Size: @INSTALLED_SIZE@\n",
    ),
    ("control/conffiles", "/etc/porch/doorbell.toml\n"),
    ("control/postinst", "#!/bin/sh\n"),
    ("files/etc/porch/doorbell.toml", "log = \"info\"\n"),
    ("files/usr/lib/udev/rules.d/60-porch-doorbell.rules", "# a rule\n"),
    ("files/usr/lib/.hidden", "an editor's"),
];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn assemble(folder: &Path) -> Vec<u8> {
    let published_at = datetime!(2026-03-01 08:15:30 UTC);
    let version = Version::new("0.1.0", published_at, "1a9b03d2c4").unwrap();
    let program = vec![b'x'; 1025];
    let contents =
        Contents { folder, architecture: Architecture::Armhf, version: &version, published_at, program };
    contents.assemble().unwrap()
}

/// The members of an `ar` archive: name, date, owners and mode, contents.
fn members(deb: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let (mut archive, mut members) = (ar::Archive::new(deb), Vec::new());
    while let Some(member) = archive.next_entry() {
        let mut member = member.unwrap();
        let head = member.header().clone();
        let told = format!("{} {}:{} {:o}", head.mtime(), head.uid(), head.gid(), head.mode());
        let mut data = Vec::new();
        member.read_to_end(&mut data).unwrap();
        members.push((String::from_utf8(head.identifier().to_vec()).unwrap(), told, data));
    }
    members
}

/// Every entry of a compressed tar archive, and the contents of its files.
fn entries(compressed: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(compressed));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let head = entry.header();
        let told = format!(
            "{:?} {:o} {}:{} {} {}",
            head.entry_type(),
            head.mode().unwrap(),
            head.uid().unwrap(),
            head.gid().unwrap(),
            head.mtime().unwrap(),
            String::from_utf8_lossy(&head.path_bytes())
        );
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        (told, data)
    });
    entries.collect()
}

fn listing(entries: &[(String, Vec<u8>)]) -> String {
    entries.iter().map(|(told, _)| told.as_str()).collect::<Vec<_>>().join("\n")
}

fn text(entries: &[(String, Vec<u8>)], path: &str) -> String {
    let (_, data) = entries.iter().find(|(told, _)| told.ends_with(path)).unwrap();
    String::from_utf8(data.clone()).unwrap()
}

#[test]
fn a_package_has_three_members() {
    let members = members(&assemble(folder().path()));
    let told: Vec<String> = members.iter().map(|(name, told, _)| format!("{name} {told}")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    debian-binary 1772352930 0:0 100644
    control.tar.gz 1772352930 0:0 100644
    data.tar.gz 1772352930 0:0 100644
    ");
    assert_eq!(members[0].2, b"2.0\n");
}

#[test]
fn the_control_files_say_what_dpkg_wants_to_know() {
    let entries = entries(&members(&assemble(folder().path()))[1].2);
    insta::assert_snapshot!(listing(&entries), @r"
    Directory 755 0:0 1772352930 ./
    Regular 644 0:0 1772352930 ./conffiles
    Regular 644 0:0 1772352930 ./control
    Regular 755 0:0 1772352930 ./postinst
    ");
    insta::assert_snapshot!(text(&entries, "./control"), @r"
    Package: porch-doorbell
    Version: 0.1.0+20260301081530.1a9b03d2c4
    Architecture: armhf
    Installed-Size: 5
    ");
}

#[test]
fn the_files_lie_as_they_will_on_the_device() {
    let entries = entries(&members(&assemble(folder().path()))[2].2);
    insta::assert_snapshot!(listing(&entries), @r"
    Directory 755 0:0 1772352930 ./
    Directory 755 0:0 1772352930 ./etc/
    Directory 755 0:0 1772352930 ./etc/porch/
    Regular 644 0:0 1772352930 ./etc/porch/doorbell.toml
    Directory 755 0:0 1772352930 ./usr/
    Directory 755 0:0 1772352930 ./usr/bin/
    Regular 755 0:0 1772352930 ./usr/bin/porch-doorbell
    Directory 755 0:0 1772352930 ./usr/lib/
    Directory 755 0:0 1772352930 ./usr/lib/udev/
    Directory 755 0:0 1772352930 ./usr/lib/udev/rules.d/
    Regular 644 0:0 1772352930 ./usr/lib/udev/rules.d/60-porch-doorbell.rules
    Directory 755 0:0 1772352930 ./usr/share/
    Directory 755 0:0 1772352930 ./usr/share/doc/
    Directory 755 0:0 1772352930 ./usr/share/doc/porch-doorbell/
    Regular 644 0:0 1772352930 ./usr/share/doc/porch-doorbell/changelog.gz
    ");
    let (_, changelog) = entries.last().unwrap();
    let mut text = String::new();
    GzDecoder::new(&changelog[..]).read_to_string(&mut text).unwrap();
    insta::assert_snapshot!(text, @r"
    porch-doorbell (0.1.0+20260301081530.1a9b03d2c4) stable; urgency=medium

      * Built by porch; its sources have its history.

     -- porch <porch@localhost>  Sun, 01 Mar 2026 08:15:30 +0000
    ");
}

#[test]
fn another_checkout_gives_the_same_bytes() {
    assert_eq!(assemble(folder().path()), assemble(folder().path()));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = folder();
    std::fs::remove_dir_all(folder.path().join("control")).unwrap();
    let published_at = datetime!(2026-03-01 08:15:30 UTC);
    let version = Version::new("0.1.0", published_at, "1a9b03d2c4").unwrap();
    let architecture = Architecture::Arm64;
    let contents = Contents {
        folder: folder.path(),
        architecture,
        version: &version,
        published_at,
        program: Vec::new(),
    };
    let error = contents.assemble().unwrap_err().to_string();
    assert!(error.contains(&folder.path().join("control").display().to_string()), "{error}");
}

#[test]
fn a_publication_is_later_than_the_one_before() {
    let now = datetime!(2026-03-01 08:15:30.9 UTC);
    let cases = [
        (None, datetime!(2026-03-01 08:15:30 UTC)),
        (Some(datetime!(2026-03-01 08:15:29 UTC)), datetime!(2026-03-01 08:15:30 UTC)),
        (Some(datetime!(2026-03-01 08:15:30 UTC)), datetime!(2026-03-01 08:15:31 UTC)),
        (Some(datetime!(2027-01-01 00:00:00 UTC)), datetime!(2027-01-01 00:00:01 UTC)),
    ];
    for (before, wanted) in cases {
        assert_eq!(date(now.into(), before), wanted, "{before:?}");
    }
}
