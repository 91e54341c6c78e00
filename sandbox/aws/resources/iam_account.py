"""Identity and Access Management: what belongs to the account as a whole. IAM is global: no region here."""

from resources.iam import NAME_CHARACTERS, NO_ENTITY, document_text
from standin import tags
from standin.checks import json_object, matches
from standin.resource import Live, Property, Resource, absent, same_json

HTTPS = "https://"


class Policy(Resource):
    """A managed policy; its id is its ARN."""

    type = "aws:iam/policy:Policy"
    name_property = "name"
    longest_name = 128
    properties = {
        "description": Property(replaces=True),
        "name": Property(
            replaces=True, valid=matches(NAME_CHARACTERS + "{1,128}", "1 to 128 letters, digits and _ + = , . @ -")
        ),
        "path": Property(default="/", replaces=True, valid=matches(r"/|/[!-~]{1,510}/", "a path like / or /team/")),
        "policy": Property(document=True, valid=json_object, same=same_json),
        "tags": Property(),
    }

    def create(self, inputs: dict) -> str:
        options = {"Description": inputs.get("description"), "Tags": tags.to_list(inputs.get("tags"))}
        made = self.aws("iam").create_policy(
            PolicyName=inputs["name"],
            Path=inputs["path"],
            PolicyDocument=inputs["policy"],
            **{name: option for name, option in options.items() if option},
        )
        return made["Policy"]["Arn"]

    def read(self, id: str, known: dict) -> Live:
        iam = self.aws("iam")
        with absent(NO_ENTITY):
            found = iam.get_policy(PolicyArn=id)["Policy"]
        version = iam.get_policy_version(PolicyArn=id, VersionId=found["DefaultVersionId"])["PolicyVersion"]
        labels = tags.from_list(found.get("Tags", []))
        inputs = {
            "description": found.get("Description"),
            "name": found["PolicyName"],
            "path": found["Path"],
            "policy": document_text(version["Document"]),
            "tags": labels,
        }
        outputs = {
            "arn": found["Arn"],
            "attachmentCount": found["AttachmentCount"],
            "namePrefix": "",
            "policyId": found["PolicyId"],
            "tagsAll": labels,
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        iam = self.aws("iam")
        if "policy" in changed:
            # IAM keeps five versions, and makes room for no sixth by itself.
            earlier = self._earlier_versions(id)
            if len(earlier) == 4:
                oldest = min(earlier, key=lambda version: version["CreateDate"])
                iam.delete_policy_version(PolicyArn=id, VersionId=oldest["VersionId"])
            iam.create_policy_version(PolicyArn=id, PolicyDocument=new["policy"], SetAsDefault=True)
        if "tags" in changed:
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                iam.untag_policy(PolicyArn=id, TagKeys=removed)
            if set_:
                iam.tag_policy(PolicyArn=id, Tags=tags.to_list(set_))

    def delete(self, id: str, known: dict) -> None:
        iam = self.aws("iam")
        with absent(NO_ENTITY):
            for version in self._earlier_versions(id):
                iam.delete_policy_version(PolicyArn=id, VersionId=version["VersionId"])
            iam.delete_policy(PolicyArn=id)

    def _earlier_versions(self, id: str) -> list[dict]:
        versions = self.aws("iam").list_policy_versions(PolicyArn=id)["Versions"]
        return [version for version in versions if not version["IsDefaultVersion"]]


class OpenIdConnectProvider(Resource):
    """An identity provider outside AWS; its id is its ARN."""

    type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    properties = {
        "clientIdLists": Property(),
        "tags": Property(),
        "thumbprintLists": Property(settled_by_aws=True),
        "url": Property(replaces=True, valid=matches(r"https://[^\s?#]+", "an https:// address")),
    }

    def create(self, inputs: dict) -> str:
        options = {
            "ThumbprintList": inputs.get("thumbprintLists"),
            "Tags": tags.to_list(inputs.get("tags")),
        }
        made = self.aws("iam").create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            **{name: option for name, option in options.items() if option},
        )
        return made["OpenIDConnectProviderArn"]

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_ENTITY):
            found = self.aws("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=id)
        labels = tags.from_list(found.get("Tags", []))
        inputs = {
            "clientIdLists": sorted(found["ClientIDList"]),
            "tags": labels,
            "thumbprintLists": found["ThumbprintList"],
            # IAM leaves the scheme out.
            "url": HTTPS + found["Url"].removeprefix(HTTPS),
        }
        return Live(id, inputs, {"arn": id, "tagsAll": labels})

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        # AWS can; the emulator has no such calls, and this would be the one place that never ran.
        raise NotImplementedError("the emulator cannot change an identity provider; remove it, then declare it anew")

    def delete(self, id: str, known: dict) -> None:
        with absent(NO_ENTITY):
            self.aws("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=id)
