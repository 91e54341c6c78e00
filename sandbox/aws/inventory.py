"""Lists what exists in the emulator in a region, one line a resource, like `lambda function porch-dev-bridge`.

The region is the only argument; the endpoint and credentials come from the environment, as boto3 reads it.
"""

import sys

import boto3

# Service, operation, key of the list in its answer, key of the name in an entry that is not the name itself, and what
# one is called.
LISTS = (
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", "alarm"),
    ("dynamodb", "list_tables", "TableNames", None, "table"),
    ("ecr", "describe_repositories", "repositories", "repositoryName", "repository"),
    ("iam", "list_roles", "Roles", "RoleName", "role"),
    ("iam", "list_users", "Users", "UserName", "user"),
    ("lambda", "list_functions", "Functions", "FunctionName", "function"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName", "log group"),
    ("s3", "list_buckets", "Buckets", "Name", "bucket"),
    ("scheduler", "list_schedules", "Schedules", "Name", "schedule"),
    ("sns", "list_topics", "Topics", "TopicArn", "topic"),
    ("ssm", "describe_parameters", "Parameters", "Name", "parameter"),
)


def resources(region: str):
    """Yields a line for each resource in a region."""
    for service, operation, entries, name, what in LISTS:
        client = boto3.client(service, region_name=region)
        for page in client.get_paginator(operation).paginate():
            for entry in page[entries]:
                yield f"{service} {what} {entry[name] if name else entry}"
                if service == "ecr":
                    yield from images(client, entry[name])
                if service == "s3":
                    yield from objects(client, entry[name])


def images(client, repository: str):
    """Yields a line for each image in a repository."""
    for page in client.get_paginator("list_images").paginate(repositoryName=repository):
        for image in page["imageIds"]:
            yield f"ecr image {repository}@{image['imageDigest']}"


def objects(client, bucket: str):
    """Yields a line for each object in a bucket, as it is now."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", []):
            yield f"s3 object {bucket}/{found['Key']}"


if __name__ == "__main__":
    print("\n".join(sorted(resources(sys.argv[1]))))
