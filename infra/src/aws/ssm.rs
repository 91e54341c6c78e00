//! Systems Manager's parameter store: where functions and the daemon find what they are to know.

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Reference, Resource, Text};

/// A value kept under a path: a text, or a document as [`Json`](crate::template::Json).
#[derive(Debug, Serialize)]
pub struct Parameter<V = Text> {
    /// The path, beginning with `/`.
    pub name: Text,
    /// For people.
    pub description: Text,
    /// How the value is kept.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// The value itself.
    pub value: V,
}

impl<V: Serialize> Resource for Parameter<V> {
    const TYPE: &'static str = "aws:ssm/parameter:Parameter";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl<V: Serialize> Handle<Parameter<V>> {
    /// The path.
    pub fn name(&self) -> Reference {
        self.property("name")
    }

    /// ARN, for the policies of those who read it.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }

    /// A number that grows whenever it is written, as far as Pulumi knows of that.
    pub fn version(&self) -> Reference {
        self.property("version")
    }
}

/// How a parameter's value is kept.
#[derive(Debug, Serialize)]
pub enum ParameterKind {
    /// Encrypted with the account's own `aws/ssm` key: free, and its readers need no permission on the key.
    SecureString,
    /// As it is: for what is no secret.
    String,
}
