//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use hue::Address;

use crate::update::How;

/// What `--help` says, and whoever is mistaken.
pub const USAGE: &str = "\
usage: porch-doorbell [COMMAND] [--settings FILE]
commands:
  run     watch the buttons; what it does if nothing is said
  check   look at all that it needs, and say what to do about what fails
  update  install the newest package of the stack, and go back if the daemon does not run with it
  password
          read a password from standard input, and print what the secrets keep of it
  pair hue ADDRESS
          get a key from the Hue Bridge there, while its button is pressed
options:
  --settings FILE  read them from there, not from /etc/porch/doorbell.toml
  --dry-run        of update: only say what would be done
  --force          of update: what failed before, too, and with no way back
  --version        say which version this is";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Something with the settings of a file.
    Do(Command, PathBuf),
    /// Decode pictures from a camera: what this program starts itself for.
    #[cfg(feature = "camera")]
    Decode,
    /// Print what is kept of a password.
    Password,
    /// Pair with the Hue Bridge at this address.
    PairHue(Address),
    /// Print [`USAGE`].
    Help,
    /// Print the version.
    Version,
}

/// What can be done with settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run.
    Run,
    /// Look at all that is needed to run.
    Check,
    /// Install what is newer.
    Update(How),
}

impl Task {
    /// Reads the arguments, without the program's name; `None` if they mean nothing.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let (mut command, mut settings, mut how) = (None, None, How::default());
        let mut arguments = arguments.into_iter().peekable();
        if arguments.next_if(|first| first == "pair").is_some() {
            return Self::pair(&arguments.collect::<Vec<_>>());
        }
        while let Some(argument) = arguments.next() {
            match argument.to_str()? {
                "--help" => return Some(Self::Help),
                "--version" => return Some(Self::Version),
                #[cfg(feature = "camera")]
                crate::integration::camera::DECODE => return Some(Self::Decode),
                "--settings" if settings.is_none() => settings = Some(PathBuf::from(arguments.next()?)),
                "--dry-run" if !how.dry_run => how.dry_run = true,
                "--force" if !how.force => how.force = true,
                "run" if command.is_none() => command = Some(Command::Run),
                "check" if command.is_none() => command = Some(Command::Check),
                "password" if command.is_none() && arguments.peek().is_none() => return Some(Self::Password),
                "update" if command.is_none() => command = Some(Command::Update(how)),
                _ => return None,
            }
        }
        let settings = settings.unwrap_or_else(|| "/etc/porch/doorbell.toml".into());
        let mut command = command.unwrap_or(Command::Run);
        if let Command::Update(wanted) = &mut command {
            // It may be said before the command as well.
            *wanted = how;
        } else if how != How::default() {
            return None;
        }
        Some(Self::Do(command, settings))
    }

    /// What follows `pair`.
    fn pair(arguments: &[OsString]) -> Option<Self> {
        let [kind, address] = arguments else { return None };
        let address = Address::parse(address.to_str()?).ok()?;
        (kind == "hue").then_some(Self::PairHue(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_mean_one_thing_or_nothing() {
        let read = |text: &str| Task::read(text.split_whitespace().map(OsString::from));
        assert_eq!(read(""), Some(Task::Do(Command::Run, "/etc/porch/doorbell.toml".into())));
        assert_eq!(read("run --settings a.toml"), Some(Task::Do(Command::Run, "a.toml".into())));
        assert_eq!(read("--settings a.toml check"), Some(Task::Do(Command::Check, "a.toml".into())));
        let how = |dry_run, force| How { dry_run, force };
        for (text, how) in [
            ("update", how(false, false)),
            ("update --dry-run", how(true, false)),
            ("--force update --dry-run", how(true, true)),
        ] {
            let task = Task::Do(Command::Update(how), "/etc/porch/doorbell.toml".into());
            assert_eq!(read(text), Some(task), "{text}");
        }
        assert_eq!(read("check --help"), Some(Task::Help));
        assert_eq!(read("password"), Some(Task::Password));
        assert_eq!(read("--version"), Some(Task::Version));
        let address = Address::parse("192.168.1.20").expect("an address");
        assert_eq!(read("pair hue 192.168.1.20"), Some(Task::PairHue(address)));
        let wrong = ["--settings", "--settings a --settings b", "check check", "a.toml", "--check", "chek"];
        let pairs =
            ["pair", "pair hue", "pair hue https://a", "pair hue a b", "pair hub a", "check pair hue a"];
        let updates = ["--force", "check --dry-run", "update --force --force"];
        for nonsense in wrong.into_iter().chain(pairs).chain(updates) {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
