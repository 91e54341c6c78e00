//! The bounds of the stack's own roles and users.
//!
//! Who may give roles permissions could give one more than it has itself, and become it. So the role that deploys makes
//! roles within these bounds only, and cannot move the bounds: what the stack's functions and its daemon may do together
//! is the most that anybody gets by it.

use super::stack_resources::StackResources;
use crate::aws::iam::{Policy, Statement};
use crate::aws::iam_account::ManagedPolicy;
use crate::template::{Handle, Json, Program};

/// Declares the bounds.
pub(super) fn declare(program: &mut Program, resources: &StackResources<'_>) -> Handle<ManagedPolicy> {
    let StackResources { stack, region, .. } = resources;
    let region = region.name();
    let allow =
        |actions: &'static [&'static str], resource: String| Statement::allow(actions, [resource.into()]);
    let all = |service: &'static str, resource: &str| resources.in_region(service, resource);
    let everything = stack.name("*");
    let statements = [
        Statement::allow(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            all("logs", "log-group:/aws/lambda/STACK-*"),
        ),
        allow(
            &["ssm:GetParameters", "ssm:PutParameter"],
            format!("arn:aws:ssm:{region}:*:parameter{}", stack.path("*")),
        ),
        Statement::allow(
            &[
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ],
            all("dynamodb", "table/STACK-*"),
        ),
        allow(&["s3:GetObject"], format!("arn:aws:s3:::{everything}")),
        Statement::allow(&["lambda:InvokeFunction"], all("lambda", "function:STACK-*")),
        // What Tailscale is told is about the role that asks, and bounded in the role's own policy.
        allow(&["sts:GetWebIdentityToken"], "*".to_owned()),
    ];
    program.declare(
        "permissionsBoundary",
        &ManagedPolicy {
            name: stack.name("boundary").into(),
            description: "The most that a role or a user of the stack may do".into(),
            policy: Json(Policy::new(statements)),
        },
    )
}
