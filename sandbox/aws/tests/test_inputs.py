"""A program's inputs are completed as the official provider does it, and everything wrong is refused by name."""

import unittest

from resources import TYPES
from standin.inputs import after_read
from standin.resource import Live
from standin.values import UNKNOWN, Secret
from tests.program import Declared, Refused, configured

FUNCTION = "aws:lambda/function:Function"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
PARAMETER = "aws:ssm/parameter:Parameter"
PERMISSION = "aws:lambda/permission:Permission"
REPOSITORY = "aws:ecr/repository:Repository"
ROLE = "aws:iam/role:Role"
URL = "aws:lambda/functionUrl:FunctionUrl"

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/porch@sha256:" + "0" * 64
GOOD_FUNCTION = {"name": "f", "role": "arn:aws:iam::000000000000:role/r", "packageType": "Image", "imageUri": IMAGE}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class Checking(unittest.TestCase):
    def check(self, token: str, inputs: dict, old: dict | None = None) -> dict:
        return Declared(configured(), token, "thing", inputs=old or {}).check(inputs)

    def problems(self, token: str, inputs: dict) -> dict[str, str]:
        with self.assertRaises(Refused) as raised:
            self.check(token, inputs)
        return raised.exception.problems

    def test_defaults_are_those_of_the_official_provider(self):
        cases = {
            FUNCTION: (
                GOOD_FUNCTION,
                {
                    "memorySize": 128,
                    "timeout": 3,
                    "publish": False,
                    "reservedConcurrentExecutions": -1,
                    "skipDestroy": False,
                },
            ),
            GROUP: ({"name": "g"}, {"retentionInDays": 0, "skipDestroy": False}),
            REPOSITORY: ({"name": "repo"}, {"imageTagMutability": "MUTABLE"}),
            ROLE: (
                {"name": "r", "assumeRolePolicy": "{}"},
                {"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
            ),
        }
        for token, (inputs, defaults) in cases.items():
            with self.subTest(token):
                checked = self.check(token, inputs)
                self.assertEqual(checked, {**inputs, **defaults, "__defaults": sorted(defaults)})

    def test_a_name_left_out_is_made_kept_and_cut_to_length(self):
        first = self.check(GROUP, {})
        self.assertRegex(first["name"], r"^thing-[0-9a-f]{7}$")
        self.assertIn("name", first["__defaults"])
        self.assertEqual(self.check(GROUP, {}, old=first)["name"], first["name"])
        self.assertNotEqual(self.check(GROUP, {}, old={"name": "given"})["name"], "given")
        long = Declared(configured(), ROLE, "r" * 100).check({"assumeRolePolicy": "{}"})
        self.assertEqual(len(long["name"]), 64)

    def test_a_document_may_be_an_object(self):
        checked = self.check(ROLE, {"name": "r", "assumeRolePolicy": TRUST})
        self.assertEqual(
            checked["assumeRolePolicy"],
            '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}],'
            '"Version":"2012-10-17"}',
        )

    def test_a_number_is_good_for_a_text(self):
        checked = self.check(FUNCTION, {**GOOD_FUNCTION, "environment": {"variables": {"A": 5, "B": True}}})
        self.assertEqual(checked["environment"], {"variables": {"A": "5", "B": "true"}})

    def test_every_wrong_property_is_named(self):
        cases = [
            (REPOSITORY, {"name": "Upper"}, {"name"}),
            (REPOSITORY, {"name": "repo", "nmae": "b"}, {"nmae"}),
            (REPOSITORY, {"name": "repo", "imageTagMutability": "NO"}, {"imageTagMutability"}),
            (REPOSITORY, {"name": "repo", "imageScanningConfiguration": {}}, {"imageScanningConfiguration.scanOnPush"}),
            (
                REPOSITORY,
                {"name": "repo", "imageScanningConfiguration": {"scanOnPush": True, "x": 1}},
                {"imageScanningConfiguration.x"},
            ),
            (ROLE, {"name": "r"}, {"assumeRolePolicy"}),
            (ROLE, {"name": "r", "assumeRolePolicy": "no json"}, {"assumeRolePolicy"}),
            (ROLE, {"name": "r", "assumeRolePolicy": {"Statement": []}}, {"assumeRolePolicy.Version"}),
            (ROLE, {"name": "r" * 65, "assumeRolePolicy": "{}", "path": "team"}, {"name", "path"}),
            (GROUP, {"name": "g", "retentionInDays": 31}, {"retentionInDays"}),
            (GROUP, {"name": "g", "retentionInDays": "30"}, {"retentionInDays"}),
            (GROUP, {"name": "g", "region": "eu-west-1"}, {"region"}),
            (PARAMETER, {"name": "p", "type": "Secure", "value": "v"}, {"type"}),
            (PARAMETER, {"name": "p", "type": "String"}, {"value"}),
            (PARAMETER, {"name": "p", "type": "String", "value": "v", "insecureValue": "v"}, {"value"}),
            (PARAMETER, {"name": "p", "type": "SecureString", "insecureValue": "v"}, {"insecureValue"}),
            (FUNCTION, {"name": "f"}, {"role"}),
            (FUNCTION, {**GOOD_FUNCTION, "timeout": 901, "memorySize": 127}, {"timeout", "memorySize"}),
            (FUNCTION, {**GOOD_FUNCTION, "architectures": ["x86"]}, {"architectures"}),
            (FUNCTION, {**GOOD_FUNCTION, "role": "r"}, {"role"}),
            (FUNCTION, {**GOOD_FUNCTION, "imageUri": "docker.io/library/alpine"}, {"imageUri"}),
            (FUNCTION, {**GOOD_FUNCTION, "packageType": "Zip"}, {"packageType"}),
            (PERMISSION, {"function": "f", "principal": "p", "action": "invoke"}, {"action"}),
            (URL, {"functionName": "f", "authorizationType": "none"}, {"authorizationType"}),
            (URL, {"functionName": "f", "authorizationType": "NONE", "cors": {"maxAge": 1}}, {"cors"}),
        ]
        for token, inputs, names in cases:
            with self.subTest(token=token, inputs=inputs):
                self.assertEqual(set(self.problems(token, inputs)), names)

    def test_what_is_not_implemented_is_refused_not_ignored(self):
        problems = self.problems(
            FUNCTION, {**GOOD_FUNCTION, "layers": ["a"], "vpcConfig": {"securityGroupIds": [], "subnetIds": []}}
        )
        self.assertEqual(set(problems), {"layers", "vpcConfig"})
        self.assertIn("stand-in", problems["layers"])

    def test_what_is_not_known_yet_passes(self):
        checked = self.check(FUNCTION, {**GOOD_FUNCTION, "imageUri": UNKNOWN, "role": UNKNOWN})
        self.assertIs(checked["imageUri"], UNKNOWN)
        checked = self.check(ROLE, {"name": "r", "assumeRolePolicy": {**TRUST, "Statement": UNKNOWN}})
        self.assertIs(checked["assumeRolePolicy"], UNKNOWN)

    def test_secrets_stay_secret_and_a_value_always_is(self):
        checked = self.check(PARAMETER, {"name": "p", "type": "String", "value": "planted"})
        self.assertEqual(checked["value"], Secret("planted"))
        variables = {"variables": {"A": Secret("planted"), "B": "b"}}
        self.assertEqual(self.check(FUNCTION, {**GOOD_FUNCTION, "environment": variables})["environment"], variables)

    def test_a_secret_is_not_in_what_is_said_of_it(self):
        problems = self.problems(GROUP, {"name": Secret("planted name with spaces")})
        self.assertNotIn("planted", str(problems))


class AfterRead(unittest.TestCase):
    def found(self, token: str, old: dict, live: dict) -> dict:
        return after_read(TYPES[token], old, Live("id", live))

    def test_what_aws_has_otherwise_is_drift(self):
        cases = [
            (FUNCTION, {"memorySize": 128}, {"memorySize": 256}, {"memorySize": 256}),
            (FUNCTION, {"description": "a"}, {"description": ""}, {"description": ""}),
            (GROUP, {}, {"tags": {"a": "b"}}, {"tags": {"a": "b"}, "x": "y"}),
        ]
        for token, old, live, wanted in cases:
            with self.subTest(live=live):
                kept = {"x": "y"} if "x" in wanted else {}
                self.assertEqual(self.found(token, {**old, **kept}, live), wanted)

    def test_what_means_the_same_stays_as_the_program_wrote_it(self):
        cases = [
            (ROLE, {"assumeRolePolicy": '{"b": 1, "a": 2}'}, {"assumeRolePolicy": '{"a":2,"b":1}'}),
            (
                FUNCTION,
                {"loggingConfig": {"logFormat": "JSON"}},
                {"loggingConfig": {"logFormat": "JSON", "logGroup": "/g"}},
            ),
            (FUNCTION, {"name": "f"}, {"architectures": ["x86_64"], "description": "", "environment": None}),
            (REPOSITORY, {"forceDelete": True}, {"tags": {}}),
        ]
        for token, old, live in cases:
            with self.subTest(live=live):
                self.assertEqual(self.found(token, old, live), old)

    def test_an_import_takes_what_aws_tells_and_defaults_for_the_rest(self):
        found = self.found(GROUP, {}, {"name": "g", "retentionInDays": 0, "tags": {}, "logGroupClass": "STANDARD"})
        wanted = {
            "name": "g",
            "retentionInDays": 0,
            "skipDestroy": False,
            "logGroupClass": "STANDARD",
            "__defaults": [],
        }
        self.assertEqual(found, wanted)
