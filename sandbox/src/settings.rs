//! What the sandbox takes from the environment, read once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where things are on this machine, and what the person chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The checkout: the folder of the workspace's `Cargo.toml`.
    pub repository: PathBuf,
    /// Built tools, shared by all checkouts: `PORCH_CACHE`, else `$XDG_CACHE_HOME/porch`, else `~/.cache/porch`.
    pub cache: PathBuf,
    /// Folders of `PATH`, without the sandbox's own (`cargo xtask env` puts those first).
    pub path: Vec<PathBuf>,
    /// Where the person's own Pulumi plugins are: `$PULUMI_HOME/plugins`, else `~/.pulumi/plugins`.
    pub pulumi_plugins: PathBuf,
    /// Which `aws` plugin Pulumi gets: `PORCH_AWS_PLUGIN`.
    pub aws_plugin: AwsPlugin,
    /// What every running part inherits; nothing else of the person's environment reaches them.
    pub inherited: Vec<(&'static str, OsString)>,
    /// What the provider's builds may see of the environment.
    pub build_environment: porch_provider::Environment,
    /// `PULUMI_CONFIG_PASSPHRASE` is set, which wins over the sandbox's file with the passphrase.
    pub has_passphrase: bool,
    /// No colours: `NO_COLOR` is set, as <https://no-color.org> asks.
    pub no_color: bool,
}

/// Which `aws` provider plugin serves the sandbox's stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwsPlugin {
    /// The official one when the person has it installed, else the stand-in. The default.
    Installed,
    /// The sandbox's own stand-in, always.
    StandIn,
}

/// One variable that cannot be used, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting {
    /// The variable.
    pub name: &'static str,
    /// Its value, or `not set`.
    pub found: String,
    /// What would be right.
    pub expected: &'static str,
}

const INHERITED: [&str; 7] = ["HOME", "LANG", "LC_ALL", "LOGNAME", "TMPDIR", "TZ", "USER"];

impl Settings {
    /// Reads the settings for the checkout at `repository` through `lookup`.
    ///
    /// # Errors
    /// Every variable that is wrong, at once.
    pub fn read(
        repository: &Path,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Vec<WrongSetting>> {
        let get = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let mut wrong = Vec::new();
        let home = absolute("HOME", &get, &mut wrong);
        let chosen = absolute("PORCH_CACHE", &get, &mut wrong);
        // The XDG specification says that a relative path is to be ignored.
        let xdg = get("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = chosen
            .or_else(|| xdg.map(|path| path.join("porch")))
            .or_else(|| home.as_ref().map(|home| home.join(".cache/porch")));
        if cache.is_none() && wrong.is_empty() {
            wrong.push(WrongSetting {
                name: "HOME",
                found: "not set".into(),
                expected: "your home folder, or PORCH_CACHE naming a folder for built tools",
            });
        }
        let aws_plugin = match get("PORCH_AWS_PLUGIN").map(|value| value.to_string_lossy().into_owned()) {
            None => AwsPlugin::Installed,
            Some(value) if value == "installed" => AwsPlugin::Installed,
            Some(value) if value == "stand-in" => AwsPlugin::StandIn,
            Some(found) => {
                let expected = "installed or stand-in";
                wrong.push(WrongSetting { name: "PORCH_AWS_PLUGIN", found, expected });
                AwsPlugin::Installed
            }
        };
        let Some(cache) = cache.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let state = repository.join(".sandbox");
        let path = get("PATH")
            .map(|value| std::env::split_paths(&value).collect::<Vec<_>>())
            .unwrap_or_default()
            .into_iter()
            .filter(|folder| {
                folder.is_absolute() && !folder.starts_with(&state) && !folder.starts_with(&cache)
            })
            .collect();
        let pulumi_plugins = get("PULUMI_HOME")
            .map(PathBuf::from)
            .filter(|folder| !folder.starts_with(&state))
            .or_else(|| home.map(|home| home.join(".pulumi")))
            .unwrap_or_else(|| PathBuf::from("/nonexistent"))
            .join("plugins");
        Ok(Self {
            repository: repository.to_path_buf(),
            cache,
            path,
            pulumi_plugins,
            aws_plugin,
            inherited: INHERITED
                .into_iter()
                .filter_map(|name| get(name).map(|value| (name, value)))
                .collect(),
            build_environment: porch_provider::Environment::read(&lookup),
            has_passphrase: lookup("PULUMI_CONFIG_PASSPHRASE").is_some(),
            no_color: get("NO_COLOR").is_some(),
        })
    }

    /// The executable `name` on the person's `PATH`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|folder| folder.join(name)).find(|file| is_executable(file))
    }

    /// `PATH` with `first` in front of the person's folders.
    #[must_use]
    pub fn path_with(&self, first: &[&Path]) -> OsString {
        let folders = first.iter().copied().chain(self.path.iter().map(PathBuf::as_path));
        // A folder with a colon in its name cannot be in PATH; it is left out rather than refused.
        let folders = folders.filter(|folder| !folder.to_string_lossy().contains(':'));
        std::env::join_paths(folders).unwrap_or_default()
    }
}

fn absolute(
    name: &'static str,
    get: &impl Fn(&str) -> Option<OsString>,
    wrong: &mut Vec<WrongSetting>,
) -> Option<PathBuf> {
    let value = PathBuf::from(get(name)?);
    if value.is_absolute() {
        return Some(value);
    }
    wrong.push(WrongSetting { name, found: value.display().to_string(), expected: "an absolute path" });
    None
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, Vec<WrongSetting>> {
        Settings::read(Path::new("/src/porch"), |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_cache_is_where_the_person_says_else_where_xdg_says_else_at_home() {
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("PORCH_CACHE", "/c")], "/c"),
            (&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")], "/x/porch"),
            (&[("HOME", "/h"), ("XDG_CACHE_HOME", "relative")], "/h/.cache/porch"),
            (&[("HOME", "/h")], "/h/.cache/porch"),
        ];
        for (variables, cache) in cases {
            assert_eq!(read(variables).unwrap().cache, Path::new(cache), "{variables:?}");
        }
    }

    #[test]
    fn every_wrong_variable_is_told_at_once() {
        let wrong = read(&[("PORCH_CACHE", "here"), ("PORCH_AWS_PLUGIN", "fake")]).unwrap_err();
        let names: Vec<_> = wrong.iter().map(|wrong| (wrong.name, wrong.found.as_str())).collect();
        assert_eq!(names, [("PORCH_CACHE", "here"), ("PORCH_AWS_PLUGIN", "fake")]);
        assert_eq!(read(&[]).unwrap_err()[0].name, "HOME");
    }

    #[test]
    fn the_sandbox_s_own_tools_are_not_taken_for_the_person_s() {
        let settings = read(&[
            ("HOME", "/h"),
            ("PATH", "/h/.cache/porch/pulumi-0123:/src/porch/.sandbox/bin:/usr/bin"),
            ("PULUMI_HOME", "/src/porch/.sandbox/pulumi/home"),
        ])
        .unwrap();
        assert_eq!(settings.path, [Path::new("/usr/bin")]);
        assert_eq!(settings.pulumi_plugins, Path::new("/h/.pulumi/plugins"));
    }
}
