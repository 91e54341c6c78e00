//! Layers that try to leave the root, hide each other, replace each other.

use super::*;
use proptest::prelude::*;
use tar::EntryType;

/// One entry of a made-up layer.
#[derive(Clone, Debug)]
enum Part {
    Folder(String, u32),
    File(String, String),
    Symlink(String, String),
    HardLink(String, String),
    Device(String),
}

use Part::{Device, File, Folder, HardLink, Symlink};

/// An archive of these entries. Names are written as they are: the tar crate itself would refuse the bad ones.
fn layer(parts: &[Part]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for part in parts {
        let (name, kind, mode, link, data) = match part {
            Folder(name, mode) => (name, EntryType::Directory, *mode, "", ""),
            File(name, data) => (name, EntryType::Regular, 0o644, "", data.as_str()),
            Symlink(name, link) => (name, EntryType::Symlink, 0o777, link.as_str(), ""),
            HardLink(name, link) => (name, EntryType::Link, 0o644, link.as_str(), ""),
            Device(name) => (name, EntryType::Char, 0o666, "", ""),
        };
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(data.len() as u64);
        let raw = header.as_ustar_mut().expect("made as ustar");
        raw.name[..name.len()].copy_from_slice(name.as_bytes());
        raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        archive.append(&header, data.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn file(name: &str, data: &str) -> Part {
    File(name.to_owned(), data.to_owned())
}

fn folder(name: &str) -> Part {
    Folder(name.to_owned(), 0o755)
}

fn symlink(name: &str, target: &str) -> Part {
    Symlink(name.to_owned(), target.to_owned())
}

/// The root inside a folder that is watched for what should not be there.
struct Trial {
    folder: tempfile::TempDir,
}

impl Trial {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("root")).unwrap();
        fs::write(folder.path().join("outside"), "untouched").unwrap();
        Self { folder }
    }

    fn unpack(&self, layers: &[&[Part]]) -> Result<(), LayerError> {
        let mut unpacker = Unpacker::new(&self.folder.path().join("root"))?;
        for parts in layers {
            let bytes = layer(parts);
            unpacker.apply(|| Ok(bytes.as_slice()))?;
        }
        Ok(unpacker.finish()?)
    }

    /// Path -> content of everything in the root; folders end with `/`.
    fn tree(&self) -> Vec<String> {
        fn walk(folder: &Path, name: &str, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = format!("{name}{}", path.file_name().unwrap().display());
                let metadata = fs::symlink_metadata(&path).unwrap();
                if metadata.is_dir() {
                    found.push(format!("{name}/"));
                    walk(&path, &format!("{name}/"), found);
                } else if metadata.is_symlink() {
                    found.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
                } else {
                    found.push(format!("{name} = {}", fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.folder.path().join("root"), "", &mut found);
        found.sort();
        found
    }

    fn nothing_is_outside(&self) -> bool {
        let names = fs::read_dir(self.folder.path()).unwrap().count();
        names == 2 && fs::read_to_string(self.folder.path().join("outside")).unwrap() == "untouched"
    }
}

#[test]
fn entries_that_lead_out_of_the_root_are_refused() {
    let cases: [&[Part]; 6] = [
        &[file("../outside", "x")],
        &[file("a/../../outside", "x")],
        &[symlink("a", ".."), file("a/outside", "x")],
        &[symlink("a", "/"), file("a/tmp/lambda-runner-escape", "x")],
        &[symlink("a", ".."), Folder("a/new".to_owned(), 0o755)],
        &[HardLink("a".to_owned(), "../outside".to_owned())],
    ];
    for parts in cases {
        let trial = Trial::new();
        assert!(trial.unpack(&[parts]).is_err(), "{parts:?}");
        assert!(trial.nothing_is_outside(), "{parts:?}");
    }
}

#[test]
fn a_whiteout_cannot_remove_what_is_outside() {
    let cases: [&[Part]; 4] =
        [&[file("../.wh.outside", "")], &[symlink("a", "..")], &[file(".wh...", "")], &[file(".wh.", "")]];
    for parts in cases {
        let trial = Trial::new();
        let through_link = [file("a/.wh.outside", ""), file("a/.wh..wh..opq", "")];
        assert!(trial.unpack(&[parts, &through_link]).is_err(), "{parts:?}");
        assert!(trial.nothing_is_outside(), "{parts:?}");
    }
}

#[test]
fn a_file_through_a_link_inside_the_root_lands_where_it_leads() {
    let trial = Trial::new();
    trial.unpack(&[&[folder("usr/bin"), symlink("bin", "usr/bin")], &[file("bin/sh", "shell")]]).unwrap();
    assert_eq!(trial.tree(), ["bin -> usr/bin", "usr/", "usr/bin/", "usr/bin/sh = shell"]);
}

#[test]
fn a_file_replaces_a_link_instead_of_writing_through_it() {
    let trial = Trial::new();
    trial.unpack(&[&[symlink("a", "../outside")], &[file("a", "new")]]).unwrap();
    assert_eq!(trial.tree(), ["a = new"]);
    assert!(trial.nothing_is_outside());
}

#[test]
fn an_upper_layer_replaces_files_by_folders_and_folders_by_files() {
    let trial = Trial::new();
    let lower = [file("a", "1"), folder("b"), file("b/c", "2")];
    trial.unpack(&[&lower, &[folder("a"), file("a/d", "3"), file("b", "4")]]).unwrap();
    assert_eq!(trial.tree(), ["a/", "a/d = 3", "b = 4"]);
}

#[test]
fn whiteouts_remove_what_is_below_and_leave_nothing_of_themselves() {
    let trial = Trial::new();
    let lower = [folder("a"), file("a/one", "1"), file("a/two", "2"), folder("b"), file("b/three", "3")];
    let upper =
        [file("a/.wh.one", ""), file("b/four", "4"), file("b/.wh..wh..opq", ""), file(".wh.absent", "")];
    trial.unpack(&[&lower, &upper]).unwrap();
    assert_eq!(trial.tree(), ["a/", "a/two = 2", "b/", "b/four = 4"]);
}

#[test]
fn modes_are_the_archives_even_of_folders_that_nobody_may_write_to() {
    let trial = Trial::new();
    trial
        .unpack(&[&[Folder("a".to_owned(), 0o555), file("a/b", "1")], &[Folder("tmp".to_owned(), 0o1777)]])
        .unwrap();
    let mode = |name: &str| {
        fs::metadata(trial.folder.path().join("root").join(name)).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!((mode("a"), mode("a/b"), mode("tmp")), (0o555, 0o644, 0o1777));
}

#[test]
fn devices_are_left_out() {
    let trial = Trial::new();
    trial.unpack(&[&[folder("dev"), Device("dev/null".to_owned()), file("a", "1")]]).unwrap();
    assert_eq!(trial.tree(), ["a = 1", "dev/"]);
}

#[test]
fn an_archive_that_breaks_off_is_an_error() {
    let trial = Trial::new();
    let bytes = layer(&[file("a", &"x".repeat(2000))]);
    let mut unpacker = Unpacker::new(&trial.folder.path().join("root")).unwrap();
    assert!(unpacker.apply(|| Ok(&bytes[..1000])).is_err());
}

fn part() -> impl Strategy<Value = Part> {
    let name = || {
        prop::collection::vec(
            prop::sample::select(vec![
                "..",
                ".",
                "a",
                "b",
                "outside",
                ".wh.a",
                ".wh.outside",
                ".wh..wh..opq",
                "",
            ]),
            1..5,
        )
        .prop_map(|parts| parts.join("/"))
    };
    prop_oneof![
        name().prop_map(|name| Folder(name, 0o755)),
        name().prop_map(|name| File(name, "changed".to_owned())),
        (name(), name()).prop_map(|(name, target)| Symlink(name, target)),
        (name(), name()).prop_map(|(name, target)| HardLink(name, target)),
    ]
}

proptest! {
    #[test]
    fn whatever_the_layers_nothing_outside_changes(
        one in prop::collection::vec(part(), 0..8),
        two in prop::collection::vec(part(), 0..8),
    ) {
        let trial = Trial::new();
        let _refused_or_not = trial.unpack(&[&one, &two]);
        prop_assert!(trial.nothing_is_outside(), "{one:?} {two:?}");
    }
}
