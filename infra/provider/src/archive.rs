//! tar and gzip with nothing in them that depends on when, where or by whom they were made.

use std::io::{self, Write};

pub(crate) use flate2::Compression;
use flate2::GzBuilder;
use tar::{EntryType, Header};

/// gzip's name for an unknown operating system.
const ANY_SYSTEM: u8 = 255;

/// Longest path in an archive.
const NAME_LIMIT: usize = 100;

/// A tar archive being filled, all of it root's and of one date. A folder must be added before what is in it.
pub(crate) struct Archive {
    tar: tar::Builder<Vec<u8>>,
    /// Seconds since 1970.
    date: u64,
}

impl Archive {
    pub(crate) fn new(date: u64) -> Self {
        Self { tar: tar::Builder::new(Vec::new()), date }
    }

    pub(crate) fn folder(&mut self, path: &str) -> io::Result<&mut Self> {
        self.entry(EntryType::Directory, &format!("{path}/"), 0o755, &[])
    }

    /// A folder where everybody may write, and remove only what is theirs.
    pub(crate) fn shared_folder(&mut self, path: &str) -> io::Result<&mut Self> {
        self.entry(EntryType::Directory, &format!("{path}/"), 0o1777, &[])
    }

    pub(crate) fn file(&mut self, path: &str, mode: u32, data: &[u8]) -> io::Result<&mut Self> {
        self.entry(EntryType::Regular, path, mode, data)
    }

    fn entry(&mut self, kind: EntryType, path: &str, mode: u32, data: &[u8]) -> io::Result<&mut Self> {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(data.len().try_into().map_err(io::Error::other)?);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.date);
        // The name as it is: the library would take away the `./` that Debian's packages have.
        let name = &mut header.as_old_mut().name;
        let place = name.get_mut(..path.len()).ok_or_else(|| {
            io::Error::other(format!("{path} is too long a path, expected one of {NAME_LIMIT} bytes at most"))
        })?;
        place.copy_from_slice(path.as_bytes());
        header.set_cksum();
        self.tar.append(&header, data)?;
        Ok(self)
    }

    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        self.tar.into_inner()
    }
}

/// `data`, compressed so far.
pub(crate) fn gzip(data: &[u8], compression: Compression) -> io::Result<Vec<u8>> {
    let builder = GzBuilder::new().mtime(0).operating_system(ANY_SYSTEM);
    let mut gzip = builder.write(Vec::new(), compression);
    gzip.write_all(data)?;
    gzip.finish()
}
