//! What the role that deploys may do: everything that `pulumi up` does with this program's resources, and nothing that
//! would give it, or anybody, more than that.

use super::stack_resources::StackResources;
use crate::aws::iam::Statement;
use crate::aws::iam_account::ManagedPolicy;
use crate::template::Handle;

/// Gives a role or a user something to be, within the bounds: each of these says which bounds the principal has.
const WITHIN_BOUNDS: &[&str] = &[
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
];

/// The same for what tells no bounds. None of it gives a permission; a key is its user's, who is within the bounds.
const AROUND: &[&str] = &[
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:DeleteRole",
    "iam:DeleteUser",
    "iam:ListGroupsForUser",
    "iam:ListInstanceProfilesForRole",
    "iam:TagRole",
    "iam:TagUser",
    "iam:UntagRole",
    "iam:UntagUser",
    "iam:UpdateAccessKey",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
    "iam:UpdateUser",
];

/// The statements, of which the last outweighs the others: GitHub's own roles, their bounds and the account's trust in
/// GitHub are for a person to change.
pub(super) fn statements(resources: &StackResources<'_>, boundary: &Handle<ManagedPolicy>) -> Vec<Statement> {
    let roles = || resources.in_iam("role/STACK-*");
    let both = || roles().into_iter().chain(resources.in_iam("user/STACK-*"));
    let mut statements = resources.reads_and_writes();
    statements.push(Statement::allow(WITHIN_BOUNDS, both()).when(
        "StringEquals",
        "iam:PermissionsBoundary",
        boundary.arn(),
    ));
    statements.push(Statement::allow(AROUND, both()));
    for service in ["lambda.amazonaws.com", "scheduler.amazonaws.com"] {
        let pass = Statement::allow(&["iam:PassRole"], roles());
        statements.push(pass.when("StringEquals", "iam:PassedToService", service));
    }
    statements.push(Statement::deny(
        &[
            "iam:Add*",
            "iam:Attach*",
            "iam:Create*",
            "iam:Delete*",
            "iam:PassRole",
            "iam:Put*",
            "iam:Remove*",
            "iam:Set*",
            "iam:Update*",
        ],
        resources.out_of_reach(),
    ));
    statements
}
