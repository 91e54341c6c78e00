"""What is a change, and what needs a new resource, is as in the official provider."""

import unittest

from resources import TYPES
from standin.diff import DEFAULTS, compare
from standin.values import UNKNOWN

REPLACING = {
    "aws:cloudwatch/logGroup:LogGroup": {"logGroupClass", "name", "region"},
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"policy", "region", "repository"},
    "aws:ecr/repository:Repository": {"encryptionConfigurations", "name", "region"},
    "aws:iam/role:Role": {"name", "path"},
    "aws:iam/rolePolicy:RolePolicy": {"name", "role"},
    "aws:lambda/function:Function": {"name", "packageType", "region"},
    "aws:ssm/parameter:Parameter": {"dataType", "name", "region"},
}

ROLE = "aws:iam/role:Role"
FUNCTION = "aws:lambda/function:Function"
REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
PARAMETER = "aws:ssm/parameter:Parameter"


class Replacement(unittest.TestCase):
    def test_the_properties_that_need_a_new_resource(self):
        for token, names in REPLACING.items():
            with self.subTest(token):
                self.assertEqual({name for name, rule in TYPES[token].properties.items() if rule.replaces}, names)

    def test_a_permission_is_never_updated(self):
        self.assertTrue(all(rule.replaces for rule in TYPES["aws:lambda/permission:Permission"].properties.values()))

    def test_a_given_name_is_freed_first_and_an_automatic_one_is_not(self):
        old, new = {"name": "r", "path": "/"}, {"name": "r", "path": "/team/"}
        self.assertTrue(compare(TYPES[ROLE], old, new).delete_first)
        self.assertFalse(compare(TYPES[ROLE], old, {**new, DEFAULTS: ["name"]}).delete_first)
        self.assertFalse(compare(TYPES[ROLE], old, {"name": "s", "path": "/"}).delete_first)

    def test_a_lifecycle_policy_makes_room_for_the_next(self):
        difference = compare(TYPES[LIFECYCLE], {"repository": "a"}, {"repository": "b"})
        self.assertEqual((difference.replacing, difference.delete_first), (["repository"], True))

    def test_an_update_in_place_never_deletes_first(self):
        self.assertFalse(compare(TYPES[ROLE], {"name": "r"}, {"name": "r", "description": "d"}).delete_first)

    def test_what_is_not_known_yet_may_need_a_new_resource(self):
        difference = compare(TYPES[LIFECYCLE], {"repository": "a"}, {"repository": UNKNOWN})
        self.assertEqual(difference.replacing, ["repository"])


class Sameness(unittest.TestCase):
    def check(self, token: str, name: str, old: object, new: object, changed: bool) -> None:
        with self.subTest(name=name, old=old, new=new):
            names = [change.name for change in compare(TYPES[token], {name: old}, {name: new}).changes]
            self.assertEqual(names, [name] if changed else [])

    def test_documents_are_compared_as_json(self):
        self.check(ROLE, "assumeRolePolicy", '{"a": 1, "b": [2]}', '{"b":[2],"a":1}', False)
        self.check(ROLE, "assumeRolePolicy", '{"a": 1}', '{"a": 2}', True)
        self.check(ROLE, "assumeRolePolicy", "no json", "no json either", True)

    def test_the_order_of_lifecycle_rules_means_nothing(self):
        one = '{"rules":[{"rulePriority":1,"selection":{"tagPrefixList":["a","b"]}},{"rulePriority":2}]}'
        other = (
            '{"rules":[{"rulePriority":2,"selection":{}},{"selection":{"tagPrefixList":["b","a"]},"rulePriority":1}]}'
        )
        self.check(LIFECYCLE, "policy", one, other, False)
        self.check(LIFECYCLE, "policy", one, one.replace('"a"', '"c"'), True)

    def test_nothing_in_every_form_is_the_same(self):
        for nothing in ("", {}, [], None, False, 0):
            self.check(FUNCTION, "description", nothing, None, False)
            self.check(FUNCTION, "description", None, nothing, False)

    def test_what_aws_chose_is_right_when_the_program_is_silent(self):
        self.check(FUNCTION, "architectures", ["x86_64"], None, False)
        self.check(FUNCTION, "architectures", ["x86_64"], ["arm64"], True)
        self.check(REPOSITORY, "encryptionConfigurations", [{"encryptionType": "AES256"}], None, False)
        self.check(
            REPOSITORY,
            "encryptionConfigurations",
            [{"encryptionType": "KMS", "kmsKey": "k"}],
            [{"encryptionType": "KMS"}],
            False,
        )
        self.check(
            REPOSITORY, "encryptionConfigurations", [{"encryptionType": "AES256"}], [{"encryptionType": "KMS"}], True
        )

    def test_fields_that_aws_fills_in_are_no_change(self):
        old = {"logFormat": "JSON", "logGroup": "/x", "applicationLogLevel": "INFO"}
        self.check(FUNCTION, "loggingConfig", old, {"logFormat": "JSON"}, False)
        self.check(FUNCTION, "loggingConfig", old, {"logFormat": "JSON", "applicationLogLevel": "DEBUG"}, True)
        self.check(FUNCTION, "loggingConfig", {"logFormat": "JSON"}, {"logFormat": "JSON", "logGroup": "/y"}, True)

    def test_a_tier_left_to_aws_is_whatever_aws_chose(self):
        self.check(PARAMETER, "tier", "Standard", "Intelligent-Tiering", False)
        self.check(PARAMETER, "tier", "Standard", "Advanced", True)

    def test_a_function_is_meant_by_name_or_by_arn(self):
        token, arn = "aws:lambda/permission:Permission", "arn:aws:lambda:us-east-1:000000000000:function:f"
        self.check(token, "function", "f", arn, False)
        self.check(token, "function", "g", arn, True)

    def test_neither_attributes_nor_their_fields_have_an_order(self):
        token, key = "aws:dynamodb/table:Table", {"name": "user", "type": "S"}
        self.check(token, "attributes", [key], [{"type": "S", "name": "user"}], False)
        self.check(token, "attributes", [key], [{"name": "user", "type": "N"}], True)

    def test_environment_variables_are_compared_by_name(self):
        self.check(FUNCTION, "environment", {"variables": {"A": "1"}}, {"variables": {"A": "2"}}, True)
        self.check(FUNCTION, "environment", {"variables": {"A": "1"}}, None, True)

    def test_ignored_changes_are_ignored(self):
        ignored = frozenset({"timeout"})
        self.assertEqual(compare(TYPES[FUNCTION], {"timeout": 1}, {"timeout": 2}, ignored).changes, ())
