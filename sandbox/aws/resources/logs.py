"""CloudWatch Logs: log groups."""

from standin import tags
from standin.checks import matches, one_of
from standin.resource import REGION, Gone, Live, Property, Resource, absent

# Days; 0 keeps the logs for ever.
# fmt: off
RETENTIONS = (
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
)
# fmt: on


class LogGroup(Resource):
    """A log group; its id is its name."""

    type = "aws:cloudwatch/logGroup:LogGroup"
    name_property = "name"
    properties = {
        "logGroupClass": Property(
            replaces=True, settled_by_aws=True, valid=one_of("STANDARD", "INFREQUENT_ACCESS", "DELIVERY")
        ),
        "name": Property(
            replaces=True, valid=matches(r"[a-zA-Z0-9_./#-]{1,512}", "1 to 512 letters, digits and _ . - / #")
        ),
        "region": REGION,
        "retentionInDays": Property(default=0, valid=one_of(*RETENTIONS)),
        "skipDestroy": Property(default=False, only_here=True),
        "tags": Property(),
    }

    def create(self, inputs: dict) -> str:
        options = {}
        if inputs.get("logGroupClass"):
            options["logGroupClass"] = inputs["logGroupClass"]
        if inputs.get("tags"):
            options["tags"] = inputs["tags"]
        self.aws("logs").create_log_group(logGroupName=inputs["name"], **options)
        return inputs["name"]

    def finish(self, id: str, inputs: dict) -> None:
        if inputs["retentionInDays"]:
            self._retain(id, inputs["retentionInDays"])

    def read(self, id: str, known: dict) -> Live:
        found = self._describe(id)
        arn = found["arn"].removesuffix(":*")
        labels = self.aws("logs").list_tags_for_resource(resourceArn=arn)["tags"]
        inputs = {
            "logGroupClass": found.get("logGroupClass"),
            "name": found["logGroupName"],
            "retentionInDays": found.get("retentionInDays", 0),
            "tags": labels,
        }
        outputs = {"arn": arn, "deletionProtectionEnabled": False, "namePrefix": "", "tagsAll": labels}
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        if "retentionInDays" in changed:
            self._retain(id, new["retentionInDays"])
        if "tags" in changed:
            arn = self._describe(id)["arn"].removesuffix(":*")
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                self.aws("logs").untag_resource(resourceArn=arn, tagKeys=removed)
            if set_:
                self.aws("logs").tag_resource(resourceArn=arn, tags=set_)

    def delete(self, id: str, known: dict) -> None:
        if known.get("skipDestroy"):
            return
        with absent("ResourceNotFoundException"):
            self.aws("logs").delete_log_group(logGroupName=id)

    def _retain(self, id: str, days: int) -> None:
        if days:
            self.aws("logs").put_retention_policy(logGroupName=id, retentionInDays=days)
        else:
            self.aws("logs").delete_retention_policy(logGroupName=id)

    def _describe(self, id: str) -> dict:
        pages = self.aws("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=id)
        for page in pages:
            for group in page["logGroups"]:
                if group["logGroupName"] == id:
                    return group
        raise Gone
