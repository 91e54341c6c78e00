"""Elastic Container Registry: repositories and their lifecycle policies."""

import json

from standin import tags
from standin.checks import json_object, matches, one_of
from standin.resource import REGION, Live, Property, Resource, absent, same_except, same_json

NO_REPOSITORY = "RepositoryNotFoundException"


class Repository(Resource):
    """A repository; its id is its name."""

    type = "aws:ecr/repository:Repository"
    name_property = "name"
    properties = {
        "encryptionConfigurations": Property(
            replaces=True, settled_by_aws=True, same=same_except("encryptionType", "kmsKey")
        ),
        "forceDelete": Property(only_here=True),
        "imageScanningConfiguration": Property(settled_by_aws=True),
        "imageTagMutability": Property(
            default="MUTABLE",
            valid=one_of("MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"),
        ),
        "name": Property(
            replaces=True,
            valid=matches(
                r"(?=.{2,256}$)[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*",
                "2 to 256 lower-case letters, digits and single . _ - / between them",
            ),
        ),
        "region": REGION,
        "tags": Property(),
    }

    def create(self, inputs: dict) -> str:
        options = {}
        for encryption in inputs.get("encryptionConfigurations") or []:
            chosen = {"encryptionType": encryption.get("encryptionType") or "AES256"}
            if encryption.get("kmsKey"):
                chosen["kmsKey"] = encryption["kmsKey"]
            options["encryptionConfiguration"] = chosen
        if inputs.get("imageScanningConfiguration"):
            options["imageScanningConfiguration"] = inputs["imageScanningConfiguration"]
        made = self.aws("ecr").create_repository(
            repositoryName=inputs["name"],
            imageTagMutability=inputs["imageTagMutability"],
            tags=tags.to_list(inputs.get("tags")),
            **options,
        )
        return made["repository"]["repositoryName"]

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_REPOSITORY):
            found = self.aws("ecr").describe_repositories(repositoryNames=[id])["repositories"][0]
        arn = found["repositoryArn"]
        labels = tags.from_list(self.aws("ecr").list_tags_for_resource(resourceArn=arn)["tags"])
        inputs = {
            "encryptionConfigurations": [found["encryptionConfiguration"]],
            "imageScanningConfiguration": found["imageScanningConfiguration"],
            "imageTagMutability": found["imageTagMutability"],
            "name": found["repositoryName"],
            "tags": labels,
        }
        outputs = {
            "arn": arn,
            "registryId": found["registryId"],
            "repositoryUrl": found["repositoryUri"],
            "tagsAll": labels,
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        ecr = self.aws("ecr")
        if "imageTagMutability" in changed:
            ecr.put_image_tag_mutability(repositoryName=id, imageTagMutability=new["imageTagMutability"])
        if "imageScanningConfiguration" in changed:
            ecr.put_image_scanning_configuration(
                repositoryName=id, imageScanningConfiguration=new["imageScanningConfiguration"]
            )
        if "tags" in changed:
            arn = ecr.describe_repositories(repositoryNames=[id])["repositories"][0]["repositoryArn"]
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                ecr.untag_resource(resourceArn=arn, tagKeys=removed)
            if set_:
                ecr.tag_resource(resourceArn=arn, tags=tags.to_list(set_))

    def delete(self, id: str, known: dict) -> None:
        ecr = self.aws("ecr")
        with absent(NO_REPOSITORY):
            try:
                ecr.delete_repository(repositoryName=id, force=bool(known.get("forceDelete")))
            except ecr.exceptions.RepositoryNotEmptyException as error:
                raise RuntimeError(f"repository {id} still has images; set forceDelete to remove them too") from error


def same_lifecycle(one: str, other: str) -> bool:
    """Whether two lifecycle policies have the same rules; the order of rules and of their tags means nothing."""
    try:
        return _ordered(json.loads(one)) == _ordered(json.loads(other))
    except (ValueError, AttributeError, TypeError):
        return same_json(one, other)


def _ordered(policy: dict) -> list[dict]:
    rules = []
    for rule in policy.get("rules", []):
        selection = {
            name: sorted(value) if isinstance(value, list) else value
            for name, value in rule.get("selection", {}).items()
            if value != []
        }
        rules.append({**rule, "selection": selection})
    return sorted(rules, key=lambda rule: rule.get("rulePriority", 0))


class LifecyclePolicy(Resource):
    """A repository's lifecycle policy, one per repository; its id is the repository's name."""

    type = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    replaced_in_place = True
    properties = {
        "policy": Property(replaces=True, document=True, valid=json_object, same=same_lifecycle),
        "region": REGION,
        "repository": Property(replaces=True),
    }

    def create(self, inputs: dict) -> str:
        made = self.aws("ecr").put_lifecycle_policy(
            repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"]
        )
        return made["repositoryName"]

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_REPOSITORY, "LifecyclePolicyNotFoundException"):
            found = self.aws("ecr").get_lifecycle_policy(repositoryName=id)
        inputs = {"policy": found["lifecyclePolicyText"], "repository": found["repositoryName"]}
        return Live(id, inputs, {"registryId": found["registryId"]})

    def delete(self, id: str, known: dict) -> None:
        with absent(NO_REPOSITORY, "LifecyclePolicyNotFoundException"):
            self.aws("ecr").delete_lifecycle_policy(repositoryName=id)
