"""Identity and Access Management: roles and their inline policies. IAM is global: no region here."""

import json
from urllib.parse import unquote

from standin import tags
from standin.checks import arn, between, json_object, matches
from standin.resource import Live, Property, Resource, absent, same_json

NO_ENTITY = "NoSuchEntity"
NAME_CHARACTERS = r"[\w+=,.@-]"


def document_text(document: dict | str) -> str:
    """A policy document as JSON text; boto3 gives it decoded, AWS itself percent-encoded."""
    if isinstance(document, str):
        return unquote(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


class Role(Resource):
    """A role; its id is its name."""

    type = "aws:iam/role:Role"
    name_property = "name"
    longest_name = 64
    properties = {
        "assumeRolePolicy": Property(document=True, valid=json_object, same=same_json),
        "description": Property(),
        "forceDetachPolicies": Property(default=False, only_here=True),
        "maxSessionDuration": Property(default=3600, valid=between(3600, 43200, "seconds")),
        "name": Property(
            replaces=True, valid=matches(NAME_CHARACTERS + "{1,64}", "1 to 64 letters, digits and _ + = , . @ -")
        ),
        "path": Property(default="/", replaces=True, valid=matches(r"/|/[!-~]{1,510}/", "a path like / or /team/")),
        "permissionsBoundary": Property(valid=arn),
        "tags": Property(),
    }

    def create(self, inputs: dict) -> str:
        options = {
            "Description": inputs.get("description"),
            "PermissionsBoundary": inputs.get("permissionsBoundary"),
            "Tags": tags.to_list(inputs.get("tags")),
        }
        made = self.aws("iam").create_role(
            RoleName=inputs["name"],
            Path=inputs["path"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            **{name: option for name, option in options.items() if option},
        )
        return made["Role"]["RoleName"]

    def read(self, id: str, known: dict) -> Live:
        iam = self.aws("iam")
        with absent(NO_ENTITY):
            found = iam.get_role(RoleName=id)["Role"]
        labels = tags.from_list(iam.list_role_tags(RoleName=id)["Tags"])
        inputs = {
            "assumeRolePolicy": document_text(found["AssumeRolePolicyDocument"]),
            "description": found.get("Description"),
            "maxSessionDuration": found.get("MaxSessionDuration", 3600),
            "name": found["RoleName"],
            "path": found["Path"],
            "permissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "tags": labels,
        }
        outputs = {
            "arn": found["Arn"],
            "createDate": found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "inlinePolicies": self._inline_policies(id),
            "managedPolicyArns": self._attached(id),
            "namePrefix": "",
            "tagsAll": labels,
            "uniqueId": found["RoleId"],
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        iam = self.aws("iam")
        if "assumeRolePolicy" in changed:
            iam.update_assume_role_policy(RoleName=id, PolicyDocument=new["assumeRolePolicy"])
        if changed & {"description", "maxSessionDuration"}:
            iam.update_role(
                RoleName=id, Description=new.get("description") or "", MaxSessionDuration=new["maxSessionDuration"]
            )
        if "permissionsBoundary" in changed:
            if new.get("permissionsBoundary"):
                iam.put_role_permissions_boundary(RoleName=id, PermissionsBoundary=new["permissionsBoundary"])
            else:
                iam.delete_role_permissions_boundary(RoleName=id)
        if "tags" in changed:
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                iam.untag_role(RoleName=id, TagKeys=removed)
            if set_:
                iam.tag_role(RoleName=id, Tags=tags.to_list(set_))

    def delete(self, id: str, known: dict) -> None:
        iam = self.aws("iam")
        with absent(NO_ENTITY):
            if known.get("forceDetachPolicies"):
                for policy in self._attached(id):
                    iam.detach_role_policy(RoleName=id, PolicyArn=policy)
                for name in iam.list_role_policies(RoleName=id)["PolicyNames"]:
                    iam.delete_role_policy(RoleName=id, PolicyName=name)
            iam.delete_role(RoleName=id)

    def _attached(self, id: str) -> list[str]:
        found = self.aws("iam").list_attached_role_policies(RoleName=id)["AttachedPolicies"]
        return sorted(policy["PolicyArn"] for policy in found)

    def _inline_policies(self, id: str) -> list[dict]:
        iam = self.aws("iam")
        policies = []
        for name in sorted(iam.list_role_policies(RoleName=id)["PolicyNames"]):
            document = iam.get_role_policy(RoleName=id, PolicyName=name)["PolicyDocument"]
            policies.append({"name": name, "policy": document_text(document)})
        return policies


class RolePolicy(Resource):
    """A role's inline policy; its id is `ROLE:NAME`."""

    type = "aws:iam/rolePolicy:RolePolicy"
    name_property = "name"
    properties = {
        "name": Property(
            replaces=True, valid=matches(NAME_CHARACTERS + "{1,128}", "1 to 128 letters, digits and _ + = , . @ -")
        ),
        "policy": Property(document=True, valid=json_object, same=same_json),
        "role": Property(replaces=True),
    }

    def create(self, inputs: dict) -> str:
        self._put(inputs)
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, id: str, known: dict) -> Live:
        role, name = self._parts(id)
        with absent(NO_ENTITY):
            found = self.aws("iam").get_role_policy(RoleName=role, PolicyName=name)
        inputs = {"name": name, "policy": document_text(found["PolicyDocument"]), "role": role}
        return Live(id, inputs, {"namePrefix": ""})

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        self._put(new)

    def delete(self, id: str, known: dict) -> None:
        role, name = self._parts(id)
        with absent(NO_ENTITY):
            self.aws("iam").delete_role_policy(RoleName=role, PolicyName=name)

    def _put(self, inputs: dict) -> None:
        self.aws("iam").put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )

    @staticmethod
    def _parts(id: str) -> tuple[str, str]:
        role, colon, name = id.partition(":")
        if not (role and colon and name):
            raise ValueError(f"found the id `{id}`, expected ROLE:POLICY")
        return role, name
