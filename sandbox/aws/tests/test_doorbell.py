"""Tables, users and their keys against the running emulator."""

import json

from tests.life_cycle import LifeCycle, use_emulator
from tests.program import Aborted, Declared, Refused, Secret

setUpModule = use_emulator

TABLE = {
    "name": "porch-test-doorbell",
    "billingMode": "PAY_PER_REQUEST",
    "hashKey": "user",
    "attributes": [{"name": "user", "type": "S"}],
    "pointInTimeRecovery": {"enabled": True},
    "deletionProtectionEnabled": False,
}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
WIDER = POLICY.replace('"Allow"', '"Deny"')


class DynamoDb(LifeCycle):
    token = "aws:dynamodb/table:Table"

    def test_table(self):
        table = self.declare(self.token, "grants", TABLE)
        dynamodb, name = self.aws("dynamodb"), TABLE["name"]
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
        )
        self.assert_drift(table, {"pointInTimeRecovery"}, TABLE)
        changes = {"deletionProtectionEnabled": True, "pointInTimeRecovery": {"enabled": False}, "tags": {"a": "b"}}
        self.assert_updates(table, TABLE, changes)
        self.assert_imports(table, name)
        dynamodb.put_item(TableName=name, Item={"user": {"S": "somebody"}})
        dynamodb.delete_table(TableName=name)
        self.assert_gone(table)

    def test_a_table_that_somebody_made_becomes_what_is_declared(self):
        name, dynamodb = "porch-test-taken-over", self.aws("dynamodb")
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "user", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}],
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        )
        dynamodb.put_item(TableName=name, Item={"user": {"S": "somebody"}})
        table = Declared(self.servicer, self.token, "grants")
        self.addCleanup(table.delete)
        self.assertEqual(table.import_(name)["billingMode"], "PROVISIONED")
        self.assertEqual(table.change({**TABLE, "name": name}), {"billingMode", "pointInTimeRecovery"})
        self.assert_settled(table)
        self.assertEqual(dynamodb.scan(TableName=name)["Count"], 1)

    def test_another_key_is_another_table(self):
        table = self.declare(self.token, "grants", TABLE)
        other = {**TABLE, "hashKey": "id", "attributes": [{"name": "id", "type": "S"}]}
        self.assertIn("hashKey", table.diff(table.inputs, table.check(other)).replaces)

    def test_what_is_not_a_key_is_no_attribute(self):
        wrong = {**TABLE, "attributes": [*TABLE["attributes"], {"name": "token", "type": "S"}]}
        with self.assertRaises(Refused) as refused:
            Declared(self.servicer, self.token, "grants").check(wrong)
        self.assertIn("attributes", refused.exception.problems)


class Users(LifeCycle):
    def user(self, name: str, **more: object) -> tuple[Declared, dict]:
        inputs = {"name": name, **more}
        return self.declare("aws:iam/user:User", "user", inputs), inputs

    def test_user(self):
        user, inputs = self.user("porch-test-user", tags={"stack": "test"})
        self.aws("iam").untag_user(UserName=inputs["name"], TagKeys=["stack"])
        self.assert_drift(user, {"tags"}, inputs)
        self.assert_updates(user, inputs, {"tags": {"a": "b"}})
        self.assert_imports(user, inputs["name"])
        self.aws("iam").delete_user(UserName=inputs["name"])
        self.assert_gone(user)

    def test_a_user_with_a_stray_key_stays_unless_told_otherwise(self):
        user, inputs = self.user("porch-test-stray", forceDestroy=True)
        self.aws("iam").create_access_key(UserName=inputs["name"])
        user.delete()
        self.assert_gone(user)

    def test_user_policy(self):
        self.user("porch-test-allowed")
        inputs = {"user": "porch-test-allowed", "name": "doorbell", "policy": POLICY}
        policy = self.declare("aws:iam/userPolicy:UserPolicy", "policy", inputs)
        self.assertEqual(policy.id, "porch-test-allowed:doorbell")
        self.aws("iam").put_user_policy(UserName=inputs["user"], PolicyName="doorbell", PolicyDocument=WIDER)
        self.assert_drift(policy, {"policy"}, inputs)
        self.assert_updates(policy, inputs, {"policy": WIDER})
        self.assert_imports(policy, policy.id)
        self.aws("iam").delete_user_policy(UserName=inputs["user"], PolicyName="doorbell")
        self.assert_gone(policy)

    def test_access_key(self):
        self.user("porch-test-keyed")
        inputs = {"user": "porch-test-keyed"}
        key = self.declare("aws:iam/accessKey:AccessKey", "key", inputs)
        secret = key.outputs["secret"]
        self.assertIsInstance(secret, Secret)
        self.assertTrue(secret.value)
        self.assert_updates(key, inputs, {"status": "Inactive"})
        self.assertEqual(key.outputs["secret"].value, secret.value, "a refresh keeps what AWS tells only once")
        with self.assertRaisesRegex(Aborted, "let Pulumi make one"):
            Declared(self.servicer, key.type, "key").import_(key.id)
        self.aws("iam").delete_access_key(UserName=inputs["user"], AccessKeyId=key.id)
        self.assert_gone(key)
