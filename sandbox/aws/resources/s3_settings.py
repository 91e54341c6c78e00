"""S3: what a bucket keeps of what is overwritten, and who gets to it."""

from standin.checks import json_object
from standin.resource import REGION, Live, Property, Resource, absent, same_json
from standin.shapes import Problem

NO_BUCKET = "NoSuchBucket"


class Setting(Resource):
    """One of a kind for each bucket; its id is the bucket's name."""

    def create(self, inputs: dict) -> str:
        self.put(inputs)
        return inputs["bucket"]

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        self.put(new)

    def put(self, inputs: dict) -> None:
        """Sets it, in place of what is there."""
        raise NotImplementedError


class BucketVersioning(Setting):
    """Whether what is overwritten or deleted stays as an older version."""

    type = "aws:s3/bucketVersioning:BucketVersioning"
    properties = {
        "bucket": Property(replaces=True),
        "region": REGION,
        "versioningConfiguration": Property(),
    }

    def check(self, inputs: dict) -> list[Problem]:
        configuration = inputs["versioningConfiguration"]
        if not isinstance(configuration, dict):
            return []
        problems = [
            (f"versioningConfiguration.{name}", "is not implemented by the aws provider stand-in; remove it")
            for name in sorted(set(configuration) - {"status"})
        ]
        status = configuration.get("status")
        if isinstance(status, str) and status not in ("Enabled", "Suspended"):
            problems.append(("versioningConfiguration.status", f"found `{status}`, expected one of Enabled, Suspended"))
        return problems

    def put(self, inputs: dict) -> None:
        self._set(inputs["bucket"], inputs["versioningConfiguration"]["status"])

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_BUCKET):
            found = self.aws("s3").get_bucket_versioning(Bucket=id)
        # Of a bucket that never had versions, S3 says nothing.
        return Live(id, {"bucket": id, "versioningConfiguration": {"status": found.get("Status", "Disabled")}})

    def delete(self, id: str, known: dict) -> None:
        # A bucket that once had versions can only be kept from making new ones.
        with absent(NO_BUCKET):
            self._set(id, "Suspended")

    def _set(self, id: str, status: str) -> None:
        self.aws("s3").put_bucket_versioning(Bucket=id, VersioningConfiguration={"Status": status})


# Property -> S3's name.
BLOCKED = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}


class BucketPublicAccessBlock(Setting):
    """What of a bucket nobody can make public, whatever its policy and its lists of who has access say."""

    type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    properties = {
        **{name: Property(default=False) for name in BLOCKED},
        "bucket": Property(replaces=True),
        "region": REGION,
        "skipDestroy": Property(only_here=True),
    }

    def put(self, inputs: dict) -> None:
        configuration = {theirs: bool(inputs.get(name)) for name, theirs in BLOCKED.items()}
        self.aws("s3").put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=configuration)

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_BUCKET, "NoSuchPublicAccessBlockConfiguration"):
            found = self.aws("s3").get_public_access_block(Bucket=id)["PublicAccessBlockConfiguration"]
        return Live(id, {"bucket": id, **{name: bool(found.get(theirs)) for name, theirs in BLOCKED.items()}})

    def delete(self, id: str, known: dict) -> None:
        if known.get("skipDestroy"):
            return
        with absent(NO_BUCKET):
            self.aws("s3").delete_public_access_block(Bucket=id)


class BucketPolicy(Setting):
    """Who may do what with a bucket and what is in it, besides what users and roles are allowed to."""

    type = "aws:s3/bucketPolicy:BucketPolicy"
    properties = {
        "bucket": Property(replaces=True),
        "policy": Property(document=True, valid=json_object, same=same_json),
        "region": REGION,
    }

    def put(self, inputs: dict) -> None:
        self.aws("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])

    def read(self, id: str, known: dict) -> Live:
        with absent(NO_BUCKET, "NoSuchBucketPolicy"):
            found = self.aws("s3").get_bucket_policy(Bucket=id)
        return Live(id, {"bucket": id, "policy": found["Policy"]})

    def delete(self, id: str, known: dict) -> None:
        with absent(NO_BUCKET):
            self.aws("s3").delete_bucket_policy(Bucket=id)
