"""What schedules do when their time comes: `scheduled.py PREFIX` acts as the role of each schedule whose name begins
so, asks Lambda whether it would call the schedule's function (a dry run), and prints a line for each, like

    porch-dev-key-renewal 204

The emulator keeps schedules, and never acts on them. Endpoint and credentials come from the environment, as boto3
reads it.
"""

import sys

import boto3


def call(target: dict) -> int:
    """The status with which Lambda answers the schedule's role."""
    sts = boto3.client("sts")
    own = sts.assume_role(RoleArn=target["RoleArn"], RoleSessionName="scheduler")["Credentials"]
    as_role = boto3.client(
        "lambda",
        aws_access_key_id=own["AccessKeyId"],
        aws_secret_access_key=own["SecretAccessKey"],
        aws_session_token=own["SessionToken"],
    )
    return as_role.invoke(FunctionName=target["Arn"], InvocationType="DryRun")["StatusCode"]


def main(prefix: str) -> None:
    scheduler = boto3.client("scheduler")
    for schedule in scheduler.list_schedules()["Schedules"]:
        if schedule["Name"].startswith(prefix):
            target = scheduler.get_schedule(Name=schedule["Name"])["Target"]
            print(schedule["Name"], call(target))


if __name__ == "__main__":
    main(sys.argv[1])
