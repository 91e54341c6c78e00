"""The schema derived from the installed package has what a program is checked against."""

import json
import unittest

import schema
from resources import TYPES
from standin.sdk import SdkError
from tests.program import SCHEMA_FILE


class Derivation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = schema.derive(sorted(TYPES))

    def resource(self, token: str) -> dict:
        return self.schema["resources"][token]

    def test_the_committed_schema_is_the_one_of_the_installed_package(self):
        self.assertEqual(json.loads(SCHEMA_FILE.read_text()), self.schema)

    def test_every_implemented_property_is_one_of_the_schema(self):
        for token, kind in TYPES.items():
            with self.subTest(token):
                self.assertLessEqual(set(kind.properties), set(self.resource(token)["inputProperties"]))

    def test_required_inputs(self):
        cases = {
            "aws:ecr/repository:Repository": [],
            "aws:ecr/lifecyclePolicy:LifecyclePolicy": ["policy", "repository"],
            "aws:ssm/parameter:Parameter": ["type"],
            "aws:iam/role:Role": ["assumeRolePolicy"],
            "aws:iam/rolePolicy:RolePolicy": ["policy", "role"],
            "aws:cloudwatch/logGroup:LogGroup": [],
            "aws:lambda/function:Function": ["role"],
            "aws:lambda/functionUrl:FunctionUrl": ["authorizationType", "functionName"],
            "aws:lambda/permission:Permission": ["action", "function", "principal"],
        }
        self.assertEqual({token: self.resource(token)["requiredInputs"] for token in cases}, cases)

    def test_kinds_of_types(self):
        function = self.resource("aws:lambda/function:Function")["inputProperties"]
        cases = {
            "timeout": {"type": "integer"},
            "publish": {"type": "boolean"},
            "architectures": {"type": "array", "items": {"type": "string"}},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            "code": {"$ref": "pulumi.json#/Archive"},
            "environment": {"$ref": "#/types/aws:lambda/FunctionEnvironment:FunctionEnvironment"},
            "runtime": {"oneOf": [{"type": "string"}, {"$ref": "#/types/aws:lambda/Runtime:Runtime"}]},
        }
        self.assertEqual({name: function[name] for name in cases}, cases)

    def test_nested_types_are_followed(self):
        types = self.schema["types"]
        self.assertEqual(types["aws:lambda/FunctionLoggingConfig:FunctionLoggingConfig"]["required"], ["logFormat"])
        self.assertIn({"value": "SecureString"}, types["aws:ssm/ParameterType:ParameterType"]["enum"])
        mentioned = set(json.dumps(self.schema).split('"#/types/')) - {""}
        for token in (text.split('"')[0] for text in mentioned if text.startswith("aws:")):
            self.assertIn(token, types)

    def test_secrets_are_marked_on_both_sides(self):
        parameter = self.resource("aws:ssm/parameter:Parameter")
        for side in ("inputProperties", "properties"):
            secret = {name for name, shape in parameter[side].items() if shape.get("secret")}
            self.assertEqual(secret, {"value", "valueWo"} & set(parameter[side]))

    def test_an_unknown_type_is_an_error_that_names_it(self):
        for token in ("aws:ecr/repo:Repo", "aws:nothing/nothing:Nothing", "ecr.Repository"):
            with self.subTest(token), self.assertRaisesRegex(SdkError, token):
                schema.derive([token])
