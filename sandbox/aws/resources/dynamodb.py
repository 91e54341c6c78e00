"""DynamoDB: tables that are paid for by what is asked of them."""

import time

from standin import tags
from standin.checks import matches, one_of
from standin.resource import REGION, Live, Property, Resource, absent
from standin.shapes import Problem

NOT_FOUND = "ResourceNotFoundException"
READY_WITHIN = 60
"""Seconds; DynamoDB makes a table in some."""


def same_attributes(wanted: list, found: list) -> bool:
    """Attributes are a set, and within one the order of the fields says nothing: the wire format does not keep it."""
    return {(each["name"], each["type"]) for each in wanted} == {(each["name"], each["type"]) for each in found}


def same_recovery(wanted: dict, found: dict) -> bool:
    """Of how long DynamoDB keeps what it would recover, it says something even if it was not asked for."""
    return wanted["enabled"] == found["enabled"]


class Table(Resource):
    """A table; its id is its name."""

    type = "aws:dynamodb/table:Table"
    name_property = "name"
    properties = {
        "attributes": Property(same=same_attributes),
        "billingMode": Property(default="PROVISIONED", valid=one_of("PAY_PER_REQUEST")),
        "deletionProtectionEnabled": Property(default=False),
        "hashKey": Property(replaces=True),
        "name": Property(replaces=True, valid=matches(r"[a-zA-Z0-9_.-]{3,255}", "3 to 255 letters, digits and _ - .")),
        "pointInTimeRecovery": Property(settled_by_aws=True, same=same_recovery),
        "region": REGION,
        "tags": Property(),
    }

    def check(self, inputs: dict) -> list[Problem]:
        keys = [attribute.get("name") for attribute in inputs.get("attributes") or []]
        if keys != [inputs.get("hashKey")]:
            return [("attributes", f"the attributes are {keys}, expected the one that is `hashKey`")]
        return []

    def create(self, inputs: dict) -> str:
        options = {"Tags": tags.to_list(inputs.get("tags"))} if inputs.get("tags") else {}
        made = self.aws("dynamodb").create_table(
            TableName=inputs["name"],
            AttributeDefinitions=[
                {"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs["attributes"]
            ],
            KeySchema=[{"AttributeName": inputs["hashKey"], "KeyType": "HASH"}],
            BillingMode=inputs["billingMode"],
            DeletionProtectionEnabled=inputs["deletionProtectionEnabled"],
            **options,
        )
        return made["TableDescription"]["TableName"]

    def finish(self, id: str, inputs: dict) -> None:
        self._wait_until_active(id)
        if (inputs.get("pointInTimeRecovery") or {}).get("enabled"):
            self._recover(id, True)

    def read(self, id: str, known: dict) -> Live:
        dynamodb = self.aws("dynamodb")
        with absent(NOT_FOUND):
            found = dynamodb.describe_table(TableName=id)["Table"]
            backups = dynamodb.describe_continuous_backups(TableName=id)["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {})
        labels = tags.from_list(dynamodb.list_tags_of_resource(ResourceArn=found["TableArn"]).get("Tags", []))
        inputs = {
            "attributes": [
                {"name": each["AttributeName"], "type": each["AttributeType"]} for each in found["AttributeDefinitions"]
            ],
            "billingMode": found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "deletionProtectionEnabled": bool(found.get("DeletionProtectionEnabled")),
            "hashKey": next(key["AttributeName"] for key in found["KeySchema"] if key["KeyType"] == "HASH"),
            "name": found["TableName"],
            "pointInTimeRecovery": {"enabled": recovery.get("PointInTimeRecoveryStatus") == "ENABLED"},
            "tags": labels,
        }
        outputs = {
            "arn": found["TableArn"],
            "globalSecondaryIndexes": [],
            "globalTableWitness": {},
            "readCapacity": 0,
            "serverSideEncryption": {"enabled": False},
            "streamArn": "",
            "streamLabel": "",
            "streamViewType": "",
            "tagsAll": labels,
            "ttl": {"enabled": False},
            "warmThroughput": {},
            "writeCapacity": 0,
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        dynamodb = self.aws("dynamodb")
        if "billingMode" in changed:
            dynamodb.update_table(TableName=id, BillingMode=new["billingMode"])
            self._wait_until_active(id)
        if "deletionProtectionEnabled" in changed:
            dynamodb.update_table(TableName=id, DeletionProtectionEnabled=new["deletionProtectionEnabled"])
            self._wait_until_active(id)
        if "pointInTimeRecovery" in changed:
            self._recover(id, bool((new.get("pointInTimeRecovery") or {}).get("enabled")))
        if "tags" in changed:
            arn = dynamodb.describe_table(TableName=id)["Table"]["TableArn"]
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                dynamodb.untag_resource(ResourceArn=arn, TagKeys=removed)
            if set_:
                dynamodb.tag_resource(ResourceArn=arn, Tags=tags.to_list(set_))

    def delete(self, id: str, known: dict) -> None:
        with absent(NOT_FOUND):
            self.aws("dynamodb").delete_table(TableName=id)

    def _recover(self, id: str, enabled: bool) -> None:
        self.aws("dynamodb").update_continuous_backups(
            TableName=id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
        )

    def _wait_until_active(self, id: str) -> None:
        until = time.monotonic() + READY_WITHIN
        while (status := self.aws("dynamodb").describe_table(TableName=id)["Table"]["TableStatus"]) != "ACTIVE":
            if time.monotonic() > until:
                raise TimeoutError(f"the table {id} is {status}, not active, after {READY_WITHIN} s")
            time.sleep(0.2)
