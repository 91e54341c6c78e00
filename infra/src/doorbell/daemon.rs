//! What the daemon at the door acts as: it runs outside AWS, and so has keys that last.

use crate::aws::dynamodb::Table;
use crate::aws::iam::{Policy, Statement};
use crate::aws::iam_user::{AccessKey, User, UserPolicy};
use crate::aws::ssm::Parameter;
use crate::device::Published;
use crate::template::{Handle, Json, Program};
use crate::values::StackName;

/// What the daemon reaches in AWS.
pub(super) struct Reach<'a> {
    /// The grants, and the doorbells' heartbeats.
    pub(super) table: &'a Handle<Table>,
    /// What it reads at start.
    pub(super) parameters: &'a [&'a Handle<Parameter>],
    /// Where its package is, if that is published.
    pub(super) published: Option<&'a Published>,
}

/// User -> permissions -> key, for the newest key and the one before; then the newest as outputs.
///
/// Each key has a user of its own, because a user can have two keys only, and AWS tells by the user who still uses
/// which. One more of `keyRotation` makes the next key and takes away the last but one: the one that is in use at the
/// door works until it is replaced there, and goes with the rotation after that.
pub(super) fn declare(program: &mut Program, stack: &StackName, rotation: u32, reach: &Reach<'_>) {
    if rotation > 1 {
        declare_key(program, stack, rotation - 1, reach);
    }
    let key = declare_key(program, stack, rotation, reach);
    program.output("doorbellAccessKeyId", key.id());
    program.output("doorbellSecretAccessKey", key.secret());
}

fn declare_key(
    program: &mut Program,
    stack: &StackName,
    number: u32,
    reach: &Reach<'_>,
) -> Handle<AccessKey> {
    let name = stack.name(&format!("doorbell-{number}"));
    let user =
        program.declare(format!("doorbellUser{number}"), &User { name: name.into(), force_destroy: false });
    let Reach { table, parameters, published } = reach;
    let parameters = parameters.iter().map(|one| one.arn().into());
    let read = Statement::allow(
        &["ssm:GetParameters"],
        parameters.chain(published.map(|published| published.parameter.clone())),
    );
    // It finds the customers, and writes new tokens of theirs.
    let grants =
        Statement::allow(&["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:UpdateItem"], [table.arn().into()]);
    // It brings itself up to date.
    let fetch = published.map(|published| Statement::allow(&["s3:GetObject"], [published.objects.clone()]));
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
            policy: Json(Policy::new([read, grants, heartbeat].into_iter().chain(fetch))),
        },
    );
    program.declare(format!("doorbellAccessKey{number}"), &AccessKey { user: user.name().into() })
}
