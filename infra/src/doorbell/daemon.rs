//! What the daemon at the door acts as: it runs outside AWS, and so has keys that last.

use crate::aws::dynamodb::Table;
use crate::aws::iam::{Policy, Statement};
use crate::aws::iam_user::{AccessKey, User, UserPolicy};
use crate::aws::ssm::Parameter;
use crate::template::{Handle, Json, Program};
use crate::values::StackName;

/// User -> permissions -> key, for the newest key and the one before; then the newest as outputs.
///
/// Each key has a user of its own, because a user can have two keys only, and AWS tells by the user who still uses
/// which. One more of `keyRotation` makes the next key and takes away the last but one: the one that is in use at the
/// door works until it is replaced there, and goes with the rotation after that.
pub(super) fn declare(
    program: &mut Program,
    stack: &StackName,
    rotation: u32,
    table: &Handle<Table>,
    parameters: &[&Handle<Parameter>],
) {
    if rotation > 1 {
        declare_key(program, stack, rotation - 1, table, parameters);
    }
    let key = declare_key(program, stack, rotation, table, parameters);
    program.output("doorbellAccessKeyId", key.id());
    program.output("doorbellSecretAccessKey", key.secret());
}

fn declare_key(
    program: &mut Program,
    stack: &StackName,
    number: u32,
    table: &Handle<Table>,
    parameters: &[&Handle<Parameter>],
) -> Handle<AccessKey> {
    let name = stack.name(&format!("doorbell-{number}"));
    let user =
        program.declare(format!("doorbellUser{number}"), &User { name: name.into(), force_destroy: false });
    let read = Statement::allow(&["ssm:GetParameters"], parameters.iter().map(|one| one.arn().into()));
    // It finds the customers, and writes new tokens of theirs.
    let grants =
        Statement::allow(&["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:UpdateItem"], [table.arn().into()]);
    let heartbeat = Statement::allow(&["dynamodb:PutItem"], [table.arn().into()]).when(
        "ForAllValues:StringLike",
        "dynamodb:LeadingKeys",
        "bell#*",
    );
    program.declare(
        format!("doorbellUser{number}Permissions"),
        &UserPolicy {
            name: "doorbell".into(),
            user: user.name().into(),
            policy: Json(Policy::new([read, grants, heartbeat])),
        },
    );
    program.declare(format!("doorbellAccessKey{number}"), &AccessKey { user: user.name().into() })
}
