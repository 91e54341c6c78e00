"""Identity and Access Management: users, their inline policies and their keys. IAM is global: no region here."""

from resources.iam import NAME_CHARACTERS, NO_ENTITY, document_text
from standin import tags
from standin.checks import arn, json_object, matches, one_of
from standin.resource import Gone, Live, Property, Resource, absent, same_json


class User(Resource):
    """A user; its id is its name."""

    type = "aws:iam/user:User"
    name_property = "name"
    longest_name = 64
    properties = {
        "forceDestroy": Property(default=False, only_here=True),
        "name": Property(valid=matches(NAME_CHARACTERS + "{1,64}", "1 to 64 letters, digits and _ + = , . @ -")),
        "path": Property(default="/", valid=matches(r"/|/[!-~]{1,510}/", "a path like / or /team/")),
        "permissionsBoundary": Property(valid=arn),
        "tags": Property(),
    }

    def create(self, inputs: dict) -> str:
        options = {
            "PermissionsBoundary": inputs.get("permissionsBoundary"),
            "Tags": tags.to_list(inputs.get("tags")),
        }
        made = self.aws("iam").create_user(
            UserName=inputs["name"],
            Path=inputs["path"],
            **{name: option for name, option in options.items() if option},
        )
        return made["User"]["UserName"]

    def read(self, id: str, known: dict) -> Live:
        iam = self.aws("iam")
        with absent(NO_ENTITY):
            found = iam.get_user(UserName=id)["User"]
        labels = tags.from_list(iam.list_user_tags(UserName=id)["Tags"])
        inputs = {
            "name": found["UserName"],
            "path": found["Path"],
            "permissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "tags": labels,
        }
        outputs = {"arn": found["Arn"], "tagsAll": labels, "uniqueId": found["UserId"]}
        return Live(found["UserName"], inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        iam = self.aws("iam")
        if "permissionsBoundary" in changed:
            if new.get("permissionsBoundary"):
                iam.put_user_permissions_boundary(UserName=id, PermissionsBoundary=new["permissionsBoundary"])
            else:
                iam.delete_user_permissions_boundary(UserName=id)
        if "tags" in changed:
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                iam.untag_user(UserName=id, TagKeys=removed)
            if set_:
                iam.tag_user(UserName=id, Tags=tags.to_list(set_))

    def delete(self, id: str, known: dict) -> None:
        iam = self.aws("iam")
        with absent(NO_ENTITY):
            if known.get("forceDestroy"):
                for key in iam.list_access_keys(UserName=id)["AccessKeyMetadata"]:
                    iam.delete_access_key(UserName=id, AccessKeyId=key["AccessKeyId"])
            iam.delete_user(UserName=id)


class UserPolicy(Resource):
    """A user's inline policy; its id is `USER:NAME`."""

    type = "aws:iam/userPolicy:UserPolicy"
    name_property = "name"
    properties = {
        "name": Property(
            replaces=True, valid=matches(NAME_CHARACTERS + "{1,128}", "1 to 128 letters, digits and _ + = , . @ -")
        ),
        "policy": Property(document=True, valid=json_object, same=same_json),
        "user": Property(replaces=True),
    }

    def create(self, inputs: dict) -> str:
        self._put(inputs)
        return f"{inputs['user']}:{inputs['name']}"

    def read(self, id: str, known: dict) -> Live:
        user, name = self._parts(id)
        with absent(NO_ENTITY):
            found = self.aws("iam").get_user_policy(UserName=user, PolicyName=name)
        inputs = {"name": name, "policy": document_text(found["PolicyDocument"]), "user": user}
        return Live(id, inputs, {"namePrefix": ""})

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        self._put(new)

    def delete(self, id: str, known: dict) -> None:
        user, name = self._parts(id)
        with absent(NO_ENTITY):
            self.aws("iam").delete_user_policy(UserName=user, PolicyName=name)

    def _put(self, inputs: dict) -> None:
        self.aws("iam").put_user_policy(
            UserName=inputs["user"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )

    @staticmethod
    def _parts(id: str) -> tuple[str, str]:
        user, colon, name = id.partition(":")
        if not (user and colon and name):
            raise ValueError(f"found the id `{id}`, expected USER:POLICY")
        return user, name


class AccessKey(Resource):
    """A user's key; its id is the key's. AWS tells the secret when it makes the key, and never again."""

    type = "aws:iam/accessKey:AccessKey"
    properties = {
        "status": Property(default="Active", valid=one_of("Active", "Inactive")),
        "user": Property(replaces=True),
    }

    secret: str | None = None
    """If it was this object that made the key."""

    def create(self, inputs: dict) -> str:
        made = self.aws("iam").create_access_key(UserName=inputs["user"])["AccessKey"]
        self.secret = made["SecretAccessKey"]
        return made["AccessKeyId"]

    def finish(self, id: str, inputs: dict) -> None:
        if inputs["status"] != "Active":
            self.update(id, {}, inputs, {"status"})

    def read(self, id: str, known: dict) -> Live:
        if not known:
            raise ValueError("a key is not imported here: AWS does not tell its secret again; let Pulumi make one")
        with absent(NO_ENTITY):
            keys = self.aws("iam").list_access_keys(UserName=known["user"])["AccessKeyMetadata"]
        found = next((key for key in keys if key["AccessKeyId"] == id), None)
        if found is None:
            raise Gone
        outputs = {
            "createDate": found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "encryptedSecret": "",
            "encryptedSesSmtpPasswordV4": "",
            "keyFingerprint": "",
            "secret": self.secret or known.get("secret", ""),
            "sesSmtpPasswordV4": "",
        }
        return Live(id, {"status": found["Status"], "user": known["user"]}, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        self.aws("iam").update_access_key(UserName=new["user"], AccessKeyId=id, Status=new["status"])

    def delete(self, id: str, known: dict) -> None:
        with absent(NO_ENTITY):
            self.aws("iam").delete_access_key(UserName=known["user"], AccessKeyId=id)
