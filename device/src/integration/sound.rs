//! `[[sound]]`: a file that is played, by a program that plays files.

use std::path::PathBuf;

use super::command::{Command, CommandSettings};

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundSettings {
    /// `file`: what is played.
    pub file: PathBuf,
    /// `player`: the program and its arguments, to which the file is added. Default: `aplay --quiet`.
    pub player: CommandSettings,
}

impl SoundSettings {
    /// Whether the file and the player are there.
    ///
    /// # Errors
    /// When one is not.
    pub(super) fn check(&self) -> Result<String, String> {
        match std::fs::File::open(&self.file) {
            Ok(_) => self.player.check(),
            Err(error) => Err(format!("{}: {error}; see its file", self.file.display())),
        }
    }

    /// The command that plays it.
    pub(super) fn command(&self) -> Command {
        let CommandSettings { program, mut arguments } = self.player.clone();
        arguments.push(self.file.display().to_string());
        Command::new(CommandSettings { program, arguments })
    }
}
