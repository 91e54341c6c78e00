//! What changes in the sources, looked at again and again: no notification tells of every editor's way to save.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

/// How often is looked. A few hundred files take a millisecond or two.
const PAUSE: Duration = Duration::from_millis(250);

/// Where the sources of what is deployed are.
const SOURCES: [&str; 7] =
    ["Cargo.lock", "Cargo.toml", "Pulumi.yaml", "crates", "device", "functions", "infra"];

/// The files that something is made of, as they are at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<PathBuf, Stamp>);

/// By what a file that was written is told from one that was not.
type Stamp = (Option<SystemTime>, u64);

impl Sources {
    /// Those of the checkout at `repository`. What cannot be read is not there.
    #[must_use]
    pub fn of(repository: &Path) -> Self {
        let mut sources = Self::default();
        for source in SOURCES {
            sources.add(&repository.join(source));
        }
        sources
    }

    /// The files that are new, gone or written since `before`.
    #[must_use]
    pub fn since(&self, before: &Self) -> Vec<PathBuf> {
        let is_changed = |path: &&PathBuf| self.0.get(*path) != before.0.get(*path);
        let mut changed: Vec<PathBuf> =
            self.0.keys().chain(before.0.keys()).filter(is_changed).cloned().collect();
        changed.sort();
        changed.dedup();
        changed
    }

    fn add(&mut self, path: &Path) {
        // Hidden files are an editor's own, and `target` is what comes out.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" || name.ends_with('~') {
            return;
        }
        let Ok(metadata) = fs::symlink_metadata(path) else { return };
        if metadata.is_dir() {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                self.add(&entry.path());
            }
        } else {
            self.0.insert(path.into(), (metadata.modified().ok(), metadata.len()));
        }
    }
}

/// Waits until the sources at `repository` are other ones than `known` and stay so for a moment, since an editor writes
/// several files. Gives them.
pub async fn changed(repository: &Path, known: &Sources) -> Sources {
    let mut seen = Sources::of(repository);
    loop {
        sleep(PAUSE).await;
        let now = Sources::of(repository);
        if now == seen && now != *known {
            return now;
        }
        seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(repository: &Path, path: &str, text: &str) {
        let path = repository.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_is_written_new_or_gone_is_told_and_what_comes_out_is_not() {
        let repository = tempfile::tempdir().unwrap();
        let repository = repository.path();
        write(repository, "functions/bridge/src/main.rs", "fn main() {}");
        write(repository, "functions/bridge/src/old.rs", "");
        let before = Sources::of(repository);
        assert_eq!(Sources::of(repository).since(&before), Vec::<PathBuf>::new());

        write(repository, "functions/bridge/src/main.rs", "fn main() { run(); }");
        write(repository, "crates/alexa/src/new.rs", "");
        fs::remove_file(repository.join("functions/bridge/src/old.rs")).unwrap();
        for other in
            ["infra/target/x", "functions/.main.rs.swp", "crates/lib.rs~", "docs/x.md", "sandbox/x.rs"]
        {
            write(repository, other, "x");
        }
        let wanted =
            ["crates/alexa/src/new.rs", "functions/bridge/src/main.rs", "functions/bridge/src/old.rs"];
        assert_eq!(Sources::of(repository).since(&before), wanted.map(|path| repository.join(path)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_waited_for_until_it_is_whole() {
        let repository = tempfile::tempdir().unwrap();
        write(repository.path(), "infra/src/main.rs", "");
        let known = Sources::of(repository.path());
        write(repository.path(), "infra/src/main.rs", "fn main() {}");
        let now = changed(repository.path(), &known).await;
        assert_eq!(now.since(&known), [repository.path().join("infra/src/main.rs")]);
    }
}
