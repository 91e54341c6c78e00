"""What roles and users may do: `allowed.py PREFIX` prints a line for each action that IAM would allow to one whose name
begins so, on each resource that its policies or the others' policies name, like

    role porch-dev-bridge ssm:GetParameters ssm:parameter/porch/dev/bridge/tailscale-auth-key

Every action there is of the services below is asked about, and each on every such resource and on one that nobody
names. Endpoint and credentials come from the environment, as boto3 reads it.
"""

import sys

import boto3
from botocore.session import get_session

# Those that porch uses, and those through which permissions are had.
SERVICES = ("dynamodb", "ecr", "iam", "lambda", "logs", "s3", "scheduler", "sns", "ssm", "sts")
OTHERS = {
    "lambda": ["InvokeFunction", "InvokeFunctionUrl"],
    "s3": ["ListBucket", "ListAllMyBuckets", "ListBucketVersions", "GetObjectVersion", "DeleteObjectVersion"],
}
# As many actions as are asked about at once.
BATCH = 100
ELSEWHERE = "arn:aws:{service}:us-east-1:000000000000:elsewhere"


def actions(service: str) -> list[str]:
    """Every operation of the service, which is what nearly all actions are called, and the others."""
    operations = get_session().get_service_model(service).operation_names
    return [f"{service}:{action}" for action in [*operations, *OTHERS.get(service, [])]]


def principals(iam, prefix: str):
    """Yields kind, name, ARN and policies of each role and user."""
    for kind, list_all, entries, list_policies, get_policy in (
        ("role", "list_roles", "Roles", iam.list_role_policies, iam.get_role_policy),
        ("user", "list_users", "Users", iam.list_user_policies, iam.get_user_policy),
    ):
        parameter = f"{kind.title()}Name"
        for page in iam.get_paginator(list_all).paginate():
            for entry in page[entries]:
                name = entry[parameter]
                if name.startswith(prefix):
                    names = list_policies(**{parameter: name})["PolicyNames"]
                    policies = [get_policy(**{parameter: name, "PolicyName": one})["PolicyDocument"] for one in names]
                    yield kind, name, entry["Arn"], policies


def named(policies: list[dict]):
    """Yields the resources that the policies name."""
    for policy in policies:
        for statement in policy["Statement"]:
            resources = statement["Resource"]
            yield from [resources] if isinstance(resources, str) else resources


def allowed(iam, arn: str, service: str, resource: str):
    """Yields the actions of the service that are allowed on the resource."""
    asked = actions(service)
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=batch, ResourceArns=[resource])
        for result in answer["EvaluationResults"]:
            if result["EvalDecision"] == "allowed":
                yield result["EvalActionName"]


def main(prefix: str) -> None:
    iam = boto3.client("iam")
    found = list(principals(iam, prefix))
    resources = {resource for *_, policies in found for resource in named(policies)}
    lines = set()
    for kind, name, arn, _ in found:
        for service in SERVICES:
            own = [resource for resource in resources if resource.split(":")[2:3] == [service]]
            for resource in [*own, ELSEWHERE.format(service=service)]:
                short = ":".join([service, *resource.split(":")[5:]])
                lines.update(f"{kind} {name} {action} {short}" for action in allowed(iam, arn, service, resource))
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main(sys.argv[1])
