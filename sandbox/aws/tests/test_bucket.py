"""Buckets and what is set of them against the running emulator."""

import json
import re

from tests.life_cycle import LifeCycle, use_emulator
from tests.program import Aborted, Declared, Refused, configured

setUpModule = use_emulator

NAME = "porch-test-packages"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
OLD = {
    "id": "old",
    "status": "Enabled",
    "noncurrentVersionExpiration": {"noncurrentDays": 30, "newerNoncurrentVersions": 2},
    "expiration": {"expiredObjectDeleteMarker": True},
}
UPLOADS = {
    "id": "uploads",
    "status": "Enabled",
    "filter": {"prefix": "device/"},
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
}


class Buckets(LifeCycle):
    token = "aws:s3/bucket:Bucket"

    def bucket(self, **more: object) -> tuple[Declared, dict]:
        inputs = {"bucket": NAME, **more}
        return self.declare(self.token, "packages", inputs), inputs

    def test_bucket(self):
        bucket, inputs = self.bucket(tags={"stack": "test"})
        self.assertEqual((bucket.id, bucket.outputs["arn"]), (NAME, f"arn:aws:s3:::{NAME}"))
        self.aws("s3").put_bucket_tagging(Bucket=NAME, Tagging={"TagSet": [{"Key": "stack", "Value": "other"}]})
        self.assert_drift(bucket, {"tags"}, inputs)
        self.assert_updates(bucket, inputs, {"forceDestroy": True, "tags": {"a": "b"}})
        self.assert_updates(bucket, inputs, {"tags": {}})
        self.assert_imports(bucket, NAME)
        answer = bucket.diff(bucket.inputs, bucket.check({**inputs, "bucket": f"{NAME}-2"}))
        self.assertEqual((list(answer.replaces), answer.deleteBeforeReplace), (["bucket"], False))
        self.aws("s3").delete_bucket(Bucket=NAME)
        self.assert_gone(bucket)

    def test_a_bucket_without_a_name_gets_one_in_lower_case_and_keeps_it(self):
        bucket = self.declare(self.token, "porch-Test-Device", {"tags": {"a": "b"}})
        self.assertTrue(re.fullmatch(r"porch-test-device-[0-9a-f]{7}", bucket.id), bucket.id)
        self.assertEqual(bucket.change({"tags": {"a": "c"}}), {"tags"})
        longest = Declared(self.servicer, self.token, "x" * 80).check({})["bucket"]
        self.assertEqual(len(longest), 63)

    def test_a_bucket_that_is_there_is_not_taken_over(self):
        self.bucket()
        with self.assertRaisesRegex(Aborted, "already exists"):
            Declared(self.servicer, self.token, "second").create({"bucket": NAME})
        for name in ("Upper", "ab", "under_score", "-begin", "x" * 64):
            with self.subTest(name), self.assertRaises(Refused) as refused:
                Declared(self.servicer, self.token, "wrong").check({"bucket": name})
            self.assertEqual(list(refused.exception.problems), ["bucket"])

    def test_a_bucket_is_made_in_the_region_of_the_provider(self):
        elsewhere = configured({**self.emulator.environment, "AWS_REGION": "eu-west-1"})
        bucket = Declared(elsewhere, self.token, "far").create({"bucket": f"{NAME}-far"})
        self.addCleanup(bucket.delete)
        self.assertEqual(bucket.outputs["bucketRegion"], "eu-west-1")
        self.assertEqual(bucket.refresh(), set())

    def test_a_bucket_with_objects_goes_only_by_force_and_with_every_version(self):
        bucket, inputs = self.bucket(forceDestroy=False)
        s3 = self.aws("s3")
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        for body in (b"one", b"two"):
            for key in ("device/a", "device/b c+ü"):
                s3.put_object(Bucket=NAME, Key=key, Body=body)
        s3.delete_object(Bucket=NAME, Key="device/a")
        with self.assertRaisesRegex(Aborted, "forceDestroy"):
            bucket.delete()
        bucket.change({**inputs, "forceDestroy": True})
        bucket.delete()
        self.assert_gone(bucket)

    def test_versioning(self):
        self.bucket()
        inputs = {"bucket": NAME, "versioningConfiguration": {"status": "Enabled"}}
        versioning = self.declare("aws:s3/bucketVersioning:BucketVersioning", "versioning", inputs)
        s3 = self.aws("s3")
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Suspended"})
        self.assert_drift(versioning, {"versioningConfiguration"}, inputs)
        self.assert_updates(versioning, inputs, {"versioningConfiguration": {"status": "Suspended"}})
        self.assert_imports(versioning, NAME)
        versioning.delete()
        self.assertEqual(s3.get_bucket_versioning(Bucket=NAME)["Status"], "Suspended")
        s3.delete_bucket(Bucket=NAME)
        self.assert_gone(versioning)

    def test_public_access_block(self):
        self.bucket()
        four = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        inputs = {"bucket": NAME, **dict.fromkeys(four, True)}
        block = self.declare("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "block", inputs)
        s3 = self.aws("s3")
        with self.assertRaisesRegex(Exception, "BlockPublicPolicy"):
            s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(POLICY).replace("Deny", "Allow"))
        for name in four:
            self.assert_updates(block, inputs, {name: False})
        s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        self.assert_drift(block, set(four[1:]), inputs)
        self.assert_imports(block, NAME)
        s3.delete_public_access_block(Bucket=NAME)
        self.assert_gone(block)

    def test_policy(self):
        self.bucket()
        inputs = {"bucket": NAME, "policy": json.dumps(POLICY, indent=2)}
        policy = self.declare("aws:s3/bucketPolicy:BucketPolicy", "policy", inputs)
        s3, wider = self.aws("s3"), json.dumps(POLICY).replace("s3:*", "s3:Get*")
        self.assertEqual(policy.change({**inputs, "policy": POLICY}), set(), "an object is the same as its text")
        s3.put_bucket_policy(Bucket=NAME, Policy=wider)
        self.assert_drift(policy, {"policy"}, inputs)
        self.assert_updates(policy, inputs, {"policy": wider})
        self.assert_imports(policy, NAME)
        s3.delete_bucket_policy(Bucket=NAME)
        self.assert_gone(policy)


class Lifecycle(LifeCycle):
    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"

    def test_lifecycle(self):
        self.declare("aws:s3/bucket:Bucket", "packages", {"bucket": NAME})
        inputs = {"bucket": NAME, "rules": [OLD, UPLOADS]}
        lifecycle = self.declare(self.token, "lifecycle", inputs)
        s3 = self.aws("s3")
        found = s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
        self.assertEqual(found[0]["Filter"], {"Prefix": ""}, "a rule without a filter is about every object")
        self.assertEqual(lifecycle.change({**inputs, "rules": [UPLOADS, {**OLD, "filter": {"prefix": ""}}]}), set())
        s3.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": found[:1]})
        self.assert_drift(lifecycle, {"rules"}, inputs)
        for other in (
            [{**OLD, "noncurrentVersionExpiration": {"noncurrentDays": 31}}, UPLOADS],
            [OLD, {**UPLOADS, "status": "Disabled"}],
            [OLD, {**UPLOADS, "filter": {"prefix": "elsewhere/"}}],
            [OLD, {**UPLOADS, "expiration": {"days": 400}}],
        ):
            self.assert_updates(lifecycle, inputs, {"rules": other})
        self.assert_imports(lifecycle, NAME)
        s3.delete_bucket_lifecycle(Bucket=NAME)
        self.assert_gone(lifecycle)
        lifecycle.create(inputs)
        s3.delete_bucket(Bucket=NAME)
        self.assert_gone(lifecycle)

    def test_a_rule_of_another_hand_that_is_not_implemented_shows_as_drift(self):
        self.declare("aws:s3/bucket:Bucket", "packages", {"bucket": NAME})
        inputs = {"bucket": NAME, "rules": [UPLOADS]}
        lifecycle = self.declare(self.token, "lifecycle", inputs)
        rule = {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": "device/"}}
        transitions = [{"Days": 30, "StorageClass": "GLACIER"}]
        abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
        changed = {"Rules": [{**rule, **abort, "Transitions": transitions}]}
        self.aws("s3").put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration=changed)
        self.assert_drift(lifecycle, {"rules"}, inputs)

    def test_what_aws_would_refuse_is_refused_before(self):
        for rules, problem in (
            ([], "rules"),
            ([{**OLD, "status": "on"}], "rules[0].status"),
            ([OLD, {**UPLOADS, "id": ""}], "rules[1].id"),
            ([{"id": "idle", "status": "Enabled"}], "rules[0]"),
            ([{**OLD, "expiration": {"days": 0}}], "rules[0].expiration.days"),
            ([{**OLD, "expiration": {"date": "2026-01-01"}}], "rules[0].expiration.date"),
            ([{**OLD, "transitions": [{"days": 1, "storageClass": "GLACIER"}]}], "rules[0].transitions"),
            ([{**OLD, "filter": {"tag": {"key": "a", "value": "b"}}}], "rules[0].filter.tag"),
        ):
            with self.subTest(problem), self.assertRaises(Refused) as refused:
                Declared(self.servicer, self.token, "lifecycle").check({"bucket": NAME, "rules": rules})
            self.assertEqual(list(refused.exception.problems), [problem])


class Settings(LifeCycle):
    def test_a_setting_needs_its_bucket(self):
        for token, more in (
            ("aws:s3/bucketVersioning:BucketVersioning", {"versioningConfiguration": {"status": "Enabled"}}),
            ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {}),
            ("aws:s3/bucketPolicy:BucketPolicy", {"policy": json.dumps(POLICY)}),
            ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", {"rules": [OLD]}),
        ):
            with self.subTest(token), self.assertRaisesRegex(Aborted, "NoSuchBucket"):
                Declared(self.servicer, token, "setting").create({"bucket": "porch-test-nothing", **more})

    def test_a_versioning_that_is_not_implemented_is_refused(self):
        token = "aws:s3/bucketVersioning:BucketVersioning"
        for configuration, problem in (
            ({"status": "Disabled"}, "status"),
            ({"status": "Enabled", "mfaDelete": "Enabled"}, "mfaDelete"),
        ):
            with self.subTest(problem), self.assertRaises(Refused) as refused:
                Declared(self.servicer, token, "x").check({"bucket": NAME, "versioningConfiguration": configuration})
            self.assertEqual(list(refused.exception.problems), [f"versioningConfiguration.{problem}"])
