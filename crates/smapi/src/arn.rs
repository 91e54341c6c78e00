//! The function that answers a skill's directives.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The ARN of a Lambda function, maybe with a version or alias: smart home skills call nothing else.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionArn(String);

impl FunctionArn {
    /// Reads an ARN as Lambda writes it.
    ///
    /// # Errors
    /// What is expected, if it is anything else.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let named = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte))
        };
        let parts: Vec<&str> = text.split(':').collect();
        let good = match parts.as_slice() {
            ["arn", "aws", "lambda", region, account, "function", name @ ..] => {
                named(region)
                    && account.len() == 12
                    && account.bytes().all(|byte| byte.is_ascii_digit())
                    && (1..=2).contains(&name.len())
                    && name.iter().all(named)
            }
            _ => false,
        };
        good.then(|| Self(text.to_owned()))
            .ok_or("the ARN of a Lambda function, like arn:aws:lambda:eu-west-1:123456789012:function:name")
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region of AWS in which the function is.
    #[must_use]
    pub fn region(&self) -> &str {
        self.0.split(':').nth(3).unwrap_or_default()
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split(':').nth(6).unwrap_or_default()
    }

    /// The version or alias, if it is about one.
    #[must_use]
    pub fn qualifier(&self) -> Option<&str> {
        self.0.split(':').nth(7)
    }
}

impl fmt::Display for FunctionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FunctionArn {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<FunctionArn> for String {
    fn from(arn: FunctionArn) -> Self {
        arn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_function_has_such_an_arn() {
        for (text, is_good) in [
            ("arn:aws:lambda:eu-west-1:123456789012:function:bell", true),
            ("arn:aws:lambda:eu-west-1:123456789012:function:bell:live", true),
            ("arn:aws:lambda:eu-west-1:123456789012:function:bell:$LATEST", true),
            ("arn:aws:lambda:eu-west-1:123456789012:function:", false),
            ("arn:aws:lambda:eu-west-1:1234:function:bell", false),
            ("arn:aws:sns:eu-west-1:123456789012:bell", false),
            ("https://example.com", false),
        ] {
            assert_eq!(FunctionArn::parse(text).is_ok(), is_good, "{text}");
        }
        let arn = FunctionArn::parse("arn:aws:lambda:eu-west-1:123456789012:function:bell").unwrap();
        assert_eq!(arn.region(), "eu-west-1");
    }
}
