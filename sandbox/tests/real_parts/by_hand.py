"""What a person makes by hand in AWS's consoles: `by_hand.py COMMAND ...`.

Endpoint and credentials come from the environment, as boto3 reads it.
"""

import io
import json
import sys
import zipfile

import boto3

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALEXA = "alexa-connectedhome.amazon.com"


def role(name: str) -> str:
    """A role as the console makes one, with a policy of somebody's attached and another one within."""
    iam = boto3.client("iam")
    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    arn = iam.create_role(
        RoleName=name, Description="Made by hand", AssumeRolePolicyDocument=json.dumps(TRUST), MaxSessionDuration=7200
    )["Role"]["Arn"]
    policy = iam.create_policy(PolicyName=f"{name}-logs", PolicyDocument=json.dumps(rights))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    iam.put_role_policy(RoleName=name, PolicyName="mine", PolicyDocument=json.dumps(rights))
    return arn


def let_alexa_call(function: str, skill: str) -> None:
    """The trigger, with an id as the console makes one up."""
    boto3.client("lambda").add_permission(
        FunctionName=function,
        StatementId="lambda-2b1c9a",
        Action="lambda:InvokeFunction",
        Principal=ALEXA,
        EventSourceToken=skill,
    )


def make(name: str, skill: str) -> None:
    """A bridge and a doorbell's table, all under names of a person's own."""
    boto3.client("ecr").create_repository(repositoryName=f"alexa/{name}")
    boto3.client("lambda").create_function(
        FunctionName=name,
        PackageType="Image",
        Code={"ImageUri": f"000000000000.dkr.ecr.us-east-1.amazonaws.com/alexa/{name}:latest"},
        Role=role(name),
        Timeout=3,
        Environment={"Variables": {"BASE_URL": "https://example.org"}},
    )
    let_alexa_call(name, skill)
    boto3.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "user", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    dynamodb.put_item(TableName=name, Item={"user": {"S": "amzn1.account.made-up"}, "refresh": {"S": "Atzr|made-up"}})


def make_zip(name: str, skill: str) -> None:
    """A function as people have made them from a file, with its trigger."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
    boto3.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        Role=role(name),
    )
    let_alexa_call(name, skill)


def facts(name: str) -> None:
    """What a resource made anew would have otherwise, and what is in the table."""
    dynamodb, functions = boto3.client("dynamodb"), boto3.client("lambda")
    found = {
        "function": functions.get_function_configuration(FunctionName=name)["FunctionArn"],
        "grants": dynamodb.scan(TableName=name)["Items"],
        "repository": str(
            boto3.client("ecr").describe_repositories(repositoryNames=[f"alexa/{name}"])["repositories"][0]["createdAt"]
        ),
        "role": boto3.client("iam").get_role(RoleName=name)["Role"]["RoleId"],
        "table": str(dynamodb.describe_table(TableName=name)["Table"]["CreationDateTime"]),
    }
    print(json.dumps(found))


def statements(name: str) -> None:
    """Who may call a function: the ids of its policy's statements."""
    functions = boto3.client("lambda")
    try:
        policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
    except functions.exceptions.ResourceNotFoundException:
        policy = {"Statement": []}
    print(json.dumps([statement["Sid"] for statement in policy["Statement"]]))


def forget_keys(user: str, kept: str) -> None:
    """Deletes the keys of a user that nobody has any more."""
    iam = boto3.client("iam")
    for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        if key["AccessKeyId"] != kept:
            iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])


def free(prefix: str) -> None:
    """Takes away what would keep roles, users and repositories from being deleted, should a stack not know of it."""
    iam, ecr = boto3.client("iam"), boto3.client("ecr")
    for repository in ecr.describe_repositories()["repositories"]:
        if repository["repositoryName"].startswith(prefix):
            ecr.delete_repository(repositoryName=repository["repositoryName"], force=True)
    for role in iam.list_roles()["Roles"]:
        if role["RoleName"].startswith(prefix):
            for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
                iam.delete_role_policy(RoleName=role["RoleName"], PolicyName=policy)
    for user in iam.list_users()["Users"]:
        if user["UserName"].startswith(prefix):
            for policy in iam.list_user_policies(UserName=user["UserName"])["PolicyNames"]:
                iam.delete_user_policy(UserName=user["UserName"], PolicyName=policy)
            for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]:
                iam.delete_access_key(UserName=user["UserName"], AccessKeyId=key["AccessKeyId"])


def clear(name: str, stack: str) -> None:
    """Removes what no stack takes over, and what an earlier run has left; what is not there is as well."""
    free(f"porch-{stack}-")
    iam = boto3.client("iam")
    policy = f"arn:aws:iam::000000000000:policy/{name}-logs"
    for remove, options in (
        (boto3.client("lambda").delete_function, {"FunctionName": name}),
        (boto3.client("ecr").delete_repository, {"repositoryName": f"alexa/{name}", "force": True}),
        (boto3.client("logs").delete_log_group, {"logGroupName": f"/aws/lambda/{name}"}),
        (boto3.client("dynamodb").update_table, {"TableName": name, "DeletionProtectionEnabled": False}),
        (boto3.client("dynamodb").delete_table, {"TableName": name}),
        (iam.detach_role_policy, {"RoleName": name, "PolicyArn": policy}),
        (iam.delete_role_policy, {"RoleName": name, "PolicyName": "mine"}),
        (iam.delete_role_policy, {"RoleName": name, "PolicyName": "bridge"}),
        (iam.delete_role, {"RoleName": name}),
        (iam.delete_policy, {"PolicyArn": policy}),
    ):
        try:
            remove(**options)
        except Exception as error:  # Each service has an error of its own for what is not there.
            if not any(word in str(error) for word in ("NotFound", "NoSuchEntity", "not found")):
                raise


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands = {
        "clear": clear,
        "facts": facts,
        "forget-keys": forget_keys,
        "make": make,
        "statements": statements,
        "zip": make_zip,
    }
    commands[command](*arguments)
