"""What the running emulator lets a role or user do: what the policies say of the very parameters and objects."""

import json
import unittest

import boto3
from botocore.exceptions import ClientError

from tests.emulator import Emulator

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:us-east-1:*:parameter/porch/own"}

LOG = {
    "Effect": "Allow",
    "Action": "logs:CreateLogStream",
    "Resource": "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/reader:*",
}
FETCH = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::porch-own/device/*"}
ONLY_BY_TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::porch-own", "arn:aws:s3:::porch-own/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def say_it_came_without_tls(request, **_) -> None:
    request.headers["X-Forwarded-Proto"] = "http"


class Permissions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        emulator = Emulator()
        cls.addClassCleanup(emulator.stop)
        cls.folder = emulator.folder

        def client(service: str, key: str, secret: str, token: str | None = None):
            return boto3.client(
                service,
                region_name="us-east-1",
                endpoint_url=emulator.url,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
            )

        iam, ssm = (client(service, "test", "test") for service in ("iam", "ssm"))
        for name in ("/porch/own", "/porch/other"):
            ssm.put_parameter(Name=name, Type="SecureString", Value=name)
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=policy(TRUST))["Role"]
        iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy(READ))
        logs = client("logs", "test", "test")
        for group in ("/aws/lambda/reader", "/aws/lambda/reader-of-another"):
            logs.create_log_group(logGroupName=group)
        iam.put_role_policy(RoleName="reader", PolicyName="log", PolicyDocument=policy(LOG))
        assumed = client("sts", "test", "test").assume_role(RoleArn=role["Arn"], RoleSessionName="test")
        keys = assumed["Credentials"]
        cls.ssm = client("ssm", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        cls.logs = client("logs", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        cls.forged = client("ssm", keys["AccessKeyId"], "another", keys["SessionToken"])
        iam.create_user(UserName="fetcher")
        iam.put_user_policy(UserName="fetcher", PolicyName="fetch", PolicyDocument=policy(FETCH))
        keys = iam.create_access_key(UserName="fetcher")["AccessKey"]
        owner = client("s3", "test", "test")
        for bucket in ("porch-own", "porch-other"):
            owner.create_bucket(Bucket=bucket)
            for key in ("device/package", "other/package"):
                owner.put_object(Bucket=bucket, Key=key, Body=key.encode())
        owner.put_bucket_policy(Bucket="porch-own", Policy=policy(ONLY_BY_TLS))
        cls.s3, cls.in_clear = (client("s3", keys["AccessKeyId"], keys["SecretAccessKey"]) for _ in range(2))
        cls.in_clear.meta.events.register("before-send.s3", say_it_came_without_tls)

    def assert_refused(self, code: str, call, **inputs):
        with self.assertRaises(ClientError) as refused:
            call(**inputs)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)

    def used(self) -> list[str]:
        """What was allowed until now."""
        return (self.folder / "used").read_text().splitlines()

    def test_what_is_allowed_is_written_down_and_nothing_else(self):
        self.ssm.get_parameters(Names=["/porch/own"], WithDecryption=True)
        self.assert_refused("AccessDeniedException", self.ssm.get_parameters, Names=["/porch/other"])
        self.s3.get_object(Bucket="porch-own", Key="device/package")
        used = set(self.used())
        self.assertIn("role reader ssm:GetParameters ssm:parameter/porch/own", used)
        self.assertIn("user fetcher s3:GetObject s3:porch-own/device/package", used)
        self.assertFalse([line for line in used if "other" in line], used)

    def test_a_role_logs_into_the_streams_of_its_own_group(self):
        self.logs.create_log_stream(logGroupName="/aws/lambda/reader", logStreamName="one")
        self.assert_refused(
            "AccessDeniedException",
            self.logs.create_log_stream,
            logGroupName="/aws/lambda/reader-of-another",
            logStreamName="one",
        )

    def test_a_parameter_that_is_allowed_is_read(self):
        read = self.ssm.get_parameters(Names=["/porch/own"], WithDecryption=True)
        self.assertEqual([parameter["Value"] for parameter in read["Parameters"]], ["/porch/own"])

    def test_one_that_is_not_allowed_is_not_read_beside_it_either(self):
        for names in (["/porch/other"], ["/porch/own", "/porch/other"], ["/porch/none"], ["own"]):
            with self.subTest(names):
                self.assert_refused("AccessDeniedException", self.ssm.get_parameters, Names=names)

    def test_no_other_action_is_allowed_on_it(self):
        self.assert_refused("AccessDeniedException", self.ssm.get_parameter, Name="/porch/own")
        self.assert_refused(
            "AccessDeniedException", self.ssm.put_parameter, Name="/porch/own", Value="x", Overwrite=True
        )
        self.assert_refused("AccessDeniedException", self.ssm.describe_parameters)

    def test_a_signature_is_looked_at(self):
        self.assert_refused("InvalidSignatureException", self.forged.get_parameters, Names=["/porch/own"])

    def test_an_object_that_is_allowed_is_fetched_and_no_other(self):
        fetched = self.s3.get_object(Bucket="porch-own", Key="device/package")
        self.assertEqual(fetched["Body"].read(), b"device/package")
        for bucket, key in (
            ("porch-own", "other/package"),
            ("porch-own", "device"),
            ("porch-other", "device/package"),
        ):
            with self.subTest(bucket=bucket, key=key):
                self.assert_refused("AccessDenied", self.s3.get_object, Bucket=bucket, Key=key)

    def test_nothing_but_fetching_is_allowed(self):
        own = {"Bucket": "porch-own", "Key": "device/package"}
        self.assert_refused("AccessDenied", self.s3.put_object, **own, Body=b"x")
        self.assert_refused("AccessDenied", self.s3.delete_object, **own)
        self.assert_refused("AccessDenied", self.s3.list_objects_v2, Bucket="porch-own")
        self.assert_refused("AccessDenied", self.s3.get_bucket_policy, Bucket="porch-own")

    def test_what_comes_without_tls_is_refused(self):
        self.assert_refused("AccessDenied", self.in_clear.get_object, Bucket="porch-own", Key="device/package")
