"""S3: what a bucket deletes by itself."""

from collections.abc import Iterator

from resources.s3_settings import NO_BUCKET, Setting
from standin.checks import Check, between, one_of
from standin.resource import REGION, Live, Property, absent
from standin.shapes import Problem

DAYS = between(1, 2**31 - 1, "days")

# The blocks of a rule and their fields; those that delete something are ACTIONS.
FILTER: dict[str, Check] = {"prefix": lambda text: None if len(text) <= 1024 else "at most 1024 characters"}
ACTIONS: dict[str, dict[str, Check]] = {
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": DAYS},
    "expiration": {"days": DAYS, "expiredObjectDeleteMarker": one_of(False, True)},
    "noncurrentVersionExpiration": {"noncurrentDays": DAYS, "newerNoncurrentVersions": between(1, 100)},
}
BLOCKS = {"filter": FILTER, **ACTIONS}
PLAIN: dict[str, Check] = {
    "id": lambda text: None if 0 < len(text) <= 255 else "1 to 255 characters",
    "status": one_of("Disabled", "Enabled"),
}


def to_aws(rule: dict) -> dict:
    """A rule as S3 has it. One without a filter is about every object, which S3 wants said."""
    made = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": ""}}
    for block, fields in BLOCKS.items():
        given = {name: value for name, value in (rule.get(block) or {}).items() if name in fields and value is not None}
        if given:
            made[_upper(block)] = {_upper(name): value for name, value in given.items()}
    return made


def from_aws(rule: dict) -> dict:
    """The rule of a program, of one that S3 has; what is not implemented stays, so that it shows as a difference."""
    made = {"id" if name == "ID" else _lower(name): value for name, value in rule.items()}
    for block, value in made.items():
        if isinstance(value, dict):
            made[block] = {_lower(name): each for name, each in value.items()}
    return without_nothing(made)


def without_nothing(rule: dict) -> dict:
    """The rule without what says no more than silence does: an empty prefix, a mark that does not count."""
    blocks = {name: _some(value) if isinstance(value, dict) else value for name, value in rule.items()}
    return _some(blocks)


def same_rules(wanted: list, found: list) -> bool:
    """Whether two lists have the same rules; their order means nothing."""
    one, other = ({rule["id"]: without_nothing(rule) for rule in rules} for rules in (wanted, found))
    return one == other and len(wanted) == len(found)


def _some(values: dict) -> dict:
    return {name: value for name, value in values.items() if value not in (None, False, "", {}, [])}


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


class BucketLifecycleConfiguration(Setting):
    """All the rules of a bucket."""

    type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    properties = {
        "bucket": Property(replaces=True),
        "region": REGION,
        "rules": Property(same=same_rules),
    }

    def check(self, inputs: dict) -> list[Problem]:
        rules = inputs.get("rules")
        if not rules:
            return [("rules", "is required: S3 keeps no lifecycle without a rule")]
        known = rules if isinstance(rules, list) else []
        return [problem for index, rule in enumerate(known) for problem in self._rule(f"rules[{index}]", rule)]

    def _rule(self, path: str, rule: object) -> Iterator[Problem]:
        if not isinstance(rule, dict):
            return
        yield from _unknown(path, rule, {*PLAIN, *BLOCKS})
        yield from _wrong(path, rule, PLAIN)
        for block, fields in BLOCKS.items():
            if isinstance(given := rule.get(block), dict):
                yield from _unknown(f"{path}.{block}", given, set(fields))
                yield from _wrong(f"{path}.{block}", given, fields)
        if not any(rule.get(block) for block in ACTIONS):
            yield path, f"does nothing; expected one of {', '.join(ACTIONS)}"

    def put(self, inputs: dict) -> None:
        self.aws("s3").put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": [to_aws(rule) for rule in inputs["rules"]]}
        )

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_BUCKET, "NoSuchLifecycleConfiguration"):
            found = self.aws("s3").get_bucket_lifecycle_configuration(Bucket=id)
        outputs = {
            "expectedBucketOwner": "",
            "transitionDefaultMinimumObjectSize": found["TransitionDefaultMinimumObjectSize"],
        }
        return Live(id, {"bucket": id, "rules": [from_aws(rule) for rule in found["Rules"]]}, outputs)

    def delete(self, id: str, known: dict) -> None:
        with absent(NO_BUCKET):
            self.aws("s3").delete_bucket_lifecycle(Bucket=id)


def _unknown(path: str, given: dict, known: set[str]) -> Iterator[Problem]:
    for name in sorted(set(given) - known):
        yield f"{path}.{name}", "is not implemented by the aws provider stand-in; remove it"


def _wrong(path: str, given: dict, rules: dict[str, Check]) -> Iterator[Problem]:
    for name, valid in rules.items():
        value = given.get(name)
        if isinstance(value, bool | int | str) and (expected := valid(value)):
            yield f"{path}.{name}", f"found `{value}`, expected {expected}"
