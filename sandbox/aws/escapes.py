"""What somebody who may deploy could try to be allowed more: `escapes.py PREFIX` tries each on the stack whose names
begin so, with the credentials and the endpoint of the environment, and prints a line for each with AWS's answer, like

    make a role without bounds: AccessDenied
"""

import json
import sys
from collections.abc import Callable, Iterator

import boto3
from botocore.exceptions import ClientError

EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ANYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}],
    }
)


def attempts(iam, account: str, prefix: str) -> Iterator[tuple[str, Callable[..., object], dict]]:
    """Yields what is tried, the call and its arguments."""
    policies = f"arn:aws:iam::{account}:policy/{prefix}"
    bounds = f"{policies}boundary"
    role = {"RoleName": f"{prefix}escape", "AssumeRolePolicyDocument": ANYBODY}
    yield "make a role without bounds", iam.create_role, role
    yield "make a role with other bounds", iam.create_role, {**role, "PermissionsBoundary": f"{policies}other"}
    yield "make another's role", iam.create_role, {**role, "RoleName": "escape", "PermissionsBoundary": bounds}
    yield "make a user without bounds", iam.create_user, {"UserName": f"{prefix}escape"}
    yield "take a role's bounds away", iam.delete_role_permissions_boundary, {"RoleName": f"{prefix}bridge"}
    version = {"PolicyArn": bounds, "PolicyDocument": EVERYTHING, "SetAsDefault": True}
    yield "widen the bounds", iam.create_policy_version, version
    for own in ("deploy", "preview"):
        name = {"RoleName": f"{prefix}{own}"}
        policy = {"PolicyName": "everything", "PolicyDocument": EVERYTHING}
        yield f"give the role {own} more", iam.put_role_policy, {**name, **policy}
        yield f"let anybody be the role {own}", iam.update_assume_role_policy, {**name, "PolicyDocument": ANYBODY}


def main(prefix: str) -> None:
    account = boto3.client("sts").get_caller_identity()["Account"]
    for name, call, arguments in attempts(boto3.client("iam"), account, prefix):
        try:
            call(**arguments)
            answer = "done"
        except ClientError as refused:
            answer = refused.response["Error"]["Code"]
        print(f"{name}: {answer}")


if __name__ == "__main__":
    main(*sys.argv[1:])
