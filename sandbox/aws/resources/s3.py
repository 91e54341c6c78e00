"""S3: buckets. What a bucket does with what is in it has resources of its own: s3_settings.py, s3_lifecycle.py."""

from standin import tags
from standin.checks import matches
from standin.clients import code
from standin.resource import REGION, Live, Property, Resource, absent

# HeadBucket's answer has no body, and so no code but the status.
NO_BUCKET = ("404", "NoSuchBucket")
# The one region whose name is not said when a bucket is made there.
UNNAMED_REGION = "us-east-1"
# As many objects as are deleted at once.
BATCH = 1000

# Of what has a resource of its own the official provider tells here too, as it was when the bucket was last looked at.
# Nobody should read it here.
ELSEWHERE = {
    "accelerationStatus": "",
    "acl": "",
    "corsRules": [],
    "grants": [],
    "lifecycleRules": [],
    "logging": {},
    "objectLockConfiguration": {},
    "objectLockEnabled": False,
    "policy": "",
    "replicationConfiguration": {},
    "requestPayer": "BucketOwner",
    "serverSideEncryptionConfiguration": {},
    "versioning": {},
    "website": {},
    "websiteDomain": "",
    "websiteEndpoint": "",
}


class Bucket(Resource):
    """A bucket; its id is its name."""

    type = "aws:s3/bucket:Bucket"
    name_property = "bucket"
    longest_name = 63
    name_in_lower_case = True
    properties = {
        "bucket": Property(
            replaces=True,
            valid=matches(
                r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 lower-case letters and digits, and - . between"
            ),
        ),
        "forceDestroy": Property(default=False, only_here=True),
        "region": REGION,
        "tags": Property(),
    }

    def create(self, inputs: dict) -> str:
        name, region = inputs["bucket"], self.aws.config.region
        if region == UNNAMED_REGION:
            self._refuse_what_is_there(name)
        place = {} if region == UNNAMED_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.aws("s3").create_bucket(Bucket=name, **place)
        return name

    def finish(self, id: str, inputs: dict) -> None:
        if inputs.get("tags"):
            self._tag(id, inputs["tags"])

    def read(self, id: str, known: dict) -> Live:
        s3 = self.aws("s3")
        with absent(*NO_BUCKET):
            region = s3.head_bucket(Bucket=id)["BucketRegion"]
        labels = self._tags(id)
        outputs = {
            **ELSEWHERE,
            "arn": f"arn:aws:s3:::{id}",
            "bucketDomainName": f"{id}.s3.amazonaws.com",
            "bucketNamespace": "global",
            "bucketPrefix": "",
            "bucketRegion": region,
            "bucketRegionalDomainName": f"{id}.s3.{region}.amazonaws.com",
            "hostedZoneId": "",
            "tagsAll": labels,
        }
        return Live(id, {"bucket": id, "tags": labels}, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        if "tags" in changed:
            self._tag(id, new.get("tags"))

    def delete(self, id: str, known: dict) -> None:
        with absent(*NO_BUCKET):
            if known.get("forceDestroy"):
                self._empty(id)
            try:
                self.aws("s3").delete_bucket(Bucket=id)
            except Exception as error:
                if code(error) == "BucketNotEmpty":
                    raise RuntimeError(f"bucket {id} is not empty; set forceDestroy to remove what is in it") from error
                raise

    def _refuse_what_is_there(self, name: str) -> None:
        """There, S3 answers the owner of a bucket as if it had just been made."""
        try:
            self.aws("s3").head_bucket(Bucket=name)
        except Exception as error:
            if code(error) in NO_BUCKET:
                return
            raise
        raise ValueError(f"bucket {name} already exists")

    def _empty(self, id: str) -> None:
        """Deletes every version of every object, and the marks of those that were deleted."""
        for page in self.aws("s3").get_paginator("list_object_versions").paginate(Bucket=id, MaxKeys=BATCH):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if not objects:
                continue
            failed = self.aws("s3").delete_objects(Bucket=id, Delete={"Objects": objects, "Quiet": True}).get("Errors")
            if failed:
                raise RuntimeError(f"object {failed[0]['Key']} of bucket {id} is not deleted: {failed[0]['Message']}")

    def _tags(self, id: str) -> dict[str, str]:
        try:
            return tags.from_list(self.aws("s3").get_bucket_tagging(Bucket=id)["TagSet"])
        except Exception as error:
            if code(error) == "NoSuchTagSet":
                return {}
            raise

    def _tag(self, id: str, wanted: dict[str, str] | None) -> None:
        if wanted:
            self.aws("s3").put_bucket_tagging(Bucket=id, Tagging={"TagSet": tags.to_list(wanted)})
        else:
            self.aws("s3").delete_bucket_tagging(Bucket=id)
