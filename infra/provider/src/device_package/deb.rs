//! The format of Debian's packages (deb(5)): an `ar` archive with a version, the control files and the files to install.

use std::io;

use crate::archive::{Archive, Compression, gzip};

/// A file in a package, by its path without a slash before it.
pub(super) struct File {
    pub(super) path: String,
    pub(super) mode: u32,
    pub(super) data: Vec<u8>,
}

/// Puts a package together, with every file of this `date`, in seconds since 1970. gzip rather than xz: it is a tenth
/// larger, and a Raspberry Pi unpacks it in no time.
pub(super) fn write(date: u64, control: Vec<File>, data: Vec<File>) -> io::Result<Vec<u8>> {
    let (control, data) = (tar(date, control)?, tar(date, data)?);
    let mut deb = b"!<arch>\n".to_vec();
    for (name, data) in
        [("debian-binary", &b"2.0\n"[..]), ("control.tar.gz", &control), ("data.tar.gz", &data)]
    {
        let size = data.len();
        deb.extend(format!("{name:<16}{date:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, "100644").as_bytes());
        deb.extend(data);
        // Members begin at even places.
        if size % 2 == 1 {
            deb.push(b'\n');
        }
    }
    Ok(deb)
}

fn tar(date: u64, mut files: Vec<File>) -> io::Result<Vec<u8>> {
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut archive = Archive::new(date);
    let mut folders = Vec::new();
    archive.folder(".")?;
    for File { path, mode, data } in files {
        for (end, _) in path.match_indices('/') {
            let folder = path[..end].to_owned();
            if !folders.contains(&folder) {
                archive.folder(&format!("./{folder}"))?;
                folders.push(folder);
            }
        }
        archive.file(&format!("./{path}"), mode, &data)?;
    }
    gzip(&archive.finish()?, Compression::best())
}

/// What the files take on a disk, in KiB, as dpkg-gencontrol counts it: each in whole ones.
pub(super) fn installed_size(files: &[File]) -> usize {
    files.iter().map(|file| file.data.len().div_ceil(1024)).sum()
}
