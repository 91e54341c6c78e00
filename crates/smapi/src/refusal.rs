//! Amazon's own words about what it does not do.

use std::fmt;

use serde::Deserialize;

/// Most characters of a refusal that are shown.
const SHOWN: usize = 2_000;

/// A refusal, word for word. None was seen to hold a secret, and nothing that is sent as one is repeated in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Amazon's word for it, where there is one.
    pub code: Option<String>,
    /// Its words.
    pub message: String,
    /// What is wrong, one by one.
    pub violations: Vec<Problem>,
}

/// One thing that is wrong, as Amazon tells it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Problem {
    /// Amazon's word for it, where there is one.
    #[serde(default)]
    pub code: Option<String>,
    /// Its words.
    #[serde(default)]
    pub message: String,
}

impl Refusal {
    /// A body as the API answers it; nothing of what is not JSON, which comes from something in between.
    pub(crate) fn of_api(body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Body {
            code: Option<String>,
            message: String,
            violations: Vec<Problem>,
        }
        let Body { code, message, violations } = serde_json::from_slice(body).unwrap_or_default();
        Self { code, message, violations }
    }

    /// Everything that Amazon says, without the codes.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let violations = self.violations.iter().map(|violation| violation.message.as_str());
        [self.message.as_str()].into_iter().chain(violations)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = Problem { code: self.code.clone(), message: self.message.clone() };
        let all = [own].into_iter().chain(self.violations.iter().cloned());
        let all: Vec<String> =
            all.map(|problem| problem.to_string()).filter(|text| !text.is_empty()).collect();
        f.write_str(&cut(&all.join("; ")))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) if self.message.is_empty() => f.write_str(&cut(code)),
            Some(code) => write!(f, "{} ({})", cut(&self.message), cut(code)),
            None => f.write_str(&cut(&self.message)),
        }
    }
}

/// As much of a text as belongs into a message, in one line.
fn cut(text: &str) -> String {
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.take(SHOWN).collect()
}

/// The function whose permission Amazon misses, if that is what a text says. Two wordings were seen.
pub(crate) fn untriggered(text: &str) -> Option<&str> {
    let told = text.contains("trigger setting for the Lambda") || text.contains("event source type");
    let arn = text.split_whitespace().find(|word| word.starts_with("arn:"));
    arn.filter(|_| told).map(|arn| arn.trim_end_matches(['.', ',', '"']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_word_for_word_in_one_line() {
        for (body, wanted) in [
            (
                r#"{"message":"Skill is not ready for enablement.","violations":[{"message":"Regionalized endpoints must not be empty."}]}"#,
                "Skill is not ready for enablement.; Regionalized endpoints must not be empty.",
            ),
            (
                r#"{"message":"no\nmanifest","violations":[{"code":"MISSING_REQUIRED_PROPERTY","message":"name"}],"more":1}"#,
                "no manifest; name (MISSING_REQUIRED_PROPERTY)",
            ),
            (r#"{"code":"NOT_FOUND","message":""}"#, "NOT_FOUND"),
            ("<html>", ""),
            ("[]", ""),
        ] {
            assert_eq!(Refusal::of_api(body.as_bytes()).to_string(), wanted, "{body}");
        }
        let long = Problem { code: None, message: "x".repeat(5_000) };
        assert_eq!(long.to_string().len(), SHOWN);
    }

    #[test]
    fn a_missing_permission_is_known_by_either_wording() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:bell";
        for (text, wanted) in [
            (format!("The trigger setting for the Lambda {arn} is invalid."), Some(arn)),
            (format!("The trigger setting for the Lambda {arn}."), Some(arn)),
            (
                format!(
                    "Please make sure that \"Alexa Smart Home\" is selected for the event source type, for provided {arn} \
                     [Invalid value]"
                ),
                Some(arn),
            ),
            (format!("The function {arn} does not exist."), None),
            ("The trigger setting for the Lambda is invalid.".into(), None),
        ] {
            assert_eq!(untriggered(&text), wanted, "{text}");
        }
    }
}
