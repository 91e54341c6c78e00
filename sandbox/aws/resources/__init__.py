"""The aws resource types of the dev stack: a module per AWS service, a class per type."""

from resources import (
    cloudwatch,
    dynamodb,
    ecr,
    iam,
    iam_account,
    iam_user,
    lambda_,
    lambda_function_url,
    lambda_invocation,
    lambda_permission,
    logs,
    s3,
    s3_lifecycle,
    s3_settings,
    scheduler,
    sns,
    ssm,
)

TYPES = {
    kind.type: kind
    for kind in (
        cloudwatch.MetricAlarm,
        dynamodb.Table,
        ecr.LifecyclePolicy,
        ecr.Repository,
        iam.Role,
        iam.RolePolicy,
        iam_account.OpenIdConnectProvider,
        iam_account.Policy,
        iam_user.AccessKey,
        iam_user.User,
        iam_user.UserPolicy,
        lambda_.Function,
        lambda_function_url.FunctionUrl,
        lambda_invocation.Invocation,
        lambda_permission.Permission,
        logs.LogGroup,
        s3.Bucket,
        s3_lifecycle.BucketLifecycleConfiguration,
        s3_settings.BucketPolicy,
        s3_settings.BucketPublicAccessBlock,
        s3_settings.BucketVersioning,
        scheduler.Schedule,
        sns.Topic,
        sns.TopicSubscription,
        ssm.Parameter,
    )
}
"""Resource class by type token."""
