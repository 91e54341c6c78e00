//! The file with the keys to AWS: what `aws configure` and AWS's own programs write.

use std::fs;
use std::io::Read;
use std::path::Path;

use aws::Credentials;

use super::wrong::{Found, WrongSettings};

/// Longest file that is read; it has two lines of 60 characters.
const LONGEST: u64 = 16 * 1024;

const EXPECTED: &str = "a file that this user can read, with the lines `aws_access_key_id = …` and \
                        `aws_secret_access_key = …` below `[default]`";

pub(super) fn load(path: &Path, wrong: &mut WrongSettings) -> Option<Credentials> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text).map(drop));
    let found = match read {
        Err(error) => format!("`{}`: {error}", path.display()),
        Ok(()) => match parse(&text) {
            Some(credentials) => return Some(credentials),
            None => format!("`{}`, which is not shown", path.display()),
        },
    };
    wrong.report("aws.credentials", Found::Described(found), EXPECTED);
    None
}

/// The profile `default` of a file of AWS's programs ("Configuration and credential file settings in the AWS CLI").
pub fn parse(text: &str) -> Option<Credentials> {
    let mut profile = "";
    let (mut id, mut secret, mut session_token) = (None, None, None);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            profile = name.trim();
            continue;
        }
        let (name, value) = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()))?;
        if profile != "default" || value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            continue;
        }
        match name {
            "aws_access_key_id" => id = Some(value),
            "aws_secret_access_key" => secret = Some(value),
            "aws_session_token" => session_token = Some(value.into()),
            _ => {}
        }
    }
    Some(Credentials { access_key_id: id?.to_owned(), secret_access_key: secret?.into(), session_token })
}
