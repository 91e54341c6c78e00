//! The statement of a function's policy that is the stack's, or becomes it.

use serde_json::Value;

use super::fit::Found;
use super::thing::Permission;

/// The action of Alexa's permission.
const INVOKE: &str = "lambda:InvokeFunction";

/// What a function's `policy` has of a permission: a statement with the stack's own id, else one that lets the same skill call.
pub(super) fn find(policy: &str, wanted: &Permission) -> Found {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let id = |statement: &Value| statement["Sid"].as_str().map(str::to_owned);
    let ours = statements.iter().find(|statement| statement["Sid"] == wanted.statement.as_str());
    let theirs = wanted.skill.as_deref().and_then(|skill| {
        statements.iter().find(|statement| statement["Action"] == INVOKE && token(statement) == Some(skill))
    });
    if wanted.moves {
        return moved(theirs, wanted);
    }
    match ours.or(theirs) {
        Some(statement) => Found::Fits(id(statement)),
        None => Found::Nothing,
    }
}

/// The new permission has to be there before the old one goes, or Alexa could call nobody in between. Pulumi does it in this
/// order only if the two are not called the same.
fn moved(statement: Option<&Value>, wanted: &Permission) -> Found {
    let function = &wanted.function;
    match statement.map(|statement| statement["Sid"].as_str()) {
        None => Found::Unfit(format!(
            "there is none; `aws lambda get-policy --function-name {function}` tells who may call it"
        )),
        Some(Some(id)) if id != wanted.statement => Found::Fits(Some(id.to_owned())),
        Some(_) => Found::Unfit(format!(
            "it is called as the stack's is, so that it would go before the stack's is there; take it away after \
             `pulumi up`: aws lambda remove-permission --function-name {function} --statement-id {}",
            wanted.statement
        )),
    }
}

fn token(statement: &Value) -> Option<&str> {
    let conditions = statement["Condition"].as_object()?;
    conditions.values().find_map(|condition| condition["lambda:EventSourceToken"].as_str())
}
