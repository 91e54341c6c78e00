//! One image layer: a tar archive with nothing in it that depends on when, where or by whom it was made.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

use super::sha256;

/// gzip's name for an unknown operating system.
const ANY_SYSTEM: u8 = 255;

/// A layer being filled. A folder must be added before what is in it.
pub(super) struct Layer(tar::Builder<Vec<u8>>);

/// A layer as a registry stores it.
pub(super) struct Finished {
    /// Digest of the tar archive itself, as an image configuration lists it.
    pub(super) diff_id: String,
    pub(super) compressed: Bytes,
}

impl Default for Layer {
    fn default() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }
}

impl Layer {
    pub(super) fn folder(&mut self, path: &str) -> io::Result<&mut Self> {
        self.entry(EntryType::Directory, &format!("{path}/"), 0o755, &[])
    }

    /// A folder where everybody may write, and remove only what is theirs.
    pub(super) fn shared_folder(&mut self, path: &str) -> io::Result<&mut Self> {
        self.entry(EntryType::Directory, &format!("{path}/"), 0o1777, &[])
    }

    pub(super) fn file(&mut self, path: &str, mode: u32, data: &[u8]) -> io::Result<&mut Self> {
        self.entry(EntryType::Regular, path, mode, data)
    }

    fn entry(&mut self, kind: EntryType, path: &str, mode: u32, data: &[u8]) -> io::Result<&mut Self> {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(data.len().try_into().map_err(io::Error::other)?);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        self.0.append_data(&mut header, path, data)?;
        Ok(self)
    }

    pub(super) fn finish(self) -> io::Result<Finished> {
        let tar = self.0.into_inner()?;
        let mut gzip =
            GzBuilder::new().mtime(0).operating_system(ANY_SYSTEM).write(Vec::new(), Compression::best());
        gzip.write_all(&tar)?;
        Ok(Finished { diff_id: sha256(&tar), compressed: gzip.finish()?.into() })
    }
}
