//! What is in the package: the binary, and the files of `device/package`, which lie there as they will on the device.
//!
//! ```text
//! device/package/control/   what dpkg reads: fields, configuration files, scripts
//! device/package/files/     what it installs
//! ```

use std::io;
use std::path::{Path, PathBuf};

use package::{Architecture, Version};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::deb::{self, File};
use crate::archive::{Compression, gzip};

/// Rises when the way a package is put together changes it.
pub(super) const RECIPE: u32 = 1;

/// Control files that dpkg runs.
const SCRIPTS: [&str; 4] = ["preinst", "postinst", "prerm", "postrm"];

/// What a package is made of.
pub(super) struct Contents<'a> {
    /// `device/package`.
    pub(super) folder: &'a Path,
    pub(super) architecture: Architecture,
    pub(super) version: &'a Version,
    pub(super) published_at: OffsetDateTime,
    pub(super) program: Vec<u8>,
}

impl Contents<'_> {
    /// The package, as bytes. The same contents give the same ones.
    pub(super) fn assemble(self) -> io::Result<Vec<u8>> {
        let date = u64::try_from(self.published_at.unix_timestamp()).map_err(io::Error::other)?;
        let (mut control, mut files) =
            (read(&self.folder.join("control"))?, read(&self.folder.join("files"))?);
        let changelog = File {
            path: format!("usr/share/doc/{}/changelog.gz", package::NAME),
            mode: 0o644,
            data: gzip(self.changelog()?.as_bytes(), Compression::best())?,
        };
        let path = format!("usr/bin/{}", package::NAME);
        files.extend([changelog, File { path, mode: 0o755, data: self.program }]);
        for File { path, mode, data } in &mut control {
            if SCRIPTS.contains(&path.as_str()) {
                *mode = 0o755;
            } else if path == "control" {
                let text = String::from_utf8_lossy(data)
                    .replace("@VERSION@", self.version.as_str())
                    .replace("@ARCHITECTURE@", self.architecture.name())
                    .replace("@INSTALLED_SIZE@", &deb::installed_size(&files).to_string());
                *data = text.into_bytes();
            }
        }
        deb::write(date, control, files)
    }

    /// Debian's policy wants one; the history is with the sources.
    fn changelog(&self) -> io::Result<String> {
        let date = self.published_at.format(&Rfc2822).map_err(io::Error::other)?;
        let (name, version) = (package::NAME, self.version);
        Ok(format!(
            "{name} ({version}) stable; urgency=medium\n\n  * Built by porch; its sources have its history.\n\n \
             -- porch <porch@localhost>  {date}\n"
        ))
    }
}

/// All files below `folder`, but hidden ones.
fn read(folder: &Path) -> io::Result<Vec<File>> {
    let (mut files, mut waiting) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(within) = waiting.pop() {
        let place = folder.join(&within);
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", place.display()));
        for entry in std::fs::read_dir(&place).map_err(named)? {
            let entry = entry.map_err(named)?;
            let name = entry.file_name().into_string();
            let name =
                name.map_err(|name| io::Error::other(format!("{name:?} is no name of a file in a package")))?;
            let within = within.join(&name);
            if name.starts_with('.') {
                continue;
            }
            if entry.file_type().map_err(named)?.is_dir() {
                waiting.push(within);
                continue;
            }
            let data = std::fs::read(entry.path()).map_err(named)?;
            files.push(File { path: within.display().to_string(), mode: 0o644, data });
        }
    }
    Ok(files)
}
