//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use hue::Address;

/// What `--help` says, and whoever is mistaken.
pub const USAGE: &str = "\
usage: porch-doorbell [--check] [--settings FILE]
       porch-doorbell pair hue ADDRESS
  pair            get a key from the Hue Bridge there, whose button is pressed meanwhile
  --check          only say whether the settings are good
  --settings FILE  read them from there, not from /etc/porch/doorbell.toml
  --version        say which version this is";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Run, with the settings of this file.
    Run(PathBuf),
    /// Check the settings of this file.
    Check(PathBuf),
    /// Pair with the Hue Bridge at this address.
    PairHue(Address),
    /// Print [`USAGE`].
    Help,
    /// Print the version.
    Version,
}

impl Task {
    /// Reads the arguments, without the program's name; `None` if they mean nothing.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut path = None;
        let mut check = false;
        let mut arguments = arguments.into_iter().peekable();
        if arguments.next_if(|first| first == "pair").is_some() {
            let rest: Vec<OsString> = arguments.collect();
            let [kind, address] = &rest[..] else { return None };
            let address = Address::parse(address.to_str()?).ok()?;
            return (kind == "hue").then_some(Self::PairHue(address));
        }
        while let Some(argument) = arguments.next() {
            match argument.to_str()? {
                "--help" => return Some(Self::Help),
                "--version" => return Some(Self::Version),
                "--check" if !check => check = true,
                "--settings" if path.is_none() => path = Some(PathBuf::from(arguments.next()?)),
                _ => return None,
            }
        }
        let path = path.unwrap_or_else(|| "/etc/porch/doorbell.toml".into());
        Some(if check { Self::Check(path) } else { Self::Run(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_mean_one_thing_or_nothing() {
        let read = |text: &str| Task::read(text.split_whitespace().map(OsString::from));
        assert_eq!(read(""), Some(Task::Run("/etc/porch/doorbell.toml".into())));
        assert_eq!(read("--settings a.toml --check"), Some(Task::Check("a.toml".into())));
        assert_eq!(read("--check --help"), Some(Task::Help));
        assert_eq!(read("--version"), Some(Task::Version));
        let address = Address::parse("192.168.1.20").expect("an address");
        assert_eq!(read("pair hue 192.168.1.20"), Some(Task::PairHue(address)));
        let pairs =
            ["pair", "pair hue", "pair hue https://a", "pair hue a b", "pair hub a", "--check pair hue a"];
        let settings = ["--settings", "--settings a --settings b", "--check --check", "a.toml", "--chek"];
        for nonsense in pairs.into_iter().chain(settings) {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
