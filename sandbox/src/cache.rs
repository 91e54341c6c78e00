//! Tools built once and used by every checkout: each in a folder named by a hash of what it is built from.
//!
//! A tool is built in a temporary folder beside its place and renamed when it is complete, so that an
//! interrupted build leaves nothing half, and two builds at once do not disturb each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::error::{Doing, Result};
use crate::layout::make_folder;

/// How long a tool built from other inputs is kept after its last use: going back to an older commit is cheap.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A file in each tool's folder whose time says when it was used last.
const USED: &str = ".used";
const TEMPORARY: &str = ".building-";

/// A hash over everything that a tool is built from.
#[derive(Clone, Debug)]
pub struct Key(Sha256);

impl Key {
    /// A key for `format`: the way of building itself, raised when it changes.
    #[must_use]
    pub fn new(format: &str) -> Self {
        Self(Sha256::new()).with(std::env::consts::ARCH).with(format)
    }

    /// Adds something that the result depends on. Its length goes in as well, so that `a`, `bc` and `ab`, `c`
    /// are different keys.
    #[must_use]
    pub fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        self.0.update((part.as_ref().len() as u64).to_le_bytes());
        self.0.update(part.as_ref());
        self
    }

    /// Adds the content of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_file(self, path: &Path) -> Result<Self> {
        let content = fs::read(path).doing(|| format!("read {}", path.display()))?;
        Ok(self.with(content))
    }

    /// The key as text: 16 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.clone().finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// One tool's place in the cache.
#[derive(Clone, Debug)]
pub struct Entry {
    cache: PathBuf,
    tool: &'static str,
    /// The folder that holds the tool once it is built.
    pub folder: PathBuf,
}

impl Entry {
    /// The place of `tool`, built from what `key` was made of.
    #[must_use]
    pub fn new(cache: &Path, tool: &'static str, key: &Key) -> Self {
        Self { cache: cache.to_path_buf(), tool, folder: cache.join(format!("{tool}-{}", key.text())) }
    }

    /// Whether it is built already.
    #[must_use]
    pub fn is_built(&self) -> bool {
        self.folder.join(USED).exists()
    }

    /// Marks it as used now, and removes builds of the same tool that nobody has used for a month.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn used(&self) -> Result<()> {
        let mark = self.folder.join(USED);
        fs::write(&mark, "").doing(|| format!("write {}", mark.display()))?;
        self.forget_unused(SystemTime::now());
        Ok(())
    }

    /// Builds it with `build`, which fills the folder it is given, unless it is built already.
    ///
    /// # Errors
    /// Those of `build`, and when the cache cannot be written.
    pub async fn build<F: Future<Output = Result<()>>>(
        &self,
        build: impl FnOnce(PathBuf) -> F,
    ) -> Result<()> {
        if self.is_built() {
            return self.used();
        }
        make_folder(&self.cache)?;
        self.remove_abandoned();
        let temporary = Temporary(self.cache.join(format!(
            "{TEMPORARY}{}-{}-{}",
            self.tool,
            std::process::id(),
            self.key()
        )));
        make_folder(&temporary.0)?;
        build(temporary.0.clone()).await?;
        let mark = temporary.0.join(USED);
        fs::write(&mark, "").doing(|| format!("write {}", mark.display()))?;
        match fs::rename(&temporary.0, &self.folder) {
            Err(_) if self.is_built() => Ok(()), // another checkout was quicker
            result => result.doing(|| format!("put {} in place", self.folder.display())),
        }
    }

    fn key(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Removes what builds left that were killed without a chance to do it themselves.
    fn remove_abandoned(&self) {
        for (name, path) in self.siblings(&format!("{TEMPORARY}{}-", self.tool)) {
            let pid = name.split('-').find_map(|word| word.parse::<i32>().ok());
            if pid.is_some_and(|pid| crate::procfs::start_time(pid).is_none()) {
                // What cannot be removed now is tried again by the next build.
                let _ = fs::remove_dir_all(path);
            }
        }
    }

    fn forget_unused(&self, now: SystemTime) {
        for (_, path) in self.siblings(&format!("{}-", self.tool)) {
            let used = path.join(USED).metadata().and_then(|metadata| metadata.modified());
            let idle = used.is_ok_and(|used| now.duration_since(used).is_ok_and(|idle| idle > KEEP));
            if idle && path != self.folder {
                // The mark goes first: half a folder must never look like a built one.
                let _ = fs::remove_file(path.join(USED)).and_then(|()| fs::remove_dir_all(path));
            }
        }
    }

    fn siblings(&self, prefix: &str) -> Vec<(String, PathBuf)> {
        let entries = fs::read_dir(&self.cache).into_iter().flatten().flatten();
        let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
        named.filter(|(name, _)| name.starts_with(prefix)).collect()
    }
}

/// A folder that is removed when it was not renamed away.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename it is not there any more.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn entry(cache: &Path) -> Entry {
        Entry::new(cache, "tool", &Key::new("1").with("input"))
    }

    async fn fill(folder: PathBuf) -> Result<()> {
        fs::write(folder.join("binary"), "x").doing(|| "write".into())
    }

    #[test]
    fn every_input_changes_the_key() {
        let keys = [
            Key::new("1").with("ab").with("c"),
            Key::new("1").with("a").with("bc"),
            Key::new("1").with("abc"),
            Key::new("2").with("abc"),
        ];
        let texts: std::collections::HashSet<_> = keys.iter().map(Key::text).collect();
        assert_eq!(texts.len(), keys.len());
        assert_eq!(Key::new("1").with("a").text(), Key::new("1").with("a").text());
    }

    #[tokio::test]
    async fn a_tool_is_built_once() {
        let cache = tempfile::tempdir().unwrap();
        let entry = entry(cache.path());
        entry.build(fill).await.unwrap();
        assert!(entry.folder.join("binary").exists());
        let second = entry.build(|_| async { Err(Error::NotSetUp) }).await;
        assert!(second.is_ok(), "it was built twice");
    }

    #[tokio::test]
    async fn a_failed_or_interrupted_build_leaves_nothing() {
        let cache = tempfile::tempdir().unwrap();
        let entry = entry(cache.path());
        let failing = entry.build(|folder| async move {
            fill(folder).await?;
            Err(Error::NotSetUp)
        });
        assert!(failing.await.is_err());
        let endless = entry.build(|folder| async move {
            fill(folder).await?;
            std::future::pending().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(10), endless).await.is_err());
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
        assert!(!entry.is_built());
    }

    #[tokio::test]
    async fn what_a_killed_build_left_is_removed_by_the_next() {
        let cache = tempfile::tempdir().unwrap();
        // No process has this id: it is above the kernel's limit of 2^22.
        let left = cache.path().join(".building-tool-99999999-tool-0123");
        fs::create_dir(&left).unwrap();
        entry(cache.path()).build(fill).await.unwrap();
        assert!(!left.exists());
    }

    #[tokio::test]
    async fn builds_unused_for_a_month_are_forgotten() {
        let cache = tempfile::tempdir().unwrap();
        let old = Entry::new(cache.path(), "tool", &Key::new("1").with("older input"));
        let other = Entry::new(cache.path(), "toolbox", &Key::new("1"));
        let entry = entry(cache.path());
        for entry in [&old, &other, &entry] {
            entry.build(fill).await.unwrap();
        }
        entry.forget_unused(SystemTime::now() + KEEP - Duration::from_secs(60));
        assert!(old.is_built());
        entry.forget_unused(SystemTime::now() + KEEP + Duration::from_secs(60));
        assert!(!old.folder.exists());
        assert!(entry.is_built() && other.is_built());
    }
}
