//! A function that is invoked again and again: the schedule, and the role that it invokes as.

use crate::aws::iam::{Policy, Role, RolePolicy, Statement};
use crate::aws::lambda::Function;
use crate::aws::scheduler::{FlexibleTimeWindow, Schedule, Target};
use crate::template::{Handle, Json, Program};
use crate::values::StackName;

/// What is invoked, and when.
pub(crate) struct Declaration<'a> {
    /// Name of the schedule among the resources, and the beginning of its role's, like `keyRenewalSchedule`.
    pub(crate) resources: &'a str,
    /// End of the schedule's and its role's name in the account, like `key-schedule`. At most 17 characters: a role's
    /// name has 64, and the stack's takes what is left.
    pub(crate) component: &'a str,
    /// What acts as the role, for people.
    pub(crate) role_description: &'a str,
    /// What the schedule is for, for people.
    pub(crate) description: &'a str,
    /// When, like `rate(1 day)`.
    pub(crate) expression: &'a str,
    /// How exactly then.
    pub(crate) window: FlexibleTimeWindow,
    /// What is invoked.
    pub(crate) function: &'a Handle<Function>,
    /// The event, as JSON.
    pub(crate) event: &'a str,
}

/// Role -> its permission, for this one function -> schedule.
pub(crate) fn declare(program: &mut Program, stack: &StackName, declaration: Declaration<'_>) {
    let Declaration { resources, component, role_description, description, .. } = declaration;
    let name = stack.name(component);
    let role = program.declare(
        format!("{resources}Role"),
        &Role {
            name: name.as_str().into(),
            description: role_description.into(),
            assume_role_policy: Json(Policy::new([Statement::taken_by("scheduler.amazonaws.com")])),
            force_detach_policies: false,
        },
    );
    let function = declaration.function;
    let invoke = Statement::allow(&["lambda:InvokeFunction"], [function.arn().into()]);
    let permissions = program.declare(
        format!("{resources}Permissions"),
        &RolePolicy { name: component.into(), role: role.name().into(), policy: Json(Policy::new([invoke])) },
    );
    program.declare_after(
        resources,
        &Schedule {
            name: name.into(),
            description: description.into(),
            schedule_expression: declaration.expression.into(),
            flexible_time_window: declaration.window,
            target: Target {
                arn: function.arn().into(),
                role_arn: role.arn().into(),
                input: declaration.event.into(),
            },
        },
        [permissions.itself()],
    );
}
