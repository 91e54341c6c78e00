//! A secret, in the parameter from which a function reads it.

use crate::aws::ssm::{Parameter, ParameterKind};
use crate::settings::Secret;
use crate::template::{Handle, Program, Text};
use crate::values::StackName;

/// Declares the parameter `name` at the stack's `path`, for a secret of the stack's config. The program's text has the secret's key, not its value.
pub(crate) fn declare(
    program: &mut Program,
    stack: &StackName,
    secret: Secret,
    name: &str,
    path: &str,
    description: &str,
) -> Handle<Parameter> {
    let value = program.secret(secret.key()).into();
    declare_value(program, stack, value, name, path, description)
}

/// The same for any secret, by a reference to it.
pub(crate) fn declare_value(
    program: &mut Program,
    stack: &StackName,
    value: Text,
    name: &str,
    path: &str,
    description: &str,
) -> Handle<Parameter> {
    let (path, description) = (stack.path(path).into(), description.into());
    program.declare(name, &Parameter { name: path, description, kind: ParameterKind::SecureString, value })
}
