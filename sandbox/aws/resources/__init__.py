"""The aws resource types of the dev stack: a module per AWS service, a class per type."""

from resources import ecr, iam, lambda_, lambda_function_url, lambda_permission, logs, ssm

TYPES = {
    kind.type: kind
    for kind in (
        ecr.LifecyclePolicy,
        ecr.Repository,
        iam.Role,
        iam.RolePolicy,
        lambda_.Function,
        lambda_function_url.FunctionUrl,
        lambda_permission.Permission,
        logs.LogGroup,
        ssm.Parameter,
    )
}
"""Resource class by type token."""
