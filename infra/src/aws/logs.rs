//! CloudWatch Logs: what a function wrote.

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Reference, Resource, Text};

/// Where the log lines of one function go.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogGroup {
    /// `/aws/lambda/NAME` for the function NAME.
    pub name: Text,
    /// Days after which a line is deleted.
    pub retention_in_days: u32,
}

impl Resource for LogGroup {
    const TYPE: &'static str = "aws:cloudwatch/logGroup:LogGroup";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<LogGroup> {
    /// Name in the account and region.
    pub fn name(&self) -> Reference {
        self.property("name")
    }

    /// ARN of the group; its streams have it with `:*` at the end.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}
