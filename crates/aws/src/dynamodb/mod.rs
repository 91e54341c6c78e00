//! One table of DynamoDB: its items, and writes that happen only if the item is as it is thought to be.
//!
//! Shapes and names are those of the API (AWS, "Amazon DynamoDB API Reference", version 2012-08-10).

mod attribute;
mod description;
mod expression;
mod table;

pub use attribute::{Attribute, Item};
pub use description::{Description, describe};
pub use expression::{Condition, Update};
pub use table::{Table, TableName, Written};
