//! What every function has besides itself: its log, and the role that it acts as.

use crate::aws::iam::{Policy, Role, RolePolicy, Statement};
use crate::aws::logs::LogGroup;
use crate::names::{Named, Names};
use crate::template::{Handle, Json, Program, Reference, Text};
use crate::values::StackName;

/// One function's names and what it may do.
pub(crate) struct Declaration<'a, S> {
    /// Beginning of the resources' names, like `keyRenewal`.
    pub(crate) resources: &'a str,
    /// What the function and its role are called in the account.
    pub(crate) names: &'a Names,
    /// What acts as the role, for people.
    pub(crate) description: &'a str,
    /// Days after which a line of the log is deleted.
    pub(crate) retention_in_days: u32,
    /// What the function may do, besides writing its own log.
    pub(crate) statements: S,
}

/// The role with its permissions, and the log.
pub(crate) struct FunctionRole {
    role: Handle<Role>,
    permissions: Handle<RolePolicy>,
    log_group: Handle<LogGroup>,
}

impl FunctionRole {
    /// Log group -> role -> permissions.
    pub(crate) fn declare<S: IntoIterator<Item = Statement>>(
        program: &mut Program,
        stack: &StackName,
        declaration: Declaration<'_, S>,
    ) -> Self {
        let Declaration { resources, names, description, retention_in_days, statements } = declaration;
        let log = format!("/aws/lambda/{}", names.of(stack, Named::Function));
        let log_group = program
            .declare(format!("{resources}LogGroup"), &LogGroup { name: log.into(), retention_in_days });
        let role = program.declare(
            format!("{resources}Role"),
            &Role {
                name: names.of(stack, Named::Role).into(),
                description: description.into(),
                assume_role_policy: Json(Policy::new([Statement::taken_by("lambda.amazonaws.com")])),
                // Somebody may have attached policies to a role that was there before; it goes with the stack all the same.
                force_detach_policies: names.has(Named::Role),
            },
        );
        let write_log = Statement::allow(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            [Text::from(log_group.arn()).then(":*")],
        );
        let permissions = program.declare(
            format!("{resources}Permissions"),
            &RolePolicy {
                name: names.component().into(),
                role: role.name().into(),
                policy: Json(Policy::new(statements.into_iter().chain([write_log]))),
            },
        );
        Self { role, permissions, log_group }
    }

    /// ARN of the role.
    pub(crate) fn arn(&self) -> Reference {
        self.role.arn()
    }

    /// Name of the log group.
    pub(crate) fn log_group(&self) -> Reference {
        self.log_group.name()
    }

    /// What must be there before the function: else its first run makes a log group of its own, which keeps lines for
    /// ever, or may not do what it needs.
    pub(crate) fn before_the_function(&self) -> [Reference; 2] {
        [self.log_group.itself(), self.permissions.itself()]
    }
}
