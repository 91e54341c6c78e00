"""What a run of GitHub gets of AWS: `github.py ROLE SUBJECT` shows a token about SUBJECT, as GitHub would sign it, to
take the role with that ARN, and prints its credentials as JSON:

    {"AWS_ACCESS_KEY_ID": "...", "AWS_SECRET_ACCESS_KEY": "...", "AWS_SESSION_TOKEN": "..."}

The emulator holds what a token says against the role's trust, and checks no signature, so that this one has none. The
endpoint comes from the environment, as boto3 reads it.
"""

import base64
import json
import sys

import boto3
from botocore.exceptions import ClientError

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


def token(subject: str) -> str:
    parts = ({"alg": "RS256", "typ": "JWT"}, {"iss": ISSUER, "aud": AUDIENCE, "sub": subject}, {})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def main(role: str, subject: str) -> None:
    sts = boto3.client("sts")
    try:
        taken = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="run", WebIdentityToken=token(subject))
    except ClientError as refused:
        sys.exit(refused.response["Error"]["Code"])
    own = taken["Credentials"]
    names = {"AccessKeyId": "ACCESS_KEY_ID", "SecretAccessKey": "SECRET_ACCESS_KEY", "SessionToken": "SESSION_TOKEN"}
    print(json.dumps({f"AWS_{name}": own[field] for field, name in names.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
