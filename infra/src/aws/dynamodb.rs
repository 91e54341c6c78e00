//! DynamoDB: tables.

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Reference, Resource, Text};

/// A table that is paid for by what is asked of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Name in the account and region.
    pub name: Text,
    /// How it is paid for.
    pub billing_mode: BillingMode,
    /// Name of the partition key, which is one of the attributes.
    pub hash_key: &'static str,
    /// The attributes that are keys, and no others.
    pub attributes: Vec<Attribute>,
    /// Whether it can be made anew as it was at any second of the last 35 days.
    pub point_in_time_recovery: PointInTimeRecovery,
    /// Whether AWS refuses to delete it.
    pub deletion_protection_enabled: bool,
}

impl Resource for Table {
    const TYPE: &'static str = "aws:dynamodb/table:Table";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<Table> {
    /// Name in the account and region.
    pub fn name(&self) -> Reference {
        self.property("name")
    }

    /// ARN, for the policies of those who read and write it.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}

/// How a table is paid for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BillingMode {
    /// By what is asked of it.
    PayPerRequest,
}

/// An attribute that is a key.
#[derive(Debug, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: AttributeKind,
}

/// What an attribute holds.
#[derive(Debug, Serialize)]
pub enum AttributeKind {
    /// Text.
    #[serde(rename = "S")]
    Text,
}

/// The backup that goes on all the time.
#[derive(Debug, Serialize)]
pub struct PointInTimeRecovery {
    /// Whether it does.
    pub enabled: bool,
}
