"""EventBridge Scheduler: what is invoked at which times."""

from standin.checks import arn, between, matches, one_of
from standin.resource import REGION, Live, Property, Resource, absent, same_except
from standin.shapes import Problem

NOT_FOUND = "ResourceNotFoundException"

# The fields of a target that the stand-in has; those of its retry policy, with what AWS takes.
TARGET = {"arn", "input", "retryPolicy", "roleArn"}
RETRY_POLICY = {
    "maximumEventAgeInSeconds": between(60, 86400, "seconds"),
    "maximumRetryAttempts": between(0, 185, "attempts"),
}


def to_aws(value: object) -> object:
    """A nested block with AWS's names of its fields."""
    if not isinstance(value, dict):
        return value
    return {name[0].upper() + name[1:]: to_aws(each) for name, each in value.items()}


def from_aws(value: object) -> object:
    """The inverse of `to_aws`."""
    if not isinstance(value, dict):
        return value
    return {name[0].lower() + name[1:]: from_aws(each) for name, each in value.items()}


class Schedule(Resource):
    """A schedule; its id is `GROUP/NAME`."""

    type = "aws:scheduler/schedule:Schedule"
    name_property = "name"
    longest_name = 64
    properties = {
        "actionAfterCompletion": Property(default="NONE", valid=one_of("DELETE", "NONE")),
        "description": Property(valid=lambda text: None if len(text) <= 512 else "at most 512 characters"),
        "flexibleTimeWindow": Property(),
        "groupName": Property(replaces=True, settled_by_aws=True),
        "name": Property(replaces=True, valid=matches(r"[a-zA-Z0-9_.-]{1,64}", "1 to 64 letters, digits and _ . -")),
        "region": REGION,
        "scheduleExpression": Property(
            valid=matches(r"(at|rate|cron)\([^()]+\)", "at(...), rate(...) or cron(...), like rate(1 day)")
        ),
        "scheduleExpressionTimezone": Property(default="UTC"),
        "state": Property(default="ENABLED", valid=one_of("DISABLED", "ENABLED")),
        "target": Property(same=same_except("retryPolicy")),
    }

    def check(self, inputs: dict) -> list[Problem]:
        problems = []
        window, target = inputs["flexibleTimeWindow"], inputs["target"]
        if isinstance(window, dict) and isinstance(window.get("mode"), str):
            flexible = window["mode"] == "FLEXIBLE"
            if window["mode"] not in ("FLEXIBLE", "OFF"):
                problems.append(("flexibleTimeWindow.mode", f"found `{window['mode']}`, expected one of FLEXIBLE, OFF"))
            elif flexible != (window.get("maximumWindowInMinutes") is not None):
                problems.append(
                    (
                        "flexibleTimeWindow.maximumWindowInMinutes",
                        "has to be set if the mode is FLEXIBLE, and only then",
                    )
                )
        if isinstance(target, dict):
            problems += self._target(target)
        return problems

    @staticmethod
    def _target(target: dict) -> list[Problem]:
        problems = [
            (f"target.{name}", "is not implemented by the aws provider stand-in; remove it")
            for name in sorted(set(target) - TARGET)
        ]
        for name in ("arn", "roleArn"):
            if isinstance(target.get(name), str) and (expected := arn(target[name])):
                problems.append((f"target.{name}", f"found `{target[name]}`, expected {expected}"))
        for name, valid in RETRY_POLICY.items():
            value = (target.get("retryPolicy") or {}).get(name)
            if isinstance(value, int) and (expected := valid(value)):
                problems.append((f"target.retryPolicy.{name}", f"found `{value}`, expected {expected}"))
        return problems

    def create(self, inputs: dict) -> str:
        self.aws("scheduler").create_schedule(**self._settings(inputs))
        return f"{inputs.get('groupName') or 'default'}/{inputs['name']}"

    def read(self, id: str, known: dict) -> Live:
        with absent(NOT_FOUND):
            found = self.aws("scheduler").get_schedule(**self._place(id))
        inputs = {
            "actionAfterCompletion": found.get("ActionAfterCompletion"),
            "description": found.get("Description"),
            "flexibleTimeWindow": from_aws(found["FlexibleTimeWindow"]),
            "groupName": found["GroupName"],
            "name": found["Name"],
            "scheduleExpression": found["ScheduleExpression"],
            "scheduleExpressionTimezone": found.get("ScheduleExpressionTimezone"),
            "state": found["State"],
            "target": from_aws(found["Target"]),
        }
        return Live(id, inputs, {"arn": found["Arn"], "namePrefix": ""})

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        # AWS takes a schedule whole: what is left out goes back to its default.
        self.aws("scheduler").update_schedule(**self._settings(new))

    def delete(self, id: str, known: dict) -> None:
        with absent(NOT_FOUND):
            self.aws("scheduler").delete_schedule(**self._place(id))

    def _settings(self, inputs: dict) -> dict:
        given = {name: value for name, value in inputs.items() if name in self.properties and value is not None}
        given.pop("region", None)
        return to_aws(given)

    @staticmethod
    def _place(id: str) -> dict:
        group, slash, name = id.partition("/")
        if not (group and slash and name):
            raise ValueError(f"found the id `{id}`, expected GROUP/NAME")
        return {"GroupName": group, "Name": name}
