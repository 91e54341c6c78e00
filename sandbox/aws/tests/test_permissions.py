"""What the running emulator lets a role do: what its policy says of the very parameters, and nothing else."""

import json
import unittest

import boto3
from botocore.exceptions import ClientError

from tests.emulator import Emulator

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:us-east-1:*:parameter/porch/own"}


def policy(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Permissions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        emulator = Emulator()
        cls.addClassCleanup(emulator.stop)

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
        assumed = client("sts", "test", "test").assume_role(RoleArn=role["Arn"], RoleSessionName="test")
        keys = assumed["Credentials"]
        cls.ssm = client("ssm", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        cls.forged = client("ssm", keys["AccessKeyId"], "another", keys["SessionToken"])

    def assert_refused(self, code: str, call, **inputs):
        with self.assertRaises(ClientError) as refused:
            call(**inputs)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)

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
