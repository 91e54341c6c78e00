"""Systems Manager: parameters."""

from standin import tags
from standin.checks import matches, one_of
from standin.resource import REGION, Gone, Live, Property, Resource, absent
from standin.shapes import Problem

AWS_CHOOSES_TIER = "Intelligent-Tiering"


def same_tier(wanted: str, found: str) -> bool:
    """Whoever leaves the tier to AWS is content with the one it chose."""
    return wanted in (found, AWS_CHOOSES_TIER)


def at_most(characters: int):
    """The text is not longer."""
    return lambda text: None if len(text) <= characters else f"at most {characters} characters"


class Parameter(Resource):
    """A parameter; its id is its name. Its value is secret whatever its type, as in the official provider."""

    type = "aws:ssm/parameter:Parameter"
    name_property = "name"
    properties = {
        "allowedPattern": Property(valid=at_most(1024)),
        "dataType": Property(
            replaces=True, settled_by_aws=True, valid=one_of("text", "aws:ec2:image", "aws:ssm:integration")
        ),
        "description": Property(valid=at_most(1024)),
        "insecureValue": Property(),
        "keyId": Property(settled_by_aws=True),
        "name": Property(
            replaces=True, valid=matches(r"[a-zA-Z0-9_./-]{1,2048}", "1 to 2048 letters, digits and _ . - /")
        ),
        "overwrite": Property(only_here=True),
        "region": REGION,
        "tags": Property(),
        "tier": Property(settled_by_aws=True, same=same_tier, valid=one_of("Standard", "Advanced", AWS_CHOOSES_TIER)),
        "type": Property(valid=one_of("String", "StringList", "SecureString")),
        "value": Property(),
    }

    def check(self, inputs: dict) -> list[Problem]:
        given = [name for name in ("insecureValue", "value") if inputs.get(name) is not None]
        if len(given) != 1:
            return [("value", f"{len(given)} of `value`, `insecureValue` are set; exactly one must be")]
        if inputs["type"] == "SecureString" and given == ["insecureValue"]:
            return [("insecureValue", "a SecureString takes its text as `value`")]
        return []

    def create(self, inputs: dict) -> str:
        self._put(inputs, overwrite=bool(inputs.get("overwrite")))
        return inputs["name"]

    def finish(self, id: str, inputs: dict) -> None:
        if inputs.get("tags"):
            self._change_tags(id, {}, inputs["tags"])

    def read(self, id: str, known: dict) -> Live:
        ssm = self.aws("ssm")
        with absent("ParameterNotFound"):
            found = ssm.get_parameter(Name=id, WithDecryption=True)["Parameter"]
        about = self._metadata(id)
        labels = tags.from_list(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=id)["TagList"])
        inputs = {
            "allowedPattern": about.get("AllowedPattern"),
            "dataType": found.get("DataType"),
            "description": about.get("Description"),
            "keyId": about.get("KeyId"),
            "name": found["Name"],
            "tags": labels,
            "tier": about.get("Tier"),
            "type": found["Type"],
            "value": found["Value"],
        }
        if known.get("insecureValue") and found["Type"] != "SecureString":
            inputs["insecureValue"] = inputs.pop("value")
        outputs = {
            "arn": found["ARN"],
            "hasValueWo": False,
            "insecureValue": "",
            "keyId": "",
            "tagsAll": labels,
            "value": "",
            "version": found["Version"],
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        if changed - {"overwrite", "tags"}:
            self._put(new, overwrite=True)
        if "tags" in changed:
            self._change_tags(id, old.get("tags"), new.get("tags"))

    def delete(self, id: str, known: dict) -> None:
        with absent("ParameterNotFound"):
            self.aws("ssm").delete_parameter(Name=id)

    def unsettled(self, changed: set[str]) -> set[str]:
        return {"version"} if changed - {"overwrite", "tags"} else set()

    def _put(self, inputs: dict, overwrite: bool) -> None:
        value = inputs["insecureValue"] if inputs.get("value") is None else inputs["value"]
        options = {
            "AllowedPattern": inputs.get("allowedPattern") or "",
            "DataType": inputs.get("dataType"),
            "Description": inputs.get("description") or "",
            "KeyId": inputs.get("keyId") if inputs["type"] == "SecureString" else None,
            "Tier": inputs.get("tier"),
        }
        self.aws("ssm").put_parameter(
            Name=inputs["name"],
            Type=inputs["type"],
            Value=value,
            Overwrite=overwrite,
            **{name: option for name, option in options.items() if option is not None},
        )

    def _metadata(self, id: str) -> dict:
        filters = [{"Key": "Name", "Option": "Equals", "Values": [id]}]
        found = self.aws("ssm").describe_parameters(ParameterFilters=filters)["Parameters"]
        if not found:
            raise Gone
        return found[0]

    def _change_tags(self, id: str, old: dict | None, new: dict | None) -> None:
        removed, set_ = tags.difference(old, new)
        if removed:
            self.aws("ssm").remove_tags_from_resource(ResourceType="Parameter", ResourceId=id, TagKeys=removed)
        if set_:
            self.aws("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=id, Tags=tags.to_list(set_))
