//! What Amazon does with a manifest after it has taken it: it builds the skill anew, which takes some seconds.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use serde::Deserialize;

use crate::id::{ETag, SkillId};
use crate::refusal::Problem;

/// A skill with a manifest that Amazon has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The mark of this version of the manifest, if Amazon told it.
    pub etag: Option<ETag>,
    /// What Amazon would like better, word for word.
    pub warnings: Vec<Problem>,
}

/// What is waited for, to be shown to whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Building {
    /// The skill.
    pub skill: SkillId,
    /// For how long.
    pub waited: Duration,
}

impl fmt::Display for Building {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "amazon checks the manifest of {} ({} s)", self.skill, self.waited.as_secs())
    }
}

/// How far a build is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Going,
    Done(Built),
    Failed(Vec<Problem>),
}

impl Progress {
    /// Reads the answer about a manifest's status.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Answer {
            manifest: Manifest,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Manifest {
            last_update_request: Request,
            e_tag: Option<String>,
        }
        #[derive(Deserialize)]
        struct Request {
            status: String,
            #[serde(default)]
            errors: Vec<Problem>,
            #[serde(default)]
            warnings: Vec<Problem>,
        }
        let answer: Answer = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let Request { status, errors, warnings } = answer.manifest.last_update_request;
        match status.as_str() {
            "IN_PROGRESS" => Ok(Self::Going),
            "SUCCEEDED" => {
                let etag = answer.manifest.e_tag.and_then(|text| HeaderValue::try_from(text).ok());
                Ok(Self::Done(Built { etag: etag.as_ref().map(ETag::of_header), warnings }))
            }
            "FAILED" => Ok(Self::Failed(errors)),
            other => Err(format!("`{other}` is no status of a build")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_going_done_or_failed() {
        let status = |status: &str, more: &str| {
            let request = format!(r#"{{"status":"{status}","version":"1","new":1{more}}}"#);
            Progress::read(
                format!(r#"{{"manifest":{{"lastUpdateRequest":{request},"eTag":"e1"}},"x":1}}"#).as_bytes(),
            )
        };
        let problem = |message: &str| Problem { code: None, message: message.into() };
        assert_eq!(status("IN_PROGRESS", ""), Ok(Progress::Going));
        let built = Built { etag: ETag::of_text("e1"), warnings: vec![problem("w")] };
        assert_eq!(status("SUCCEEDED", r#","warnings":[{"message":"w"}]"#), Ok(Progress::Done(built)));
        assert_eq!(
            status("FAILED", r#","errors":[{"message":"e"}]"#),
            Ok(Progress::Failed(vec![problem("e")]))
        );
        assert_eq!(status("PAUSED", ""), Err("`PAUSED` is no status of a build".into()));
        assert!(Progress::read(b"{}").is_err());
    }
}
